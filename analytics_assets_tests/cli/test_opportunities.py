"""`analytics apply`, `reject` and `undo` of an opportunity: no document holds it, a word is enough."""

from __future__ import annotations

import json
from datetime import datetime

import duckdb
import pytest

from analytics_assets.defs.suggestions.opportunities import COLUMNS
from analytics_assets.lib.opportunities import Opportunity, advance
from analytics_assets.suggesting.lifecycle import read_decisions
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.frames import frame_of, write
from analytics_assets.warehouse.ingest import ingest
from analytics_assets_tests.cli.suggested import publish, write_document

NOW = datetime(2026, 3, 1)
OFFER = Opportunity(
    opportunity_type="api_performance",
    category="performance",
    subject="tool/grep/response_time",
    component="grep",
    improvement=0.5,
    effort="medium",
    effort_reason="it must be written",
    text="Make grep fast again.",
    confidence=0.9,
    source="patterns.detected_patterns",
    record_kinds=("executions",),
    evidence_sql="select 1",
    as_of=NOW,
)
ID = OFFER.id


@pytest.fixture
def offered(cli):
    """A version with one opportunity, as the decisions in the inbox leave it; calling it again is a refresh."""

    def refresh():
        publish(cli.settings)
        with connect(cli.settings) as con:
            ingest(con, cli.settings)
            decisions = read_decisions(con)
        rows = advance([], [OFFER], decisions, now=NOW)
        file = json.loads(cli.settings.pointer.read_text())["file"]
        frame = frame_of(COLUMNS, rows)
        with duckdb.connect(str(cli.settings.published / file)) as con:
            write(con, "suggestions", "optimization_opportunities", frame=frame)
        return rows[0]["status"]

    write_document(cli.settings)
    assert refresh() == "identified"
    return refresh


def test_it_is_begun_by_a_word_and_taken_back(cli, offered):
    said = cli.run("apply", ID).stdout
    assert "Make grep fast again." in said
    assert f"analytics apply {ID} --yes" in said
    assert offered() == "identified"
    assert f"in progress: {ID}" in cli.run("apply", ID, "--yes", "--notes", "by anna").stdout
    assert "was applied at" in cli.run("reject", ID, "--reason", "no", exit_code=1).stderr
    assert offered() == "in_progress"
    assert "it is applied since" in cli.run("apply", ID, exit_code=1).stderr
    assert f"{ID} was applied: by anna. No document is changed." in cli.run("undo", ID).stdout
    cli.run("undo", ID, "--yes")
    assert offered() == "identified"


def test_it_is_put_away_for_a_reason(cli, offered):
    assert f"rejected: {ID}  Make grep fast again." in cli.run("reject", ID, "--reason", "it is replaced").stdout
    assert offered() == "dismissed"


@pytest.mark.parametrize("command", [("apply",), ("reject", "--reason", "no")])
@pytest.mark.parametrize("key", ["cp-1", "pl-1"])
def test_of_plans_and_capacities_the_error_says_what_to_do(cli, offered, command, key):
    said = cli.run(command[0], key, *command[1:], exit_code=1).stderr
    assert f"No decision is kept of {key}" in said
    assert "Do it by hand" in said


def test_an_id_that_is_nearly_right_is_named(cli, offered):
    assert f"Did you mean {ID}?" in cli.run("apply", ID[:-1], exit_code=1).stderr
    assert "`analytics recommendations --all --json` lists them." in cli.run("apply", "op-?", exit_code=1).stderr
