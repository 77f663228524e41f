"""Which records are new, and what was known before them."""

import pytest

from analytics_assets.lib.suites import SUITES
from analytics_assets.queries.batches import new_batches, read_batches, tools_before
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.warehouse.columns import raw_tables
from analytics_assets.warehouse.schema import declaration

TASKS, EXECUTIONS = SUITES["tasks"], SUITES["executions"]


def _table(name):
    _, columns = raw_tables()[name]
    return f"create table raw.{name} ({declaration(columns)})"


@pytest.fixture
def snapshot(settings, publisher):
    """Opens a snapshot with the raw tables and what some statements put into them."""

    def opened(*statements):
        tables = [_table(name) for name in ("ingested_files", "executions", "executions_slim", "tasks")]
        publisher.publish("create schema raw", *tables, *statements)
        return open_snapshot(settings)

    return opened


def _file(file_id, kind, batch, new_records=1):
    return (
        "insert into raw.ingested_files (file_id, path, kind, new_records, batch_id, ingested_at) "
        f"values ({file_id}, 'inbox/{kind}/{file_id}.jsonl', '{kind}', {new_records}, {batch}, '2026-01-05 12:00')"
    )


def _executions(select, table="executions"):
    return f"insert into raw.{table} by name {select}"


def test_each_kind_has_its_newest_batch_with_new_records(snapshot):
    with snapshot(
        _file(1, "runs", 1), _file(2, "runs", 2), _file(3, "runs", 3, new_records=0), _file(4, "executions", 1)
    ) as current:
        assert [(new.kind, new.batch_id, new.ingested_at) for new in new_batches(current)] == [
            ("executions", 1, "2026-01-05T12:00:00Z"),
            ("runs", 2, "2026-01-05T12:00:00Z"),
        ]
        assert [new.kind for new in new_batches(current, after=1)] == ["runs"]
        assert new_batches(current, after=2) == []


def test_rows_come_with_their_file_and_from_the_given_batches_alone(snapshot):
    batches = "select 'k' || b as execution_id, b as batch_id, b as file_id from range(1, 5) as r(b)"
    with snapshot(_file(2, "executions", 2), _file(3, "executions", 3), _executions(batches)) as current:
        batch = read_batches(current, EXECUTIONS, 2, 3)
    assert sorted(zip(batch.rows.execution_id, batch.rows.origin_file, strict=True)) == [
        ("k2", "inbox/executions/2.jsonl"),
        ("k3", "inbox/executions/3.jsonl"),
    ]
    assert (batch.total, batch.is_sample) == (2, False)


def test_a_sample_has_all_rows_of_the_keys_it_has(snapshot):
    twice = "select 'k' || (n // 2) as execution_id, 1 as batch_id, 1 as file_id from range(2000) as r(n)"
    with snapshot(_executions(twice)) as current:
        batch = read_batches(current, EXECUTIONS, 1, 1, limit=900)
    assert batch.is_sample
    assert batch.total == 2000
    assert 400 <= len(batch.rows) <= 900
    assert set(batch.rows.groupby("execution_id").size()) == {2}


def test_keys_are_read_whole_and_other_texts_in_part(snapshot):
    long = "select repeat('k', 300) as id, repeat('t', 300) as title, 1 as batch_id, 1 as file_id"
    with snapshot(f"insert into raw.tasks by name {long}") as current:
        (row,) = read_batches(current, TASKS, 1, 1).rows.to_dict("records")
    assert (len(row["id"]), len(row["title"])) == (300, 100)
    assert "description" not in row


def test_tools_are_known_from_full_and_slim_executions_of_earlier_batches(snapshot):
    def priced(tool, cost, count, batch):
        return f"select '{tool}' as tool_name, {cost} as cost_usd, {batch} as batch_id from range({count})"

    with snapshot(
        _executions(priced("grep", 0.1, 5, batch=1), "executions_slim"),
        _executions(priced("grep", 0.3, 5, batch=2)),
        _executions(priced("rare", 9, 9, batch=2)),
        _executions(priced("free", "null", 50, batch=2)),
        _executions(priced("grep", 100, 50, batch=3)),
        _executions(priced("new", 1, 50, batch=3)),
    ) as current:
        history = tools_before(current, 3)
    assert history.known_tools == {"grep", "rare", "free"}
    assert history.average_cost_usd == {"grep": pytest.approx(0.2)}
