"""Which records are new, and what was known before them."""

import pytest

from analytics_assets.lib.suites import SUITES
from analytics_assets.queries.batches import new_batches, read_batches, tools_before
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.warehouse.columns import raw_tables
from analytics_assets.warehouse.schema import declaration

TASKS, EXECUTIONS = SUITES["tasks"], SUITES["executions"]

ROLLUP = (
    "create table summaries.daily_tool_usage "
    "(day date, agent_id varchar, tool_name varchar, priced_executions bigint, cost_usd double)"
)


def _table(name):
    _, columns = raw_tables()[name]
    return f"create table raw.{name} ({declaration(columns)})"


@pytest.fixture
def snapshot(settings, publisher):
    """Opens a snapshot with the raw tables and what some statements put into them."""

    def opened(*statements):
        tables = [_table(name) for name in ("ingested_files", "executions", "executions_slim", "tasks")]
        publisher.publish("create schema raw", *tables, "create schema summaries", ROLLUP, *statements)
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


def _calls(tool, cost, count, batch, day=5):
    return (
        f"select '{tool}' as tool_name, {cost} as cost_usd, {batch} as batch_id, "
        f"timestamp '2026-01-{day:02} 09:00:00' as started_at from range({count})"
    )


def _rollup(day, tool, priced, cost):
    return f"insert into summaries.daily_tool_usage values ('2026-01-{day:02}', 'a', '{tool}', {priced}, {cost})"


def test_tools_are_known_from_full_and_slim_executions_of_earlier_batches(snapshot):
    with snapshot(
        _executions(_calls("grep", 0.1, 5, batch=1), "executions_slim"),
        _executions(_calls("grep", 0.3, 5, batch=2)),
        _executions(_calls("rare", 9, 9, batch=2)),
        _executions(_calls("free", "null", 50, batch=2)),
        _executions(_calls("grep", 100, 50, batch=3)),
        _executions(_calls("new", 1, 50, batch=3)),
        # The day's rollup has the batch in it.
        _rollup(5, "grep", 60, 5002),
        _rollup(5, "new", 50, 50),
    ) as current:
        history = tools_before(current, 3)
    assert history.known_tools == {"grep", "rare", "free"}
    assert history.average_cost_usd == {"grep": pytest.approx(0.2)}


def test_of_days_that_the_batch_does_not_touch_the_rollup_is_enough(snapshot):
    with snapshot(
        _executions(_calls("grep", 0.4, 5, batch=2, day=5)),
        _executions(_calls("grep", 100, 50, batch=3, day=5)),
        _executions(_calls("sed", 100, 50, batch=3, day=7)),
        _rollup(4, "grep", 15, 1.0),
        _rollup(4, "old", 0, "null"),
        _rollup(6, "sed", 20, 4.0),
        _rollup(7, "sed", 50, 5000),
    ) as current:
        history = tools_before(current, 3)
    assert history.known_tools == {"grep", "old", "sed"}
    assert history.average_cost_usd == {"grep": pytest.approx(3.0 / 20), "sed": pytest.approx(0.2)}


def test_before_the_first_batch_nothing_is_known(snapshot):
    with snapshot(_executions(_calls("grep", 1, 50, batch=1)), _rollup(5, "grep", 50, 50)) as current:
        history = tools_before(current, 1)
    assert (history.known_tools, history.average_cost_usd) == (frozenset(), {})
