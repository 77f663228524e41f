"""What patterns of integrations say."""

from datetime import timedelta

import pytest

from analytics_assets.lib.event_flows import flows
from analytics_assets.lib.event_links import Outage
from analytics_assets.lib.integration_patterns import (
    deployment_patterns,
    flow_patterns,
    outage_patterns,
    pairs_left_out,
)
from analytics_assets_tests.lib.event_worlds import AS_OF, START, events

TYPE = "ci>cluster/deployment"
LATENCY = "metric/api/latency [ms]"
TITLES = {LATENCY: "latency of api"}


def impact(number, deployed_by, *, kind="none", recovery=10_800.0, p_value=0.5):
    return {
        "event_id": f"e{number}",
        "event_type": "deployment",
        "occurred_at": START + timedelta(days=number),
        "deployed_by": deployed_by,
        "link_type": TYPE,
        "impact_type": kind,
        "signal": LATENCY,
        "affected_systems": '["api", "ci"]',
        "impact_magnitude": 9.0,
        "impact_percent": 111.4,
        "recovery_time": recovery,
        "business_impact_score": 11.0,
        "p_value": p_value,
        "p_adjusted": p_value,
    }


QUIET = [impact(number, "release" if number % 2 else "infrastructure") for number in range(1, 11)]


def test_a_deployment_of_no_pipeline_is_one_of_all_examined_ones_of_its_type():
    bad = impact(11, TYPE, kind="degradation", p_value=1e-9)
    unknown = impact(12, "release", kind="unknown", p_value=None)
    (found,) = deployment_patterns([*QUIET, bad, unknown], TITLES, AS_OF)
    assert found.pattern_name == (
        "1 of 11 examined deployments from ci to cluster made something worse: e11 at 2026-01-16 00:00 "
        "UTC changed latency of api by +111 %, over since 2026-01-16 03:00 UTC."
    )
    assert (found.subject, found.strength) == (TYPE, pytest.approx(1 / 11))


def test_a_pipeline_is_held_for_its_own_deployments_and_what_is_not_over_is_said_to_last():
    bad = impact(11, "release", kind="degradation", recovery=None, p_value=1e-9)
    (found,) = deployment_patterns([*QUIET, bad], {}, AS_OF)
    assert found.pattern_name.startswith("1 of 6 examined deployments of release made something worse: e11 at ")
    assert found.pattern_name.endswith(f"changed {LATENCY} by +111 %, not over yet.")


def test_harm_of_a_pipeline_counts_in_the_share_of_the_type_and_is_told_by_the_pipeline():
    rows = [*QUIET, impact(11, "release", kind="degradation"), impact(12, TYPE, kind="degradation")]
    of_type, of_pipeline = deployment_patterns(rows, TITLES, AS_OF)
    assert (of_type.subject, of_pipeline.subject) == (TYPE, "release")
    assert (of_type.strength, of_pipeline.strength) == (pytest.approx(2 / 12), pytest.approx(1 / 6))
    assert "e12 at" in of_type.pattern_name
    assert '"e11"' not in of_type.more["pattern_definition"]


def test_deployments_that_did_no_harm_are_no_pattern():
    assert deployment_patterns(QUIET, TITLES, AS_OF) == []


def test_a_flow_is_a_sentence_with_events_of_one_step_joined():
    found = events({"github>ci/push": [], "ci>(none)/built": []})
    for number in range(6):
        times = {"github>ci/push": [9_000.0 * number], "ci>(none)/built": [9_000.0 * number + 540]}
        times["ci>chat/told"] = [9_000.0 * number + 545]
        found += events(times, correlation_id=f"flow {number}")
    (told,) = flow_patterns(flows(found, AS_OF), AS_OF)
    assert told.pattern_name == (
        "6 flows, 100 % of all, went push from github to ci, then built from ci and told from ci to chat, in 9 min at "
        "the median."
    )


def test_an_outage_that_goes_on_is_told_with_the_time_so_far():
    down = Outage("ci>cluster", "e1", AS_OF - timedelta(minutes=90), None, 7, 1e-6)
    (told,) = outage_patterns([down], AS_OF)
    assert told.pattern_name == "ci to cluster was down 1 time, 90 min at most, and still is."


def test_pairs_with_a_rarer_type_are_named_as_not_looked_at():
    named = set(pairs_left_out(["a", "b"], ["c"]))
    assert named == {"c > a", "a > c", "c > b", "b > c"}
    assert not list(pairs_left_out(["a", "b"], []))
