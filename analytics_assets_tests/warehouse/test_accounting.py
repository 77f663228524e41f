"""The proofs of a batch hold, and each of them fails when the thing it guards is broken once."""

from __future__ import annotations

from analytics_assets.warehouse import accounting
from analytics_assets.warehouse.connection import connect

RUN = {
    "run_id": "r1",
    "spec_id": "s",
    "status": "success",
    "started_at": "2026-01-05T10:00:00Z",
    "tasks": [{"task_id": "t1", "status": "success"}],
}


def test_a_batch_balances(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a"), execution("a"), execution("b")])
    inbox.land("executions/b.jsonl", '{"execution_id": 1}\nnot json\n')
    report = inbox.ingest()
    with connect(inbox.settings) as con:
        balance = accounting.account(con, "executions", report.batch_id)
    assert balance.is_balanced
    assert (balance.lines, balance.new_records, balance.duplicate_records, balance.quarantined_lines) == (5, 2, 1, 2)


def test_a_lost_record_breaks_the_balance(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a"), execution("b")])
    report = inbox.ingest()
    with connect(inbox.settings) as con:
        con.execute("delete from raw.executions where execution_id = 'b'")
        assert not accounting.account(con, "executions", report.batch_id).is_balanced


def test_a_bad_line_that_is_nowhere_breaks_the_balance(inbox):
    inbox.land("executions/a.jsonl", "not json\n")
    report = inbox.ingest()
    with connect(inbox.settings) as con:
        con.execute("delete from raw.quarantined_lines")
        assert not accounting.account(con, "executions", report.batch_id).is_balanced


def test_a_task_without_its_run_is_an_orphan(inbox):
    inbox.land("runs/a.jsonl", [RUN])
    report = inbox.ingest()
    with connect(inbox.settings) as con:
        assert accounting.orphans(con, "runs", "run_tasks", report.batch_id) == 0
        con.execute("delete from raw.runs")
        assert accounting.orphans(con, "runs", "run_tasks", report.batch_id) == 1


def test_an_execution_that_is_also_slim_is_found(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a")])
    report = inbox.ingest()
    with connect(inbox.settings) as con:
        assert accounting.kept_twice(con, report.batch_id) == 0
        con.execute("insert into raw.executions_slim by name select execution_id, tool_name from raw.executions")
        assert accounting.kept_twice(con, report.batch_id) == 1


def test_a_configuration_version_that_stands_twice_is_found(inbox):
    pipeline = {
        "id": "p1",
        "pipeline_name": "build",
        "started_at": "2026-01-05T10:00:00Z",
        "status": "success",
        "trigger_type": "manual",
        "configuration_version": "1",
    }
    inbox.land("pipelines/a.jsonl", [pipeline, pipeline | {"id": "p2"}])
    inbox.ingest()
    with connect(inbox.settings) as con:
        assert accounting.repeated_configurations(con) == 0
        con.execute("insert into raw.pipeline_configurations select * from raw.pipeline_configurations")
        assert accounting.repeated_configurations(con) == 1


def test_reasons_come_with_an_example_and_a_remedy_the_commonest_first(inbox, execution):
    good = execution("a")
    inbox.land("executions/a.jsonl", [good, execution("b", success="maybe"), execution("c", success="perhaps")])
    inbox.land("executions/b.jsonl", "not json\n")
    report = inbox.ingest()
    with connect(inbox.settings) as con:
        found = accounting.reasons(con, "executions", report.batch_id)
        assert accounting.reasons(con, "runs", report.batch_id) == []
    assert sum(lines for _, lines, _, _ in found) == 3
    assert found[0][0].startswith("success: ") or found[0][1] >= found[-1][1]
    assert any(example == "inbox/executions/b.jsonl:1" for _, _, example, _ in found)
    assert all(remedy for _, _, _, remedy in found)


def test_files_that_could_not_be_read_are_named(inbox):
    inbox.land("executions/a.jsonl.gz", b"no gzip at all")
    inbox.land("what/a.jsonl", "{}\n")
    report = inbox.ingest()
    with connect(inbox.settings) as con:
        statuses = {path: status for path, status, _ in accounting.unread_files(con, report.batch_id)}
    assert statuses == {"inbox/executions/a.jsonl.gz": "unreadable", "inbox/what/a.jsonl": "unknown_kind"}
