"""Nothing is purged before the next tier proves that it holds it, and a late record adds to what was sealed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.retention import purge

HOURLY = """
    create or replace table summaries.hourly_{name} as
    select hour, tool_name, sum({count}) as {count} from (
        select date_trunc('hour', started_at) as hour, tool_name, count(*) as {count}
        from (select started_at, tool_name, success from raw.executions
              union all select started_at, tool_name, success from raw.executions_slim) where {counted} group by all
        {sealed}
    ) group by all
"""
DAILY = """
    create or replace table summaries.daily_{name} as
    select day, tool_name, sum({count}) as {count} from (
        select cast(hour as date) as day, tool_name, {count} from summaries.hourly_{name}
        {sealed}
    ) group by all
"""


def _summarise(inbox):
    """What the models do, in short: live rows and sealed rows together."""
    with connect(inbox.settings) as con:
        tables = con.execute(
            "select table_name from information_schema.tables where table_schema = 'sealed'"
        ).fetchall()
        sealed = {table: f"union all by name select * from sealed.{table}" for (table,) in tables}
        for name, count, counted in (
            ("tool_usage", "executions", "true"),
            ("tool_errors", "failed_executions", "not success"),
        ):
            for period, statement in (("hourly", HOURLY), ("daily", DAILY)):
                before = sealed.get(f"{period}_{name}", "")
                con.execute(statement.format(name=name, count=count, counted=counted, sealed=before))
        con.execute("delete from raw.touched_hours")


def _purge(inbox, *, days: float):
    """Purge as if so many days had passed."""
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=days)
    with connect(inbox.settings) as con:
        return {report.table: report for report in purge(con, inbox.settings, later)}


@pytest.fixture
def filled(inbox, execution):
    """Executions of two hours, summarised."""
    records = [execution(f"a{n}") for n in range(6)]
    records += [execution(f"b{n}", started_at="2026-01-05T11:00:00Z", error_message="boom") for n in range(4)]
    inbox.land("executions/a.jsonl", records)
    inbox.ingest()
    _summarise(inbox)
    return inbox


def test_a_fresh_import_of_old_logs_is_kept(filled):
    reports = _purge(filled, days=0)
    assert {report.purged_rows for report in reports.values()} == {0}
    assert filled.value("select count(*) from raw.executions") == 10


def test_after_a_day_full_executions_become_slim(filled):
    _purge(filled, days=2)
    assert filled.value("select count(*) from raw.executions") == 0
    assert filled.value("select count(*) from raw.executions_slim") == 10


def test_a_copy_of_a_slim_execution_is_still_a_duplicate(filled, execution):
    _purge(filled, days=2)
    filled.land("executions/again.jsonl", [execution("a0"), execution("new")])
    [report] = filled.ingest().files
    assert (report.new_records, report.duplicate_records) == (1, 1)


def test_after_a_month_raw_rows_go_and_the_daily_rollup_stays(filled):
    _purge(filled, days=2)
    reports = _purge(filled, days=40)
    assert reports["raw.executions_slim"].purged_rows == 10
    assert filled.value("select count(*) from raw.executions_slim") == 0
    assert filled.value("select sum(executions) from summaries.daily_tool_usage") == 10
    _summarise(filled)
    assert filled.value("select sum(executions) from summaries.daily_tool_usage") == 10


def test_hourly_rows_go_after_a_month_except_those_of_the_last_two_days_with_events(filled, execution):
    filled.land("executions/later.jsonl", [execution("later", started_at="2026-01-20T09:00:00Z")])
    filled.ingest()
    _summarise(filled)
    for days in (2, 40, 80):
        _purge(filled, days=days)
        _summarise(filled)
    assert filled.rows("select distinct cast(hour as date)::varchar from summaries.hourly_tool_usage") == [
        ("2026-01-20",)
    ]
    assert filled.value("select sum(executions) from summaries.daily_tool_usage") == 11


def test_hours_that_are_not_summarised_are_not_purged(filled, execution):
    filled.land("executions/late.jsonl", [execution("late")])
    filled.ingest()
    _purge(filled, days=2)
    reports = _purge(filled, days=40)
    assert filled.value("select count(*) from raw.executions_slim") == 7, "the hour with the unsummarised record stays"
    assert reports["raw.executions_slim"].kept_rows == 7
    assert "not summarised" in reports["raw.executions_slim"].kept_by


def test_hours_that_the_summary_miscounts_are_not_purged(filled):
    filled.rows("update summaries.hourly_tool_usage set executions = executions - 1 where hour = '2026-01-05 11:00'")
    _purge(filled, days=2)
    _purge(filled, days=40)
    assert filled.value("select count(*) from raw.executions_slim") == 4


def test_hours_of_which_the_failures_are_not_summarised_are_not_purged(filled, execution):
    filled.land("executions/failed.jsonl", [execution(f"f{n}", success=False) for n in range(2)])
    filled.ingest()
    _summarise(filled)
    filled.rows("update summaries.hourly_tool_errors set failed_executions = 1")
    _purge(filled, days=2)
    _purge(filled, days=40)
    assert filled.value("select count(*) from raw.executions_slim") == 8, "only the hour without a failure goes"


def test_failures_outlive_their_records_their_hours_and_late_ones(filled, execution):
    filled.land("executions/failed.jsonl", [execution("failed", success=False)])
    filled.land("executions/later.jsonl", [execution("later", started_at="2026-01-20T09:00:00Z")])
    filled.ingest()
    _summarise(filled)
    for days in (2, 40, 80):
        _purge(filled, days=days)
        _summarise(filled)
    assert filled.value("select count(*) from summaries.hourly_tool_errors") == 0
    filled.land("executions/late.jsonl", [execution("late", success=False)])
    filled.ingest()
    _summarise(filled)
    assert filled.value("select sum(failed_executions) from summaries.daily_tool_errors") == 2
    for days in (82, 120, 160):
        _purge(filled, days=days)
        _summarise(filled)
    assert filled.value("select count(*) from raw.executions_slim") == 0
    assert filled.value("select sum(failed_executions) from summaries.daily_tool_errors") == 2


def test_a_late_record_adds_to_a_sealed_hour_and_a_late_copy_does_not(filled, execution):
    _purge(filled, days=2)
    _purge(filled, days=40)
    filled.land("executions/late.jsonl", [execution("a0"), execution("late")])
    [report] = filled.ingest().files
    assert (report.new_records, report.duplicate_records) == (1, 1)
    _summarise(filled)
    assert filled.value("select sum(executions) from summaries.daily_tool_usage") == 11
    _purge(filled, days=42)
    _purge(filled, days=80)
    _summarise(filled)
    assert filled.value("select sum(executions) from summaries.daily_tool_usage") == 11


def test_a_run_goes_with_all_its_versions_and_tasks_and_its_key_is_remembered(inbox):
    run = {"run_id": "r", "spec_id": "s", "started_at": "2026-01-05T10:00:00Z", "status": "running"}
    inbox.land("runs/a.jsonl", [run, run | {"status": "success", "tasks": [{"task_id": "t", "status": "success"}]}])
    inbox.ingest()
    inbox.rows(
        "create table summaries.hourly_runs as select date_trunc('hour', started_at) as hour, count(*) as runs "
        "from raw.runs where is_current group by 1"
    )
    inbox.rows("delete from raw.touched_hours")
    assert _purge(inbox, days=80)["raw.runs"].purged_rows == 0
    assert _purge(inbox, days=100)["raw.runs"].purged_rows == 2
    assert inbox.value("select count(*) from raw.run_tasks") == 0
    inbox.land("runs/b.jsonl", [run | {"run_id": "other"}, run])
    [report] = inbox.ingest().files
    assert (report.new_records, report.duplicate_records) == (1, 1)


def test_remembered_keys_are_forgotten_in_the_end(filled):
    _purge(filled, days=2)
    _purge(filled, days=40)
    assert filled.value("select count(*) from raw.retired_keys") == 10
    _purge(filled, days=40 + filled.settings.key_memory_days + 1)
    assert filled.value("select count(*) from raw.retired_keys") == 0


def test_full_executions_that_outlive_slim_ones_are_refused_as_a_setting(tmp_path):
    with pytest.raises(ValueError, match="ANALYTICS_EXECUTIONS_HOURS"):
        Settings(data_dir=tmp_path, executions_hours=1000, slim_executions_days=30)


def test_an_hour_that_still_has_full_executions_is_not_sealed(filled):
    with connect(filled.settings) as con:
        later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=40)
        # As if the full ones were kept for ever: the rows stay in their table and count as live.
        kept = filled.settings.model_copy(update={"executions_hours": 10_000})
        purge(con, kept, later)
    _summarise(filled)
    assert filled.value("select sum(executions) from summaries.daily_tool_usage") == 10
