"""`analytics patterns` and `analytics pattern`: lists, one in full, and what a person says of it."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime

import duckdb
import pytest

from analytics_assets.cli.doctor.data import unexamined
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
    for part in (
        SLOW,
        "follows, 2 h earlier: performance_anomaly",
        "appeared",
        "severity: high",
        'analytics query "select',
    ):
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


def changed(cli, **values):
    rows = store()
    rows["detected_patterns"][0] |= values
    publish_patterns(cli.settings, rows)
    return rows["detected_patterns"][0]["id"]


def test_when_it_was_found_is_no_beginning(cli):
    key = changed(cli, starts_at=None, pattern_name="the one")
    (line,) = (line for line in cli.run("patterns").stdout.splitlines() if "the one" in line)
    assert "2026-02-16" not in line
    said = cli.run("pattern", key).stdout
    assert "first seen 2026-02-16 12:00, last seen 2026-02-16 12:00, seen once (UTC)" in said
    assert "since 2026" not in said


def test_its_beginning_is_told_where_it_is_known(cli):
    said = cli.run("pattern", changed(cli, observation_count=3)).stdout
    assert "seen 3 times" in said
    assert "since 2026-02-16 12:00 UTC" in said


@pytest.mark.parametrize(("offset", "told"), [(0, "at once"), (20, "20 s earlier"), (10_800, "3 h earlier")])
def test_an_offset_is_said_in_words(cli, offset, told):
    rows = store()
    rows["pattern_relationships"][0] |= {"relationship_type": "causes", "temporal_offset": offset}
    publish_patterns(cli.settings, rows)
    assert f"is caused by, {told}: performance" in cli.run("pattern", ID).stdout


def test_a_newline_in_a_name_makes_no_row(cli):
    key = changed(cli, pattern_name="one\nrow\tof many")
    assert "one\\nrow\\tof many" in cli.run("patterns").stdout
    assert "one\\nrow\\tof many" in cli.run("pattern", key).stdout


def test_records_that_ended_long_ago_are_marked(cli):
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = store()
    rows["detected_patterns"][0] |= {"as_of": now, "pattern_name": "the new"}
    rows["detected_patterns"][1] |= {"as_of": datetime(2014, 4, 24), "pattern_name": "the old"}
    publish_patterns(cli.settings, rows)
    lines = {
        name: line
        for line in cli.run("patterns").stdout.splitlines()
        for name in ("the new", "the old")
        if name in line
    }
    assert "stale" not in lines["the new"]
    assert "stale" in lines["the old"]
    assert "data ends 2014-04-24 00:00 UTC: stale" in cli.run("pattern", rows["detected_patterns"][1]["id"]).stdout
    assert "stale" not in cli.run("pattern", rows["detected_patterns"][0]["id"]).stdout


def test_trouble_that_lasts_comes_first(cli):
    now = datetime.now(UTC).replace(tzinfo=None)
    made = (
        ("good news", "low", 1.0, "{}"),
        ("over", "critical", 0.9, '{"pattern_signature": {"is_ongoing": false}}'),
        ("recovered", "high", 0.9, '{"performance_impact": {"recovery_seconds": 60}}'),
        ("lasting", "medium", 0.3, '{"pattern_signature": {"is_ongoing": true}}'),
        ("worst", "critical", 0.8, "{}"),
    )
    rows = store()
    one = rows["detected_patterns"][0] | {"as_of": now, "is_stale": False}
    (severity,) = (
        row
        for row in rows["pattern_classifications"]
        if row["pattern_id"] == one["id"] and row["classification_type"] == "severity"
    )
    rows["detected_patterns"] = [
        one | {"id": name, "pattern_name": name, "significance_score": size, "pattern_data": data}
        for name, _, size, data in made
    ]
    rows["pattern_classifications"] = [
        severity | {"id": name, "pattern_id": name, "classification_value": how_bad} for name, how_bad, *_ in made
    ]
    publish_patterns(cli.settings, rows)
    found = [row["id"] for row in cli.json("patterns", "--json")]
    assert found == ["worst", "lasting", "over", "recovered", "good news"]


def test_signals_beyond_the_bound_are_told(cli):
    publish_patterns(cli.settings, store())
    assert cli.run("patterns").stderr == ""
    file = cli.settings.published / "snapshot-1.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute(
            "create table patterns.detector_coverage as select * from (values ('patterns.metric_patterns', 500, 9500), "
            "('patterns.task_patterns', 6, 0), ('patterns.integration_patterns', 4, 12)) "
            "as told (source, subjects, left_out_subjects); create schema summaries; "
            "create table summaries.hourly_signals as select 'metric/m/' || range as signal from range(10000)"
        )
    lines = [
        "9,500 signals not looked at: ANALYTICS_PATTERN_SIGNALS=500",
        "12 subjects not looked at by patterns.integration_patterns",
    ]
    assert cli.run("patterns").stderr.splitlines() == lines
    assert [one.message for one in unexamined(cli.settings, datetime(2026, 2, 16))] == [f"{line}." for line in lines]


def test_no_pattern_is_like_that_only_where_something_was_asked_for(cli):
    rows = store() | {"detected_patterns": []}
    publish_patterns(cli.settings, rows)
    assert cli.run("patterns").stdout.startswith("No pattern was found;")
    assert cli.run("patterns", "--all").stdout == "No pattern was found.\n"
    assert cli.run("patterns", "--type", "x").stdout.startswith("No pattern is like that;")
