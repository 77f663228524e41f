"""Which alerts are told, in which order."""

from __future__ import annotations

import pytest

from analytics_assets.queries.alerts import UnknownAlertError, get_alert, get_alerts
from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets_tests.queries.alert_tables import alerts, publish_alerts
from analytics_assets_tests.queries.published import publish

STATES = ("open", "acknowledged", "suppressed", "resolved")


@pytest.fixture
def snapshot(settings):
    publish_alerts(settings, alerts())
    with open_snapshot(settings) as current:
        yield current


def titles(rows):
    return [row["title"] for row in rows]


def test_what_lasts_is_told_with_its_lead_first(snapshot):
    found = get_alerts(snapshot)
    assert titles(found) == ["error rate of tool web_fetch over its limit", "slow web_fetch"]
    assert [row["is_group_lead"] for row in found] == [True, False]
    assert found[0]["affected_components"] == ["web_fetch"]
    assert "Read the newest errors of web_fetch" in found[0]["recommended_actions"][0]


def test_they_are_asked_for_by_state_severity_and_component(snapshot):
    assert titles(get_alerts(snapshot, "suppressed")) == ["full db"]
    assert titles(get_alerts(snapshot, STATES, component="api")) == ["unusual latency"]
    assert titles(get_alerts(snapshot, severity="high")) == ["error rate of tool web_fetch over its limit"]
    assert len(get_alerts(snapshot, STATES)) == 4
    assert len(get_alerts(snapshot, STATES, limit=1)) == 1


def test_one_is_known_by_the_beginning_of_its_id(snapshot):
    key = get_alerts(snapshot)[0]["id"]
    assert get_alert(key[:8], snapshot)["id"] == key
    with pytest.raises(UnknownAlertError, match=f"did you mean .*{key}"):
        get_alert(key[:-1] + "z", snapshot)
    with pytest.raises(UnknownAlertError, match="Several alerts begin with 'al-'"):
        get_alert("al-", snapshot)
    with pytest.raises(UnknownAlertError, match="There is no alert ''"):
        get_alert("", snapshot)


def test_before_the_first_look_it_says_what_to_run(settings):
    publish(settings)
    with open_snapshot(settings) as current, pytest.raises(NotAnsweredYetError, match="analytics refresh"):
        get_alerts(current)
