"""What each type of pattern offers: what to do, with what effort, and how much better it could be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Improvement = Callable[[Row], float | None]
"""Of a pattern, the share by which the figure it is about could get better; None where nothing says."""


def back(pattern: Row) -> float | None:
    """Back to the level before, or to what is usual elsewhere: as far as the effect is large."""
    return float(pattern["significance_score"])


def fewer_failures(pattern: Row) -> float | None:
    """Of an arm that succeeds more often: the share of the other arms' failures that it does not have."""
    rule = json.loads(pattern["pattern_data"] or "{}").get("pattern_data", {})
    if rule.get("outcome") != "success":
        return back(pattern)
    better, others = float(rule["confidence"]), float(rule["rate_others"])
    if not others < 1:
        return None
    return min(1.0, max(0.0, (better - others) / (1 - others)))


def unknown(_: Row) -> float | None:
    """The pattern says how long, how often or how sure, and not what would be left of it."""
    return None


@dataclass(frozen=True)
class Rule:
    """What a type of pattern offers. ``advice`` comes before the statement of the pattern."""

    opportunity_type: str
    category: str
    effort: str
    effort_reason: str
    advice: str
    improvement: Improvement = back


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
"""Of patterns of a signal, by what it measures."""
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
    "queueing": Rule("scaling", "workflow", "low", "more runners are a setting", "Give {it} more runners", unknown),
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
        "process", "workflow", "low", "estimates are a habit of the team", "Estimate with what such work took", unknown
    ),
    "blocked_chain": Rule(
        "dependency",
        "workflow",
        "high",
        "several people must agree on another order",
        "Shorten the chain that blocks",
        unknown,
    ),
    "experiment_arm": Rule(
        "process", "quality", "low", "the arm is there already", "Use the arm that does better", fewer_failures
    ),
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
        unknown,
    ),
    "outage": Rule(
        "dependency", "performance", "high", "a second way must be built", "Build a second way for {it}", unknown
    ),
}
"""Of all other patterns."""


def of_metric(metric_type: str) -> Rule:
    """The rule of a signal, by what it measures or by the words of its name; what is none of these is a load."""
    if metric_type in BY_METRIC:
        return BY_METRIC[metric_type]
    if "latency" in metric_type or "duration" in metric_type:
        return _SLOWER
    return _FAILING if "error" in metric_type or "fail" in metric_type else _SCALED
