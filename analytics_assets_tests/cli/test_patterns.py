"""`analytics patterns` and `analytics pattern`: lists, one in full, and what a person says of it."""

from __future__ import annotations

import json
import shlex

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
    assert "2 more: --all or --limit." in cut.stderr


def test_a_list_for_people_is_a_screen_with_the_sentence_first_and_its_counts(cli):
    rows = store()
    (one, *_) = rows["detected_patterns"]
    rows["detected_patterns"] += [one | {"id": f"{number:016x}"} for number in range(100)]
    publish_patterns(cli.settings, rows)
    found = cli.run("patterns", "--category", one["pattern_category"])
    assert "more: --all or --limit." in found.stderr
    counts, titles, *lines = found.stdout.splitlines()
    assert counts == f"101 patterns: 101 {one['pattern_category']}"
    assert [word for word in titles.split() if word.isalpha()] == ["since", "what", "sure", "severity", "state", "id"]
    assert sum(one["pattern_name"] in line for line in lines) == 25
    assert sum(one["pattern_name"] in line for line in cli.run("patterns", "--all").stdout.splitlines()) == 101


def test_eight_digits_of_an_id_are_shown_and_enough(published):
    said = published.run("patterns").stdout
    assert ID[:8] in said
    assert ID not in said
    assert ID in published.run("pattern", ID[:8]).stdout


def test_nothing_found_says_how_to_see_more(published):
    assert "--all shows" in published.run("patterns", "--type", "no_such").stdout


def test_one_is_shown_with_relations_history_and_evidence(published):
    said = published.run("pattern", ID).stdout
    for part in (SLOW, "follows by 2 h: performance_anomaly", "appeared", "severity: high", 'analytics query "select'):
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


def test_the_query_can_be_given_to_a_shell_whatever_the_subject_is_named(cli):
    rows = store()
    odd = 'tool/"$HOME`ls`!/response_time'
    rows["detected_patterns"][0] |= {"subject": odd}
    publish_patterns(cli.settings, rows)
    key = rows["detected_patterns"][0]["id"]
    (line,) = (one for one in cli.run("pattern", key).stdout.splitlines() if "analytics query" in one)
    assert shlex.split(line) == ["analytics", "query", cli.json("pattern", key, "--json")["evidence_sql"]]
