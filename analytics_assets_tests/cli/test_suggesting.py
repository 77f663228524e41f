"""`analytics suggest`: a list for people, rows for programs."""

from __future__ import annotations

import pytest

from analytics_assets_tests.cli.analysed import EVIL, publish_analysis, suggested, tables
from analytics_assets_tests.cli.suggested import ID, write_document
from analytics_assets_tests.feedback.conftest import row
from analytics_assets_tests.queries.published import columns, publish

BY_HAND = suggested(
    id="sg-00000000000b",
    level="LOW",
    target=None,
    confidence=0.6,
    current_runs=40,
    current_failures=8,
    current_rate=0.2,
    data_points=40,
    suggested_runs=None,
    suggested_failures=None,
    difference=None,
    suggested_value="rewrite the spec; usual is 90 %",
)
SPARSE = suggested(id="sg-00000000000c", status="not_enough_data", confidence=None, level="LOW")
REJECTED = suggested(
    id="sg-00000000000d",
    status="rejected",
    decided_at="2026-02-10 08:00:00",
    decided_by="kim",
    decision_notes="seasonal",
)


def words(said):
    """The text without its box and its folds."""
    return " ".join(said.replace("│", " ").split())


def test_json_is_the_rows_and_nothing_else(cli):
    publish_analysis(cli.settings, suggested(), SPARSE)
    rows = cli.json("suggest", "--json")
    assert [list(found) for found in rows] == [list(columns("suggestions.suggestions"))] * 2
    assert rows[0]["id"] == ID
    assert rows[1]["confidence"] is None
    assert [found["id"] for found in cli.json("suggest", "--json", "--status", "not_enough_data")] == [SPARSE["id"]]


def test_the_list_says_what_to_do_why_how_certain_on_how_many_runs_and_what_to_type(cli):
    publish_analysis(cli.settings, suggested(confidence=0.874))
    said = words(cli.run("suggest").stdout)
    assert "Suggestions (1)" in said
    assert "1. [HIGH] api-impl - memory: 2Gi -> 4Gi" in said
    assert "33 of 44 runs were killed for want of memory at 2Gi." in said
    assert (
        "Confidence: 87 % (n = 47: failed 33 of 44 now, 0 of 3 as suggested; -75 points, interval -86 to -20)" in said
    )
    assert "In 30 days: 33 failures fewer" in said
    assert f"analytics apply {ID}" in said
    assert f"analytics reject {ID} --reason TEXT" in said
    assert "of suggestions said 80-90 %, 84 % held (n = 25, 65 to 94 %)" in said


def test_nothing_that_was_counted_is_said_to_be_certain(cli):
    publish_analysis(cli.settings, suggested(confidence=0.99999))
    assert "Confidence: over 99 %" in cli.run("suggest").stdout


def test_a_claim_of_one_side_has_its_share_with_the_interval_and_is_done_by_hand(cli):
    publish_analysis(cli.settings, BY_HAND)
    said = words(cli.run("suggest").stdout)
    assert "[LOW] api-impl - rewrite the spec; usual is 90 %" in said
    assert "Confidence: 60 % (n = 40: counted 8 of 40, 20 %, interval 10 to 35 %)" in said
    assert "Do it: by hand" in said
    assert "analytics apply" not in said


@pytest.mark.parametrize("tried", [{}, {"suggested_runs": 0, "suggested_failures": 0}, {"suggested_runs": None}])
def test_what_was_hardly_tried_or_never_is_said_to_be_an_estimate(cli, tried):
    publish_analysis(cli.settings, suggested(basis="estimated") | tried)
    assert "estimated: hardly a run or none went that way" in words(cli.run("suggest").stdout)


def test_what_is_said_of_the_present_alone_is_no_estimate(cli):
    publish_analysis(cli.settings, BY_HAND | {"basis": "estimated"})
    assert "estimated" not in cli.run("suggest").stdout


def test_others_are_counted_and_can_be_asked_for_by_their_status(cli):
    publish_analysis(cli.settings, suggested(), SPARSE, REJECTED)
    assert "Also: 1 not enough data, 1 rejected" in words(cli.run("suggest").stdout)
    said = words(cli.run("suggest", "--status", "not_enough_data").stdout)
    assert "Not enough data: 47 runs so far." in said
    said = words(cli.run("suggest", "--status", "rejected").stdout)
    assert "Rejected 2026-02-10 by kim: seasonal" in said


def test_suggestions_of_one_spec_are_asked_for_by_its_id_or_path(cli):
    publish_analysis(cli.settings, suggested(), suggested(id="sg-00000000000e", spec_id="other"))
    for spec in ("api-impl", "specs/api.json"):
        assert [found["id"] for found in cli.json("suggest", "--spec", spec, "--json")] == [ID]
    assert "did you mean api-impl" in cli.run("suggest", "--spec", "api-imp", exit_code=1).stderr


def test_no_suggestion_is_said_in_words_and_is_an_empty_list(cli):
    write_document(cli.settings)
    publish(cli.settings, tables(cli.settings) | {"suggestions.suggestions": (), "outcomes.calibration": ()})
    said = cli.run("suggest").stdout
    assert "No suggestion is pending." in said
    assert "not measured yet" in said
    assert cli.json("suggest", "--json") == []


def test_a_calibration_that_was_never_computed_does_not_hide_the_suggestions(cli):
    write_document(cli.settings)
    publish(cli.settings, tables(cli.settings), without=("outcomes.calibration",))
    said = cli.run("suggest").stdout
    assert "[HIGH] api-impl" in said
    assert "not measured yet" in said


@pytest.mark.parametrize("command", ["suggest", "runs", "models", "resources", "report"])
def test_before_anything_is_computed_the_way_is_shown(cli, command):
    assert "nothing is published yet: run `analytics refresh`" in cli.run(command, exit_code=1).stderr
    cli.publish()
    assert "not computed yet: run `analytics refresh`" in cli.run(command, exit_code=1).stderr


def test_texts_of_logs_do_not_act_on_the_terminal(cli):
    publish_analysis(cli.settings, suggested(reasoning=EVIL, suggested_value=f"memory: {EVIL}"))
    said = cli.run("suggest").stdout
    assert "\x1b" not in said
    assert "[red]x[/red]" in said


def test_what_was_decided_and_not_yet_counted_is_marked(cli):
    publish_analysis(cli.settings)
    cli.run("reject", ID, "--reason", "seasonal")
    said = words(cli.run("suggest").stdout)
    assert "Rejected already; the next refresh counts it." in said
    assert "analytics apply" not in said


def test_the_rows_of_these_tests_are_rows_of_suggestions():
    assert row().keys() <= columns("suggestions.suggestions").keys()
