"""Every effect in pairs: planted, its records show it at the stated strength; not planted, they do not.

The statistics are simple ones and independent of the code that plants: two proportions, medians, correlations.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from analytics_assets.sample import EFFECTS
from analytics_assets_tests.sample.conftest import Sample

CERTAIN = 4.0
"""Standard errors that chance does not reach: 1 in 16,000."""


def rate(outcomes: Iterable[bool]) -> tuple[float, int]:
    """Share of true ones, and how many there are."""
    listed = list(outcomes)
    return sum(listed) / len(listed), len(listed)


def z(first: tuple[float, int], second: tuple[float, int]) -> float:
    """The difference of two proportions, in standard errors."""
    pooled = (first[0] * first[1] + second[0] * second[1]) / (first[1] + second[1])
    return (first[0] - second[0]) / math.sqrt(pooled * (1 - pooled) * (1 / first[1] + 1 / second[1]))


def within_chance(found: tuple[float, int], stated: float) -> bool:
    """Whether a rate agrees with the stated one."""
    return abs(found[0] - stated) < CERTAIN * math.sqrt(stated * (1 - stated) / found[1])


def ended_runs(sample: Sample, **fields: str) -> list[dict[str, Any]]:
    return [
        run
        for run in sample.latest["runs"]
        if run["status"] != "running" and all(run.get(name) == value for name, value in fields.items())
    ]


def runs_rate(sample: Sample, **fields: str) -> tuple[float, int]:
    return rate(run["status"] == "success" for run in ended_runs(sample, **fields))


class TestToolDegrades:
    def rates(self, sample: Sample, tool: str, at: str) -> list[tuple[float, int]]:
        calls = [e for e in sample.lines["executions"] if e["tool_name"] == tool]
        return [rate(e["success"] for e in calls if (e["started_at"] >= at) == after) for after in (False, True)]

    def test_planted_it_is_seen_at_the_stated_rates(self, planted: Sample) -> None:
        truth = planted.truth["tool_degrades"]
        before, after = self.rates(planted, truth["subject"], truth["starts_at"])
        assert within_chance(before, truth["expected"]["rate_before"])
        assert within_chance(after, truth["expected"]["rate_after"])
        assert z(before, after) > CERTAIN

    def test_no_other_tool_degrades(self, planted: Sample) -> None:
        truth = planted.truth["tool_degrades"]
        for tool in {e["tool_name"] for e in planted.lines["executions"]} - {truth["subject"]}:
            assert abs(z(*self.rates(planted, tool, truth["starts_at"]))) < CERTAIN

    def test_not_planted_it_is_not_there(self, plain: Sample, planted: Sample) -> None:
        truth = planted.truth["tool_degrades"]
        assert abs(z(*self.rates(plain, truth["subject"], truth["starts_at"]))) < CERTAIN


class TestSpecOom:
    def rate(self, sample: Sample, limit: str) -> tuple[float, int]:
        runs = ended_runs(sample, spec_id=EFFECTS["spec_oom"].SUBJECT, memory_limit=limit)
        return rate(run.get("failure_reason") == "oom" for run in runs)

    def test_planted_three_of_four_runs_at_2gi_are_killed_and_none_at_4gi(self, planted: Sample) -> None:
        expected = planted.truth["spec_oom"]["expected"]
        assert within_chance(self.rate(planted, expected["memory_limit"]), expected["oom_rate"])
        assert self.rate(planted, expected["enough"])[0] == expected["oom_rate_enough"]
        assert self.rate(planted, expected["enough"])[1] > 20

    def test_the_peak_of_a_killed_run_stands_at_its_limit(self, planted: Sample) -> None:
        peaks = {run["memory_peak_mb"] for run in planted.latest["runs"] if run.get("failure_reason") == "oom"}
        assert peaks == {2_048.0}

    def test_no_other_spec_runs_out_of_memory(self, planted: Sample) -> None:
        killed = {run["spec_id"] for run in planted.latest["runs"] if run.get("failure_reason") == "oom"}
        assert killed == {planted.truth["spec_oom"]["subject"]}

    def test_not_planted_no_run_is_killed(self, plain: Sample) -> None:
        assert not [run for run in plain.latest["runs"] if run.get("failure_reason") == "oom"]


class TestBetterModel:
    def rates(self, sample: Sample, spec_type: str) -> dict[str, tuple[float, int]]:
        models = {run["model"] for run in sample.latest["runs"]}
        return {model: runs_rate(sample, spec_type=spec_type, model=model) for model in models}

    def test_planted_it_wins_in_its_spec_type(self, planted: Sample) -> None:
        truth = planted.truth["better_model"]
        rates = self.rates(planted, truth["expected"]["spec_type"])
        best = rates.pop(truth["subject"])
        assert within_chance(best, truth["expected"]["rate"])
        for other in rates.values():
            assert within_chance(other, truth["expected"]["rate_others"])
            assert z(best, other) > 3

    def test_in_other_types_no_model_stands_out(self, planted: Sample) -> None:
        subject = planted.truth["better_model"]["subject"]
        for spec_type in ("feature", "bugfix", "analysis"):
            rates = self.rates(planted, spec_type)
            assert all(abs(z(rates[subject], other)) < CERTAIN for model, other in rates.items() if model != subject)

    def test_not_planted_no_model_stands_out(self, plain: Sample) -> None:
        rates = self.rates(plain, "migration")
        best = rates.pop(EFFECTS["better_model"].SUBJECT)
        assert all(abs(z(best, other)) < 3 for other in rates.values())


class TestBetterArm:
    def arms(self, sample: Sample) -> tuple[tuple[float, int], tuple[float, int]]:
        experiment = EFFECTS["better_arm"].SUBJECT
        return (
            runs_rate(sample, experiment_id=experiment, variant="planner-v2"),
            runs_rate(sample, experiment_id=experiment, variant="baseline"),
        )

    def test_planted_the_better_arm_gains_what_is_stated(self, planted: Sample) -> None:
        expected = planted.truth["better_arm"]["expected"]
        better, control = self.arms(planted)
        assert z(better, control) > 3
        assert better[0] - control[0] == pytest.approx(expected["success_rate_gain"], abs=0.09)

    def test_both_arms_have_half_of_the_runs(self, planted: Sample) -> None:
        better, control = self.arms(planted)
        assert within_chance((better[1] / (better[1] + control[1]), better[1] + control[1]), 0.5)

    def test_not_planted_the_arms_are_alike(self, plain: Sample) -> None:
        assert abs(z(*self.arms(plain))) < 3


class TestAnomalyBurst:
    def far_out(self, sample: Sample) -> list[str]:
        """Samples more than 6 robust deviations above the median."""
        samples = [s for s in sample.lines["metrics"] if s["metric_name"] == EFFECTS["anomaly_burst"].SUBJECT]
        values = [s["metric_value"] for s in samples]
        median = statistics.median(values)
        spread = 1.4826 * statistics.median(abs(value - median) for value in values)
        return [s["collected_at"] for s in samples if s["metric_value"] > median + 6 * spread]

    def test_planted_every_sample_of_the_burst_is_far_out_and_no_other(self, planted: Sample) -> None:
        truth = planted.truth["anomaly_burst"]
        found = self.far_out(planted)
        assert found[0] == truth["starts_at"]
        assert len(found) == 4 * 6
        assert all(truth["starts_at"] <= at < truth["expected"]["ends_at"] for at in found)

    def test_not_planted_nothing_is_far_out(self, plain: Sample) -> None:
        assert self.far_out(plain) == []


class TestBadDeployment:
    def rise(self, sample: Sample) -> tuple[float, float]:
        """Of the latency after the hotfix: how far above its median, in milliseconds and in standard errors."""
        hotfix = next(e for e in sample.lines["events"] if e.get("event_data") == {"change": "hotfix"})
        samples = [s for s in sample.lines["metrics"] if s["metric_name"] == EFFECTS["bad_deployment"].SUBJECT]
        after = [s["metric_value"] for s in samples if s["collected_at"] >= hotfix["occurred_at"]][: 3 * 6]
        values = [s["metric_value"] for s in samples]
        rise = statistics.mean(after) - statistics.median(values)
        # Neighbours go together: the latency forgets within 2 hours, so 3 hours are one or two values.
        return rise, rise / statistics.stdev(values)

    def test_planted_the_latency_rises_after_it(self, planted: Sample) -> None:
        truth = planted.truth["bad_deployment"]
        rise, errors = self.rise(planted)
        assert rise == pytest.approx(truth["expected"]["rise_ms"], abs=130)
        assert errors > 3

    def test_not_planted_the_deployment_is_there_and_hurts_nothing(self, plain: Sample) -> None:
        _, errors = self.rise(plain)
        assert abs(errors) < 3


class TestLeadLag:
    def correlations(self, sample: Sample) -> dict[int, float]:
        """Of hourly means without their daily season, by how many hours the queue is ahead."""
        queue, latency = (self.hourly(sample, name) for name in ("queue_depth", "api_latency_p95_ms"))
        return {
            lag: float(np.corrcoef(queue[: len(queue) - lag], latency[lag:])[0, 1]) if lag >= 0
            else float(np.corrcoef(queue[-lag:], latency[:lag])[0, 1])
            for lag in range(-12, 13)
        }  # fmt: skip

    def hourly(self, sample: Sample, name: str) -> np.ndarray:
        values = [s["metric_value"] for s in sample.lines["metrics"] if s["metric_name"] == name]
        hours = np.array(values).reshape(-1, 6).mean(axis=1)
        days = hours.reshape(-1, 24)
        return np.asarray((days - days.mean(axis=0)).ravel())

    def test_planted_the_queue_is_ahead_by_the_stated_hours(self, planted: Sample) -> None:
        expected = planted.truth["lead_lag"]["expected"]
        found = self.correlations(planted)
        assert max(found, key=lambda lag: found[lag]) == expected["lag_hours"]
        assert found[3] > expected["correlation_min"]

    def test_not_planted_no_lag_stands_out(self, plain: Sample) -> None:
        assert max(abs(value) for value in self.correlations(plain).values()) < 0.4


class TestRootCauseRule:
    def shares(self, sample: Sample) -> tuple[float, float]:
        """Share of the consequent among the transactions (sprint and file) with the antecedent, and among all."""
        rule = EFFECTS["root_cause_rule"]
        causes: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for issue in sample.latest["issues"]:
            for file in issue["files_affected"]:
                causes[issue["sprint"], file].add(issue.get("root_cause_id", "?"))
        confidence, _ = rate("RCA-007" in found for found in causes.values() if rule.SUBJECT in found)
        overall, _ = rate("RCA-007" in found for found in causes.values())
        return confidence, overall

    def test_planted_the_rule_holds_as_stated(self, planted: Sample) -> None:
        expected = planted.truth["root_cause_rule"]["expected"]
        confidence, overall = self.shares(planted)
        assert confidence > expected["confidence_min"]
        assert confidence / overall > expected["lift_min"]

    def test_not_planted_the_rule_does_not_hold(self, plain: Sample) -> None:
        confidence, _ = self.shares(plain)
        assert confidence < 0.3


class TestOddFixes:
    def overruns(self, sample: Sample) -> list[float]:
        fixed = [issue for issue in sample.latest["issues"] if issue["status"] == "FIXED"]
        return [issue["time_spent_minutes"] / issue["expected_minutes"] for issue in fixed]

    def test_planted_a_few_fixes_take_many_times_as_long(self, planted: Sample) -> None:
        expected = planted.truth["odd_fixes"]["expected"]
        overruns = self.overruns(planted)
        odd = [ratio for ratio in overruns if ratio > expected["ratio"] / 2]
        assert within_chance((len(odd) / len(overruns), len(overruns)), expected["share"])
        assert statistics.median(odd) > expected["ratio"] * 0.8

    def test_not_planted_none_does(self, plain: Sample) -> None:
        assert max(self.overruns(plain)) < EFFECTS["odd_fixes"].RATIO / 2


class TestFailingProcedure:
    def rates(self, sample: Sample) -> dict[str, tuple[float, int]]:
        outcomes: defaultdict[str, list[bool]] = defaultdict(list)
        for call in sample.lines["procedure_calls"]:
            outcomes[call["procedure_id"]].append(call["status"] == "success")
        return {procedure: rate(listed) for procedure, listed in outcomes.items()}

    def clarity(self, sample: Sample) -> tuple[float, float]:
        """Mean mark of the procedure and of all others."""
        marks = sample.lines["procedure_feedback"]
        subject = EFFECTS["failing_procedure"].SUBJECT
        return (
            statistics.fmean(f["clarity"] for f in marks if f["procedure_id"] == subject),
            statistics.fmean(f["clarity"] for f in marks if f["procedure_id"] != subject),
        )

    def test_planted_it_alone_fails_at_the_stated_rate(self, planted: Sample) -> None:
        truth = planted.truth["failing_procedure"]
        rates = self.rates(planted)
        assert within_chance(rates.pop(truth["subject"]), truth["expected"]["rate"])
        assert len(rates) == 4
        assert all(within_chance(other, truth["expected"]["rate_others"]) for other in rates.values())

    def test_planted_agents_find_it_unclear(self, planted: Sample) -> None:
        own, others = self.clarity(planted)
        assert own < others - 1.5

    def test_not_planted_it_is_like_the_others(self, plain: Sample) -> None:
        assert all(within_chance(found, 0.93) for found in self.rates(plain).values())
        own, others = self.clarity(plain)
        assert abs(own - others) < 0.5


class TestSlowStep:
    def ratios(self, sample: Sample, at: str) -> dict[str, float]:
        """Median duration after over before, by pipeline and step."""
        durations: defaultdict[tuple[str, bool], list[float]] = defaultdict(list)
        for pipeline in sample.latest["pipelines"]:
            for step in pipeline["steps"]:
                if step["status"] == "success":
                    took = datetime.fromisoformat(step["completed_at"]) - datetime.fromisoformat(step["started_at"])
                    name = f"{pipeline['pipeline_name']}/{step['step_name']}"
                    durations[name, pipeline["started_at"] >= at].append(took / timedelta(seconds=1))
        medians = {key: statistics.median(listed) for key, listed in durations.items()}
        return {name: medians[name, True] / medians[name, False] for name, after in medians if after}

    def test_planted_it_alone_takes_the_stated_times_as_long(self, planted: Sample) -> None:
        truth = planted.truth["slow_step"]
        ratios = self.ratios(planted, truth["starts_at"])
        slowed = ratios.pop(truth["subject"])
        assert slowed > 1.5
        assert slowed == pytest.approx(truth["expected"]["duration_ratio"], rel=0.1)
        assert all(0.75 < other < 1.33 for other in ratios.values())

    def test_not_planted_no_step_became_slow(self, plain: Sample, planted: Sample) -> None:
        ratios = self.ratios(plain, planted.truth["slow_step"]["starts_at"])
        assert all(0.75 < ratio < 1.33 for ratio in ratios.values())


def test_every_effect_has_its_pair_of_tests() -> None:
    classes: dict[str, Callable[..., object]] = {
        name: thing for name, thing in globals().items() if name.startswith("Test")
    }
    for effect in EFFECTS.values():
        tests = vars(classes[f"Test{effect.__name__}"])
        assert any(name.startswith("test_planted") for name in tests)
        assert any(name.startswith("test_not_planted") for name in tests)
