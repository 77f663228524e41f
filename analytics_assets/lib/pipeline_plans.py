"""How much less time would a pipeline take, and what is to be done for it?

Each execution of the newest configuration is played again from its own durations: in the order in which it ran, with
what its steps declare to need, and with its cache always hit. Parts are combined by playing them together, not by
adding what each saves. What an execution spends outside its critical path, as starting, stays as it is.

Confidence of what is simulated is min(1, n / 30) * (1 - h / s): n executions, s the seconds saved, h half of the width
of its 95 % interval under other days; times 0.8 for steps that never ran beside each other, as nobody has measured how
much they slow each other down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.critical_path import Needs, Paths, observed_paths, simulated_paths
from analytics_assets.lib.day_bootstrap import drawn_sums
from analytics_assets.lib.pipeline_steps import Pipeline, paths_as_they_ran
from analytics_assets.lib.words import percent
from analytics_assets.mining_thresholds import (
    PIPELINE_MIN_EXECUTIONS,
    PLAN_CONTRADICTED,
    PLAN_LEAST_SAVING,
    PLAN_SURE,
    STEP_OVERLAP,
)
from analytics_assets.thresholds import WILSON_Z

if TYPE_CHECKING:
    from analytics_assets.lib.critical_path import Numbers

Row = dict[str, Any]


@dataclass(frozen=True)
class Saving:
    """What an execution takes less, in seconds, with the ends of its 95 % interval."""

    seconds: float
    low: float
    high: float
    executions: int

    @property
    def confidence(self) -> float:
        """How sure the seconds are, 0 to 1; 0 where nothing is saved."""
        if self.seconds <= 0:
            return 0.0
        return min(1.0, self.executions / PLAN_SURE.value) * max(0.0, 1 - (self.high - self.low) / 2 / self.seconds)


@dataclass(frozen=True)
class Replay:
    """Executions of a pipeline that can be played again.

    Args:
        pipeline: its complete executions with the newest configuration.
        seconds: their durations, executions by steps, from start to end at most; NaN where a step did not run.
        today: their schedules as they ran.
        needs: what the newest configuration declares.
        current_seconds: mean of their time from start to end.
    """

    pipeline: Pipeline
    seconds: Numbers
    today: Paths
    needs: Needs
    current_seconds: float

    def played(self, seconds: Numbers, *, with_needs: bool) -> Paths:
        """Their schedules with these durations, with the declared needs or in the order in which they ran."""
        if with_needs and self.needs.earlier is not None:
            return simulated_paths(seconds, self.pipeline.steps, self.needs.earlier)
        return observed_paths(self.pipeline.values["began"], self.pipeline.values["ended"], seconds)

    def saving(self, total: Numbers) -> Saving:
        """What these schedules save against those as they ran.

        Args:
            total: seconds by execution.
        """
        import numpy as np

        saved = self.today.total - total
        drawn = drawn_sums(
            self.pipeline.executions["started_at"].to_numpy(), np.column_stack([saved, np.ones(len(saved))])
        )
        means = drawn[:, 0] / np.maximum(drawn[:, 1], 1.0)
        spread = float(WILSON_Z.value * means.std())
        mean = float(saved.mean())
        return Saving(mean, mean - spread, mean + spread, len(saved))

    def share(self, saving: Saving) -> float:
        """The share of an execution's time that is saved, 0 to 1."""
        return max(0.0, saving.seconds / self.current_seconds) if self.current_seconds > 0 else 0.0


def replay_of(pipeline: Pipeline) -> Replay | str:
    """The executions of the newest configuration that can be played again, or why there are too few."""
    import numpy as np

    if not len(pipeline.executions):
        return "no execution in the window"
    chosen = of_newest_version(pipeline)
    walls = chosen.walls
    complete = chosen.of(chosen.is_complete & ~np.isnan(walls))
    if len(complete.executions) < PIPELINE_MIN_EXECUTIONS.value:
        return (
            f"{len(complete.executions)} successful executions of the newest configuration have the times of all "
            f"steps, under {PIPELINE_MIN_EXECUTIONS.value:.0f}"
        )
    return Replay(
        pipeline=complete,
        # Entries of a step that ran at once add up to more than the time that it held the execution up.
        seconds=np.fmin(complete.values["seconds"], complete.values["ended"] - complete.values["began"]),
        today=paths_as_they_ran(complete),
        needs=pipeline.needs,
        current_seconds=float(np.nanmean(walls[chosen.is_success])),
    )


def of_newest_version(pipeline: Pipeline) -> Pipeline:
    """Its executions with the configuration of the newest one; of those without a version, where that has none."""
    versions = pipeline.executions["configuration_version"]
    newest = versions.iloc[-1]
    is_newest = versions == newest if isinstance(newest, str) else versions.isna()
    return pipeline.of(is_newest.to_numpy(dtype=bool))


def with_cache(replay: Replay, steps: Sequence[Mapping[str, Any]]) -> Numbers:
    """Durations if the cache of these steps had always been hit.

    A duration that missed it is scaled by the ratio of the medians with and without it: a slow execution saves more.

    Args:
        replay: the executions.
        steps: rows of ``patterns.bottlenecks``, with both medians.
    """
    import numpy as np

    seconds = replay.seconds.copy()
    for step in steps:
        place = replay.pipeline.steps.index(step["step_name"])
        is_missed = replay.pipeline.values["cache_hit"][:, place] == 0
        ratio = step["cached_median_seconds"] / step["uncached_median_seconds"]
        seconds[:, place] = np.where(is_missed, seconds[:, place] * ratio, seconds[:, place])
    return seconds


def beside_each_other(replay: Replay) -> list[str]:
    """Steps that would run beside another one, and did not, in their order; none without declared needs."""
    import numpy as np

    if replay.needs.earlier is None:
        return []
    means = np.nan_to_num(replay.seconds).mean(axis=0)
    starts = simulated_paths(means[None, :], replay.pipeline.steps, replay.needs.earlier).starts[0]
    began, ended = replay.pipeline.values["began"], replay.pipeline.values["ended"]
    found = set()
    for one in range(len(means)):
        for other in range(one + 1, len(means)):
            beside = min(starts[one] + means[one], starts[other] + means[other]) - max(starts[one], starts[other])
            did = np.fmin(ended[:, one], ended[:, other]) - np.fmax(began[:, one], began[:, other])
            if beside > PLAN_LEAST_SAVING.value * replay.current_seconds and np.nanmedian(did) <= 0:
                found |= {one, other}
    return [replay.pipeline.steps[place] for place in sorted(found)]


def contradictions(replay: Replay) -> list[str]:
    """Needs that executions do not keep, in words: what a step is declared to wait for ended after it began."""
    import numpy as np

    began, ended = replay.pipeline.values["began"], replay.pipeline.values["ended"]
    told = []
    for step, needed in (replay.needs.earlier or {}).items():
        for name in needed:
            one, other = replay.pipeline.steps.index(name), replay.pipeline.steps.index(step)
            is_both = ~np.isnan(ended[:, one]) & ~np.isnan(began[:, other])
            is_early = began[is_both, other] < ended[is_both, one] - STEP_OVERLAP.value
            if len(is_early) and is_early.mean() >= PLAN_CONTRADICTED.value:
                told.append(f"{step} is declared to wait for {name}, and did not in {percent(float(is_early.mean()))}")
    return told


def schedule_rows(replay: Replay, planned: Paths, seconds: Numbers) -> list[Row]:
    """When each step begins and ends on average, today and as planned, in seconds; in the order of steps."""
    import numpy as np

    today, shorter = np.nan_to_num(replay.seconds).mean(axis=0), np.nan_to_num(seconds).mean(axis=0)
    begins, would_begin = replay.today.starts.mean(axis=0), planned.starts.mean(axis=0)
    is_critical = (planned.slack == 0).mean(axis=0) >= 0.5  # noqa: PLR2004 - in most executions
    return [
        {
            "step": step,
            "today_start": float(begins[place]),
            "today_end": float(begins[place] + today[place]),
            "planned_start": float(would_begin[place]),
            "planned_end": float(would_begin[place] + shorter[place]),
            "is_critical": bool(is_critical[place]),
        }
        for place, step in enumerate(replay.pipeline.steps)
    ]
