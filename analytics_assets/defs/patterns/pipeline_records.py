"""The executions of pipelines that this stage and the plans look at: 28 days, bounded, one pipeline at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.mining_thresholds import (
    PIPELINE_EXECUTIONS,
    PIPELINE_MIN_EXECUTIONS,
    PIPELINE_STEPS,
    PIPELINES_EXAMINED,
)
from analytics_assets.pattern_thresholds import PATTERN_DAYS
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.pipeline_steps import Pipeline

READ = [
    ["staging", "stg_pipelines"],
    ["staging", "stg_steps"],
    ["staging", "stg_pipeline_configurations"],
    ["staging", "stg_as_of"],
]
"""Keys of the assets that are read."""
_FAILURES = "('failed', 'error', 'timeout')"
_OF_WINDOW = "pipeline_id in (select id from pipeline_window)"
_END = "select as_of, is_stale from staging.stg_as_of where kind = 'pipelines' and as_of is not null"
_IN_WINDOW = f"started_at > $as_of::timestamp - to_days({PATTERN_DAYS.value:.0f}) and started_at <= $as_of"
_NAMES = f"""
    select pipeline_name, count(*) as executions
    from staging.stg_pipelines
    where {_IN_WINDOW}
    group by pipeline_name
    order by executions desc, pipeline_name
"""
_EXECUTIONS = f"""
    create or replace temp table pipeline_window as
    select
        id, started_at, completed_at, status, configuration_version, head_sha, attempt, queued_seconds, configuration
    from staging.stg_pipelines
    where pipeline_name = $name and {_IN_WINDOW}
    -- By rank, so that executions that began together are in or out together.
    qualify rank() over (order by started_at desc) <= {PIPELINE_EXECUTIONS.value:.0f}
"""


def named_steps(where: str = "true") -> str:
    """A query for the entries of steps, with names that tell apart steps of the same name by their ``step_order``.

    One that comes after another that ended otherwise than by failing is a step of its own, ``name #2``; one that comes
    after a failure is another try.
    """
    return f"""
        select
            * exclude (earlier)
            replace (step_name || case when earlier > 0 then ' #' || (earlier + 1) else '' end as step_name)
        from (
            select
                *,
                count(distinct step_order) filter (status not in {_FAILURES}) over (
                    partition by pipeline_id, step_name
                    order by step_order
                    range between unbounded preceding and 1 preceding
                ) as earlier
            from staging.stg_steps
            where step_name is not null and {where}
        )
    """


_STEPS = f"""
    with entries as (
        select
            steps.*,
            status in {_FAILURES} as is_failure,
            date_diff('microsecond', steps.started_at, steps.completed_at) / 1e6 as seconds
        from ({named_steps(_OF_WINDOW)}) as steps
    ),
    kept as (
        select step_name
        from entries
        group by step_name
        order by count(*) desc, coalesce(sum(seconds), 0) desc, step_name
        limit {PIPELINE_STEPS.value:.0f}
    )
    select
        pipeline_id,
        step_name,
        min(step_order) as step_order,
        min(started_at) as began_at,
        max(completed_at) as ended_at,
        sum(seconds) as seconds,
        count_if(status not in ('skipped', 'cancelled')) > 0 as ran,
        count_if(is_failure) as failures,
        count_if(status = 'success') as successes,
        bool_and(try_cast(json_extract_string(performance_data, '$.cache_hit') as boolean)) as cache_hit,
        max(try_cast(json_extract_string(resource_consumption, '$.memory_mb') as double)) as memory_mb,
        max(try_cast(json_extract_string(resource_consumption, '$.memory_limit_mb') as double)) as memory_limit_mb,
        max(try_cast(json_extract_string(resource_consumption, '$.cpu_limit') as double)) as cpu_limit,
        sum(try_cast(json_extract_string(resource_consumption, '$.cpu_seconds') as double))
        / nullif(sum(seconds), 0) as cores
    from entries
    where step_name in (select step_name from kept)
    group by pipeline_id, step_name
"""
_STEP_NAMES = f"select count(distinct step_name) from ({named_steps(_OF_WINDOW)})"
# A version is known by the configuration of its first execution; without a version each execution has its own.
_CONFIGURATION = """
    select coalesce(known.configuration, newest.configuration)
    from (select * from pipeline_window order by started_at desc, id desc limit 1) as newest
    left join staging.stg_pipeline_configurations as known
        on known.pipeline_name = $name and newest.configuration_version = known.configuration_version
"""
_VERSIONS = """
    select configuration_version, first_seen_at from staging.stg_pipeline_configurations
    where pipeline_name = ? and first_seen_at is not null and configuration_version is not null
"""


@dataclass(frozen=True)
class Window:
    """Which pipelines ran in the window, those run most often first.

    Args:
        as_of: end of the window; None before the first execution, which is stale.
        names: each with its executions in the window.
    """

    as_of: datetime | None
    is_stale: bool
    names: dict[str, int]

    @property
    def ends(self) -> dict[str, Any]:
        """The values of ``RECORDS_END``."""
        return {"as_of": self.as_of, "is_stale": self.is_stale}

    @property
    def examined(self) -> list[str]:
        """The pipelines that are looked at."""
        return list(self.names)[: int(PIPELINES_EXAMINED.value)]

    @property
    def judged(self) -> list[str]:
        """Of these, the ones with executions enough for an absence to mean something."""
        return [name for name in self.examined if self.names[name] >= PIPELINE_MIN_EXECUTIONS.value]

    @property
    def left_out(self) -> list[str]:
        """Beginnings of the subjects of the others."""
        from analytics_assets.lib.pipeline_steps import subject_of

        judged = set(self.judged)
        return [subject_of(name) for name in self.names if name not in judged]


def open_window(con: "DuckDBPyConnection") -> Window:
    """The newest 28 days of executions."""
    ends = records(con, _END)
    if not ends:
        return Window(None, is_stale=True, names={})
    as_of = ends[0]["as_of"]
    names = {str(name): int(count) for name, count in con.execute(_NAMES, {"as_of": as_of}).fetchall()}
    return Window(as_of, bool(ends[0]["is_stale"]), names)


def pipelines(con: "DuckDBPyConnection", window: Window) -> Iterator["Pipeline"]:
    """The pipelines that are looked at: of each the newest 1,000 executions of the window, and 50 steps."""
    from analytics_assets.lib.pipeline_steps import pipeline_of

    for name in window.examined:
        con.execute(_EXECUTIONS, {"name": name, "as_of": window.as_of})
        executions = con.execute("select * exclude (configuration) from pipeline_window").df()
        configuration = con.execute(_CONFIGURATION, {"name": name}).fetchone()
        steps = con.execute(_STEPS).df()
        every = con.execute(_STEP_NAMES).fetchone()
        assert configuration is not None, "a pipeline in the window has an execution"
        assert every is not None, "a count is one row"
        yield pipeline_of(
            name,
            executions,
            steps,
            configuration=configuration[0],
            unseen_steps=every[0] - steps["step_name"].nunique(),
        )
    con.execute("drop table if exists pipeline_window")


def versions_of(con: "DuckDBPyConnection", name: str) -> list[tuple[str, datetime]]:
    """The configuration versions of a pipeline, each with the start of the first execution with it."""
    return [(str(version), seen) for version, seen in con.execute(_VERSIONS, [name]).fetchall()]
