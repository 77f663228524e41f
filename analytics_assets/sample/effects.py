"""The effects a sample can hold: what is planted, how strong it is, and what a detector has to find.

Each effect changes the odds of one kind of record and nothing else. It is one row of ``truth.json``, whose
``subject`` is the id or name under which the records know the thing. An effect that could not be told from
chance in a short sample is left out of it: ``MIN_DAYS`` says how long a sample must be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, Self

from analytics_assets.line_files import iso
from analytics_assets.sample.window import Window


@dataclass(frozen=True)
class Truth:
    """One row of ``truth.json``: ``kind`` is the record kind where the effect shows."""

    effect: str
    kind: str
    subject: str
    expected: dict[str, Any]
    starts_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The row, its time in UTC."""
        return vars(self) | {"starts_at": iso(self.starts_at)}


@dataclass(frozen=True)
class Effect(ABC):
    """What all effects have; ``STARTS`` is the share of the window that passes before it sets in."""

    NAME: ClassVar[str]
    KIND: ClassVar[str]
    SUBJECT: ClassVar[str]
    MIN_DAYS: ClassVar[int]
    STARTS: ClassVar[float] = 0.0

    starts_at: datetime

    @classmethod
    def plant(cls, window: Window) -> Self:
        """The effect as it is in a sample of that window."""
        return cls(window.at(cls.STARTS))

    @property
    @abstractmethod
    def expected(self) -> dict[str, Any]:
        """The figures that a detector has to come near to."""

    @property
    def truth(self) -> Truth:
        """Its row of ``truth.json``."""
        return Truth(self.NAME, self.KIND, self.SUBJECT, self.expected, self.starts_at)


class ToolDegrades(Effect):
    """Calls of ``web_fetch`` succeed in 70 % instead of 97 %, in the last third of the window.

    A detector finds the tool, and no other one, worse than before; about 8 % of all calls are its own. From 3
    days: a day after the change has a hundred of its calls.
    """

    NAME, KIND, SUBJECT, MIN_DAYS, STARTS = "tool_degrades", "executions", "web_fetch", 3, 2 / 3
    RATE_BEFORE, RATE_AFTER = 0.97, 0.70

    @property
    def expected(self) -> dict[str, Any]:
        """Success rates before and after, share of calls."""
        return {"rate_before": self.RATE_BEFORE, "rate_after": self.RATE_AFTER}

    def success_rate(self, tool: str, at: datetime, usual: float) -> float:
        """Chance that a call of the tool succeeds."""
        return self.RATE_AFTER if tool == self.SUBJECT and at >= self.starts_at else usual


class SpecOom(Effect):
    """Runs of ``analysis-cohorts`` need 2.4 GB (median), so 3 of 4 die at 2Gi, and none at 4Gi.

    The peaks of killed runs stand at the limit: what they would have needed is not in the records. A detector
    finds the share and suggests 4Gi. Without the effect the spec needs 1.1 GB. From 5 days: 25 runs at 2Gi.
    """

    NAME, KIND, SUBJECT, MIN_DAYS = "spec_oom", "runs", "analysis-cohorts", 5
    LIMIT, ENOUGH = "2Gi", "4Gi"
    NEED_MEDIAN_MB, NEED_SIGMA, NEED_MAX_MB = 2_400.0, 0.235, 3_700.0
    """ln(2400 / 2048) / 0.235 = 0.675 standard deviations: 75 % need more than 2Gi; all stay below 4Gi."""

    @property
    def expected(self) -> dict[str, Any]:
        """Share of runs with ``failure_reason`` oom at both limits."""
        return {"memory_limit": self.LIMIT, "oom_rate": 0.75, "enough": self.ENOUGH, "oom_rate_enough": 0.0}


class BetterModel(Effect):
    """For specs of type ``migration`` the model ``sample-reasoner`` succeeds in 93 %, the other three in 60 %.

    In other types all models are alike, so a ranking over all runs hides it. Without the effect all four
    are at 70 % here too. From 10 days: 50 runs of each model.
    """

    NAME, KIND, SUBJECT, MIN_DAYS = "better_model", "runs", "sample-reasoner", 10
    SPEC_TYPE = "migration"
    RATE, RATE_OTHERS = 0.93, 0.60

    @property
    def expected(self) -> dict[str, Any]:
        """Success rates in the spec type, share of runs."""
        return {"spec_type": self.SPEC_TYPE, "rate": self.RATE, "rate_others": self.RATE_OTHERS}

    def success_rate(self, spec_type: str, model: str, usual: float) -> float:
        """Chance that a run succeeds."""
        if spec_type != self.SPEC_TYPE:
            return usual
        return self.RATE if model == self.SUBJECT else self.RATE_OTHERS


class BetterArm(Effect):
    """In the experiment ``planner-prompt`` the arm ``planner-v2`` succeeds 13 points more often than ``baseline``.

    Two of three runs of types feature and bugfix take part, half of them in each arm. Without the effect the arms are
    alike. From 10 days: 190 runs an arm.
    """

    NAME, KIND, SUBJECT, MIN_DAYS = "better_arm", "runs", "planner-prompt", 10
    CONTROL, BETTER = "baseline", "planner-v2"
    GAIN = 0.13

    @property
    def expected(self) -> dict[str, Any]:
        """Difference of the arms' success rates, share of runs."""
        return {"control": self.CONTROL, "better": self.BETTER, "success_rate_gain": self.GAIN}

    def success_rate(self, variant: str | None, usual: float) -> float:
        """Chance that a run succeeds."""
        return usual + self.GAIN if variant == self.BETTER else usual


class AnomalyBurst(Effect):
    """``api_error_rate`` rises by 10 points for 4 hours, from below 2 %.

    Its standard deviation is a quarter of a point, so every sample of the burst is far outside. A detector finds one
    burst with these ends. From 3 days: two daily cycles before it.
    """

    NAME, KIND, SUBJECT, MIN_DAYS, STARTS = "anomaly_burst", "metrics", "api_error_rate", 3, 0.75
    RISE, LASTS = 0.10, timedelta(hours=4)

    @property
    def expected(self) -> dict[str, Any]:
        """The rise, share of requests, and when it is over."""
        return {"rise": self.RISE, "ends_at": iso(self.starts_at + self.LASTS)}


class BadDeployment(Effect):
    """After a hotfix is deployed, ``api_latency_p95_ms`` is 300 ms higher for 3 hours, until it is rolled back.

    The deployment is an event in any case; only with the effect it hurts. The latency's standard deviation is about
    42 ms, so an hour's mean is far outside. A detector finds this deployment, and of the others none. From 7 days.
    """

    NAME, KIND, SUBJECT, MIN_DAYS, STARTS = "bad_deployment", "metrics", "api_latency_p95_ms", 7, 0.85
    RISE_MS, LASTS = 300.0, timedelta(hours=3)

    @property
    def expected(self) -> dict[str, Any]:
        """What was done at ``starts_at``, the rise, and when it is over."""
        return {"event_type": "deployment", "rise_ms": self.RISE_MS, "ends_at": iso(self.starts_at + self.LASTS)}


class LeadLag(Effect):
    """``queue_depth`` today is ``api_latency_p95_ms`` in 3 hours: 81 % of the latency's variance beside its season.

    A detector finds the highest correlation of hourly means at a lag of 3 hours, about 0.9. Without the effect
    the latency wanders as much, on its own. From 7 days: the queue forgets in 2 hours, so 40 independent pairs.
    """

    NAME, KIND, SUBJECT, MIN_DAYS = "lead_lag", "metrics", "queue_depth", 7
    FOLLOWER, LAG = "api_latency_p95_ms", timedelta(hours=3)
    WEIGHT = 0.9

    @property
    def expected(self) -> dict[str, Any]:
        """The lag, and the correlation that hourly means reach at least."""
        return {"follower": self.FOLLOWER, "lag_hours": self.LAG / timedelta(hours=1), "correlation_min": 0.7}


class RootCauseRule(Effect):
    """Where RCA-002 (duplicate text) is found, RCA-007 (stale reference) is found in the same files, 19 times of 20.

    Both issues come on one day, so within one sprint. RCA-007 is rare elsewhere. 6 % of the issues have no root
    cause noted, so the rule reaches a confidence of about 0.9 where a transaction is the issues of one sprint
    that touch one file. From 14 days: 14 pairs.
    """

    NAME, KIND, SUBJECT, MIN_DAYS = "root_cause_rule", "issues", "RCA-002", 14
    CONSEQUENT = "RCA-007"
    FOLLOWS = 0.95

    @property
    def expected(self) -> dict[str, Any]:
        """The rule and the least confidence and lift that sprint-and-file transactions show."""
        return {
            "antecedent": self.SUBJECT,
            "consequent": self.CONSEQUENT,
            "transaction": "sprint and file",
            "confidence_min": 0.6,
            "lift_min": 2.0,
        }


class OddFixes(Effect):
    """Of the fixes one in 25 takes 12 times as long as others with its files and lines, from no cause in the records.

    A detector names these issues and hardly another: other fixes stay within 3 times their expected time. From 14
    days: 3 or 4 of them.
    """

    NAME, KIND, SUBJECT, MIN_DAYS = "odd_fixes", "issues", "time_spent_minutes", 14
    SHARE, RATIO = 0.04, 12.0

    @property
    def expected(self) -> dict[str, Any]:
        """Share of fixes, and how many times longer they take."""
        return {"share": self.SHARE, "ratio": self.RATIO}

    def ratio(self, u: float) -> float:
        """Factor on the time that a fix takes; ``u`` is the issue's own draw."""
        return self.RATIO if u < self.SHARE else 1.0


class FailingProcedure(Effect):
    """``github/PROC-3`` succeeds in 45 % of its uses, and agents find it unclear; the others are at 93 %.

    A detector finds it as the one procedure to rewrite, by failures and by a clarity about two points lower.
    From 3 days: 90 uses.
    """

    NAME, KIND, SUBJECT, MIN_DAYS = "failing_procedure", "procedure_calls", "github/PROC-3", 3
    RATE, RATE_OTHERS = 0.45, 0.93
    CLARITY_LOST = 2

    @property
    def expected(self) -> dict[str, Any]:
        """Success rates, share of uses."""
        return {"rate": self.RATE, "rate_others": self.RATE_OTHERS}

    def success_rate(self, procedure: str, usual: float) -> float:
        """Chance that a use succeeds."""
        return self.RATE if procedure == self.SUBJECT else usual


class SlowStep(Effect):
    """The step ``integration_tests`` of the pipeline ``ci`` takes twice as long, in the second half of the window.

    It sets in with configuration 1.1.0 of the pipeline, whose version changes in any case. A detector finds the
    step and the date. From 4 days: 30 executions on either side.
    """

    NAME, KIND, SUBJECT, MIN_DAYS, STARTS = "slow_step", "pipelines", "ci/integration_tests", 4, 0.5
    RATIO = 2.0

    @property
    def expected(self) -> dict[str, Any]:
        """Ratio of the median durations after and before."""
        pipeline, step = self.SUBJECT.split("/")
        return {"pipeline_name": pipeline, "step_name": step, "duration_ratio": self.RATIO}

    def ratio(self, pipeline: str, step: str, at: datetime) -> float:
        """Factor on the duration of a step."""
        return self.RATIO if f"{pipeline}/{step}" == self.SUBJECT and at >= self.starts_at else 1.0


ALL: dict[str, type[Effect]] = {
    effect.NAME: effect
    for effect in (
        *(ToolDegrades, SpecOom, BetterModel, AnomalyBurst, BadDeployment, LeadLag),
        *(RootCauseRule, OddFixes, FailingProcedure, SlowStep, BetterArm),
    )
}
"""Every effect by its name."""


def chosen(names: Literal["all", "none"] | Collection[str]) -> list[type[Effect]]:
    """The effects of those names, in the order of ``ALL``; a single name is that one effect.

    Raises:
        ValueError: a name is not the name of an effect.
    """
    wanted = {"all": set(ALL), "none": set()}.get(names) if isinstance(names, str) else set(names)
    if wanted is None:
        wanted = {str(names)}
    strangers = wanted - set(ALL)
    if strangers:
        raise ValueError(f"no such effect: {', '.join(sorted(strangers))}; there are {', '.join(ALL)}")
    return [effect for name, effect in ALL.items() if name in wanted]
