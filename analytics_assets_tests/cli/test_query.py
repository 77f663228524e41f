"""Questions in SQL: pure JSON for programs, readable tables for people, plain words for mistakes."""

from __future__ import annotations

import pytest

from analytics_assets_tests.cli.conftest import execution


@pytest.fixture
def published(cli):
    cli.land("executions/a.jsonl", [execution(f"e{number:03}", cost_usd=None) for number in range(250)])
    cli.publish()
    return cli


def test_json_is_a_list_of_objects_and_nothing_else(published):
    rows = published.json("query", "select execution_id, started_at, cost_usd from raw.executions order by 1", "--json")
    assert len(rows) == 250
    assert rows[0] == {"execution_id": "e000", "started_at": "2026-01-05T10:20:30.500000Z", "cost_usd": None}


def test_json_of_no_rows_is_an_empty_list(published):
    assert published.json("query", "select 1 as one where false", "--json") == []


def test_a_table_shows_null_and_says_that_it_is_cut(published):
    result = published.run("query", "select execution_id, cost_usd from raw.executions order by 1")
    assert "e000" in result.stdout
    assert "NULL" in result.stdout
    assert "e199" in result.stdout
    assert "e200" not in result.stdout
    assert "more than these 200 rows: --limit" in result.stderr


def test_limit_holds_for_tables_and_json(published):
    assert len(published.json("query", "from raw.executions", "--json", "--limit", "3")) == 3
    assert "e240" in published.run("query", "from raw.executions order by all", "--limit", "1000").stdout


def test_a_value_cannot_write_to_the_terminal_or_be_read_as_markup(published):
    said = published.run("query", "select '[red]x[/red]' || chr(27) || '[31m' as text").stdout
    assert "[red]x[/red]\\x1b[31m" in said


def test_the_statement_can_come_from_standard_input(published):
    assert "42" in published.run("query", "-", stdin="select 6 * 7").stdout


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select * from raw.executionz", "analytics query"),
        ("selec 1", "syntax error"),
        ("delete from raw.executions", "DELETE is refused"),
        ("select 1; select 2", "one statement at a time: this is 2"),
        ("select * from read_csv('/etc/passwd')", "disabled"),
        ("copy raw.executions to '/tmp/stolen.csv'", "COPY is refused"),
    ],
)
def test_a_statement_that_does_not_run_is_explained_on_stderr(published, sql, words):
    result = published.run("query", sql, "--json", exit_code=1)
    assert words in result.stderr
    assert result.stdout == ""


def test_before_the_first_publication_the_way_is_shown(cli):
    assert "nothing is published yet: run `analytics refresh`" in cli.run("query", "select 1", exit_code=1).stderr
