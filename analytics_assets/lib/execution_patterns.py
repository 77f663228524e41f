"""What holds of the steps of pipelines now, as patterns with their sentences and figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from analytics_assets.lib.json_text import json_text
from analytics_assets.lib.pipeline_steps import subject_of
from analytics_assets.lib.significance import p_in_words
from analytics_assets.lib.words import percent, plural
from analytics_assets.mining_thresholds import DRAWS_LIKELY, PIPELINE_MIN_EXECUTIONS
from analytics_assets.pattern_store.observed import Observed, relative_size

Row = Mapping[str, Any]


def of_steps(rows: Iterable[Row], as_of: datetime) -> list[Observed]:
    """Patterns of steps.

    Args:
        rows: of ``patterns.bottlenecks``, all of a pipeline; NULL is None.
        as_of: end of the window.
    """
    listed = list(rows)
    busy: dict[str, float] = {}
    failures: dict[str, int] = {}
    for row in listed:
        name = row["pipeline_name"]
        busy[name] = busy.get(name, 0.0) + row["busy_seconds"]
        failures[name] = failures.get(name, 0) + row["failures"]
    found: list[Observed] = []
    for row in listed:
        if row["pipeline_executions"] < PIPELINE_MIN_EXECUTIONS.value:
            continue
        name = row["pipeline_name"]
        found += _bottleneck(row, as_of)
        found += _flaky(row, as_of, failures[name])
        found += _failing(row, as_of, failures[name])
        found += _changed(row, as_of, busy[name])
    return found


def _bottleneck(row: Row, as_of: datetime) -> Iterator[Observed]:
    if not row["is_bottleneck"] or row["bottleneck_confidence"] < DRAWS_LIKELY.value:
        return
    yield _of_step(
        row,
        as_of,
        "bottleneck_step",
        f"{row['step_name']} takes {percent(row['time_share'])} of the busy time of {row['pipeline_name']} and lies on "
        f"the critical path of {percent(row['critical_share'])} of its executions.",
        ("workflow", "bottleneck"),
        "critical_path",
        confidence=row["bottleneck_confidence"],
        significance=row["time_share"],
        strength=(row["time_share"], "share of busy time"),
        scores=(row["critical_share"], row["time_share"]),
        data=("time_share", "critical_share", "median_seconds", "p95_seconds", "slack_seconds", "wait_seconds"),
    )


def _flaky(row: Row, as_of: datetime, failures: int) -> Iterator[Observed]:
    if not row["is_flaky"]:
        return
    yield _of_step(
        row,
        as_of,
        "flaky_step",
        f"{row['step_name']} of {row['pipeline_name']} had both outcomes on {row['flaky_commits']} of "
        f"{plural(row['retried_commits'], 'commit')} tried again; as the other steps fare, {row['flaky_expected']:.1f} "
        f"would be chance (adjusted p {p_in_words(row['flaky_p_adjusted'])}).",
        ("error", "failure_mode"),
        "exact_test_by_commit",
        confidence=1 - row["flaky_p_adjusted"],
        significance=relative_size(row["flaky_expected"], row["flaky_commits"]),
        strength=(row["flaky_rate"], "share of commits tried again"),
        scores=(row["flaky_rate"], row["flaky_failures"] / failures if failures else 0.0),
        data=(
            *("flaky_commits", "retried_commits", "flaky_rate", "flaky_rate_low", "flaky_rate_high"),
            *("flaky_expected", "flaky_failures", "flaky_p_adjusted"),
        ),
        last_at=row["last_failure_at"],
    )


def _failing(row: Row, as_of: datetime, failures: int) -> Iterator[Observed]:
    if not row["is_failing"]:
        return
    yield _of_step(
        row,
        as_of,
        "failing_step",
        f"{row['step_name']} of {row['pipeline_name']} failed {row['failures']} of {plural(row['judged'], 'time')}, on "
        f"{plural(row['failing_commits'], 'commit')}; as the other steps fare, {row['failing_expected']:.1f} would be "
        f"chance (adjusted p {p_in_words(row['failing_p_adjusted'])}).",
        ("error", "failure_mode"),
        "exact_test_by_commit",
        confidence=1 - row["failing_p_adjusted"],
        significance=relative_size(row["failing_expected"], row["failing_commits"]),
        strength=(row["failure_rate"], "share of executions"),
        scores=(row["failure_rate"], row["failures"] / failures if failures else 0.0),
        data=(
            *("judged", "failures", "failure_rate", "failure_rate_low", "failure_rate_high"),
            *("failing_commits", "failing_expected", "failing_p_adjusted"),
        ),
        last_at=row["last_failure_at"],
    )


def _changed(row: Row, as_of: datetime, busy: float) -> Iterator[Observed]:
    if not row["is_changed"]:
        return
    is_slower = row["change_ratio"] > 1
    version = row["changed_with_version"]
    since = f"{row['change_at']:%Y-%m-%d %H:%M}" + (f", when configuration {version} came" if version else "")
    moved = abs(row["change_after"] - row["change_before"]) * row["n_after"]
    yield _of_step(
        row,
        as_of,
        "step_slowdown" if is_slower else "step_speedup",
        f"{row['step_name']} of {row['pipeline_name']} takes {row['change_after']:.3g} s instead of "
        f"{row['change_before']:.3g} s since {since} (adjusted p {p_in_words(row['change_p_adjusted'])}).",
        ("performance", "response_time_degradation" if is_slower else "throughput_opportunity"),
        "best_split_of_ranks",
        confidence=1 - row["change_p_adjusted"],
        significance=relative_size(row["change_before"], row["change_after"]),
        strength=(row["change_ratio"] if is_slower else 1 / row["change_ratio"], "times"),
        scores=(row["n_after"] / (row["n_before"] + row["n_after"]), min(1.0, moved / busy) if busy else 0.0),
        data=(
            *("change_before", "change_after", "change_ratio", "change_at", "changed_with_version"),
            *("n_before", "n_after", "change_p_adjusted"),
        ),
        starts_at=row["change_at"],
    )


def _of_step(
    row: Row,
    as_of: datetime,
    pattern_type: str,
    name: str,
    topic: tuple[str, str],
    algorithm: str,
    *,
    confidence: float,
    significance: float,
    strength: tuple[float, str],
    scores: tuple[float, float],
    data: Iterable[str],
    starts_at: datetime | None = None,
    last_at: datetime | None = None,
) -> Observed:
    """A pattern of one step; ``scores`` are how often and how much it counts."""
    return Observed(
        pattern_type=pattern_type,
        subject=subject_of(row["pipeline_name"], row["step_name"]),
        pattern_name=name,
        pattern_category=topic[0],
        topic=topic[1],
        detection_algorithm=algorithm,
        confidence_score=confidence,
        significance_score=significance,
        components=[row["pipeline_name"]],
        last_observed_at=last_at or row["last_at"] or as_of,
        detected_at=as_of,
        strength=strength[0],
        strength_unit=strength[1],
        location=row["step_name"],
        starts_at=starts_at,
        more={
            "pipeline_name": row["pipeline_name"],
            "pattern_description": name,
            "pattern_data": json_text({key: row[key] for key in data} | {"step": row["step_name"]}),
            "frequency_score": scores[0],
            "impact_score": scores[1],
        },
    )
