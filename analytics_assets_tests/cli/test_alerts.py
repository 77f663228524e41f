"""`analytics alerts` and what a person says of one: at night, what is broken, since when, and what to do."""

from __future__ import annotations

import json

import pytest

from analytics_assets_tests.cli.analysed import EVIL
from analytics_assets_tests.queries.alert_tables import alerts, publish_alerts


@pytest.fixture
def published(cli):
    publish_alerts(cli.settings, alerts())
    return cli


def decisions(cli):
    return [json.loads(file.read_text()) for file in sorted((cli.settings.inbox / "decisions").glob("[!.]*"))]


def key_of(title):
    (key,) = (row["id"] for row in alerts() if row["title"] == title)
    return key


def test_a_trouble_is_told_as_one_with_since_when_and_what_to_do(published):
    lines = published.run("alerts").stdout.splitlines()
    assert lines[0] == "1 trouble: 1 high (2 alerts)"
    told = "\n".join(lines)
    for part in (
        "HIGH  error rate of tool web_fetch over its limit",
        "since 2026-03-03 02:00 UTC",
        "41 % (12 of 29)",
        "with it: latency was 650 ms",
        "1. Read the newest errors of web_fetch",
        f"analytics acknowledge {key_of('error rate of tool web_fetch over its limit')}",
        "called: who is on call",
    ):
        assert part in told
    assert "unusual latency" not in told


def test_all_shows_what_is_over_and_put_away_and_why(published):
    said = published.run("alerts", "--all").stdout
    assert "rejected by ann: bought more" in said
    assert "over since 2026-03-01 04:00 UTC: as usual in 3 complete hours with data" in said


def test_a_component_and_a_severity_can_be_asked_for(published):
    assert published.run("alerts", "--component", "api").stdout == "Nothing is wrong of api.\n"
    assert len(published.json("alerts", "--severity", "high", "--json")) == 1
    assert len(published.json("alerts", "--all", "--json")) == 4


def test_nothing_wrong_is_one_sentence(cli):
    publish_alerts(cli.settings, [])
    assert cli.run("alerts").stdout == "Nothing is wrong.\n"
    assert cli.json("alerts", "--json") == []


def test_an_acknowledgement_lands_in_the_inbox_as_a_decision_on_an_alert(published):
    key = key_of("slow web_fetch")
    said = published.run("acknowledge", key[:9], "--note", "on it").stdout
    assert f"acknowledged: {key}" in said
    (landed,) = decisions(published)
    assert (landed["subject_type"], landed["subject_id"], landed["decision"]) == ("alert", key, "acknowledged")
    assert landed["notes"] == "on it"


def test_reject_and_undo_take_alerts(published):
    key = key_of("slow web_fetch")
    published.run("reject", key, "--reason", "a load test")
    assert [one["decision"] for one in decisions(published)] == ["rejected"]
    put_away = key_of("full db")
    assert "Nothing was changed" in published.run("undo", put_away).stdout
    published.run("undo", put_away, "--yes")
    assert {(one["subject_id"], one["decision"]) for one in decisions(published)} == {
        (key, "rejected"),
        (put_away, "undone"),
    }


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("acknowledge", "al-zzz"), "There is no alert 'al-zzz'"),
        (("reject", "al-zzz", "--reason", "x"), "There is no alert 'al-zzz'"),
        (("acknowledge", key_of("unusual latency")), "is over since 2026-03-01 04:00 UTC"),
        (("reject", key_of("slow web_fetch"), "--reason", " "), "needs a reason"),
        (("undo", key_of("slow web_fetch"), "--yes"), "Nobody decided"),
    ],
)
def test_what_cannot_be_decided_says_why_and_lands_nothing(published, words, why):
    assert why in published.run(*words, exit_code=1).stderr
    assert decisions(published) == []


def test_what_a_log_wrote_does_not_act_on_the_terminal(cli):
    rows = [row | {"title": EVIL, "description": f"{EVIL}\nrow"} for row in alerts()]
    publish_alerts(cli.settings, rows)
    said = cli.run("alerts", "--all").stdout
    assert "\x1b[31m" not in said
    assert "[red]x[/red]" in said
