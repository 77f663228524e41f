"""What runs, tasks and procedures are mined from: the statements that make transactions and sequences of records.

Shared by ``outcome_rules``, ``task_sequences`` and ``task_patterns``; their checks count the same records again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics_assets.mining_thresholds import MINED_TRANSACTIONS, SEQUENCES_MINED
from analytics_assets.pattern_thresholds import PATTERN_DAYS
from analytics_assets.warehouse.columns import Column
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RUNS, RUN_TASKS = ["staging", "stg_judged_runs"], ["staging", "stg_run_tasks"]
EXECUTIONS, CALLS = ["staging", "stg_executions"], ["staging", "stg_procedure_calls"]
TASKS, ATTEMPTS = ["staging", "stg_tasks"], ["staging", "stg_task_executions"]
AS_OF = ["staging", "stg_as_of"]
"""Keys of the assets that are read."""
SAMPLE_IDS = Column("sample_ids", "VARCHAR", "Newest 20 records that show it, as a JSON list.", required=True)
LAST_OBSERVED = Column("last_observed_at", "TIMESTAMP", "Newest record that shows it, UTC.", required=True)
SEVERAL_ATTEMPTS = "several_attempts"

_IN_WINDOW = f"started_at > as_of - to_days({int(PATTERN_DAYS.value)}) and started_at <= as_of"
_NEWEST = f"order by started_at desc, id limit {int(MINED_TRANSACTIONS.value)}"
# Complexity and task count have the author's own scale: thirds of the runs are bands of any.
_RUNS = f"""
    with thirds as (
        select
            quantile_disc(complexity, [1 / 3, 2 / 3]) as complexity,
            quantile_disc(task_count, [1 / 3, 2 / 3]) as task_count
        from staging.stg_judged_runs
    )
    select
        runs.run_id as id,
        runs.started_at as started_at,
        not runs.is_success as is_failed,
        case
            when not runs.is_success then list_distinct(
                list_filter(
                    [lower(runs.failure_reason), runs.error_type],
                    lambda reason: reason is not null and reason not in ('error', 'failed', '')
                )
            )
        end as reasons,
        runs.spec_id,
        runs.spec_type,
        runs.model,
        runs.memory_limit,
        runs.cpu_limit,
        runs.agent_id,
        runs.project_id,
        case
            when runs.complexity <= thirds.complexity[1] then 'low'
            when runs.complexity <= thirds.complexity[2] then 'middle'
            when runs.complexity is not null then 'high'
        end as complexity,
        case
            when runs.task_count <= thirds.task_count[1] then 'few'
            when runs.task_count <= thirds.task_count[2] then 'middle'
            when runs.task_count is not null then 'many'
        end as task_count
    from staging.stg_judged_runs as runs, thirds
    {_NEWEST}
"""
_RUN_TASKS = f"""
    select
        runs.run_id || '/' || tasks.task_id as id,
        runs.started_at as started_at,
        tasks.status <> 'success' as is_failed,
        case when tasks.status <> 'success' then [tasks.error_type] end as reasons,
        tasks.task_type,
        tasks.model
    from staging.stg_run_tasks as tasks
    inner join staging.stg_judged_runs as runs on tasks.run_id = runs.run_id
    where tasks.status in ('success', 'failed', 'retry')
    {_NEWEST}
"""
_CALLS = f"""
    select
        call_id as id,
        started_at as started_at,
        status <> 'success' as is_failed,
        case when status = 'aborted' then ['aborted'] end as reasons,
        procedure_id,
        task_type,
        agent_id
    from staging.stg_procedure_calls
    inner join staging.stg_as_of as clock on clock.kind = 'procedure_calls'
    where {_IN_WINDOW}
    {_NEWEST}
"""
# Attempts at one task are no independent transactions: a task is one, and how its last attempt ended is its outcome.
_ATTEMPTED = f"""
    with attempted as (
        select task_id, max(started_at) as started_at, count(*) as attempts, arg_max(status, started_at) as last_status
        from staging.stg_task_executions
        inner join staging.stg_as_of as clock on clock.kind = 'task_executions'
        where {_IN_WINDOW} and status <> 'running'
        group by task_id
    )
    select
        attempted.task_id as id,
        attempted.started_at,
        attempted.last_status <> 'success' as is_failed,
        case when attempted.attempts > 1 then ['{SEVERAL_ATTEMPTS}'] end as reasons,
        tasks.tags,
        tasks.project_id,
        cast(tasks.priority as varchar) as priority,
        tasks.assigned_to
    from attempted
    inner join staging.stg_tasks as tasks on attempted.task_id = tasks.id
    where attempted.last_status in ('success', 'failed', 'error', 'timeout')
    {_NEWEST}
"""
_EXPERIMENTS = f"""
    select
        run_id as id, started_at as started_at, not is_success as is_failed, cast(null as varchar[]) as reasons,
        experiment_id, variant
    from staging.stg_judged_runs
    where experiment_id <> '' and variant <> ''
    {_NEWEST}
"""
# What is skipped after a failure was planned: without it, whatever comes late would go with success.
TASKS_OF_RUNS = f"""
    with calls as (
        select run_id, task_id, min(started_at) as started_at from staging.stg_executions group by run_id, task_id
    )
    select
        runs.run_id as id,
        any_value(runs.started_at) as started_at,
        not any_value(runs.is_success) as is_failed,
        list(tasks.task_type order by len(tasks.task_id), tasks.task_id, calls.started_at) as items
    from staging.stg_judged_runs as runs
    inner join staging.stg_run_tasks as tasks on runs.run_id = tasks.run_id
    left join calls on tasks.run_id = calls.run_id and tasks.task_id = calls.task_id
    where tasks.task_type <> '' and tasks.status <> 'retry'
    group by runs.run_id
    order by started_at desc, id
    limit {int(SEQUENCES_MINED.value)}
"""
TOOLS_OF_TASKS = f"""
    with newest as (
        select
            tasks.run_id, tasks.task_id, runs.started_at as started_at, tasks.status <> 'success' as is_failed
        from staging.stg_run_tasks as tasks
        inner join staging.stg_judged_runs as runs on tasks.run_id = runs.run_id
        where tasks.status in ('success', 'failed', 'retry')
        order by started_at desc, tasks.run_id, tasks.task_id
        limit {int(SEQUENCES_MINED.value)}
    )
    select
        newest.run_id || '/' || newest.task_id as id,
        any_value(newest.started_at) as started_at,
        any_value(newest.is_failed) as is_failed,
        list(calls.tool_name order by calls.started_at, calls.execution_id) as items
    from newest
    inner join staging.stg_executions as calls on newest.run_id = calls.run_id and newest.task_id = calls.task_id
    group by newest.run_id, newest.task_id
"""
SEQUENCE_STATEMENTS = {"tools": TOOLS_OF_TASKS, "tasks": TASKS_OF_RUNS}


@dataclass(frozen=True)
class Population:
    """Things that were tried: the kind whose clock ends their window, their statement, the fields that are items."""

    kind: str
    statement: str
    fields: tuple[str, ...]


_RUN_FIELDS = (
    *("spec_id", "spec_type", "model", "memory_limit", "cpu_limit"),
    *("agent_id", "project_id", "complexity", "task_count"),
)
POPULATIONS = {
    "runs": Population("runs", _RUNS, _RUN_FIELDS),
    "run_tasks": Population("runs", _RUN_TASKS, ("task_type", "model")),
    "procedure_calls": Population("procedure_calls", _CALLS, ("procedure_id", "task_type", "agent_id")),
    "task_executions": Population("task_executions", _ATTEMPTED, ("tags", "project_id", "priority", "assigned_to")),
    "experiments": Population("runs", _EXPERIMENTS, ("experiment_id", "variant")),
}


def ends(con: "DuckDBPyConnection", kind: str) -> dict[str, Any]:
    """The values of ``RECORDS_END`` for a kind; before its first record nothing is known, and that is stale."""
    rows = records(con, f"select as_of, is_stale from staging.stg_as_of where kind = '{kind}'")
    return rows[0] if rows else {"as_of": None, "is_stale": True}
