"""From a pattern that holds to what could be done about it: one rule per type of pattern.

The improvement is the relative size of the effect (``significance_score``): what returning to the level before, or to
what is usual elsewhere, would bring. What a pipeline's steps suggest (``bottleneck_step``, ``flaky_step``,
``retry_waste``) is in its optimization plan, what resources suggest in the capacity planning, and what runs suggest in
``suggestions.suggestions``: no rule says it twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics_assets.lib.lost_work import Gain, Part, Work
from analytics_assets.lib.opportunities import Opportunity
from analytics_assets.lib.words import money, percent
from analytics_assets.pattern_thresholds import OPPORTUNITY_LEAST

Row = Mapping[str, Any]
SOURCE = "patterns.detected_patterns"
RESOURCES = frozenset({"cpu", "memory", "disk", "network"})
"""Metrics of these are planned as capacities."""
KIND_OF_SIGNAL = {
    "tool": "executions",
    "runs": "runs",
    "procedure": "procedure_calls",
    "pipeline": "pipelines",
    "integration": "events",
    "metric": "metrics",
}
KINDS_OF_SOURCE = {
    "patterns.task_patterns": ("runs", "task_executions", "tasks"),
    "patterns.execution_patterns": ("pipelines",),
    "patterns.integration_patterns": ("events",),
}
SUPPORTING = ("pattern_type", "subject", "strength", "strength_unit", "significance_score", "confidence_score")


@dataclass(frozen=True)
class Rule:
    """What a type of pattern offers. ``advice`` comes before the statement of the pattern."""

    opportunity_type: str
    category: str
    effort: str
    effort_reason: str
    advice: str


_SLOWER = Rule(
    "api_performance", "performance", "medium", "its code or what it asks must be changed", "Make {it} fast again"
)
_FAILING = Rule(
    "reliability",
    "quality",
    "medium",
    "a cause has to be found before it can be mended",
    "Find why {it} fails more often",
)
_DEARER = Rule("cost", "resource", "low", "another model or a shorter prompt is a setting", "Make {it} cheap again")
_SCALED = Rule(
    "scaling", "resource", "low", "more instances or a smaller load is a setting", "Give {it} more room, or less to do"
)
BY_METRIC = {"response_time": _SLOWER, "error_rate": _FAILING, "cost": _DEARER}
"""Of patterns of a signal, by what it measures; what is none of these is a load."""
OF_SIGNALS = (
    *("degradation", "metric_level_shift", "performance_threshold"),
    *("metric_threshold", "performance_trend", "metric_trend"),
)
"""Of several of one signal the first counts: what it was before says best what it could be."""
CHOSEN = frozenset({"model", "agent_id", "procedure_id", "memory_limit", "cpu_limit", "assignee"})
"""Fields of a rule that somebody decides on."""
ASKS_WORSE = frozenset({"performance_trend", "metric_level_shift", "metric_trend"})
"""These go either way: only what is known to be worse is an opportunity."""
BY_TYPE: Mapping[str, Rule] = {
    "step_slowdown": Rule(
        "bottleneck",
        "workflow",
        "medium",
        "what changed in the step is known by its date",
        "Undo what made {it} slower",
    ),
    "failing_step": Rule(
        "reliability", "workflow", "medium", "a step that fails says why in its log", "Mend {it}, which fails most"
    ),
    "queueing": Rule("scaling", "workflow", "low", "more runners are a setting", "Give {it} more runners"),
    "outcome_rule": Rule(
        "process",
        "quality",
        "medium",
        "the combination can be avoided, or its cause mended",
        "Avoid what goes with failure",
    ),
    "tool_sequence": Rule(
        "automation", "workflow", "medium", "a guard in the agent's loop breaks it", "Break or automate what repeats"
    ),
    "task_sequence": Rule(
        "automation", "workflow", "medium", "one step in place of several must be written", "Automate what repeats"
    ),
    "repeated_attempts": Rule(
        "automation",
        "workflow",
        "medium",
        "a check before the first attempt must be written",
        "Check before trying again",
    ),
    "effort_overrun": Rule(
        "process", "workflow", "low", "estimates are a habit of the team", "Estimate with what such work took"
    ),
    "blocked_chain": Rule(
        "dependency", "workflow", "high", "several people must agree on another order", "Shorten the chain that blocks"
    ),
    "experiment_arm": Rule("process", "quality", "low", "the arm is there already", "Use the arm that does better"),
    "outlying_procedure": Rule(
        "query_performance",
        "performance",
        "medium",
        "one procedure must be rewritten",
        "Rewrite the procedure that stands out",
    ),
    "failing_link": Rule(
        "dependency", "performance", "high", "the other system belongs to others", "Guard {it} by retries or a fallback"
    ),
    "slow_link": Rule("api_performance", "performance", "high", "both systems must be looked at", "Make {it} faster"),
    "deployment_impact": Rule(
        "automation",
        "quality",
        "medium",
        "a step after deployments must be written",
        "Roll out by parts and roll back by itself",
    ),
    "outage": Rule("dependency", "performance", "high", "a second way must be built", "Build a second way for {it}"),
}
"""Of all other patterns."""


def from_patterns(patterns: Iterable[Row], is_worse: Mapping[str, bool | None], work: Work) -> list[Opportunity]:
    """What patterns that hold offer, in the order in which those of one subject count.

    Args:
        patterns: rows of ``patterns.detected_patterns``.
        is_worse: of a signal's trend or lasting change, by pattern type and signal as ``type/signal``.
        work: what is at stake.
    """
    holding = [row for row in patterns if row["is_active"]]
    said = _said_elsewhere(holding)
    found = []
    for pattern in sorted(holding, key=_preferred):
        rule = None if pattern["subject"] in said else _rule(pattern, is_worse)
        share = float(pattern["significance_score"])
        if rule is not None and 100 * share >= OPPORTUNITY_LEAST.value:
            found.append(_opportunity(pattern, rule, share, gain_of(pattern, share, work)))
    return found


def _said_elsewhere(patterns: Iterable[Row]) -> set[str]:
    """Subjects of which another pattern says more.

    A step that is known to be slower says more than its pipeline, which is slower for that. The error rate of a
    procedure says when it began and what it costs; that it fails more than others is the same failures.
    """
    said: set[str] = set()
    for pattern in patterns:
        if pattern["pattern_type"] == "step_slowdown":
            said.add(f"pipeline/{_data(pattern).get('pipeline_name')}/response_time")
        elif pattern["pattern_type"] in OF_SIGNALS:
            kind, component, metric_type = signal_parts(str(pattern["subject"]))
            if (kind, metric_type) == ("procedure", "error_rate"):
                said.add(f"{component} -> failed")
    return said


def _preferred(pattern: Row) -> tuple[int, float, str]:
    kind = pattern["pattern_type"]
    place = OF_SIGNALS.index(kind) if kind in OF_SIGNALS else len(OF_SIGNALS)
    return place, -pattern["confidence_score"], pattern["id"]


def _rule(pattern: Row, is_worse: Mapping[str, bool | None]) -> Rule | None:
    kind, subject = pattern["pattern_type"], str(pattern["subject"])
    if kind in OF_SIGNALS:
        component_kind, _, metric_type = signal_parts(subject)
        if component_kind == "metric" and metric_type.partition("{")[0] in RESOURCES:
            return None
        if kind in ASKS_WORSE and not is_worse.get(f"{kind}/{subject}"):
            return None
        return BY_METRIC.get(metric_type, _metric_rule(metric_type))
    if kind == "outcome_rule" and not _can_be_avoided(subject):
        return None
    if kind == "outlying_procedure" and subject.endswith("-> success"):
        return None
    return BY_TYPE.get(kind)


def _metric_rule(name: str) -> Rule:
    """A metric by the words of its name."""
    if "latency" in name or "duration" in name:
        return _SLOWER
    return _FAILING if "error" in name or "fail" in name else _SCALED


def _can_be_avoided(subject: str) -> bool:
    """Whether a rule is about failure and names something that is chosen: that a type of task fails is no choice.

    Of runs the suggestions tell.

    >>> _can_be_avoided("run_tasks: task_type=plan and model=small -> timeout")
    True
    >>> _can_be_avoided("run_tasks: task_type=plan -> timeout"), _can_be_avoided("runs: model=small -> failed")
    (False, False)
    """
    population, _, rule = subject.partition(": ")
    antecedent, _, outcome = rule.rpartition(" -> ")
    fields = {item.partition("=")[0] for item in antecedent.split(" and ")}
    return population != "runs" and outcome != "success" and bool(fields & CHOSEN)


def signal_parts(signal: str) -> tuple[str, str, str]:
    """Kind, component and metric type; a component may have slashes of its own.

    >>> signal_parts("integration/ci>db/sync/error_rate")
    ('integration', 'ci>db/sync', 'error_rate')
    """
    kind, _, rest = signal.partition("/")
    component, _, metric_type = rest.rpartition("/")
    return kind, component, metric_type


def gain_of(pattern: Row, share: float, work: Work) -> Gain:
    """What 30 days would give back, as far as that is known of the type."""
    kind, subject = pattern["pattern_type"], str(pattern["subject"])
    data = _data(pattern)
    if kind in OF_SIGNALS:
        return work.gain(*signal_parts(subject), share)
    if data.get("impact_score") is not None and data.get("pipeline_name") is not None:
        return _gain_of_step(kind, data, work.part("pipeline", str(data["pipeline_name"])))
    beyond = data.get("impact_assessment", {}).get("beyond_others")
    if kind == "outlying_procedure" and beyond is not None:
        mean = work.all_of("procedure").mean_seconds
        return Gain(hours=None if mean is None else float(beyond) * mean / 3600)
    if kind in ("failing_link", "slow_link"):
        return work.gain("integration", subject, "error_rate" if kind == "failing_link" else "response_time", share)
    return Gain()


def _gain_of_step(kind: str, data: Row, part: Part) -> Gain:
    """Of a step that became slower its seconds, as often as it runs; else its share of the pipeline."""
    impact, details = float(data["impact_score"]), data.get("pattern_data")
    if kind == "failing_step":
        return Gain(hours=impact * part.failed_hours)
    if isinstance(details, dict) and details.get("change_before") is not None:
        return Gain(hours=(details["change_after"] - details["change_before"]) * part.calls / 3600)
    return Gain(hours=impact * part.seconds / 3600)


def _opportunity(pattern: Row, rule: Rule, share: float, gain: Gain) -> Opportunity:
    components = json.loads(pattern["components"])
    component = str(components[0] if components else pattern["subject"])
    brings = f"Worth up to {percent(share)}"
    if gain.usd:
        brings += f", {money(gain.usd)} in 30 days"
    elif gain.hours:
        brings += f", {gain.hours:,.1f} hours in 30 days"
    return Opportunity(
        opportunity_type=rule.opportunity_type,
        category=rule.category,
        subject=str(pattern["subject"]),
        component=component,
        improvement=share,
        effort=rule.effort,
        effort_reason=rule.effort_reason,
        text=f"{rule.advice.format(it=component)}: {pattern['pattern_name'].rstrip('.')}. {brings}.",
        confidence=float(pattern["confidence_score"]),
        source=SOURCE,
        record_kinds=kinds_of(pattern),
        evidence_sql=f"select {', '.join(SUPPORTING)} from {SOURCE} where id = '{pattern['id']}'",
        supporting={name: pattern[name] for name in SUPPORTING},
        pattern=pattern["id"],
        hours=gain.hours,
        usd=gain.usd,
        as_of=pattern["as_of"],
        is_stale=bool(pattern["is_stale"]),
    )


def kinds_of(pattern: Row) -> tuple[str, ...]:
    """Kinds of the records that a pattern rests on."""
    if pattern["pattern_type"] in OF_SIGNALS:
        return (KIND_OF_SIGNAL[signal_parts(str(pattern["subject"]))[0]],)
    return KINDS_OF_SOURCE.get(pattern["source"], ())


def _data(pattern: Row) -> dict[str, Any]:
    found = json.loads(pattern["pattern_data"] or "{}")
    return found if isinstance(found, dict) else {}
