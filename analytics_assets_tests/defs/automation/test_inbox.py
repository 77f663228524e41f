"""The sensor asks for what a batch touches, no more, and for everything before the first publication."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster import AssetKey, DagsterInstance, DagsterRunStatus, RunsFilter

from analytics_assets.definitions import defs
from analytics_assets.defs.automation.inbox import as_refresh, inbox_sensor, touched_by
from analytics_assets.defs.raw.quality import QUALITY_CHECKS
from analytics_assets.operating_thresholds import START_TAKES_AT_MOST
from analytics_assets.settings import Settings
from analytics_assets_tests.journeys.conftest import executions, land

REPOSITORY = defs().get_repository_def()


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ANALYTICS_SETTLE_SECONDS", "0")
    return Settings()


@pytest.fixture
def context():
    with DagsterInstance.ephemeral() as instance, dg.build_sensor_context(instance, repository_def=REPOSITORY) as made:
        yield made


def chosen(kinds: set[str]) -> set[str]:
    return {key.to_user_string() for key in touched_by(frozenset(kinds)).resolve(REPOSITORY.asset_graph)}


def test_an_empty_inbox_is_skipped_with_the_reason(settings, context):
    assert inbox_sensor(context).skip_message == "nothing new in the inbox"


def test_the_first_file_asks_for_everything(settings, context):
    land(settings, "executions/a.jsonl", executions(3))
    asked = inbox_sensor(context)
    assert asked.asset_selection is None


def test_later_files_ask_for_what_rests_on_their_kind(settings, context):
    land(settings, "executions/a.jsonl", executions(3))
    settings.published.mkdir(parents=True)
    settings.pointer.write_text('{"version": 1, "file": "gone", "published_at": "2026-01-01T00:00:00Z"}')
    asked = inbox_sensor(context)
    assert AssetKey(["raw", "executions"]) in asked.asset_selection
    assert AssetKey(["publish", "published_snapshot"]) in asked.asset_selection
    assert AssetKey(["raw", "runs"]) not in asked.asset_selection
    checks = set(asked.asset_check_keys)
    assert not checks & set(QUALITY_CHECKS)
    assert {"every_line_accounted_for", "rows_unique"} <= {key.name for key in checks}


def test_where_detection_at_once_is_switched_off_a_file_is_not_searched_for_anomalies(settings, context, monkeypatch):
    land(settings, "executions/a.jsonl", executions(3))
    settings.published.mkdir(parents=True)
    settings.pointer.write_text('{"version": 1, "file": "gone", "published_at": "2026-01-01T00:00:00Z"}')
    searched = {AssetKey(["patterns", "anomalies"]), AssetKey(["outcomes", "alerts"])}
    assert searched <= set(inbox_sensor(context).asset_selection)
    monkeypatch.setenv("ANALYTICS_REAL_TIME_DETECTION_ENABLED", "false")
    asked = inbox_sensor(context)
    assert not searched & set(asked.asset_selection)
    assert AssetKey(["profiles", "tool_profiles"]) in asked.asset_selection


def test_executions_touch_profiles_and_patterns_but_no_run_and_no_forecast():
    touched = chosen({"executions"})
    assert {
        "raw/executions",
        "raw/executions_slim",
        "raw/ingested_files",
        "raw/quarantined_lines",
        "staging/stg_as_of",
        "staging/stg_executions",
        "summaries/hourly_tool_usage",
        "summaries/daily_tool_usage",
        "profiles/tool_profiles",
        "patterns/cost_anomalies",
        "suggestions/tool_recommendations",
        "kpis/storage_costs",
        "publish/published_snapshot",
    } <= touched
    assert not {key for key in touched if "runs" in key or key.startswith("forecasts/")}


def test_runs_touch_their_tasks():
    assert {"raw/runs", "raw/run_tasks", "staging/stg_run_tasks", "summaries/hourly_runs"} <= chosen({"runs"})


def test_a_file_of_no_kind_touches_the_ledger_and_the_publication():
    assert chosen(set()) == {
        "raw/ingested_files",
        "raw/quarantined_lines",
        "staging/stg_as_of",
        "kpis/storage_costs",
        "publish/published_snapshot",
    }


def test_a_run_that_was_made_and_never_started_holds_the_next_one_up_for_three_minutes_only(settings, context):
    land(settings, "executions/a.jsonl", executions(3))
    job = REPOSITORY.get_job("refresh")
    lost = context.instance.create_run_for_job(job, status=DagsterRunStatus.NOT_STARTED)
    assert "waits to start" in inbox_sensor(context).skip_message
    later = datetime.now(UTC) + timedelta(seconds=START_TAKES_AT_MOST.value + 1)
    (record,) = context.instance.get_run_records(RunsFilter(run_ids=[lost.run_id]))
    assert as_refresh(record, now=later).is_waiting is False


def test_every_schedule_and_sensor_runs_a_job_of_a_known_name():
    jobs = {job.name for job in REPOSITORY.get_all_jobs()}
    assert {schedule.job_name for schedule in REPOSITORY.schedule_defs} <= jobs
    assert all(schedule.name == schedule.job_name for schedule in REPOSITORY.schedule_defs)
    running = {sensor.name for sensor in REPOSITORY.sensor_defs if sensor.default_status.value == "RUNNING"}
    assert running == {"inbox_sensor", "quality_sensor", "recommendations_sensor", "retraining_sensor"}


def test_the_refresh_leaves_the_quality_suites_to_their_own_job():
    steps = {name: set(REPOSITORY.get_job(name).graph.node_dict) for name in ("refresh", "quality")}
    assert not {step for step in steps["refresh"] if step.startswith("quality_of_")}
    assert steps["quality"] == {step for step in steps["quality"] if step.startswith("quality_of_")}
