"""The plan for a pipeline: what to change, in words its owner acts on, and how much time it takes then.

Only what is simulated counts for the plan's total: running steps beside each other as their needs allow, and hitting
caches that were missed. What a flaky step costs is lost between executions, and whether a step can be split is not in
any record: both are recommended, and stand beside the total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.json_text import json_text
from analytics_assets.lib.pipeline_plans import (
    Replay,
    Saving,
    beside_each_other,
    contradictions,
    of_newest_version,
    replay_of,
    schedule_rows,
    with_cache,
)
from analytics_assets.lib.pipeline_resources import resource_advice
from analytics_assets.lib.significance import is_significant
from analytics_assets.lib.words import percent, plural
from analytics_assets.mining_thresholds import (
    FAILED_EXECUTIONS,
    PLAN_LEAST_SAVING,
    PLAN_RESOURCE_CAP,
    PLAN_TIME_CAP,
    SPLIT_SHARE,
    SPLIT_TRUST,
)
from analytics_assets.suggesting.claim import literal
from analytics_assets.thresholds import UNTRIED_TRUST

if TYPE_CHECKING:
    from analytics_assets.lib.critical_path import Numbers
    from analytics_assets.lib.pipeline_steps import Pipeline

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]


def plan_of(pipeline: Pipeline, steps: Rows, as_of: datetime) -> Row:
    """The plan of one pipeline; of too few executions, no more than its reason.

    Args:
        pipeline: its executions in the window.
        steps: its rows of ``patterns.bottlenecks``; NULL is None.
        as_of: end of the window.
    """
    row: Row = {"pipeline_name": pipeline.name, "dependency_source": pipeline.needs.source}
    row |= {"identified_bottlenecks": _bottlenecks(steps), "is_capped": False, "schedule": json_text([])}
    replay = replay_of(pipeline)
    if isinstance(replay, str):
        return row | {"current_performance": json_text({}), "recommendations": json_text([]), "reason": replay}
    caches = [one for one in (_cached(replay, step) for step in steps) if one is not None]
    beside = _beside(replay)
    seconds = with_cache(replay, [step for step in steps if [step["step_name"]] in [one["steps"] for one in caches]])
    planned = replay.played(seconds, with_needs=beside is not None)
    saving = replay.saving(planned.total)
    resources, saved = resource_advice(of_newest_version(pipeline))
    advice = [*([beside] if beside else []), *caches, *_flaky(pipeline, replay, steps), *resources]
    advice += _split(replay, planned.total, seconds, with_needs=beside is not None)
    share = replay.share(saving) if beside or caches else 0.0
    is_capped = share > PLAN_TIME_CAP.value or saved > PLAN_RESOURCE_CAP.value
    return row | {
        "current_performance": json_text(_performance(pipeline, replay)),
        "recommendations": json_text(sorted(advice, key=lambda one: (-one["seconds"], one["type"], one["steps"]))),
        "time_reduction": min(share, PLAN_TIME_CAP.value),
        "resource_savings": min(saved, PLAN_RESOURCE_CAP.value),
        "is_capped": is_capped,
        "confidence_level": _confidence(advice, saving, is_tried=beside is None),
        "simulated_seconds": replay.current_seconds * (1 - share),
        "current_seconds": replay.current_seconds,
        "schedule": json_text(schedule_rows(replay, planned, seconds)),
        "evidence_sql": _evidence(pipeline, replay, as_of),
        "reason": "; ".join(_limits(pipeline, replay, steps)) or None,
    }


def _beside(replay: Replay) -> Row | None:
    """Steps that could run beside each other by what they need; None where that saves nothing."""
    steps = beside_each_other(replay)
    if not steps or contradictions(replay):
        return None
    saving = replay.saving(replay.played(replay.seconds, with_needs=True).total)
    if not _is_worth(replay, saving):
        return None
    shorter, needs = replay.current_seconds - saving.seconds, replay.needs.earlier or {}
    return _advice(
        "parallelization",
        steps,
        replay,
        saving,
        UNTRIED_TRUST.value * saving.confidence,
        f"Begin {_listed([_after(step, needs) for step in steps])}, instead of one after the other: an execution takes "
        f"{shorter:.0f} s instead of {replay.current_seconds:.0f} s, if its runner has room for them at once.",
    )


def _cached(replay: Replay, step: Mapping[str, Any]) -> Row | None:
    """A step whose cache saves time and is missed; None where it does not, or nobody can say."""
    cached, uncached = step["cached_median_seconds"], step["uncached_median_seconds"]
    if not is_significant(step["cache_p_adjusted"]) or step["step_name"] not in replay.pipeline.steps:
        return None
    if not 0 <= cached < uncached:
        return None
    saving = replay.saving(replay.played(with_cache(replay, [step]), with_needs=False).total)
    if not _is_worth(replay, saving):
        return None
    missed = step["cache_known"] - step["cache_hits"]
    return _advice(
        "caching",
        [step["step_name"]],
        replay,
        saving,
        saving.confidence,
        f"Make {step['step_name']} hit its cache: it missed it {missed} of {plural(step['cache_known'], 'time')}, and "
        f"takes {uncached:.3g} s then instead of {cached:.3g} s; {saving.seconds:.0f} s less for an average execution.",
    )


def _flaky(pipeline: Pipeline, replay: Replay, steps: Rows) -> list[Row]:
    """What executions cost that failed in a flaky step, on commits on which the step succeeded too."""
    import numpy as np

    walls, sha = np.nan_to_num(pipeline.walls), pipeline.executions["head_sha"]
    is_failed = pipeline.executions["status"].isin(FAILED_EXECUTIONS.values).to_numpy()
    successes = max(1, int(pipeline.is_success.sum()))
    found = []
    for step in steps:
        if not step["is_flaky"] or step["step_name"] not in pipeline.steps:
            continue
        place = pipeline.steps.index(step["step_name"])
        fine = set(sha[pipeline.values["successes"][:, place] > 0].dropna())
        is_lost = is_failed & (pipeline.values["failures"][:, place] > 0) & sha.isin(fine).to_numpy()
        lost = float(walls[is_lost].sum()) / successes
        saving = Saving(lost, lost, lost, len(walls))
        row = _advice(
            "flaky_step",
            [step["step_name"]],
            replay,
            saving,
            1 - step["flaky_p_adjusted"],
            f"Make {step['step_name']} reliable, or retry it alone: on {step['flaky_commits']} of "
            f"{plural(step['retried_commits'], 'commit')} it both failed and succeeded; its failures cost "
            f"{lost:.0f} s for each successful execution.",
        )
        found.append(row | {"is_in_total": False})
    return found


def _split(replay: Replay, total: Numbers, seconds: Numbers, *, with_needs: bool) -> list[Row]:
    """The step that takes more than half of what is left, if two halves of it ran beside each other."""
    import numpy as np

    means = np.nan_to_num(seconds).mean(axis=0)
    place = int(means.argmax())
    if means[place] < SPLIT_SHARE.value * float(total.mean()):
        return []
    halved = seconds.copy()
    halved[:, place] /= 2
    less = float((total - replay.played(halved, with_needs=with_needs).total).mean())
    step = replay.pipeline.steps[place]
    row = _advice(
        "split_step",
        [step],
        replay,
        Saving(less, 0.0, less, len(total)),
        SPLIT_TRUST.value,
        f"See whether {step} can be split: it is {percent(float(means[place] / total.mean()))} of what an execution "
        f"takes; two halves beside each other would save up to {less:.0f} s.",
    )
    return [row | {"is_in_total": False}] if less > PLAN_LEAST_SAVING.value * replay.current_seconds else []


def _advice(kind: str, steps: list[str], replay: Replay, saving: Saving, confidence: float, text: str) -> Row:
    return {
        "type": kind,
        "steps": steps,
        "estimated_time_savings": replay.share(saving),
        "seconds": saving.seconds,
        "estimated_resource_savings": 0.0,
        "confidence": confidence,
        "is_in_total": True,
        "evidence": {"executions": saving.executions, "low_seconds": saving.low, "high_seconds": saving.high},
        "text": text,
    }


def _is_worth(replay: Replay, saving: Saving) -> bool:
    return saving.low > 0 and replay.share(saving) >= PLAN_LEAST_SAVING.value


def _confidence(advice: list[Row], saving: Saving, *, is_tried: bool) -> float | None:
    """Of the simulated total; where nothing is in it, the mean of what is recommended; None without any."""
    if any(one["is_in_total"] and one["seconds"] > 0 for one in advice):
        return saving.confidence * (1.0 if is_tried else UNTRIED_TRUST.value)
    return sum(one["confidence"] for one in advice) / len(advice) if advice else None


def _performance(pipeline: Pipeline, replay: Replay) -> Row:
    import numpy as np

    newest = of_newest_version(pipeline)
    walls = newest.walls[newest.is_success]
    failed = int(newest.executions["status"].isin(FAILED_EXECUTIONS.values).sum())
    judged = failed + len(walls)
    return {
        "configuration_version": newest.executions["configuration_version"].iloc[-1],
        "executions": len(newest.executions),
        "simulated_executions": len(replay.seconds),
        "success_rate": len(walls) / judged if judged else None,
        "mean_seconds": replay.current_seconds,
        "median_seconds": float(np.nanmedian(walls)),
        "p95_seconds": float(np.nanquantile(walls, 0.95)),
    }


def _bottlenecks(steps: Rows) -> str:
    shown = ("step_name", "time_share", "critical_share", "median_seconds", "bottleneck_confidence")
    return json_text([{name: step[name] for name in shown} for step in steps if step["is_bottleneck"]])


def _evidence(pipeline: Pipeline, replay: Replay, as_of: datetime) -> str:
    """SQL that gives ``current_seconds`` again."""
    version = replay.pipeline.executions["configuration_version"].iloc[-1]
    is_version = f"= {literal(version)}" if isinstance(version, str) else "is null"
    return (
        "select avg(date_diff('microsecond', started_at, completed_at)) / 1e6 as current_seconds, "
        "count(*) as executions from staging.stg_pipelines "
        f"where pipeline_name = {literal(pipeline.name)} and configuration_version {is_version} "
        "and status = 'success' and completed_at >= started_at "
        f"and started_at between '{pipeline.executions['started_at'].iloc[0]}' and '{as_of}'"
    )


def _after(step: str, needs: Mapping[str, Sequence[str]]) -> str:
    """When a step may begin, in words.

    >>> _after("lint", {"lint": ["install"]}), _after("lint", {})
    ('lint after install', 'lint at once')
    """
    return f"{step} after {_listed(needs[step])}" if needs.get(step) else f"{step} at once"


def _unseen(pipeline: Pipeline) -> list[str]:
    """Which of its steps the plan does not know, in words."""
    return [f"{plural(pipeline.unseen_steps, 'rarer step')} left out"] if pipeline.unseen_steps else []


def _limits(pipeline: Pipeline, replay: Replay, steps: Rows) -> list[str]:
    """What the plan does not know, in words."""
    return [*replay.needs.notes, *contradictions(replay), *_unseen(pipeline), *_untold(steps)]


def _untold(steps: Rows) -> list[str]:
    """Of how many steps no record says whether they hit a cache: no advice on caching is then no sign against it.

    >>> _untold([{"cache_known": 0}, {"cache_known": 40}])
    ['caching is not looked at in 1 step without a recorded cache_hit']
    """
    unknown = sum(not step["cache_known"] for step in steps)
    return [f"caching is not looked at in {plural(unknown, 'step')} without a recorded cache_hit"] if unknown else []


def _listed(names: Sequence[str]) -> str:
    """Names as in a sentence.

    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
