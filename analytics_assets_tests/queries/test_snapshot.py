"""Reading what is published: versions, the sandbox, limits."""

import json
import threading
import time
from datetime import timedelta

import duckdb
import pytest

from analytics_assets.queries.errors import (
    NoSnapshotError,
    QueryError,
    StatementFailedError,
    StatementRefusedError,
    TimeLimitError,
)
from analytics_assets.queries.snapshot import json_ready, open_snapshot, reading, run_sql

NUMBERS = ("create schema kpis", "create table kpis.numbers as select range as n from range(5)")
ENDLESS = "with recursive r as (select 1 as i union all select i + 1 from r) select max(i) from r"


def version(number):
    return ("create schema kpis", f"create table kpis.numbers as select {number} as n")


class TestOpening:
    def test_the_version_that_the_pointer_names_is_read(self, publisher, settings):
        publisher.publish(*version(1))
        publisher.publish(*version(2))
        result = run_sql(settings, "select n from kpis.numbers")
        assert (result.columns, result.rows) == (("n",), [(2,)])
        assert (result.version, result.published_at) == (2, "2026-11-22T00:00:00Z")

    def test_the_environment_names_the_folder(self, publisher, settings, monkeypatch):
        publisher.publish(*version(7))
        monkeypatch.setenv("ANALYTICS_DATA_DIR", str(settings.data_dir))
        with open_snapshot() as snapshot:
            assert snapshot.query("from kpis.numbers").rows == [(7,)]

    def test_nothing_published_says_what_to_do(self, settings):
        with pytest.raises(NoSnapshotError, match="nothing is published yet: run `analytics refresh`"):
            open_snapshot(settings)

    @pytest.mark.parametrize(
        "pointer",
        [
            "",
            "not json",
            "[]",
            "{}",
            '{"version": 1}',
            '{"version": 1, "file": "../../x", "published_at": "x"}',
        ],
    )
    def test_a_pointer_that_names_nothing_is_said(self, settings, pointer):
        settings.pointer.write_text(pointer)
        with pytest.raises(NoSnapshotError, match=r"current\.json"):
            open_snapshot(settings)

    def test_a_file_that_is_gone_for_good_is_said(self, publisher, settings):
        publisher.publish(*NUMBERS).unlink()
        with pytest.raises(NoSnapshotError, match="gone"):
            open_snapshot(settings)

    def test_a_file_that_is_no_database_is_said(self, publisher, settings):
        (settings.published / "snapshot-9.duckdb").write_text("not a database, only a text of some length" * 99)
        publisher.point_to(9, "snapshot-9.duckdb")
        with pytest.raises(NoSnapshotError, match="cannot be read"):
            open_snapshot(settings)

    def test_a_writer_of_the_warehouse_does_not_matter(self, publisher, settings):
        publisher.publish(*NUMBERS)
        settings.warehouse.mkdir()
        with duckdb.connect(str(settings.warehouse_file)) as writer:
            writer.execute("begin")
            writer.execute("create table t as select 1")
            assert len(run_sql(settings, "from kpis.numbers").rows) == 5


class TestFlip:
    def test_an_open_reader_keeps_its_version_and_the_next_sees_the_new_one(self, publisher, settings):
        old_file = publisher.publish(*version(1))
        with open_snapshot(settings) as old:
            publisher.publish(*version(2))
            old_file.unlink()
            assert old.query("from kpis.numbers").rows == [(1,)]
            with open_snapshot(settings) as new:
                assert new.query("from kpis.numbers").rows == [(2,)]
            assert old.query("from kpis.numbers").rows == [(1,)]
            assert (old.version, new.version) == (1, 2)

    def test_a_file_cleaned_up_between_pointer_and_opening_is_read_anew(self, publisher, settings, monkeypatch):
        first = publisher.publish(*version(1))
        real, opened = duckdb.connect, []

        def late(path, **options):
            opened.append(path)
            if len(opened) == 1:
                publisher.publish(*version(2))
                first.unlink()
            return real(path, **options)

        with monkeypatch.context() as patch:
            patch.setattr(
                "analytics_assets.queries.snapshot.duckdb.connect",
                lambda path, **o: late(path, **o) if o else real(path),
            )
            assert run_sql(settings, "from kpis.numbers").rows == [(2,)]

    def test_readers_never_fail_while_versions_come_and_go(self, publisher, settings):
        publisher.publish(*version(1))
        seen, problems, stop = [], [], threading.Event()

        def read():
            while not stop.is_set():
                try:
                    result = run_sql(settings, "from kpis.numbers")
                    seen.append((result.version, result.rows[0][0]))
                except QueryError as problem:
                    problems.append(problem)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for number in range(2, 9):
            file = publisher.publish(*version(number))
            time.sleep(0.02)
            older = file.with_name(f"snapshot-{number - 1}.duckdb")
            older.unlink()
        while (8, 8) not in seen and not problems:
            time.sleep(0.01)
        stop.set()
        for reader in readers:
            reader.join()
        assert problems == []
        assert all(version == content for version, content in seen)


class TestSandbox:
    @pytest.fixture
    def snapshot(self, publisher, settings):
        publisher.publish(*NUMBERS)
        with open_snapshot(settings) as opened:
            yield opened

    @pytest.mark.parametrize(
        "sql",
        [
            "select count(*) from kpis.numbers",
            "with a as (select 1) select * from a",
            "from kpis.numbers",
            "values (1)",
            "describe kpis.numbers",
            "show all tables",
            "summarize kpis.numbers",
            "explain select 1",
            "select 1;",
            "-- a comment first\nselect 1",
            "select ';' as semicolon",
        ],
    )
    def test_what_reads_is_answered(self, snapshot, sql):
        assert snapshot.query(sql).rows

    @pytest.mark.parametrize(
        "sql",
        [
            "",
            "-- only a comment",
            "select 1; select 2",
            "select 1; drop table kpis.numbers",
            "insert into kpis.numbers values (1)",
            "update kpis.numbers set n = 1",
            "delete from kpis.numbers",
            "create table t as select 1",
            "create temp table t as select 1",
            "create macro m() as 1",
            "drop table kpis.numbers",
            "alter table kpis.numbers add column m int",
            "attach ':memory:' as other",
            "detach other",
            "use kpis",
            "copy kpis.numbers to 'stolen.csv'",
            "copy kpis.numbers from 'numbers.csv'",
            "export database 'stolen'",
            "import database 'stolen'",
            "set threads = 1",
            "reset threads",
            "pragma database_list",
            "call pragma_version()",
            "install httpfs",
            "load json",
            "checkpoint",
            "vacuum",
            "begin",
            "prepare p as select 1",
            "merge into kpis.numbers using (select 1 as n) as s using (n) when matched then delete",
        ],
    )
    def test_what_does_more_is_refused(self, snapshot, sql):
        with pytest.raises(StatementRefusedError):
            snapshot.query(sql)

    @pytest.mark.parametrize(
        "sql",
        [
            "select * from read_csv('/etc/hosts')",
            "select * from read_text('/etc/hosts')",
            "select * from read_blob('/etc/hosts')",
            "select * from read_json('/etc/hosts')",
            "select * from read_parquet('/etc/hosts')",
            "select * from '/etc/hosts'",
            "select * from glob('/etc/*')",
            "describe select * from read_csv('/etc/hosts')",
            "explain analyze select * from read_csv('/etc/hosts')",
            "explain analyze copy kpis.numbers to 'stolen.csv'",
            "explain analyze insert into kpis.numbers values (1)",
            "with w as (insert into kpis.numbers values (9) returning n) select * from w",
            "select * from query('insert into kpis.numbers values (9)')",
            "select * from secret_of_the_caller",
            "select * from 'https://example.org/x.csv'",
        ],
    )
    def test_what_only_looks_like_reading_finds_nothing(self, snapshot, sql):
        secret_of_the_caller = [1]  # Python's variables are not tables here
        with pytest.raises(StatementFailedError):
            snapshot.query(sql)
        assert secret_of_the_caller == [1]
        assert len(snapshot.query("from kpis.numbers").rows) == 5

    def test_a_statement_that_is_not_sql_is_explained(self, snapshot):
        with pytest.raises(StatementFailedError, match="syntax error"):
            snapshot.query("selekt 1")

    def test_a_very_long_statement_is_not_even_parsed(self, snapshot):
        with pytest.raises(StatementRefusedError, match="longer than 100,000"):
            snapshot.query("select " + "1 + " * 50_000 + "1")

    def test_a_question_that_needs_too_much_memory_fails_without_a_trace_on_disk(self, snapshot):
        with pytest.raises(StatementFailedError, match="Out of Memory"):
            snapshot.query("select list(range) from range(200_000_000)")
        assert [file.name for file in snapshot.file.parent.iterdir() if "tmp" in file.name] == []


class TestLimits:
    @pytest.fixture
    def snapshot(self, publisher, settings):
        publisher.publish(*NUMBERS)
        with open_snapshot(settings) as opened:
            yield opened

    @pytest.mark.parametrize("sql", [ENDLESS, "select a.range from range(1000000) a, range(1000000) b"])
    def test_a_statement_that_runs_for_ever_is_stopped(self, snapshot, sql):
        # Neither would end by itself within the limit of a test: that it raises at all is the interrupt.
        with pytest.raises(TimeLimitError, match=r"after 0\.3 s"):
            snapshot.query(sql, timeout_seconds=0.3)

    def test_stopping_one_statement_leaves_the_others_alone(self, snapshot):
        answers = []

        def run_for_ever():
            with pytest.raises(TimeLimitError):
                snapshot.query(ENDLESS, timeout_seconds=0.5)

        slow = threading.Thread(target=run_for_ever)
        slow.start()
        while slow.is_alive():
            answers.append(snapshot.query("select count(*) from kpis.numbers").rows)
        slow.join()
        assert answers
        assert all(answer == [(5,)] for answer in answers)

    def test_the_limit_cuts_and_says_so(self, snapshot):
        cut = snapshot.query("select n from kpis.numbers order by n", limit=2)
        assert (cut.rows, cut.is_cut) == ([(0,), (1,)], True)
        whole = snapshot.query("select n from kpis.numbers", limit=5)
        assert (len(whole.rows), whole.is_cut) == (5, False)

    def test_values_are_given_apart_from_the_statement(self, snapshot):
        assert snapshot.query("select n from kpis.numbers where n = ?", [3]).rows == [(3,)]
        hostile = "x'; drop table kpis.numbers; --"
        assert snapshot.query("select $word", {"word": hostile}).rows == [(hostile,)]

    def test_a_frame_has_the_same_rows(self, snapshot):
        assert snapshot.frame("select n from kpis.numbers order by n")["n"].tolist() == [0, 1, 2, 3, 4]


class TestJson:
    def test_rows_become_objects_that_json_can_hold(self, publisher, settings):
        publisher.publish(*NUMBERS)
        sql = """
            select timestamp '2026-01-31 10:00:00' as at, timestamptz '2026-01-31 10:00:00+02' as zoned,
                date '2026-01-31' as day, null as nothing, 'nan'::double as undefined, 1.50::decimal(9, 2) as
                price, 170141183460469231731687303715884105727::hugeint as huge, [1, 2] as listed, {'a': date
                '2026-01-31'} as row, interval 90 seconds as took, uuid '00000000-0000-0000-0000-000000000001'
                as id, true as flag
        """
        (record,) = run_sql(settings, sql).records()
        assert json.loads(json.dumps(record, allow_nan=False)) == {
            "at": "2026-01-31T10:00:00Z",
            "zoned": "2026-01-31T08:00:00Z",
            "day": "2026-01-31",
            "nothing": None,
            "undefined": None,
            "price": 1.5,
            "huge": 170141183460469231731687303715884105727,
            "listed": [1, 2],
            "row": {"a": "2026-01-31"},
            "took": 90.0,
            "id": "00000000-0000-0000-0000-000000000001",
            "flag": True,
        }

    def test_columns_of_one_name_are_told_apart(self, publisher, settings):
        publisher.publish(*NUMBERS)
        (record,) = run_sql(settings, "select 1 as a, 2 as a, 3 as a_2, 4 as a").records()
        assert record == {"a": 1, "a_2": 2, "a_2_2": 3, "a_3": 4}

    def test_other_values_become_their_text(self):
        assert json_ready(b"x") == "b'x'"
        assert json_ready(timedelta(seconds=2)) == 2.0


class TestReading:
    def test_a_given_snapshot_is_used_and_left_open(self, publisher, settings):
        publisher.publish(*NUMBERS)
        with open_snapshot(settings) as given:
            with reading(given) as used:
                assert used is given
            assert given.query("select 1").rows == [(1,)]

    def test_without_one_the_current_version_is_opened_and_closed(self, publisher, settings, monkeypatch):
        publisher.publish(*NUMBERS)
        monkeypatch.setenv("ANALYTICS_DATA_DIR", str(settings.data_dir))
        with reading(None) as used:
            assert used.version == 1
        with pytest.raises(StatementFailedError):
            used.query("select 1")
