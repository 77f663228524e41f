"""Which step of a pipeline costs the time, fails, is flaky, or has become slower?

A bottleneck takes 30 % of the busy time or more, and half more than its even share of it: 50 % of three steps, 75 % of
two; a step that is alone is none. And it lies on the critical path of most executions: what runs beside a longer step
delays nothing, however long it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.day_bootstrap import drawn_sums
from analytics_assets.lib.effects import adjusted_p_values, rank_test
from analytics_assets.lib.pipeline_steps import Pipeline, paths_as_they_ran, waits
from analytics_assets.lib.significance import is_significant
from analytics_assets.lib.step_outcomes import of_commits, of_outcomes
from analytics_assets.lib.step_shifts import duration_shift, version_near
from analytics_assets.mining_thresholds import (
    BOTTLENECK_CRITICAL,
    BOTTLENECK_EVEN,
    BOTTLENECK_TIME,
    CACHE_MIN,
    FLAKY_MIN_COMMITS,
    PIPELINE_MIN_EXECUTIONS,
    SHIFT_RATIO,
)

if TYPE_CHECKING:
    from analytics_assets.lib.critical_path import Numbers

QUESTIONS = ("failing", "flaky", "change", "cache")
"""Each has a p-value, adjusted among all steps that were asked the same."""
OF_CHANGE = (
    "change_at",
    "change_ratio",
    "change_before",
    "change_after",
    "n_before",
    "n_after",
    "changed_with_version",
)
Row = dict[str, Any]


def step_rows(pipeline: Pipeline, versions: Sequence[tuple[str, datetime]] = ()) -> list[Row]:
    """One row per step, without adjusted p-values.

    Args:
        pipeline: its executions in the window.
        versions: configuration versions, each with the start of the first execution with it.
    """
    figures = [_of_times(pipeline), of_outcomes(pipeline), of_commits(pipeline), _of_changes(pipeline, versions)]
    figures.append(_of_caches(pipeline))
    steps = zip(pipeline.steps, pipeline.orders, strict=True)
    return [
        {"pipeline_name": pipeline.name, "step_name": step, "step_order": order}
        | {"pipeline_executions": len(pipeline.executions)}
        | {name: value for of_steps in figures for name, value in of_steps[place].items()}
        for place, (step, order) in enumerate(steps)
    ]


def judged_rows(rows: Iterable[Row]) -> list[Row]:
    """The rows of all pipelines with adjusted p-values, and what is therefore called what.

    Every step has a best split of its durations; of one that did not change it is not told.
    """
    listed = [dict(row) for row in rows]
    for question in QUESTIONS:
        adjusted = adjusted_p_values([row[f"{question}_p_value"] for row in listed])
        for row, p in zip(listed, adjusted, strict=True):
            row[f"{question}_p_adjusted"] = p
    for row in listed:
        row["is_failing"] = is_significant(row["failing_p_adjusted"])
        row["is_flaky"] = is_significant(row["flaky_p_adjusted"])
        ratio, row["is_changed"] = row["change_ratio"], is_significant(row["change_p_adjusted"])
        if ratio is None or 1 / SHIFT_RATIO.value < ratio < SHIFT_RATIO.value:
            row["is_changed"] = None if row["is_changed"] is None else False
        if not row["is_changed"]:
            row.update(dict.fromkeys(OF_CHANGE))
        row["reason"] = _unanswered(row)
    return listed


def _unanswered(row: Row) -> str | None:
    """What could not be told of a step, in words; None where everything was."""
    told = [
        (
            row["is_bottleneck"],
            f"{row['critical_of']} executions with all times, under {PIPELINE_MIN_EXECUTIONS.value:.0f}",
        ),
        (row["is_failing"], "no other step to compare failures with"),
        (
            row["is_flaky"],
            f"no other step, or fewer than {FLAKY_MIN_COMMITS.value:.0f} commits tried again, to tell flakiness",
        ),
        (row["is_changed"], "too few executions or days, or no change at all, to tell when durations changed"),
    ]
    return "; ".join(words for answer, words in told if answer is None) or None


def _of_times(pipeline: Pipeline) -> list[Row]:
    """Durations, shares of time, critical paths and waiting, by step."""
    import numpy as np

    seconds, succeeded = pipeline.values["seconds"], pipeline.values["successes"] > 0
    complete = pipeline.of(pipeline.is_complete)
    slack = paths_as_they_ran(complete).slack
    waited = waits(pipeline, pipeline.needs)
    busy = np.nansum(seconds, axis=0)
    total = float(busy.sum())
    least = _least_share(busy)
    sureness = _sureness(pipeline, slack, least)
    rows = []
    for place in range(len(pipeline.steps)):
        timed = seconds[succeeded[:, place], place]
        critical = slack[~np.isnan(slack[:, place]), place] == 0
        share = float(busy[place]) / total if total else None
        critical_share = float(critical.mean()) if len(critical) else None
        is_large = (share or 0.0) >= least and (critical_share or 0.0) >= BOTTLENECK_CRITICAL.value
        rows.append(
            {
                "median_seconds": _quantile(timed, 0.5),
                "p95_seconds": _quantile(timed, 0.95),
                "busy_seconds": float(busy[place]),
                "time_share": share,
                "critical_share": critical_share,
                "critical_of": len(complete.executions),
                "slack_seconds": _quantile(slack[:, place], 0.5),
                "is_bottleneck": is_large if len(complete.executions) >= PIPELINE_MIN_EXECUTIONS.value else None,
                "bottleneck_confidence": float(sureness[place]),
                "wait_seconds": _quantile(waited[:, place], 0.5),
            }
        )
    return rows


def _least_share(busy: Numbers) -> float:
    """The share of the busy time from which a step stands out among those that take any; beyond 1 for one alone."""
    return max(BOTTLENECK_TIME.value, BOTTLENECK_EVEN.value / max(1, int((busy > 0).sum())))


def _sureness(pipeline: Pipeline, slack: Numbers, least: float) -> Numbers:
    """How often each step is a bottleneck when other days are drawn."""
    import numpy as np

    days = pipeline.executions["started_at"].to_numpy()
    places = np.flatnonzero(pipeline.is_complete)
    critical, seen = np.zeros_like(pipeline.values["seconds"]), np.zeros_like(pipeline.values["seconds"])
    critical[places], seen[places] = slack == 0, ~np.isnan(slack)
    width = len(pipeline.steps)
    drawn = drawn_sums(days, np.hstack([np.nan_to_num(pipeline.values["seconds"]), critical, seen]))
    busy, critical, seen = drawn[:, :width], drawn[:, width : 2 * width], drawn[:, 2 * width :]
    total = busy.sum(axis=1, keepdims=True)
    holds = (busy >= least * total) & (critical >= BOTTLENECK_CRITICAL.value * seen) & (seen > 0)
    shares: Numbers = holds.mean(axis=0)
    return shares


def _of_changes(pipeline: Pipeline, versions: Sequence[tuple[str, datetime]]) -> list[Row]:
    """The best split of each step's durations, and the configuration that came with it."""
    import numpy as np

    starts = pipeline.executions["started_at"].to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6
    rows: list[Row] = []
    for place in range(len(pipeline.steps)):
        succeeded = pipeline.values["successes"][:, place] > 0
        shift = duration_shift(starts, np.where(succeeded, pipeline.values["seconds"][:, place], np.nan))
        row: Row = dict.fromkeys((*OF_CHANGE, "change_p_value"))
        if shift is not None and shift.ratio is not None:
            row |= {
                "change_at": datetime(1970, 1, 1) + timedelta(seconds=shift.changed_at),
                "change_ratio": shift.ratio,
                "change_p_value": shift.p_value,
                "change_before": shift.before,
                "change_after": shift.after,
                "changed_with_version": version_near(shift, versions),
                "n_before": shift.n_before,
                "n_after": shift.n_after,
            }
        rows.append(row)
    return rows


def _of_caches(pipeline: Pipeline) -> list[Row]:
    """Durations with and without the cache."""
    rows = []
    for place in range(len(pipeline.steps)):
        hit, seconds = pipeline.values["cache_hit"][:, place], pipeline.values["seconds"][:, place]
        succeeded = pipeline.values["successes"][:, place] > 0
        cached, uncached = (seconds[succeeded & (hit == way)] for way in (1.0, 0.0))
        cached, uncached = (side[side >= 0] for side in (cached, uncached))
        test = rank_test(cached, uncached) if min(len(cached), len(uncached)) >= CACHE_MIN.value else None
        rows.append(
            {
                "cache_hits": int((hit == 1).sum()),
                "cache_known": int((hit >= 0).sum()),
                "cached_median_seconds": _quantile(cached, 0.5),
                "uncached_median_seconds": _quantile(uncached, 0.5),
                "cache_p_value": test.p_value if test else None,
            }
        )
    return rows


def _quantile(values: Numbers, share: float) -> float | None:
    import numpy as np

    known = values[~np.isnan(values)]
    return float(np.quantile(known, share)) if len(known) else None
