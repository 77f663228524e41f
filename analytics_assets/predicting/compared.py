"""Which features can drift, and which only move: counts grow, clocks go on, rates of all that was settle.

Of a world in which nothing changes, means as of the start differ from the first 2,000 runs to the next 150 by over 0.3
in most cases: each has seen more. What fades, as recent rates do, and what a run is given, stays where it was.
"""

from __future__ import annotations

from datetime import timedelta

from analytics_assets.predicting.features import FEATURES, Feature
from analytics_assets.predicting_thresholds import DRIFT_WEEK

GIVEN = frozenset({"complexity_log", "task_count", "memory_limit_mb", "cpu_limit_mcores", "dependencies"})
LOAD = frozenset({"active_runs", "agent_active_runs", "system_load", "tool_error_rate"})
FADING = frozenset({"recent_spec_failure_rate", "recent_model_failure_rate", "spec_failure_streak"})
CLOCKS = frozenset({"hour_sin", "hour_cos", "weekday", "runs_last_hour"})


def left_out(span: timedelta) -> dict[str, str]:
    """Features that are not compared where the runs since are of so long a time, and why."""
    compared = GIVEN | FADING | (LOAD if span >= timedelta(days=DRIFT_WEEK.value) else frozenset())
    return {feature.name: _why(feature) for feature in FEATURES if feature.name not in compared}


def _why(feature: Feature) -> str:
    if feature.name in LOAD:
        return f"load has its week, and {DRIFT_WEEK.value:.0f} days are not over"
    if feature.name in CLOCKS or feature.unit == "hours":
        return "it goes with the clock"
    return "it counts on" if feature.unit == "runs" else "it is of all runs before, and settles with each"
