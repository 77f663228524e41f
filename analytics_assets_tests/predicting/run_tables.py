"""The tables that features rest on, with a few rows: their columns are those that are read, and one that is not."""

from __future__ import annotations

from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

FIRST_HOUR = datetime(2026, 3, 2, 9)
RUNS = 12
TABLES = """
    create table staging.stg_runs (
        run_id varchar, spec_id varchar, spec_type varchar, spec_fingerprint varchar, spec_version varchar,
        model varchar, agent_id varchar, project_id varchar, memory_limit varchar, cpu_limit varchar,
        task_count bigint, complexity double, status varchar, started_at timestamp, completed_at timestamp,
        duration_seconds double, memory_peak_mb double, cpu_peak_mcores double, llm_cost_usd double, iterations bigint
    );
    create table staging.stg_judged_runs (run_id varchar, error_type varchar, is_oom boolean, is_transient boolean);
    create table staging.stg_as_of (kind varchar, as_of timestamp, is_stale boolean);
    create table profiles.resource_usage (measured_at timestamp, resource_type varchar, usage_percentage double);
    create table staging.stg_executions (started_at timestamp, duration_seconds double, success boolean);
    create table staging.stg_events (event_type varchar, occurred_at timestamp, status varchar);
    create table staging.stg_pipeline_configurations (
        pipeline_name varchar, configuration_version varchar, first_seen_at timestamp
    );
    create table if not exists raw.tasks (
        id varchar, version_at timestamp, version_number bigint, ingested_at timestamp
    );
    create table if not exists raw.task_dependencies (
        task_id varchar, depends_on_task_id varchar, version_number bigint
    );
"""
SURROUNDINGS = f"""
    insert into profiles.resource_usage values
        (timestamp '{FIRST_HOUR}', 'cpu', 40), (timestamp '{FIRST_HOUR}', 'cpu', 60),
        (timestamp '{FIRST_HOUR}', 'disk', 99), (timestamp '{FIRST_HOUR}' + interval 1 hour, 'cpu', null);
    insert into staging.stg_executions
        select timestamp '{FIRST_HOUR}' + interval (n) minute, 60, n >= 2 from range(8) as minutes (n)
        union all
        values
            (timestamp '{FIRST_HOUR}' + interval 50 minute, 1200, false),
            (timestamp '{FIRST_HOUR}', null, false), (timestamp '{FIRST_HOUR}', 60, null),
            (timestamp '{FIRST_HOUR}', -60, false), (timestamp '{FIRST_HOUR}', 1e300, false);
    insert into staging.stg_events values
        ('deployment', timestamp '{FIRST_HOUR}' + interval 5 minute, 'success'),
        ('deployment', timestamp '{FIRST_HOUR}' + interval 1 hour, 'failure'),
        ('push', timestamp '{FIRST_HOUR}' + interval 2 hour, 'success');
    insert into staging.stg_pipeline_configurations values
        ('ci', 'a', timestamp '{FIRST_HOUR}'), ('ci', 'b', timestamp '{FIRST_HOUR}' + interval 3 hour);
    insert into raw.tasks (id, version_at, version_number, ingested_at)
        select id, version_at, version_number, timestamp '{FIRST_HOUR}' + interval (hours) hour
        from (
            values
                ('spec-0', timestamp '2026-02-01', 1, 1), ('alone', timestamp '2026-02-01', 2, 1),
                ('spec-0', timestamp '2026-02-03', 3, 3), ('spec-0', timestamp '2026-02-02', 4, 4)
        ) as told (id, version_at, version_number, hours);
    insert into raw.task_dependencies (task_id, depends_on_task_id, version_number) values
        ('spec-0', 'alone', 1), ('spec-0', 'alone', 3), ('spec-0', 'other', 3), ('spec-0', 'other', 3),
        ('spec-0', 'late', 4), ('spec-0', 'later', 4), ('spec-0', 'latest', 4);
"""
ONE_RUN = f"insert into staging.stg_runs values ({', '.join('?' * 20)})"


def last_start(runs: int = RUNS) -> datetime:
    """When the last run starts."""
    return FIRST_HOUR + timedelta(hours=runs - 1, minutes=1)


def fill(con: DuckDBPyConnection, runs: int = RUNS) -> None:
    """Runs an hour apart, ten minutes each, of which every fifth fails; and what surrounds them."""
    for stage in ("raw", "staging", "profiles"):
        con.execute(f"create schema if not exists {stage}")
    con.execute(TABLES)
    if runs:
        con.execute(SURROUNDINGS)
        con.execute("insert into staging.stg_as_of values ('runs', ?, false)", [last_start(runs)])
    for number in range(runs):
        is_failed = number % 5 == 0 and number > 0
        start = FIRST_HOUR + timedelta(hours=number, minutes=1)
        name, status = f"run-{number:02}", "failed" if is_failed else "success"
        named = [name, f"spec-{number % 2}", "fix", "hash", "1.0", "model", "agent", "project", "2Gi", "500m"]
        figures = [600.0, 900.0, 250.0, 0.1, 1]
        con.execute(ONE_RUN, [*named, 4, 5.0, status, start, start + timedelta(seconds=600), *figures])
        error = "compile_error" if is_failed else None
        con.execute("insert into staging.stg_judged_runs values (?, ?, false, ?)", [name, error, is_failed])
