"""From a pattern that holds to what could be done about it: one rule per type of pattern.

What could get better, by how much and with what effort stands in ``lib.opportunity_types``. What a pipeline's steps
suggest (``bottleneck_step``, ``flaky_step``, ``retry_waste``) is in its optimization plan, what resources suggest in
the capacity planning, and what runs suggest in ``suggestions.suggestions``: no rule says it twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from analytics_assets.lib.lost_work import Gain, Part, Work
from analytics_assets.lib.opportunities import Opportunity
from analytics_assets.lib.opportunity_types import ASKS_WORSE, BY_TYPE, CHOSEN, OF_SIGNALS, Rule, of_metric
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
        size = float(pattern["significance_score"])
        if rule is not None and 100 * size >= OPPORTUNITY_LEAST.value:
            found.append(_opportunity(pattern, rule, gain_of(pattern, size, work)))
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
        return of_metric(metric_type)
    if kind == "outcome_rule" and not _can_be_avoided(subject):
        return None
    if kind == "outlying_procedure" and subject.endswith("-> success"):
        return None
    return BY_TYPE.get(kind)


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
        return work.gain_of_link(subject, "error_rate" if kind == "failing_link" else "response_time", share)
    return Gain()


def _gain_of_step(kind: str, data: Row, part: Part) -> Gain:
    """Of a step that became slower its seconds, as often as it runs; else its share of the pipeline."""
    impact, details = float(data["impact_score"]), data.get("pattern_data")
    if kind == "failing_step":
        return Gain(hours=impact * part.failed_hours)
    if isinstance(details, dict) and details.get("change_before") is not None:
        return Gain(hours=(details["change_after"] - details["change_before"]) * part.calls / 3600)
    return Gain(hours=impact * part.seconds / 3600)


def _opportunity(pattern: Row, rule: Rule, gain: Gain) -> Opportunity:
    components = json.loads(pattern["components"])
    component = str(components[0] if components else pattern["subject"])
    improvement = rule.improvement(pattern)
    return Opportunity(
        opportunity_type=rule.opportunity_type,
        category=rule.category,
        subject=str(pattern["subject"]),
        component=component,
        improvement=improvement,
        effort=rule.effort,
        effort_reason=rule.effort_reason,
        text=f"{rule.advice.format(it=component)}: {pattern['pattern_name'].rstrip('.')}.{_worth(improvement, gain)}",
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


def _worth(improvement: float | None, gain: Gain) -> str:
    """A sentence on what it brings; none where nothing says how much better it could be."""
    if improvement is None:
        return ""
    if gain.usd:
        return f" Worth up to {percent(improvement)}, {money(gain.usd)} in 30 days."
    hours = f", {gain.hours:,.1f} hours in 30 days" if gain.hours else ""
    return f" Worth up to {percent(improvement)}{hours}."


def kinds_of(pattern: Row) -> tuple[str, ...]:
    """Kinds of the records that a pattern rests on."""
    if pattern["pattern_type"] in OF_SIGNALS:
        return (KIND_OF_SIGNAL[signal_parts(str(pattern["subject"]))[0]],)
    return KINDS_OF_SOURCE.get(pattern["source"], ())


def _data(pattern: Row) -> dict[str, Any]:
    found = json.loads(pattern["pattern_data"] or "{}")
    return found if isinstance(found, dict) else {}
