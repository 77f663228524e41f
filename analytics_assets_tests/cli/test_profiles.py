"""`analytics runs`, `models`, `resources` and `config`."""

from __future__ import annotations

from typing import get_args

import pytest

from analytics_assets.cli.analysis import RunStatus
from analytics_assets.cli.problems import CommandError
from analytics_assets.cli.profiles import days_of
from analytics_assets.cli.suggesting import StatusWord
from analytics_assets.contracts.words import RUN_STATUS
from analytics_assets.reports.figures import certainty, seconds, usd
from analytics_assets.suggesting.lifecycle import Status
from analytics_assets_tests.cli.analysed import END, SPEC, publish_analysis, tables
from analytics_assets_tests.cli.suggested import write_document
from analytics_assets_tests.queries.published import columns, publish


@pytest.fixture
def published(cli):
    publish_analysis(cli.settings)
    return cli


def cells(line):
    return [cell.strip() for cell in line.split("│")]


def test_runs_are_listed_newest_first_with_null_visible_and_nothing_that_acts_on_the_terminal(published):
    said = published.run("runs").stdout
    first, second = (cells(line) for line in said.splitlines()[2:])
    assert first[:5] == ["2026-02-16 12:00", "r1", SPEC, "medium", "failed"]
    assert second[3] == "NULL"
    assert "\x1b" not in said
    assert "[red]x[/red]" in said


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--last", "30d"), ["r1"]),
        (("--last-30d",), ["r1"]),
        (("--last", "6w"), ["r1", "r2"]),
        (("--spec", "specs/api.json"), ["r1"]),
        (("--spec", "other"), ["r2"]),
        (("--status", "success"), ["r2"]),
        (("--limit", "1"), ["r1"]),
        (("--spec", "other", "--last", "30d"), []),
    ],
)
def test_runs_are_those_that_were_asked_for(published, options, found):
    assert [row["run_id"] for row in published.json("runs", *options, "--json")] == found


def test_a_list_that_is_cut_says_so_beside_it(published):
    result = published.run("runs", "--limit", "1")
    assert "r2" not in result.stdout
    assert "more than these 1 runs: --limit" in result.stderr


def test_no_run_is_said_in_words(published):
    assert "No run is like that." in published.run("runs", "--status", "timeout").stdout


@pytest.mark.parametrize("last", ["", "d", "0d", "3m", "-1d", "1.5d", "9999999d"])
def test_what_is_no_length_of_time_is_refused(last):
    with pytest.raises(CommandError, match="is no length of time"):
        days_of(last)


def test_a_spec_nobody_knows_and_a_status_that_is_none_are_refused(published):
    assert "no run and no document has the spec" in published.run("runs", "--spec", "zzz", exit_code=1).stderr
    published.run("runs", "--status", "great", exit_code=2)


def test_models_show_success_with_its_interval_and_the_cost_of_a_success(published):
    said = published.run("models", "--spec-type", "impl").stdout
    row = cells(said.splitlines()[2].replace("|[red]", "[red]"))
    assert [row[0], *row[2:7]] == ["impl", "44", "25 %", "15 to 40 %", "$1.25", "NULL"]
    assert "\x1b" not in said
    assert "No spec of type 'x' has a run" in published.run("models", "--spec-type", "x").stdout


def test_models_can_be_asked_by_task_and_for_the_success_rate_alone(published):
    said = published.run("models", "--task-type", "validate", "--success-rate").stdout
    title, _, row = (cells(line.replace("┃", "│")) for line in said.splitlines())
    assert title == ["task type", "model", "attempts", "succeeded", "95 % interval"]
    assert row == ["validate", "medium", "30", "90 %", "74 to 97 %"]
    published.run("models", "--task-type", "validate", "--spec-type", "impl", exit_code=2)


def test_resources_can_be_asked_for_the_95th_percentile_alone(published):
    said = published.run("resources", "--show-p95").stdout
    row = cells(said.splitlines()[2])
    assert row == [SPEC, "2Gi", "NULL", "33 of 44", "1,900 MB", "44", "NULL", "0"]
    assert "p99" not in said
    assert "p99" in published.run("resources").stdout
    assert published.json("resources", "--spec", "other", "--json") == []


@pytest.mark.parametrize(
    ("command", "table"),
    [
        ("models", "profiles.model_effectiveness"),
        ("resources", "profiles.resource_usage_profiles"),
    ],
)
def test_json_has_every_column_and_nothing_else(published, command, table):
    (row,) = published.json(command, "--json")
    assert list(row) == list(columns(table))


def test_config_says_each_value_where_it_comes_from_and_why(cli):
    write_document(cli.settings)
    cell = {"model": "large", "runs": 40, "successful_runs": 30, "priced_runs": 40, "cost_per_success_usd": 0.2, **END}
    spread = {"p50_cost_usd": 0.1, "p95_cost_usd": 0.4, "p50_duration_seconds": 90.0, "p95_duration_seconds": 4000.0}
    needs = {"scope": "spec_type", "scope_id": "impl", "runs": 40, "memory_measured_runs": 40, "memory_p95_mb": 3000.0}
    rows = tables(cli.settings) | {
        "profiles.cost_efficiency": [{"scope": "spec", "scope_id": SPEC} | cell | spread],
        "profiles.resource_needs": [needs | {"memory_uncensored_runs": 40}],
    }
    publish(cli.settings, rows)
    said = cli.run("config", "specs/api.json").stdout
    assert "model     large" in said
    assert "from the runs of every version of the spec." in said
    assert "memory    4Gi" in said
    assert "from specs of type impl." in said
    assert "cpu       NULL" in said
    assert "from nowhere. Not enough data" in said
    assert "$0.1 in the middle, $0.4 at the 95th percentile" in said
    assert "1.5 min in the middle, 1.1 h" in said
    assert "failure   25 %, interval 14 to 40 %" in said
    found = cli.json("config", SPEC, "--json")
    assert (found["model"]["value"], found["memory"]["value"], found["cpu"]["value"]) == ("large", "4Gi", None)
    assert "did you mean api-impl" in cli.run("config", "api-imp", exit_code=1).stderr


def test_the_words_that_options_take_are_those_of_the_records():
    assert set(get_args(RunStatus)) == set(RUN_STATUS.values)
    assert set(get_args(StatusWord)) == set(Status)


def test_figures_are_short_and_honest():
    assert [usd(value) for value in (None, 0.0, 0.03851, 12.5, -3.0)] == [None, "$0.00", "$0.0385", "$12.50", "-$3.00"]
    assert [seconds(value) for value in (None, 45, 762, 12_300)] == [None, "45 s", "12.7 min", "3.4 h"]
    assert [certainty(value) for value in (0.875, 0.99, 0.995)] == ["88 %", "99 %", "over 99 %"]
