"""What was mined of runs, tasks and tools, as patterns: each finding as one statement about one subject."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from analytics_assets.lib.task_chains import Chains
from analytics_assets.lib.words import percent, plural
from analytics_assets.mining_thresholds import RULE_MOST, RULE_OWN_OUTCOME, RULE_SAMPLES
from analytics_assets.pattern_store.observed import Observed, relative_size

Row = Mapping[str, Any]
COMPONENT_FIELDS = frozenset(
    ("spec_id", "spec_type", "model", "agent_id", "project_id", "procedure_id", "task_type", "experiment_id")
)
"""Fields whose values are parts of the system; a size or a priority is none."""
THINGS = {
    "runs": "runs",
    "run_tasks": "tasks of runs",
    "procedure_calls": "uses of procedures",
    "task_executions": "tasks",
    "experiments": "runs of the experiment",
}
SHARE = "share of them, more than of others"
SEVERAL_ATTEMPTS = "several_attempts"
PLAIN_OUTCOMES = frozenset(("failed", "success", SEVERAL_ATTEMPTS))
"""Outcomes that anything can have; all others are reasons of failures."""


def rule_patterns(rules: Sequence[Row]) -> list[Observed]:
    """The significant rules; one that another one says better, as why things failed, is left out.

    How much a rule matters is the relative size of the difference. But a reason of failures that only things of one
    sort can have, as only a build can have a compile error, says what the reason is and not what brings it about: "7 %,
    others 0 %" would be as large as a difference can be. Where nearly all of an outcome is with one value, and most of
    what has the value ends otherwise, it is the risk difference: the share of these things that ends so.

    Args:
        rules: rows of ``patterns.outcome_rules``.
    """
    significant = [rule for rule in rules if rule["is_significant"]]
    return [_rule(rule) for rule in significant if not _is_said_by_another(rule, significant)]


def sequence_patterns(sequences: Iterable[Row]) -> list[Observed]:
    """The sequences that failure goes with significantly.

    Args:
        sequences: rows of ``patterns.task_sequences``.
    """
    told = []
    for row in sequences:
        others = row["failure_rate_others"]
        if not row["is_significant"] or others is None or row["failure_rate"] <= others:
            continue
        items = json.loads(row["sequence"])
        text = f"{items[0]} {len(items)} times in a row" if row["is_in_a_row"] else ", then ".join(items)
        kind, where = ("tool_sequence", "tasks") if row["population"] == "tools" else ("task_sequence", "runs")
        told.append(
            Observed(
                pattern_type=kind,
                subject=f"{row['population']}: {text}",
                pattern_name=(
                    f"{text}: {row['failing_support_count']} of {row['support_count']} {where} fail "
                    f"({percent(row['failure_rate'])}, others {percent(others)})"
                ),
                pattern_category="error",
                topic="failure_mode",
                detection_algorithm="prefix_span",
                components=items,
                more=_more(row, json.loads(row["sample_ids"]), {"lift": row["lift"], "support": row["support"]}),
                **_measured(row, row["failure_rate"], others),
            )
        )
    return told


def cluster_patterns(clusters: Iterable[Row]) -> list[Observed]:
    """The stable groups of k-means; branches of the tree say the same.

    Args:
        clusters: rows of ``patterns.clusters``.
    """
    return [
        Observed(
            pattern_type="behaviour_cluster",
            subject=f"{row['population']}/{row['cluster_id']}",
            pattern_name=f"{percent(row['share'])} of the runs are alike: {row['name']}",
            pattern_category="workflow",
            topic="process_opportunity",
            detection_algorithm=row["algorithm"],
            confidence_score=min(1.0, row["stability_score"]),
            significance_score=max(0.0, row["silhouette"]),
            strength=row["share"],
            strength_unit="share of the runs",
            components=[],
            last_observed_at=row["last_observed_at"],
            detected_at=row["as_of"],
            more=_more(row, json.loads(row["sample_ids"]), {"centroid": json.loads(row["centroid"])}),
        )
        for row in clusters
        if row["algorithm"] == "k_means" and row["is_stable"]
    ]


def overrun_patterns(groups: Iterable[Row], until: datetime) -> list[Observed]:
    """Groups of tasks that take longer than estimated, as ``lib.task_effort`` finds them."""
    told = []
    for row in groups:
        name = f"{row['field']}={row['value']}" if row["field"] else row["value"]
        told.append(
            Observed(
                pattern_type="effort_overrun",
                subject=name,
                pattern_name=(
                    f"{name}: {plural(row['tasks'], 'task')} take {row['ratio']:.2f} times the estimate "
                    f"({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
                ),
                pattern_category="workflow",
                topic="velocity_trend",
                detection_algorithm="rank_test" if row["field"] else "sign_test",
                confidence_score=1 - row["p_adjusted"],
                significance_score=relative_size(row["ratio_others"] or 1.0, row["ratio"]),
                strength=row["ratio"],
                strength_unit="times the estimate, median",
                components=[row["value"]] if row["field"] else [],
                last_observed_at=min(row["last_observed_at"], until),
                detected_at=until,
                more=_more(row, row["task_ids"][: int(RULE_SAMPLES.value)], {"minutes_over": row["minutes_over"]}),
            )
        )
    return told


def chain_patterns(found: Chains, total_minutes: float, at: datetime, until: datetime) -> list[Observed]:
    """The longest chains of open tasks by the task at their end, and circles by their tasks.

    Args:
        found: what ``lib.task_chains`` finds.
        total_minutes: what is left to do in all open tasks.
        at: newest record of a task.
        until: end of the window.
    """
    statements = []
    for chain in found.chains:
        unknown = f", {chain.unknown} of them without an estimate" if chain.unknown else ""
        left = "unknown time" if chain.minutes is None else f"{chain.minutes:,.0f} min"
        text = f"{plural(len(chain.tasks), 'open task')} must be done one after another, {left} left{unknown}"
        share = min(1.0, (chain.minutes or 0.0) / total_minutes) if total_minutes else 0.0
        statements.append((chain.tasks[-1], text, chain.tasks, share, chain.minutes))
    for circle in found.circles:
        text = f"{plural(len(circle), 'task')} wait for one another in a circle: {', '.join(circle)}"
        statements.append((f"circle: {', '.join(circle)}", text, circle, 1.0, None))
    return [
        Observed(
            pattern_type="blocked_chain",
            subject=subject,
            pattern_name=text,
            pattern_category="workflow",
            topic="bottleneck",
            detection_algorithm="longest_path",
            confidence_score=1.0,
            significance_score=share,
            strength=minutes,
            strength_unit="minutes left",
            components=[],
            last_observed_at=at,
            detected_at=until,
            more=_more({"tasks": list(tasks)}, list(tasks), {"minutes": minutes}),
        )
        for subject, text, tasks, share, minutes in statements
    ]


def attempt_patterns(tasks: Iterable[Row], until: datetime) -> list[Observed]:
    """Tasks that were attempted more often than is usual, as ``lib.task_effort`` finds them, each with ``at``."""
    return [
        Observed(
            pattern_type="repeated_attempts",
            subject=row["task_id"],
            pattern_name=f"{row['task_id']} was attempted {row['attempts']} times; {row['usual']:.1f} is usual",
            pattern_category="error",
            topic="recovery_time",
            detection_algorithm="negative_binomial",
            confidence_score=1 - row["p_adjusted"],
            significance_score=relative_size(row["usual"], row["attempts"]),
            strength=float(row["attempts"]),
            strength_unit="attempts",
            components=[],
            last_observed_at=min(row["at"], until),
            detected_at=until,
            more=_more(row, [row["task_id"]], {"attempts_over": row["attempts"] - row["usual"]}),
        )
        for row in tasks
    ]


def _rule(rule: Row) -> Observed:
    items = json.loads(rule["antecedent"])
    text, things = " and ".join(items), THINGS[rule["population"]]
    kind, subject = "outcome_rule", f"{rule['population']}: {text} -> {rule['outcome']}"
    category, topic = ("error", "failure_mode")
    if rule["population"] == "experiments":
        kind, subject = "experiment_arm", "/".join(item.partition("=")[2] for item in items)
    elif rule["population"] == "procedure_calls" and items[0].startswith("procedure_id=") and len(items) == 1:
        kind, subject = "outlying_procedure", f"{items[0].partition('=')[2]} -> {rule['outcome']}"
    elif rule["outcome"] == SEVERAL_ATTEMPTS:
        kind, category, topic = "repeated_attempts", "error", "recovery_time"
    if rule["outcome"] == "success":
        category, topic = "workflow", "process_opportunity"
    rates = f"({percent(rule['confidence'])}, others {percent(rule['rate_others'])})"
    affected = {"outcome": rule["outcome"], "records": rule["both_count"]}
    affected["beyond_others"] = round(rule["risk_difference"] * rule["antecedent_count"], 1)
    return Observed(
        pattern_type=kind,
        subject=subject,
        pattern_name=f"{text}: {rule['both_count']} of {rule['antecedent_count']} {things} {_word(rule)} {rates}",
        pattern_category=category,
        topic=topic,
        detection_algorithm="planned_comparison" if kind == "experiment_arm" else "fp_growth",
        components=[value for field, _, value in (i.partition("=") for i in items) if field in COMPONENT_FIELDS],
        more=_more(rule, json.loads(rule["sample_ids"]), affected),
        **_measured(rule, rule["confidence"], rule["rate_others"]) | _size(rule, items),
    )


def _size(rule: Row, items: Sequence[str]) -> dict[str, float]:
    """How much a rule matters, where it is not the relative size of the difference."""
    is_reason = rule["outcome"] not in PLAIN_OUTCOMES and len(items) == 1
    has_nearly_all = rule["both_count"] >= RULE_OWN_OUTCOME.value * rule["outcome_count"]
    if is_reason and has_nearly_all and rule["confidence"] < RULE_MOST.value:
        return {"significance_score": rule["risk_difference"]}
    return {}


def _word(rule: Row) -> str:
    known = {"failed": "fail", "success": "succeed", SEVERAL_ATTEMPTS: "take several attempts"}
    return known.get(rule["outcome"], f"end with {rule['outcome']}")


def _is_said_by_another(rule: Row, rules: Iterable[Row]) -> bool:
    """Of runs that fail by one reason the reason is said; of procedures that they fail."""
    same = [o for o in rules if (o["population"], o["antecedent"]) == (rule["population"], rule["antecedent"])]
    if rule["population"] == "procedure_calls":
        return rule["outcome"] not in {"failed", "success"} and any(o["outcome"] == "failed" for o in same)
    reasons = [o for o in same if o["outcome"] not in PLAIN_OUTCOMES]
    return rule["outcome"] == "failed" and any(2 * o["both_count"] >= rule["both_count"] for o in reasons)


def _measured(row: Row, rate: float, others: float) -> dict[str, Any]:
    return {
        "confidence_score": 1 - row["p_adjusted"],
        "significance_score": relative_size(others, rate),
        "strength": rate - others,
        "strength_unit": SHARE,
        "last_observed_at": row["last_observed_at"],
        "detected_at": row["as_of"],
    }


def _more(row: Row, task_ids: Sequence[str], impact: Mapping[str, Any]) -> dict[str, Any]:
    """The table's own columns."""
    told = {"as_of", "is_stale", "sample_ids", "task_ids", "last_observed_at", "at", "centroid"}
    data = {name: value for name, value in row.items() if name not in told}
    return {
        "pattern_data": json.dumps(data, sort_keys=True, default=str),
        "task_ids": json.dumps(list(task_ids)),
        "impact_assessment": json.dumps(dict(impact), sort_keys=True),
    }
