"""Which pipelines spend their time waiting to begin, or doing again what failed, or end now this way and now that?

All are of whole pipelines, and hold where their share of the time, or of executions, is above a limit in most draws of
other days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.day_bootstrap import drawn_sums
from analytics_assets.lib.json_text import json_text
from analytics_assets.lib.pipeline_steps import Pipeline, subject_of
from analytics_assets.lib.words import percent, plural
from analytics_assets.mining_thresholds import (
    DRAWS_LIKELY,
    FAILED_EXECUTIONS,
    FLAKY_EXECUTIONS,
    FLAKY_MIN_COMMITS,
    PIPELINE_MIN_EXECUTIONS,
    QUEUE_SHARE,
    RETRY_SHARE,
)
from analytics_assets.pattern_store.observed import Observed

if TYPE_CHECKING:
    from analytics_assets.lib.critical_path import Numbers

WHOLE = "*"
"""Stands for all steps of a pipeline in a subject."""


def of_pipeline(pipeline: Pipeline, as_of: datetime) -> list[Observed]:
    """Patterns of a pipeline as a whole: queueing and work that is done again."""
    if len(pipeline.executions) < PIPELINE_MIN_EXECUTIONS.value:
        return []
    return [*_queueing(pipeline, as_of), *_retry_waste(pipeline, as_of)]


def flaky_as_a_whole(pipeline: Pipeline, as_of: datetime) -> list[Observed]:
    """That commits tried again ended both ways; for a pipeline of which no step is flaky more than the others.

    How much that matters is the share of executions that failed on such commits: of commits that are tried often, many
    end both ways by few failures.
    """
    import numpy as np

    executions = pipeline.executions
    is_failed = executions["status"].isin(FAILED_EXECUTIONS.values)
    judged = executions.assign(failed=is_failed)[is_failed | pipeline.is_success]
    commits = judged.groupby("head_sha")["failed"].agg(["size", "sum"])
    again = commits[commits["size"] > 1]
    both = again[(again["sum"] > 0) & (again["sum"] < again["size"])]
    if len(again) < FLAKY_MIN_COMMITS.value:
        return []
    is_lost = (judged["failed"] & judged["head_sha"].isin(both.index)).to_numpy(dtype=float)
    share, sureness = _share_of(judged["started_at"].to_numpy(), is_lost, np.ones(len(judged)), FLAKY_EXECUTIONS.value)
    if share < FLAKY_EXECUTIONS.value or sureness < DRAWS_LIKELY.value:
        return []
    found = _of_whole(
        pipeline.name,
        as_of,
        "flaky_pipeline",
        f"{len(both)} of {plural(len(again), 'commit')} of {pipeline.name} tried again ended both ways, by failures of "
        f"{percent(share)} of its executions; no step stands out.",
        ("error", "failure_mode"),
        share=(share, sureness),
        unit="share of executions",
        often=len(both) / len(again),
        data={"flaky_commits": len(both), "retried_commits": len(again), "flaky_failures": int(is_lost.sum())},
        last_at=judged["started_at"][is_lost > 0].max().to_pydatetime(),
    )
    return [found]


def _queueing(pipeline: Pipeline, as_of: datetime) -> Iterator[Observed]:
    import numpy as np

    queued, walls = pipeline.executions["queued_seconds"].to_numpy(dtype=float), pipeline.walls
    is_known = (queued >= 0) & np.isfinite(queued) & (walls >= 0)
    if is_known.sum() < PIPELINE_MIN_EXECUTIONS.value:
        return
    queued, walls = queued[is_known], walls[is_known]
    starts = pipeline.executions["started_at"][is_known]
    share, sureness = _share_of(starts.to_numpy(), queued, queued + walls, QUEUE_SHARE.value)
    if share < QUEUE_SHARE.value or sureness < DRAWS_LIKELY.value:
        return
    often = float((queued >= QUEUE_SHARE.value * (queued + walls)).mean())
    yield _of_whole(
        pipeline.name,
        as_of,
        "queueing",
        f"{pipeline.name} spends {percent(share)} of its time waiting to begin: {np.median(queued):.3g} s at the "
        f"median of {plural(len(queued), 'execution')}.",
        ("workflow", "bottleneck"),
        share=(share, sureness),
        often=often,
        data={"median_queued_seconds": float(np.median(queued)), "median_seconds": float(np.median(walls))},
        last_at=starts.max().to_pydatetime(),
    )


def _retry_waste(pipeline: Pipeline, as_of: datetime) -> Iterator[Observed]:
    import numpy as np

    executions, walls = pipeline.executions, np.nan_to_num(pipeline.walls)
    is_wasted = np.zeros(len(executions), dtype=bool)
    earlier: dict[tuple[str, int], int] = {}
    columns = (executions[name] for name in ("head_sha", "attempt", "status"))
    for place, (sha, attempt, status) in enumerate(zip(*columns, strict=True)):
        if not isinstance(sha, str) or not attempt >= 1:
            continue
        before = earlier.pop((sha, int(attempt) - 1), None)
        if before is not None:
            is_wasted[before] = True
        if status in FAILED_EXECUTIONS.values:
            earlier[sha, int(attempt)] = place
    wasted = np.where(is_wasted, walls, 0.0)
    share, sureness = _share_of(executions["started_at"].to_numpy(), wasted, walls, RETRY_SHARE.value)
    if share < RETRY_SHARE.value or sureness < DRAWS_LIKELY.value:
        return
    number = int(is_wasted.sum())
    yield _of_whole(
        pipeline.name,
        as_of,
        "retry_waste",
        f"{percent(share)} of the busy time of {pipeline.name} went into {plural(number, 'execution')} that failed and "
        f"had to be tried again ({wasted.sum() / 3600:.3g} h).",
        ("workflow", "process_opportunity"),
        share=(share, sureness),
        often=float(is_wasted.mean()),
        data={"tried_again": number, "wasted_seconds": float(wasted.sum()), "busy_seconds": float(walls.sum())},
        last_at=executions["started_at"][is_wasted].max().to_pydatetime(),
    )


def _share_of(times: Any, part: Any, whole: Numbers, limit: float) -> tuple[float, float]:
    """The share of the whole, and in how many draws of other days it is above the limit."""
    import numpy as np

    drawn = drawn_sums(times, np.column_stack([part, whole]))
    total = float(whole.sum())
    return (float(part.sum()) / total if total else 0.0), float((drawn[:, 0] > limit * drawn[:, 1]).mean())


def _of_whole(
    pipeline: str,
    as_of: datetime,
    pattern_type: str,
    name: str,
    topic: tuple[str, str],
    *,
    share: tuple[float, float],
    often: float,
    data: dict[str, Any],
    last_at: datetime,
    unit: str = "share of time",
) -> Observed:
    """A pattern of a whole pipeline, by its share of the time or of executions and how sure that is above the limit."""
    return Observed(
        pattern_type=pattern_type,
        subject=subject_of(pipeline, WHOLE),
        pattern_name=name,
        pattern_category=topic[0],
        topic=topic[1],
        detection_algorithm="bootstrap_of_days",
        confidence_score=share[1],
        significance_score=share[0],
        components=[pipeline],
        last_observed_at=last_at,
        detected_at=as_of,
        strength=share[0],
        strength_unit=unit,
        more={
            "pipeline_name": pipeline,
            "pattern_description": name,
            "pattern_data": json_text(data | {"share": share[0]}),
            "frequency_score": often,
            "impact_score": share[0],
        },
    )
