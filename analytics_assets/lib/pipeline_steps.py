"""Executions of a pipeline with their steps, as tables of executions by steps.

A step that appears several times in an execution, as one that is tried again, is one: from its first start to its last
end, with as many failures and successes as it had.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.critical_path import Needs, declared_needs, observed_paths
from analytics_assets.mining_thresholds import STEP_OVERLAP

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from analytics_assets.lib.critical_path import Flags, Numbers, Paths

NUMBERS = ("began", "ended", "seconds", "failures", "successes", "cache_hit")
RESOURCES = ("memory_mb", "memory_limit_mb", "cores", "cpu_limit")
SUCCESS = "success"


@dataclass(frozen=True)
class Pipeline:
    """Executions of a pipeline, oldest first, and its steps in their order.

    Args:
        name: of the pipeline.
        executions: one row each: id, started_at, completed_at, status, configuration_version, head_sha, attempt and
            queued_seconds.
        steps: names; ``orders`` are their usual positions.
        values: tables of executions by steps: when it began and ended (seconds since 1970) and its busy seconds, NaN
            where not known; failures and successes; ``cache_hit`` 0 or 1, and resources, NaN where not recorded; and
            ``ran``, 1 where it was there and not skipped.
        configuration: that of the newest execution, as JSON text.
        unseen_steps: how many more steps it has, that were left out.
    """

    name: str
    executions: pd.DataFrame
    steps: tuple[str, ...]
    orders: tuple[int, ...]
    values: dict[str, Numbers]
    configuration: str | None
    unseen_steps: int = 0

    @property
    def is_success(self) -> Flags:
        """Which executions succeeded."""
        found: Flags = (self.executions["status"] == SUCCESS).to_numpy(dtype=bool)
        return found

    @property
    def is_complete(self) -> Flags:
        """Which executions succeeded with the times of all steps that ran."""
        timed = (self.values["ran"] == 0) | (self.values["seconds"] >= 0)
        found: Flags = self.is_success & timed.all(axis=1) & (self.values["ran"] > 0).any(axis=1)
        return found

    @property
    def needs(self) -> Needs:
        """What the newest configuration declares."""
        return declared_needs(self.configuration, self.steps)

    @property
    def walls(self) -> Numbers:
        """Seconds from start to end by execution; NaN where an end is not known, or before the start."""
        import numpy as np

        ended = self.executions["completed_at"] - self.executions["started_at"]
        seconds = ended.dt.total_seconds().to_numpy(dtype=float)
        return np.where(seconds >= 0, seconds, np.nan)

    def of(self, chosen: Flags) -> Pipeline:
        """The same pipeline with these executions alone."""
        rows = self.executions[chosen].reset_index(drop=True)
        return replace(self, executions=rows, values={name: table[chosen] for name, table in self.values.items()})


def subject_of(pipeline: str, step: str = "") -> str:
    """What a pattern holds of, ``pipeline/step``, so that no two steps have the same.

    >>> subject_of("ci", "lint"), subject_of("nightly/ci", "lint"), subject_of("ci")
    ('ci/lint', 'nightly%2Fci/lint', 'ci/')
    """
    return f"{pipeline.replace('%', '%25').replace('/', '%2F')}/{step}"


def pipeline_of(
    name: str,
    executions: pd.DataFrame,
    steps: pd.DataFrame,
    *,
    configuration: str | None = None,
    unseen_steps: int = 0,
) -> Pipeline:
    """Tables of executions by steps.

    Args:
        name: of the pipeline.
        executions: as of ``Pipeline``, in any order.
        steps: one row per execution (``pipeline_id``) and step: step_name, step_order, began_at, ended_at, seconds,
            ran, failures, successes, cache_hit and resources; NULL where not known.
        configuration: of the newest execution.
        unseen_steps: steps that are not among them.
    """
    import numpy as np

    ordered = executions.sort_values(["started_at", "id"], kind="stable").reset_index(drop=True)
    orders = steps.groupby("step_name")["step_order"].median().sort_index().sort_values(kind="stable")
    rows = ordered["id"].to_frame().assign(row=range(len(ordered))).set_index("id")["row"]
    places = {step: place for place, step in enumerate(orders.index)}
    at = (steps["pipeline_id"].map(rows).to_numpy(dtype=int), steps["step_name"].map(places).to_numpy(dtype=int))
    given = steps.assign(began=_since_1970(steps["began_at"]), ended=_since_1970(steps["ended_at"]))
    values: dict[str, NDArray[np.float64]] = {}
    for column in (*NUMBERS, *RESOURCES, "ran"):
        is_count = column in {"failures", "successes", "ran"}
        table = np.full((len(ordered), len(orders)), 0.0 if is_count else np.nan)
        table[at] = given[column].astype(float).to_numpy()
        values[column] = table
    # A record whose end is before its start, or infinite, has no duration.
    is_sound = (values["seconds"] >= 0) & np.isfinite(values["seconds"]) & (values["ended"] >= values["began"])
    values["seconds"] = np.where(is_sound, values["seconds"], np.nan)
    return Pipeline(
        name=name,
        executions=ordered,
        steps=tuple(str(step) for step in orders.index),
        orders=tuple(int(order) for order in orders),
        values=values,
        configuration=configuration,
        unseen_steps=unseen_steps,
    )


def paths_as_they_ran(pipeline: Pipeline) -> Paths:
    """The schedules of executions as they ran; a step without times waits for nothing and delays nothing."""
    import numpy as np

    is_timed = ~np.isnan(pipeline.values["seconds"])
    return observed_paths(
        np.where(is_timed, pipeline.values["began"], np.nan), np.where(is_timed, pipeline.values["ended"], np.nan)
    )


def waits(pipeline: Pipeline, needs: Needs) -> Numbers:
    """Seconds between the end of what a step waits for and its start, executions by steps; NaN where not known.

    It waits for what it is declared to need; without a declaration, for the steps that had ended when it began. The
    first steps wait from the start of the execution.
    """
    import numpy as np

    began, ended = pipeline.values["began"], pipeline.values["ended"]
    first = _since_1970(pipeline.executions["started_at"])
    waited = np.full(began.shape, np.nan)
    for place, step in enumerate(pipeline.steps):
        since = np.where(np.isnan(began[:, place]), np.nan, first)
        others = range(len(pipeline.steps)) if needs.earlier is None else map(pipeline.steps.index, needs.earlier[step])
        for other in others:
            if other == place:
                continue
            is_before = ended[:, other] <= began[:, place] + STEP_OVERLAP.value
            since = np.where(is_before, np.fmax(since, ended[:, other]), since)
        waited[:, place] = np.maximum(0.0, began[:, place] - since)
    return waited


def _since_1970(times: pd.Series[Any]) -> Numbers:
    """Seconds since 1970; NaN where there is no time."""
    import numpy as np
    import pandas as pd

    stamps = pd.to_datetime(times).to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6)
