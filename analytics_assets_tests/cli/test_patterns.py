"""`analytics patterns` and `analytics pattern`: lists, one in full, and what a person says of it."""

from __future__ import annotations

import json

import pytest

from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets_tests.cli.analysed import EVIL
from analytics_assets_tests.queries.pattern_tables import SLOW, UNSURE, publish_patterns, store

ID = pattern_id("degradation", SLOW)


@pytest.fixture
def published(cli):
    publish_patterns(cli.settings, store())
    return cli


def decisions(cli):
    return [json.loads(file.read_text()) for file in sorted((cli.settings.inbox / "decisions").glob("[!.]*"))]


def test_the_list_has_what_is_sure_enough(published):
    said = published.run("patterns").stdout
    assert f"degradation of {SLOW}" in said
    assert "95 %" in said
    assert UNSURE not in said
    assert UNSURE in published.run("patterns", "--all").stdout


def test_json_is_the_rows_and_nothing_else_and_a_limit_says_how_many_more(published):
    assert len(published.json("patterns", "--json", "--all")) == 3
    cut = published.run("patterns", "--all", "--limit", "1")
    assert "2 more: --limit takes another number." in cut.stderr


def test_nothing_found_says_how_to_see_more(published):
    assert "--all shows" in published.run("patterns", "--type", "no_such").stdout


def test_one_is_shown_with_relations_history_and_evidence(published):
    said = published.run("pattern", ID).stdout
    for part in (SLOW, "follows by 2 h: performance_anomaly", "appeared", "severity: high", "analytics query"):
        assert part in said
    assert published.json("pattern", ID, "--json")["pattern"]["id"] == ID


def test_a_confirmation_lands_in_the_inbox_as_a_decision_on_a_pattern(published):
    said = published.run("pattern", ID, "--confirm", "--note", "seen it").stdout
    (landed,) = decisions(published)
    assert (landed["subject_type"], landed["subject_id"], landed["decision"]) == ("pattern", ID, "confirmed")
    assert landed["notes"] == "seen it"
    assert "analytics refresh" in said


def test_a_relation_can_be_rejected_by_its_id(published):
    (relation,) = published.json("pattern", ID, "--json")["relationships"]
    published.run("pattern", relation["id"], "--reject", "--note", "shared cron job")
    assert [one["subject_id"] for one in decisions(published)] == [relation["id"]]


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("--reject",), 1, "needs a reason"),
        (("--confirm", "--reject"), 2, "at a time"),
        (("--note", "x"), 2, "belongs to a decision"),
        (("--undo",), 1, "Nobody decided"),
    ],
)
def test_what_cannot_be_decided_says_why_and_lands_nothing(published, words, code, why):
    assert why in published.run("pattern", ID, *words, exit_code=code).stderr
    assert decisions(published) == []


def test_an_unknown_id_ends_in_a_sentence(published):
    assert "There is no pattern 'zzz'" in published.run("pattern", "zzz", exit_code=1).stderr


def test_what_a_log_wrote_does_not_act_on_the_terminal(cli):
    rows = store()
    rows["detected_patterns"][0] |= {"pattern_name": EVIL, "subject": EVIL, "confidence_score": 0.99}
    publish_patterns(cli.settings, rows)
    for words in (("patterns",), ("pattern", rows["detected_patterns"][0]["id"])):
        said = cli.run(*words).stdout
        assert "\x1b[31m" not in said
        assert "[red]x[/red]" in said
