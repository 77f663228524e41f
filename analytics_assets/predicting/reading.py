"""Runs and what surrounds them, read from the warehouse or from a published snapshot by the same statements.

``rows`` answers a statement with its rows by name: ``partial(records, con)`` or ``partial(answers.rows, snapshot)``.
A table or column that is not there costs what rests on it, and is said in the notes of the surroundings.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics_assets.lib.sizes import cpu_mcores, memory_mb
from analytics_assets.predicting.runs import Run, at_least_zero, outcome
from analytics_assets.predicting.surroundings import Surroundings
from analytics_assets.predicting_thresholds import ACTIVE_AT_MOST, EXAMPLES_DAYS, EXAMPLES_MOST, RUNS_READ

Rows = Callable[[str], list[dict[str, Any]]]

RUNS, JUDGED_RUNS, CLOCK = "staging.stg_runs", "staging.stg_judged_runs", "staging.stg_as_of"
USAGE, TOOLS, EVENTS = "profiles.resource_usage", "staging.stg_executions", "staging.stg_events"
CONFIGURATIONS = "staging.stg_pipeline_configurations"
# With the versions that do not count any more: a run is to know what was told by its start.
TASKS, DEPENDENCIES = "raw.tasks", "raw.task_dependencies"
AS_TOLD = (
    "run_id",
    "spec_id",
    "spec_type",
    "spec_fingerprint",
    "spec_version",
    "model",
    "agent_id",
    "project_id",
    "memory_limit",
    "cpu_limit",
    "task_count",
    "complexity",
    "status",
    "error_type",
    "is_oom",
    "is_transient",
)
"""Columns that a run takes over as they are."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    RUNS: (
        *AS_TOLD[:-3],
        *("started_at", "completed_at", "duration_seconds", "memory_peak_mb", "cpu_peak_mcores", "llm_cost_usd"),
    ),
    JUDGED_RUNS: ("run_id", *AS_TOLD[-3:]),
    CLOCK: ("kind", "as_of"),
    USAGE: ("measured_at", "resource_type", "usage_percentage"),
    TOOLS: ("started_at", "duration_seconds", "success"),
    EVENTS: ("event_type", "occurred_at", "status"),
    CONFIGURATIONS: ("pipeline_name", "configuration_version", "first_seen_at"),
    DEPENDENCIES: ("task_id", "depends_on_task_id", "version_number"),
    TASKS: ("id", "version_at", "version_number", "ingested_at"),
}
"""Tables that features rest on, with their columns."""
WITHOUT_WHICH_NO_RUN = ("run_id", "spec_id", "started_at")
_COLUMNS = f"""
    select concat(table_schema, '.', table_name) as relation, column_name
    from information_schema.columns
    where concat(table_schema, '.', table_name) in ({", ".join(f"'{name}'" for name in NEEDED)})
"""
# Rounded: a sum differs in its last digits with the order in which it is taken.
LOAD = f"""
    select measured_at as hour, round(avg(usage_percentage), 6) as value from {USAGE}
    where resource_type = 'cpu' and usage_percentage is not null
    group by measured_at
"""
# By its end: how an execution ends is not known before. One that is said to take longer than a day has no hour.
TOOL_ERRORS = f"""
    select
        date_trunc('hour', started_at + to_microseconds(cast(1000000 * duration_seconds as bigint))) as hour,
        count(*) filter (where not success) / count(*) as value
    from {TOOLS}
    where
        started_at is not null and success is not null
        and duration_seconds between 0 and {3600 * ACTIVE_AT_MOST.value:.0f}
    group by 1
"""
DEPLOYMENTS = f"""
    select occurred_at as at from {EVENTS}
    where event_type = 'deployment' and status is distinct from 'failure' and occurred_at is not null
"""
# The first configuration that is known of a pipeline changed nothing.
NEW_CONFIGURATIONS = f"""
    with numbered as (
        select
            first_seen_at,
            row_number() over (partition by pipeline_name order by first_seen_at, configuration_version) as place
        from {CONFIGURATIONS}
    )
    select first_seen_at as at from numbered where place > 1 and first_seen_at is not null
"""
# A task that is known and waits for none waits for 0. Told is when it was ingested: ``updated_at`` moves when a task is
# done, so that of an import the runs before it would be known by their success. A version that came late never counted.
WAITING = f"""
    with told as (
        select id, version_number, ingested_at from {TASKS}
        qualify version_at >= max(version_at) over (
            partition by id order by version_number rows between unbounded preceding and current row
        )
    )
    select told.id, told.version_number, told.ingested_at as at, count(distinct waiting.depends_on_task_id) as n
    from told
    left join {DEPENDENCIES} as waiting on told.id = waiting.task_id and told.version_number = waiting.version_number
    group by told.id, told.version_number, told.ingested_at
"""


def read_runs(rows: Rows) -> list[Run]:
    """The newest runs up to the end of the records, in the order of their starts: the window, and what was before it.

    Empty where there is no table of runs, or one that does not tell what was run when.
    """
    statement = _statements(_there(rows)).get(RUNS)
    return sorted((_run(row) for row in rows(statement)), key=lambda run: run.place) if statement else []


def in_window(runs: Sequence[Run], end: datetime | None) -> list[Run]:
    """Those that models learn from: the newest of the 60 days up to the end of the records.

    The runs before them are what they look back on. Without, the first of the window would be told as if nothing had
    been known then.

    Args:
        runs: as read, in the order of their starts.
        end: of the records, naive UTC; None is the newest start.
    """
    if not runs:
        return []
    begin = (end or runs[-1].started_at) - timedelta(days=EXAMPLES_DAYS.value)
    return [run for run in runs if run.started_at > begin][-int(EXAMPLES_MOST.value) :]


def read_surroundings(rows: Rows) -> Surroundings:
    """What surrounded the runs; ``notes`` say what could not be read."""
    there = _there(rows)
    statements = _statements(there)

    def told(table: str) -> list[dict[str, Any]]:
        return rows(statements[table]) if table in statements else []

    return Surroundings(
        cpu={_moment(row["hour"]): float(row["value"]) for row in told(USAGE)},
        tool_errors={_moment(row["hour"]): float(row["value"]) for row in told(TOOLS)},
        changes=tuple(sorted(_moment(row["at"]) for row in told(EVENTS) + told(CONFIGURATIONS))),
        dependencies=_by_task(told(DEPENDENCIES)),
        notes=_notes(there),
    )


def fingerprint(rows: Rows) -> str:
    """A text that changes with whatever is read, so that the same is not computed twice."""
    parts = []
    for table, statement in sorted(_statements(_there(rows)).items()):
        (told,) = rows(f"select count(*) as n, bit_xor(hash(told)) as content from ({statement}) as told")
        parts.append(f"{table}:{told['n']}:{told['content']}")
    return " ".join(parts)


def _there(rows: Rows) -> defaultdict[str, set[str]]:
    """The columns that exist, by table."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows(_COLUMNS):
        found[row["relation"]].add(row["column_name"])
    return found


def _notes(there: Mapping[str, set[str]]) -> tuple[str, ...]:
    notes = []
    for table, columns in NEEDED.items():
        missing = [name for name in columns if name not in there.get(table, ())]
        if missing == list(columns):
            notes.append(f"{table} is not there: features that rest on it are not known.")
        elif missing:
            notes.append(f"{table} lacks {', '.join(missing)}: features that rest on it are not known.")
    return tuple(notes)


def _statements(there: Mapping[str, set[str]]) -> dict[str, str]:
    """What is asked of each table that is there with the columns it needs."""

    def has(*tables: str) -> bool:
        return all(set(NEEDED[table]) <= there.get(table, set()) for table in tables)

    fixed = {USAGE: LOAD, TOOLS: TOOL_ERRORS, EVENTS: DEPLOYMENTS, CONFIGURATIONS: NEW_CONFIGURATIONS}
    found = {table: statement for table, statement in fixed.items() if has(table)}
    if has(TASKS, DEPENDENCIES):
        found[DEPENDENCIES] = WAITING
    if set(WITHOUT_WHICH_NO_RUN) <= there.get(RUNS, set()):
        found[RUNS] = _of_runs(there)
    return found


def _of_runs(there: Mapping[str, set[str]]) -> str:
    """The newest runs with what was judged of them; a column that is missing is NULL."""
    judged = there.get(JUDGED_RUNS, set())
    judged = judged if "run_id" in judged else set()
    own = ", ".join(_selected("runs", name, there[RUNS]) for name in NEEDED[RUNS])
    said = ", ".join(_selected("judged", name, judged) for name in NEEDED[JUDGED_RUNS][1:])
    join = f"left join {JUDGED_RUNS} as judged on runs.run_id = judged.run_id" if judged else ""
    has_clock = set(NEEDED[CLOCK]) <= there.get(CLOCK, set())
    clock = f"(select as_of from {CLOCK} where kind = 'runs')" if has_clock else f"(select max(started_at) from {RUNS})"
    return f"""
        select {own}, {said}
        from {RUNS} as runs {join}
        where
            runs.run_id is not null and runs.spec_id is not null
            and runs.started_at <= {clock}
        order by runs.started_at desc, runs.run_id desc
        limit {RUNS_READ.value:.0f}
    """


def _by_task(told: Sequence[Mapping[str, Any]]) -> dict[str, tuple[tuple[datetime, int], ...]]:
    found: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in sorted(told, key=lambda row: (_moment(row["at"]), row["version_number"])):
        found[row["id"]].append((_moment(row["at"]), row["n"]))
    return {name: tuple(versions) for name, versions in found.items()}


def _selected(table: str, name: str, columns: set[str]) -> str:
    return f"{table}.{name}" if name in columns else f"null as {name}"


def _run(row: Mapping[str, Any]) -> Run:
    started_at, seconds = _moment(row["started_at"]), _quantity(row["duration_seconds"])
    ended_at = None if row["completed_at"] is None else _moment(row["completed_at"])
    if ended_at is None and seconds is not None:
        ended_at = started_at + timedelta(seconds=seconds)
    return Run(
        **{name: row[name] for name in AS_TOLD},
        started_at=started_at,
        memory_limit_mb=known_size(memory_mb, row["memory_limit"]),
        cpu_limit_mcores=known_size(cpu_mcores, row["cpu_limit"]),
        known_at=ended_at,
        is_failed=outcome(row["status"]),
        duration_seconds=seconds,
        memory_peak_mb=_quantity(row["memory_peak_mb"]),
        cpu_peak_mcores=_quantity(row["cpu_peak_mcores"]),
        llm_cost_usd=_quantity(row["llm_cost_usd"]),
    )


def _moment(value: datetime | str) -> datetime:
    """Naive UTC, as the warehouse has times; the snapshot tells them as text."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _quantity(value: float | None) -> float | None:
    known = at_least_zero(value)
    return None if math.isnan(known) else known


def known_size(reader: Callable[[str], float], quantity: str | None) -> float | None:
    """The size in figures; None where it is told in no way that is known."""
    try:
        return None if quantity is None else reader(quantity)
    except ValueError:
        return None
