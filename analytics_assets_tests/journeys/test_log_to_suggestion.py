"""From a log file to a suggestion, and then the things that happen on other days."""

from __future__ import annotations

import json

import pytest
from dagster import AssetKey, DagsterInstance, RunsFilter

from analytics_assets import dbt_runs
from analytics_assets.definitions import defs
from analytics_assets.queries import (
    get_agents_status,
    get_api_usage_and_costing,
    get_predictive_capacity,
    get_risk_patterns,
    get_system_learning,
    get_task_pipeline,
    get_tool_recommendations,
    run_sql,
)
from analytics_assets.warehouse.connection import connect
from analytics_assets_tests.journeys.conftest import START, executions, land

LOG = executions()
FAILED = [e for e in LOG if not e["success"]]


@pytest.fixture(scope="module")
def first(journey):
    land(journey.settings, "executions/log.jsonl", LOG)
    run = {"run_id": "r1", "spec_id": "s", "status": "running", "started_at": START.isoformat(), "agent_id": "agent-0"}
    land(journey.settings, "runs/runs.jsonl", [run])
    summary = journey.refresh()
    assert summary.success, summary.error
    return summary


@pytest.mark.usefixtures("first")
class TestTheFirstRefresh:
    def test_counts_every_record_once(self, first):
        assert (first.by_kind["executions"].new_records, first.by_kind["runs"].new_records) == (len(LOG), 1)
        assert first.version == 1

    def test_tells_its_progress_step_by_step(self, journey):
        done = [event for event in journey.events if event.kind == "step_done"]
        assert [event.done for event in done] == list(range(1, len(done) + 1))
        assert done[-1].done == done[-1].total
        assert any("log.jsonl" in event.message for event in journey.events if event.kind == "progress")

    def test_answers_the_seven_questions_as_an_independent_count_does(self):
        pipeline = get_task_pipeline()
        assert (pipeline["total_tasks"], pipeline["failed_tasks"]) == (len(LOG), len(FAILED))
        assert {agent["agent_id"] for agent in get_agents_status()["agents"]} == {"agent-0", "agent-1"}
        depths = {a["agent_id"]: a["current_queue_depth"] for a in get_predictive_capacity()["agents"]}
        assert depths == {"agent-0": 1, "agent-1": None}
        usage = get_api_usage_and_costing()
        assert usage["total_tokens_24h"] == sum(e["tokens_used"] for e in LOG)
        assert usage["execution_costs"] == pytest.approx(sum(e["cost_usd"] for e in LOG))
        assert usage["tier1_record_count"] >= len(LOG)
        assert get_system_learning()["confidence_distribution"] == {"HIGH": 2, "MEDIUM": 0, "LOW": 1}
        assert [a["execution_id"] for a in get_risk_patterns()["cost_anomalies"]] == ["e150"]
        assert [r["tool_name"] for r in get_tool_recommendations()["recommendations"]] == ["shell"]

    def test_every_answer_says_where_its_window_ends(self):
        for answer in (get_agents_status(), get_task_pipeline(), get_system_learning(), get_risk_patterns()):
            assert answer["as_of"] == "2026-03-02T12:59:00Z"
            assert answer["is_stale"] is True

    def test_leaves_charts_and_row_counts_in_the_ui(self, journey):
        with DagsterInstance.from_config(str(journey.settings.dagster_home)) as instance:
            for asset in ("summaries/hourly_executions", "profiles/tool_profiles"):
                event = instance.get_latest_materialization_event(AssetKey(asset.split("/")))
                metadata = event.asset_materialization.metadata
                assert metadata["dagster/row_count"].value > 0
                assert "data:image/png;base64" in metadata["chart"].value

    def test_the_evidence_of_a_recommendation_can_be_run_again(self, journey):
        (recommended,) = get_tool_recommendations()["recommendations"]
        rows = run_sql(journey.settings, recommended["evidence_sql"]).records()
        assert sum(row["failed_executions"] for row in rows) == len(FAILED)


@pytest.mark.slow
def test_a_second_refresh_of_nothing_changes_nothing_but_the_version(first, journey):
    before = run_sql(journey.settings, "select * exclude (is_stale) from profiles.tool_profiles order by all").rows
    second = journey.refresh()
    assert (second.success, second.by_kind, second.version) == (True, {}, first.version + 1)
    assert (
        run_sql(journey.settings, "select * exclude (is_stale) from profiles.tool_profiles order by all").rows == before
    )


def test_a_bad_line_is_put_aside_with_a_warning_and_the_good_ones_count(first, journey):
    good = executions(302)[300:]
    land(journey.settings, "executions/more.jsonl", "".join(json.dumps(e) + "\n" for e in good) + "{ not json\n")
    summary = journey.refresh()
    assert summary.success
    assert summary.by_kind["executions"].new_records == len(good)
    assert summary.by_kind["executions"].quarantined_lines == 1
    assert get_task_pipeline()["total_tasks"] == len(LOG) + len(good)
    with DagsterInstance.from_config(str(journey.settings.dagster_home)) as instance:
        logged = instance.all_logs(summary.run_id)
        verdicts = [
            entry.dagster_event.asset_check_evaluation_data
            for entry in logged
            if entry.dagster_event and entry.dagster_event.event_type_value == "ASSET_CHECK_EVALUATION"
        ]
        (warned,) = [v for v in verdicts if v.check_name == "no_line_quarantined" and not v.passed]
    assert warned.asset_key == AssetKey(["raw", "executions"])
    assert "inbox/executions/more.jsonl:3" in warned.metadata["reasons"].value


@pytest.mark.slow
def test_another_end_of_the_windows_is_taken_from_the_environment(first, journey, monkeypatch):
    monkeypatch.setenv("ANALYTICS_AS_OF", "2026-03-02T08:59:59Z")
    journey.settings = type(journey.settings)()
    assert journey.refresh().success
    assert get_task_pipeline()["total_tasks"] == 60
    assert get_task_pipeline()["as_of"] == "2026-03-02T08:59:59Z"


def test_a_failure_is_told_in_words_and_leaves_the_old_version(first, journey, monkeypatch):
    monkeypatch.delenv("ANALYTICS_AS_OF", raising=False)
    journey.settings = type(journey.settings)()
    version = json.loads(journey.settings.pointer.read_text())["version"]

    def broken(*_: object, **__: object) -> object:
        raise dbt_runs.DbtError("dbt build stopped: no space left on device")

    monkeypatch.setattr(dbt_runs, "build", broken)
    land(journey.settings, "executions/later.jsonl", executions(305)[302:])
    summary = journey.refresh()
    assert not summary.success
    assert "no space left" in summary.error
    assert json.loads(journey.settings.pointer.read_text())["version"] == version
    monkeypatch.undo()


def test_the_next_refresh_takes_up_what_the_failed_one_left(first, journey):
    assert journey.refresh().success
    assert run_sql(journey.settings, "select count(*) from staging.stg_executions").rows == [(305,)]
    assert run_sql(journey.settings, "select sum(executions) from summaries.hourly_tool_usage").rows == [(305,)]


def test_no_run_is_left_open(first, journey):
    with DagsterInstance.from_config(str(journey.settings.dagster_home)) as instance:
        assert {run.is_finished for run in instance.get_runs(RunsFilter(job_name="refresh"))} == {True}


def test_a_range_can_be_rebuilt_by_hand(first, journey):
    with connect(journey.settings) as con:
        con.execute("delete from summaries.hourly_tool_usage where hour >= '2026-03-02 09:00'")
    range_of_hours = {"config": {"from": "2026-03-02T09:00", "to": "2026-03-03T00:00"}}
    job = defs().resolve_job_def("hourly_aggregation")
    assert job.execute_in_process(run_config={"ops": {"dbt_models": range_of_hours}}).success
    assert run_sql(journey.settings, "select sum(executions) from summaries.hourly_tool_usage").rows == [(305,)]


@pytest.mark.parametrize("job", ["retention", "housekeeping", "hourly_forecasts"])
def test_the_other_jobs_run_and_lose_nothing(first, journey, job):
    assert defs().resolve_job_def(job).execute_in_process().success
    assert run_sql(journey.settings, "select count(*) from staging.stg_executions").rows == [(305,)]


@pytest.mark.slow
def test_names_that_cannot_be_drawn_and_numbers_that_cannot_be_added_stop_nothing(first, journey):
    tools = ("a\x00b", "deploy the thing to production " + "\N{ROCKET}" * 40)
    odd = [
        {
            "execution_id": f"odd{n}",
            "tool_name": tools[n % 2],
            "agent_id": "x" * 36 + "\N{ROCKET} agent with a long name",
            "started_at": START.isoformat(),
            "success": n % 3 > 0,
            "tokens_used": 2**53 - 1,
        }
        for n in range(4_200)
    ]
    land(journey.settings, "executions/odd.jsonl", odd)
    summary = journey.refresh()
    assert summary.success, summary.error
    assert summary.by_kind["executions"].new_records == len(odd)
    assert run_sql(journey.settings, "select max(tokens_used) from summaries.daily_tool_usage").rows == [(2**63 - 1,)]
