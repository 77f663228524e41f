"""The checks on a real batch: landed, ingested, published, judged."""

import json
import os
import subprocess
import sys
import time

import dagster as dg
import pytest

from analytics_assets.defs.automation import quality as automation
from analytics_assets.defs.raw import quality
from analytics_assets.lib.suites import SUITES
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets.warehouse.publish import publish

DEFS = dg.Definitions(
    assets=[dg.AssetSpec(["raw", table]) for table in SUITES],
    asset_checks=dg.load_asset_checks_from_modules([quality]),
    jobs=[automation.quality_job],
    sensors=[automation.quality_sensor],
    executor=dg.in_process_executor,
)

# All records here are of one day, and a day that a batch touches is read from its records.
ROLLUP = (
    "create table if not exists summaries.daily_tool_usage "
    "(day date, tool_name varchar, priced_executions bigint, cost_usd double)"
)


class System:
    """A data folder that files land in, with what Dagster says of it."""

    def __init__(self, folder):
        self.settings = Settings(data_dir=folder)

    def land(self, kind, *records):
        """Bring one batch with these records to the readers."""
        folder = self.settings.inbox / kind
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{len(list(folder.iterdir()))}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        past = time.time() - 60
        os.utime(path, (past, past))
        with connect(self.settings) as con:
            ingest(con, self.settings)
            con.execute(ROLLUP)
            publish(con, self.settings)

    def judge(self, *tables, after_batch=None):
        """Results of the checks of some tables, in one run: {table: {check: evaluation}}."""
        config = {"config": {"after_batch": after_batch}}
        with dg.DagsterInstance.ephemeral() as instance:
            run = DEFS.resolve_job_def("quality").execute_in_process(
                instance=instance,
                run_config={"ops": {f"quality_of_{table}": config for table in tables}},
                op_selection=[f"quality_of_{table}" for table in tables],
            )
        judged = {table: {} for table in tables}
        for found in run.get_asset_check_evaluations():
            judged[found.asset_key.path[1]][found.check_name] = found
        return judged

    def tick(self, cursor=None):
        """What the sensor says to the state that is published now."""
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance, cursor=cursor)
            return automation.quality_sensor(context)


@pytest.fixture
def system(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    return System(tmp_path)


def _execution(key, **fields):
    return {
        "execution_id": key,
        "tool_name": "grep",
        "started_at": "2026-01-05T10:20:30Z",
        "success": True,
    } | fields


def _failed(checks):
    return {name for name, found in checks.items() if not found.passed}


def _told(found, name):
    return found.metadata[name].value


class TestOneBatch:
    def test_every_claim_gets_its_own_result(self, system):
        system.land("executions", _execution("a"), _execution("b"))
        checks = system.judge("executions")["executions"]
        assert list(checks) == [claim.name for claim in SUITES["executions"].claims]
        assert _failed(checks) == set()
        assert _told(checks["keys_unique"], "evaluated_rows") == 2
        assert _told(checks["keys_unique"], "batches") == "batch 1"

    def test_what_the_entry_lets_through_is_found_with_its_key_and_file(self, system):
        system.land("executions", _execution("a"), _execution("odd", duration_seconds=-4, cost_usd=-1))
        checks = system.judge("executions")["executions"]
        assert _failed(checks) == {"durations_not_negative", "costs_not_negative"}
        found = checks["durations_not_negative"]
        assert found.severity is dg.AssetCheckSeverity.WARN
        assert [row.data for row in _told(found, "failing_rows").records] == [
            {
                "execution_id": "odd",
                "found": "duration_seconds = -4",
                "origin": "inbox/executions/0.jsonl",
            }
        ]

    def test_lists_inside_records_are_judged_as_their_own_tables(self, system):
        task = {"task_id": "t", "status": "success", "duration_seconds": -1}
        step = {"step_name": "build", "step_order": 1, "status": "success"}
        run = {"run_id": "r", "spec_id": "s", "status": "success", "started_at": "2026-01-05T10:00:00Z"}
        pipeline = {
            "id": "p",
            "pipeline_name": "ci",
            "started_at": "2026-01-05T10:00:00Z",
            "status": "success",
            "trigger_type": "manual",
        }
        # Twice: a task that was tried again.
        system.land("runs", run | {"tasks": [task, task | {"duration_seconds": 1}]})
        system.land("pipelines", pipeline | {"steps": [step | {"status": "exploded"}, step]})
        judged = system.judge("runs", "run_tasks", "steps")
        assert _failed(judged["runs"]) == set()
        assert _failed(judged["run_tasks"]) == {"durations_not_negative"}
        assert _failed(judged["steps"]) == {"statuses_known"}

    def test_a_large_batch_is_sampled_by_key_and_says_so(self, system, monkeypatch):
        system.land("executions", *(_execution(f"e{n}") for n in range(400)))
        monkeypatch.setattr(quality, "read_batches", _limited(quality.read_batches, 100))
        found = system.judge("executions")["executions"]["keys_unique"]
        rows = _told(found, "evaluated_rows")
        assert 50 <= rows <= 100
        assert _told(found, "rows_in_batches") == 400
        assert _told(found, "sample").startswith(f"{rows} of 400 rows.")


def _limited(read, limit):
    return lambda *arguments: read(*arguments, limit=limit)


class TestSeveralBatches:
    def test_only_the_newest_batch_of_the_kind_is_judged(self, system):
        system.land("executions", _execution("odd", duration_seconds=-4))
        system.land("executions", _execution("a"))
        system.land("decisions", _decision())
        checks = system.judge("executions")["executions"]
        assert _failed(checks) == set()
        assert _told(checks["keys_unique"], "batches") == "batch 2"

    def test_all_batches_after_the_given_one_are_judged(self, system):
        system.land("executions", _execution("first", duration_seconds=-4))
        system.land("executions", _execution("odd", duration_seconds=-4))
        system.land("executions", _execution("a"))
        found = system.judge("executions", after_batch=1)["executions"]["durations_not_negative"]
        assert not found.passed
        assert _told(found, "batches") == "batches 2 to 3"
        assert [row.data["execution_id"] for row in _told(found, "failing_rows").records] == ["odd"]

    def test_tools_and_costs_are_compared_with_what_was_before(self, system):
        system.land("executions", *(_execution(f"e{n}", cost_usd=0.01) for n in range(10)))
        first = system.judge("executions")["executions"]
        assert "Nothing to judge" in first["tools_known"].description
        system.land("executions", _execution("odd", cost_usd=0.11), _execution("new", tool_name="gerp"))
        checks = system.judge("executions")["executions"]
        assert _failed(checks) == {"tools_known", "costs_near_the_tools_average"}
        shown = _told(checks["costs_near_the_tools_average"], "failing_rows").records
        assert [row.data["execution_id"] for row in shown] == ["odd"]

    def test_nine_priced_executions_make_no_average(self, system):
        system.land("executions", *(_execution(f"e{n}", cost_usd=0.01) for n in range(9)))
        system.land("executions", _execution("odd", cost_usd=90))
        assert _failed(system.judge("executions")["executions"]) == set()


class TestNothingToJudge:
    def test_before_the_first_publication_the_checks_pass_and_say_why(self, system):
        checks = system.judge("executions")["executions"]
        assert _failed(checks) == set()
        assert {_told(found, "reason") for found in checks.values()} == {"nothing is published yet"}

    def test_a_kind_that_never_came_passes_and_says_why(self, system):
        system.land("executions", _execution("a"))
        found = system.judge("metrics")["metrics"]["keys_unique"]
        assert found.passed
        assert _told(found, "reason") == "no batch brought records of metrics"
        assert _told(found, "evaluated_rows") == 0

    def test_a_run_without_tasks_leaves_its_tasks_unjudged(self, system):
        system.land("runs", {"run_id": "r", "spec_id": "s", "status": "success", "started_at": "2026-01-05T10:00:00Z"})
        found = system.judge("run_tasks")["run_tasks"]["required_fields_present"]
        assert _told(found, "reason") == "batch 1 has no row in raw.run_tasks, or retention has purged it"

    def test_a_publication_that_cannot_be_read_is_an_error_and_no_verdict(self, system):
        system.land("executions", _execution("a"))
        system.settings.pointer.write_text("{")
        with pytest.raises(Exception, match="cannot be read"):
            system.judge("executions")


class TestTheSensor:
    def test_skips_and_says_why_before_the_first_publication(self, system):
        assert system.tick().skip_message == "nothing is published yet"

    def test_asks_for_one_run_for_the_kinds_with_new_records(self, system):
        system.land("executions", _execution("a"))
        system.land("decisions", _decision())
        result = system.tick()
        (request,) = result.run_requests
        assert result.cursor == "2"
        assert request.run_key.startswith("batch 2 of 2")
        assert {key.asset_key.path[1] for key in request.asset_check_keys} == {"executions", "decisions"}

    def test_asks_for_the_batches_since_the_cursor_alone(self, system):
        system.land("executions", _execution("a"))
        system.land("decisions", _decision())
        (request,) = system.tick(cursor="1").run_requests
        assert request.run_config == {"ops": {"quality_of_decisions": {"config": {"after_batch": 1}}}}

    def test_asks_for_the_tables_of_lists_together_with_their_records(self, system):
        system.land("runs", {"run_id": "r", "spec_id": "s", "status": "success", "started_at": "2026-01-05T10:00:00Z"})
        (request,) = system.tick().run_requests
        assert set(request.run_config["ops"]) == {"quality_of_runs", "quality_of_run_tasks"}

    def test_skips_what_was_judged_and_what_was_published_without_new_records(self, system):
        system.land("executions", _execution("a"))
        system.land("executions", _execution("a"))
        assert system.tick(cursor="1").skip_message == "version 2 brings nothing new: every batch up to 1 was judged"

    def test_its_run_judges_what_it_asked_for(self, system):
        system.land("executions", _execution("a", duration_seconds=-1))
        (request,) = system.tick().run_requests
        job = DEFS.resolve_job_def("quality").get_subset(asset_check_selection=set(request.asset_check_keys))
        with dg.DagsterInstance.ephemeral() as instance:
            run = job.execute_in_process(instance=instance, run_config=request.run_config)
        found = {one.asset_check_key: one.passed for one in run.get_asset_check_evaluations()}
        assert set(found) == set(request.asset_check_keys)
        assert [key.name for key, passed in found.items() if not passed] == ["durations_not_negative"]


def _decision():
    return {
        "decision_id": "d",
        "subject_type": "pattern",
        "subject_id": "p",
        "decision": "applied",
        "decided_at": "2026-01-05T10:20:30Z",
    }


def test_one_check_alone_can_be_run(system):
    system.land("executions", _execution("a"))
    chosen = dg.AssetCheckKey(dg.AssetKey(["raw", "executions"]), "keys_unique")
    job = DEFS.resolve_job_def("quality").get_subset(asset_check_selection={chosen})
    with dg.DagsterInstance.ephemeral() as instance:
        run = job.execute_in_process(instance=instance)
    assert [found.asset_check_key for found in run.get_asset_check_evaluations()] == [chosen]


def test_the_job_selects_exactly_the_checks_of_all_suites():
    job = DEFS.resolve_job_def("quality")
    assert job.asset_layer.asset_graph.asset_check_keys == set(quality.QUALITY_CHECKS)
    assert len(quality.QUALITY_CHECKS) == sum(len(suite.claims) for suite in SUITES.values())


def test_structure_blocks_and_the_unlikely_does_not():
    specs = {spec.key: spec.blocking for checks in quality.checks_by_table for spec in checks.check_specs}
    for table, suite in SUITES.items():
        for claim in suite.claims:
            assert specs[dg.AssetCheckKey(dg.AssetKey(["raw", table]), claim.name)] is claim.is_structure


def test_the_sensor_runs_by_default_and_looks_every_half_minute():
    assert automation.quality_sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert automation.quality_sensor.minimum_interval_seconds == 30


def test_loading_the_checks_imports_neither_great_expectations_nor_pandas():
    program = (
        "import sys, analytics_assets.defs.raw.quality, analytics_assets.defs.automation.quality\n"
        "print(sorted({'great_expectations', 'pandas', 'numpy', 'dbt'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
