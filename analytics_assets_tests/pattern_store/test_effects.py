"""Every planted effect has what the store must hold of it; rows as detectors write them show all of them."""

from __future__ import annotations

import pytest

from analytics_assets.pattern_store.endpoints import Endpoints
from analytics_assets.pattern_store.relating import advance_relations, relations
from analytics_assets.sample.effects import ALL
from analytics_assets_tests.pattern_store.effects import EFFECTS, missing
from analytics_assets_tests.pattern_store.made import START, at, observed, step
from analytics_assets_tests.pattern_store.test_relating import IMPACT, LATENCY, LEAD, QUEUE, STEP

SAID = (
    observed("degradation", "tool/web_fetch/error_rate"),
    observed("outcome_rule", "runs: memory_limit=2Gi, spec_id=analysis-cohorts -> oom"),
    observed("outcome_rule", "runs: model=sample-reasoner, spec_type=migration -> success"),
    observed("outcome_rule", "procedure_calls: procedure_id=github/PROC-3 -> failed"),
    observed("experiment_arm", "experiments: planner-prompt, planner-v2 -> success"),
    observed("metric_anomaly", "metric/api/api_error_rate"),
    observed("metric_anomaly", LATENCY, starts_at=at(1)),
    observed("deployment_impact", "release", more={"pattern_definition": {"events": ["ev-7"]}}),
    observed("metric_lead", f"{QUEUE} -> {LATENCY}"),
    observed("leading_signal", QUEUE),
    observed("following_signal", LATENCY),
    observed(
        "root_cause_rule",
        "RCA-002 -> RCA-007",
        more={"antecedent": "RCA-002", "consequent": "RCA-007", "confidence": 0.9},
    ),
    observed("root_cause", "RCA-002"),
    observed("root_cause", "RCA-007"),
    observed("odd_fix", "i-1"),
    observed("step_slowdown", "ci/integration_tests"),
    observed("configuration_change", "ci@1.1.0"),
)
TABLES = {
    "patterns.signal_leads": [LEAD],
    "patterns.bottlenecks": [STEP],
    "patterns.event_impact_analysis": [IMPACT],
}


def held(said):
    """The store and its relations."""
    patterns = step([], START, *said)
    found = relations(TABLES, Endpoints(patterns), ())
    known = frozenset(row["id"] for row in patterns)
    return patterns, advance_relations([], found, [], known=known, absent=frozenset(), as_of=START, is_stale=False)


def test_every_effect_of_the_sample_is_expected():
    assert set(EFFECTS) == set(ALL)


def test_all_effects_are_shown_by_what_detectors_say_of_them():
    assert missing(*held(SAID), ALL) == []


@pytest.mark.parametrize("effect", ALL)
def test_without_its_patterns_an_effect_is_missed(effect):
    expected = EFFECTS[effect]
    left = [
        one
        for one in SAID
        if not (one.pattern_type in expected.types and all(part in one.subject for part in expected.about))
    ]
    assert effect in missing(*held(left), ALL)
