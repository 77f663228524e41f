"""What an application records, and that recording never gets in its way."""

import json
import logging
import subprocess
import sys
import textwrap
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from analytics_assets import recorder as module
from analytics_assets.contracts import CONTRACTS
from analytics_assets.recorder import Recorder, default_recorder
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest

PROCESSES, THREADS, EACH = 8, 4, 500

NEEDED = {
    "record_execution": ("executions", {"tool_name": "search", "success": True}),
    "record_run": ("runs", {"spec_id": "s", "status": "success"}),
    "record_procedure_call": (
        "procedure_calls",
        {"satellite_id": "github", "procedure_id": "github/PROC-1", "status": "success"},
    ),
    "record_procedure_feedback": ("procedure_feedback", {"procedure_id": "github/PROC-1"}),
    "record_issue": ("issues", {"issue": "slow", "category": "agents", "priority": 1, "status": "OPEN"}),
    "record_review": ("reviews", {"scope": "all"}),
    "record_task": ("tasks", {"title": "t", "status": "todo"}),
    "record_task_execution": ("task_executions", {"task_id": "t", "status": "running"}),
    "record_pipeline": ("pipelines", {"pipeline_name": "p", "status": "success", "trigger_type": "manual"}),
    "record_metric": ("metrics", {"metric_name": "cpu", "metric_value": 0.5, "source_system": "host"}),
    "record_event": ("events", {"event_type": "deployment", "source_system": "ci", "status": "success"}),
    "record_decision": ("decisions", {"subject_type": "pattern", "subject_id": "p", "decision": "confirmed"}),
    "record_spec": ("specs", {"id": "s"}),
}


@pytest.fixture
def recorder(tmp_path):
    return Recorder(tmp_path, strict=True)


def recorded(data_dir, kind):
    files = sorted((data_dir / "inbox" / kind).glob("*.json*"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def one(data_dir, kind):
    (record,) = recorded(data_dir, kind)
    return record


@pytest.mark.parametrize("name", NEEDED)
class TestEveryKind:
    def test_what_is_needed_is_enough_for_the_contract(self, recorder, name):
        kind, fields = NEEDED[name]
        getattr(recorder, name)(**fields)
        record = one(recorder.data_dir, kind)
        assert {field.name for field in CONTRACTS[kind].fields if field.required} <= record.keys()
        assert record.keys() <= CONTRACTS[kind].names

    def test_the_docstring_names_what_is_needed(self, name):
        _, fields = NEEDED[name]
        assert all(f"``{field}``" in getattr(Recorder, name).__doc__ for field in fields)

    def test_the_id_that_is_returned_is_the_one_that_was_written(self, recorder, name):
        kind, fields = NEEDED[name]
        contract = CONTRACTS[kind]
        key = getattr(recorder, name)(**fields)
        assert key == (None if contract.surrogate_key else one(recorder.data_dir, kind)[contract.key[0]])

    def test_a_missing_field_is_said_and_the_record_kept_for_the_quarantine(self, tmp_path, caplog, name):
        kind, fields = NEEDED[name]
        first = next(iter(fields))
        getattr(Recorder(tmp_path), name)(**{**fields, first: None})
        assert f"lacks {first}" in caplog.text
        assert first not in one(tmp_path, kind)

    def test_a_missing_field_is_an_error_when_strict(self, recorder, name):
        _, fields = NEEDED[name]
        first = next(iter(fields))
        with pytest.raises(ValueError, match=first):
            getattr(recorder, name)(**{**fields, first: None})

    def test_the_function_writes_to_the_folder_of_the_environment(self, tmp_path, monkeypatch, name):
        monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path / "elsewhere"))
        kind, fields = NEEDED[name]
        getattr(module, name)(**fields)
        assert len(recorded(tmp_path / "elsewhere", kind)) == 1


def test_every_kind_of_the_inbox_can_be_recorded():
    assert {kind for kind, _ in NEEDED.values()} == CONTRACTS.keys()


def test_a_recorded_spec_is_a_document_and_the_same_one_again_is_no_new_version(recorder):
    settings = Settings(data_dir=recorder.data_dir, settle_seconds=0)
    versions = []
    for tasks in (["a"], ["a"], ["a", "b"]):
        assert recorder.record_spec(id="s", tasks=tasks, resources={"memory": "4Gi"}) == "s"
        with connect(settings) as con:
            ingest(con, settings)
            versions.append(
                con.execute("select task_count, memory_limit, is_current from raw.specs order by 1").fetchall()
            )
    assert versions == [[(1, "4Gi", True)], [(1, "4Gi", True)], [(1, "4Gi", False), (2, "4Gi", True)]]
    with connect(settings) as con:
        assert con.execute("select count(*) from raw.quarantined_lines").fetchall() == [(0,)]
        assert con.execute("select count(distinct fingerprint), count(extra) from raw.specs").fetchall() == [(2, 0)]


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_version_has_a_time_of_its_own_only_where_the_contract_has_one(recorder, kind):
    recorder.strict = False
    recorder.record(kind)
    assert ("updated_at" in one(recorder.data_dir, kind)) == ("updated_at" in CONTRACTS[kind].names)


class TestExecution:
    def test_the_names_of_the_analytics_engine_are_taken(self, recorder):
        recorder.record_execution(
            task_id="t1",
            tool_name="search",
            duration_seconds=2.5,
            success=False,
            cost_actual=0.02,
            tokens_used=100,
            human_effort_level="LOW",
            browser_used=True,
        )
        record = one(recorder.data_dir, "executions")
        assert record["cost_usd"] == 0.02
        assert "cost_actual" not in record
        assert (record["task_id"], record["tokens_used"], record["browser_used"]) == ("t1", 100, True)

    def test_a_call_recorded_at_its_end_began_that_long_ago(self, recorder):
        before = datetime.now(UTC)
        recorder.record_execution(tool_name="search", success=True, duration_seconds=3600)
        began = datetime.fromisoformat(one(recorder.data_dir, "executions")["started_at"])
        assert timedelta(0) <= began - (before - timedelta(hours=1)) < timedelta(seconds=30)

    @pytest.mark.parametrize("duration", [-5, "soon", float("nan"), 1e300])
    def test_a_duration_that_is_none_does_not_move_the_time(self, tmp_path, duration):
        before = datetime.now(UTC)
        Recorder(tmp_path).record_execution(tool_name="search", success=True, duration_seconds=duration)
        assert datetime.fromisoformat(one(tmp_path, "executions")["started_at"]) >= before

    def test_given_ids_and_times_are_kept(self, recorder):
        given = {"execution_id": "e1", "started_at": "2020-01-01T00:00:00Z"}
        assert recorder.record_execution(tool_name="x", success=True, **given) == "e1"
        assert given.items() <= one(recorder.data_dir, "executions").items()

    def test_a_block_is_timed_and_recorded(self, recorder):
        with recorder.execution(tool_name="search", agent_id="a") as execution:
            execution.set(tokens_used=12, cost_usd=0.5)
        record = one(recorder.data_dir, "executions")
        assert record["execution_id"] == execution.execution_id
        assert (record["success"], record["tokens_used"], record["agent_id"]) == (True, 12, "a")
        assert 0 <= record["duration_seconds"] < 30

    def test_an_exception_is_a_failure_and_goes_on(self, recorder):
        with pytest.raises(TimeoutError), recorder.execution(tool_name="search"):
            raise TimeoutError("no answer")
        record = one(recorder.data_dir, "executions")
        assert (record["success"], record["error_type"], record["error_message"]) == (
            False,
            "TimeoutError",
            "no answer",
        )

    def test_an_interrupt_is_recorded_too(self, recorder):
        with pytest.raises(KeyboardInterrupt), recorder.execution(tool_name="search"):
            raise KeyboardInterrupt
        assert one(recorder.data_dir, "executions")["error_type"] == "KeyboardInterrupt"

    def test_a_failure_without_an_exception_can_be_said(self, recorder):
        with recorder.execution(tool_name="search") as execution:
            execution.fail("not_found", "no such page")
        record = one(recorder.data_dir, "executions")
        assert (record["success"], record["error_type"]) == (False, "not_found")


class TestEntities:
    def test_a_second_version_repeats_when_the_first_began(self, recorder):
        run = recorder.record_run(spec_id="s", status="running")
        recorder.record_run(run_id=run, spec_id="s", status="success", duration_seconds=50)
        first, second = recorded(recorder.data_dir, "runs")
        assert second["started_at"] == first["started_at"]
        assert second["updated_at"] > first["updated_at"]

    def test_a_second_event_has_a_time_of_its_own(self, recorder):
        for _ in range(2):
            recorder.record_event(id="e", event_type="x", source_system="s", status="success")
        first, second = recorded(recorder.data_dir, "events")
        assert second["occurred_at"] > first["occurred_at"]
        assert "updated_at" not in first

    def test_what_is_remembered_is_bounded(self, recorder, monkeypatch):
        monkeypatch.setattr(module, "REMEMBERED", 10)
        for number in range(50):
            recorder.record_task(id=f"t{number}", title="t", status="todo")
        assert len(recorder._first_times) <= 10

    def test_records_within_a_record_are_kept_whole(self, recorder):
        steps = [{"step_name": "build", "step_order": 1, "status": "success"}]
        recorder.record_pipeline(pipeline_name="p", status="success", trigger_type="manual", steps=steps)
        assert one(recorder.data_dir, "pipelines")["steps"] == steps


class TestNeverInTheWay:
    def test_an_unwritable_folder_is_a_warning_with_the_reason(self, tmp_path, caplog):
        (tmp_path / "inbox").write_text("a file where the folder should be")
        assert Recorder(tmp_path).record_execution(tool_name="x", success=True) is None
        assert "not written" in caplog.text
        assert "Error" in caplog.text

    def test_the_same_is_raised_when_strict(self, tmp_path):
        (tmp_path / "inbox").write_text("a file where the folder should be")
        with pytest.raises(OSError, match="inbox"):
            Recorder(tmp_path, strict=True).record_execution(tool_name="x", success=True)

    def test_a_value_that_cannot_be_written_is_a_warning(self, tmp_path, caplog):
        circle: list[object] = []
        circle.append(circle)
        assert Recorder(tmp_path).record_event(event_data=circle) is None
        assert "RecursionError" in caplog.text

    def test_an_unknown_kind_is_a_warning(self, tmp_path, caplog):
        assert Recorder(tmp_path).record("nothing") is None
        assert "nothing" in caplog.text

    def test_a_field_of_any_name_is_kept(self, recorder):
        recorder.record_event(event_type="x", source_system="s", status="success", kind="k", self="me")
        assert {"kind": "k", "self": "me"}.items() <= one(recorder.data_dir, "events").items()

    def test_a_warning_costs_nothing_when_nobody_listens(self, tmp_path):
        logging.getLogger("analytics_assets.recorder").setLevel(logging.CRITICAL)
        try:
            assert Recorder(tmp_path).record("nothing") is None
        finally:
            logging.getLogger("analytics_assets.recorder").setLevel(logging.NOTSET)


class TestWhereItGoes:
    def test_the_default_recorder_follows_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path / "a"))
        first = default_recorder()
        assert first is default_recorder()
        monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path / "b"))
        assert default_recorder().data_dir == tmp_path / "b"

    def test_without_the_environment_it_is_data_here(self, tmp_path, monkeypatch):
        monkeypatch.delenv("ANALYTICS_DATA_DIR", raising=False)
        monkeypatch.chdir(tmp_path)
        assert Recorder().data_dir == tmp_path / "data"

    def test_a_later_change_of_folder_does_not_move_it(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        recorder = Recorder("records")
        (tmp_path / "other").mkdir()
        monkeypatch.chdir(tmp_path / "other")
        recorder.record_execution(tool_name="x", success=True)
        assert len(recorded(tmp_path / "records", "executions")) == 1


def test_threads_of_processes_write_every_record_once(tmp_path):
    program = textwrap.dedent(f"""
        import sys
        from concurrent.futures import ThreadPoolExecutor
        from analytics_assets.recorder import Recorder

        recorder = Recorder(sys.argv[1], strict=True, max_file_bytes=40_000)

        def work(thread):
            for number in range({EACH}):
                name = f"{{sys.argv[2]}}-{{thread}}-{{number}}"
                recorder.record_execution(execution_id=name, tool_name="t" * (number % 97 + 1), success=True)

        with ThreadPoolExecutor({THREADS}) as pool:
            list(pool.map(work, range({THREADS})))
    """)
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(number)]) for number in range(PROCESSES)
    ]
    assert [process.wait(60) for process in started] == [0] * PROCESSES
    names = Counter(record["execution_id"] for record in recorded(tmp_path, "executions"))
    expected = {f"{p}-{t}-{n}" for p in range(PROCESSES) for t in range(THREADS) for n in range(EACH)}
    assert names.keys() == expected
    assert set(names.values()) == {1}


def test_one_recorder_serves_many_threads(recorder):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda n: recorder.record_execution(tool_name=f"t{n}", success=True), range(400)))
    assert len(set(keys)) == 400
    assert {record["execution_id"] for record in recorded(recorder.data_dir, "executions")} == set(keys)


def test_importing_it_brings_in_nothing_but_the_standard_library():
    program = (
        "import sys; before = set(sys.modules); import analytics_assets.recorder;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*new - set(sys.stdlib_module_names))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["analytics_assets"]
