"""Relations of patterns: from leads, rules, events and configurations, from time, and by decision."""

from __future__ import annotations

import json

import pytest

from analytics_assets.pattern_store.endpoints import EFFECTS, Endpoints
from analytics_assets.pattern_store.leading import ends_of_leads
from analytics_assets.pattern_store.onsets import Coincidence
from analytics_assets.pattern_store.relating import advance_relations, relations
from analytics_assets.pattern_store.verdicts import Verdict
from analytics_assets_tests.pattern_store.made import START, at, observed, step

QUEUE, LATENCY = "metric/api/queue_depth", "metric/api/api_latency_p95_ms"
LEAD = {
    "leader": QUEUE,
    "follower": LATENCY,
    "lag_hours": 3,
    "correlation": 0.9,
    "p_adjusted": 0.001,
    "is_significant": True,
}
STEP = {
    "pipeline_name": "ci",
    "step_name": "integration_tests",
    "changed_with_version": "1.1.0",
    "change_at": START,
    "change_ratio": 2.0,
    "change_p_adjusted": 0.001,
    "is_changed": True,
}
IMPACT = {
    "event_id": "ev-7",
    "event_type": "deployment",
    "signal": LATENCY,
    "impact_type": "degradation",
    "impact_magnitude": 3.0,
    "impact_percent": 110.0,
    "impact_duration": 10_800.0,
    "occurred_at": START,
    "p_adjusted": 0.002,
    "is_significant": True,
}
DEPLOYED = observed("deployment_impact", "release", more={"pattern_definition": {"events": ["ev-7", "ev-12"]}})
PAIR = {
    "primary_event_type": "ci>app/deployment",
    "related_event_type": "app>db/query",
    "correlation_type": "causal",
    "correlation_strength": 0.6,
    "time_offset": 90_000.0,
    "pairs": 12,
    "p_adjusted": 0.01,
    "is_significant": True,
}


def related(said, together=(), episodes=None, **tables):
    """Relations as (subject, type, subject, offset)."""
    patterns = step([], START, *said)
    subjects = {row["id"]: f"{row['pattern_type']} {row['subject']}" for row in patterns}
    named = {f"patterns.{name}": rows for name, rows in tables.items()}
    found = relations(named, Endpoints(patterns, episodes), together)
    return {(subjects[one.parent], one.type, subjects[one.child], one.offset) for one in found}


def test_what_is_ahead_precedes_what_follows_and_so_do_their_anomalies():
    said = [
        *ends_of_leads([LEAD | {"as_of": START}]),
        observed("metric_anomaly", QUEUE),
        observed("metric_anomaly", LATENCY),
        observed("metric_trend", LATENCY, significance_score=1.0),
    ]
    assert related(said, signal_leads=[LEAD]) == {
        (f"leading_signal {QUEUE}", "precedes", f"following_signal {LATENCY}", 10_800),
        (f"metric_anomaly {QUEUE}", "precedes", f"metric_anomaly {LATENCY}", 10_800),
    }


def test_signals_that_move_together_have_no_end_that_is_ahead():
    together = LEAD | {"lag_hours": 0, "as_of": START}
    assert ends_of_leads([together]) == []
    said = [observed("metric_anomaly", QUEUE), observed("metric_anomaly", LATENCY)]
    assert {row[1] for row in related(said, signal_leads=[together])} == {"correlates_with"}


def test_a_signal_that_is_ahead_of_two_is_one_pattern_that_names_both():
    rows = [LEAD | {"as_of": START}, LEAD | {"as_of": START, "follower": "metric/api/errors", "p_adjusted": 0.0001}]
    *following, leading = ends_of_leads(rows)
    assert (leading.subject, leading.more["signals"]) == (QUEUE, [LATENCY, "metric/api/errors"])
    assert leading.confidence_score == pytest.approx(0.9999)
    assert {one.subject for one in following} == {LATENCY, "metric/api/errors"}


@pytest.mark.parametrize("change", [{"is_significant": False}, {"is_significant": None}])
def test_what_may_be_chance_relates_nothing(change):
    said = [observed("metric_anomaly", QUEUE), observed("metric_anomaly", LATENCY)]
    assert related(said, signal_leads=[LEAD | change]) == set()


def test_a_configuration_causes_the_slowdown_that_came_with_it():
    said = [observed("configuration_change", "ci@1.1.0"), observed("step_slowdown", "ci/integration_tests")]
    pair = ("configuration_change ci@1.1.0", "causes", "step_slowdown ci/integration_tests", 0)
    assert related(said, bottlenecks=[STEP]) == {pair}
    assert related(said, bottlenecks=[STEP | {"is_changed": False}]) == set()
    assert related(said, bottlenecks=[STEP | {"changed_with_version": None}]) == set()


def test_a_deployment_causes_what_began_after_it_and_nothing_that_began_before():
    deployed = DEPLOYED
    later = [deployed, observed("metric_anomaly", LATENCY, starts_at=at(0.5))]
    assert related(later, event_impact_analysis=[IMPACT]) == {
        ("deployment_impact release", "causes", f"metric_anomaly {LATENCY}", 1_800)
    }
    before = [deployed, observed("metric_anomaly", LATENCY, starts_at=at(-5))]
    assert related(before, event_impact_analysis=[IMPACT]) == set()
    assert related(later, event_impact_analysis=[IMPACT | {"impact_type": "none"}]) == set()


@pytest.mark.parametrize("event_id", ["ev-70", "ev-", "v-7", "release"])
def test_an_event_is_named_by_its_whole_id(event_id):
    said = [DEPLOYED, observed("metric_anomaly", LATENCY, starts_at=at(0.5))]
    assert related(said, event_impact_analysis=[IMPACT | {"event_id": event_id}]) == set()


def causes(begins, *, occurred=0.0, episodes=None, signal=LATENCY, kind="metric_anomaly", duration=10_800.0):
    """Seconds from a deployment to the beginning of what it caused; None where it caused nothing."""
    data = {"pattern_signature": {"episodes": sorted(episodes or ())}}
    said = [DEPLOYED, observed(kind, signal, starts_at=at(begins), more=data)]
    row = IMPACT | {"signal": signal, "occurred_at": at(occurred), "impact_duration": duration}
    found = related(said, episodes=episodes, event_impact_analysis=[row])
    return next((offset for _, _, _, offset in found), None)


def test_an_hour_that_holds_the_event_is_its_effect_and_begins_with_it():
    assert causes(10, occurred=10 + 20 / 60) == 0
    assert causes(10, occurred=10) == 0
    assert causes(10, occurred=11) is None


def test_what_began_after_the_window_of_the_impact_or_after_its_end_is_no_effect_of_it():
    assert causes(3) == 10_800
    assert causes(4) is None
    assert causes(12 * 24) is None
    assert causes(12 * 24, duration=None) is None
    assert causes(3, duration=3_600.0) is None
    hourly = {"signal": "pipeline/ci/response_time", "kind": "performance_anomaly", "duration": 90_000.0}
    assert causes(20, **hourly) == 72_000
    assert causes(25, **hourly) is None


def test_another_episode_than_the_worst_one_may_be_the_effect():
    assert causes(12 * 24, episodes={"early": at(1), "worst": at(12 * 24)}) == 3_600
    assert causes(12 * 24, episodes={"early": at(-200), "worst": at(12 * 24)}) is None


def test_what_was_caused_is_as_strong_as_the_impact_is_large():
    patterns = step([], START, DEPLOYED, observed("metric_anomaly", LATENCY, starts_at=at(0.5)))
    for magnitude, strength in ((3.0, 0.5), (-3.0, 0.5), (60.0, 1.0)):
        row = IMPACT | {"impact_magnitude": magnitude, "p_adjusted": 0.04}
        (found,) = relations({"patterns.event_impact_analysis": [row]}, Endpoints(patterns), ())
        assert found.strength == strength


def test_every_type_of_a_signal_that_has_a_beginning_can_be_an_effect():
    assert {
        *("metric_anomaly", "metric_level_shift", "metric_threshold", "performance_anomaly", "degradation"),
        *("improvement", "performance_level_shift", "performance_threshold"),
    } == EFFECTS
    for kind in EFFECTS:
        assert causes(1, kind=kind) == 3_600


def test_a_new_configuration_causes_what_its_pipeline_did_after_it():
    signal = "pipeline/ci/response_time"
    row = IMPACT | {"event_id": "configuration:ci@1.1.0", "signal": signal}
    said = [observed("configuration_change", "ci@1.1.0"), observed("degradation", signal, starts_at=at(1))]
    assert related(said, event_impact_analysis=[row]) == {
        ("configuration_change ci@1.1.0", "causes", f"degradation {signal}", 3_600)
    }


@pytest.mark.parametrize(
    ("kind", "said"), [("causal", "causes"), ("temporal", "precedes"), ("functional", "correlates_with")]
)
def test_event_types_are_joined_by_their_own_pattern_or_that_of_their_link(kind, said):
    patterns = [observed("failing_link", "ci>app/deployment"), observed("slow_link", "app>db")]
    row = PAIR | {"correlation_type": kind}
    assert related(patterns, event_correlations=[row]) == {
        ("failing_link ci>app/deployment", said, "slow_link app>db", 90)
    }


def test_two_root_causes_of_a_rule_go_together():
    rule = {"antecedent": "RCA-002", "consequent": "RCA-007", "confidence": 0.9}
    said = [
        observed("root_cause_rule", "RCA-002 -> RCA-007", more=rule),
        observed("root_cause", "RCA-002"),
        observed("root_cause", "RCA-007"),
    ]
    assert related(said) == {("root_cause RCA-002", "correlates_with", "root_cause RCA-007", None)}


def test_what_begins_together_precedes_or_goes_with_it():
    said = [observed("metric_anomaly", QUEUE), observed("metric_anomaly", LATENCY)]
    ordered = Coincidence(QUEUE, LATENCY, 4, 5, 0.3, 2.0, 0.01)
    names = (f"metric_anomaly {QUEUE}", f"metric_anomaly {LATENCY}")
    assert related(said, [ordered]) == {(names[0], "precedes", names[1], 7200)}
    assert related(said, [ordered._replace(offset_hours=0.0)]) == {(names[0], "correlates_with", names[1], 0)}


def test_of_several_relations_of_two_patterns_the_strongest_claim_stays():
    said = [observed("metric_anomaly", QUEUE), observed("metric_anomaly", LATENCY)]
    back = Coincidence(LATENCY, QUEUE, 4, 5, 0.3, 0.0, 0.01)
    assert {row[1] for row in related(said, [back], signal_leads=[LEAD])} == {"precedes"}


def rows_after(earlier, said, *, tables, verdicts=(), absent=(), end=START):
    patterns = step([], START, *said)
    found = relations(tables, Endpoints(patterns), ())
    known = frozenset(row["id"] for row in patterns)
    return advance_relations(earlier, found, verdicts, known=known, absent=frozenset(absent), as_of=end, is_stale=False)


def test_a_relation_keeps_its_first_day_goes_when_it_is_found_no_more_and_stays_when_nobody_looked():
    said = [observed("metric_anomaly", QUEUE), observed("metric_anomaly", LATENCY)]
    tables = {"patterns.signal_leads": [LEAD]}
    (row,) = rows_after([], said, tables=tables)
    assert json.loads(row["evidence"])["source"] == "patterns.signal_leads"
    (again,) = rows_after([row], said, tables=tables, end=at(9))
    assert (again["discovered_at"], again["as_of"]) == (START, at(9))
    assert rows_after([row], said, tables={"patterns.signal_leads": []}, end=at(48)) == []
    assert rows_after([row | {"found_until": None}], said, tables={"patterns.signal_leads": []}) == []
    assert len(rows_after([row], said, tables={}, absent=["patterns.signal_leads"])) == 1
    assert rows_after([row], said[:1], tables={}, absent=["patterns.signal_leads"]) == []


def test_a_relation_that_is_missed_for_a_day_keeps_the_day_it_was_discovered():
    said = [observed("metric_anomaly", QUEUE), observed("metric_anomaly", LATENCY)]
    rows = rows_after([], said, tables={"patterns.signal_leads": [LEAD]})
    rows = rows_after(rows, said, tables={"patterns.signal_leads": []}, end=at(24))
    (back,) = rows_after(rows, said, tables={"patterns.signal_leads": [LEAD]}, end=at(48))
    assert (back["discovered_at"], back["found_until"]) == (START, at(48))


def test_of_an_old_relation_and_a_new_one_of_the_same_patterns_the_new_one_counts():
    said = [observed("metric_anomaly", QUEUE), observed("metric_anomaly", LATENCY)]
    rows = rows_after([], said, tables={"patterns.signal_leads": [LEAD]})
    (row,) = rows_after(rows, said, tables={"patterns.signal_leads": [LEAD | {"lag_hours": 0}]}, end=at(1))
    assert row["relationship_type"] == "correlates_with"


def test_a_person_confirms_or_rejects_a_relation_and_that_stays():
    said = [observed("metric_anomaly", QUEUE), observed("metric_anomaly", LATENCY)]
    (row,) = rows_after([], said, tables={"patterns.signal_leads": [LEAD]})
    assert row["validation_status"] == "pending"
    for word, status in (("confirmed", "confirmed"), ("rejected", "rejected"), ("acknowledged", "pending")):
        (kept,) = rows_after([row], said, tables={}, verdicts=[Verdict(row["id"], word, at(1))])
        assert kept["validation_status"] == status


SLOWER = {"pipeline_name": "ci", "pattern_data": {"change_before": 200.0, "change_after": 300.0}}
WHOLE = {"pattern_signature": {"difference": 125.0}}
CI = "pipeline/ci/response_time"


@pytest.mark.parametrize(
    ("begins", "offset"), [(-0.5, 0), (0.5, 1_800), (24, 86_400), (-1, None), (24.5, None), (None, None)]
)
def test_a_step_that_slowed_down_causes_the_degradation_of_its_pipeline(begins, offset):
    starts_at = None if begins is None else at(begins)
    said = [
        observed("step_slowdown", "ci/tests", starts_at=START, more=SLOWER),
        observed("degradation", CI, starts_at=starts_at, more=WHOLE),
        observed("degradation", "pipeline/release/response_time", starts_at=START, more=WHOLE),
    ]
    found = {("step_slowdown ci/tests", "causes", f"degradation {CI}", offset)}
    assert related(said) == (set() if offset is None else found)
    if offset is not None:
        (one,) = relations({}, Endpoints(step([], START, *said)), ())
        assert one.strength == pytest.approx(0.8)


def test_a_signal_beyond_its_limit_goes_with_its_degradation():
    said = [
        observed("performance_threshold", CI, starts_at=at(1)),
        observed("degradation", CI, starts_at=START),
        observed("degradation", "tool/a/response_time", starts_at=START),
    ]
    assert related(said) == {(f"degradation {CI}", "correlates_with", f"performance_threshold {CI}", 3_600)}
    said[0] = observed("performance_threshold", CI)
    assert {row[3] for row in related(said)} == {None}
