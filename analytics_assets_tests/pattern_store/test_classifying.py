"""Classes of patterns: by rule, by cluster, and made anew only when something is new."""

from __future__ import annotations

import pytest

from analytics_assets.pattern_store.classifying import (
    NO_TROUBLE,
    Group,
    classify,
    feature_hash,
    group_alike,
    severity,
)
from analytics_assets.pattern_store.verdicts import Verdict
from analytics_assets_tests.pattern_store.made import START, at, observed, step

ENDS = {"as_of": START, "is_stale": False}


def classes(rows, kind):
    return {row["pattern_id"]: row["classification_value"] for row in rows if row["classification_type"] == kind}


@pytest.mark.parametrize(
    ("significance", "said"),
    [(0.0, "low"), (0.24, "low"), (0.25, "medium"), (0.5, "high"), (0.75, "critical"), (1, "critical")],
)
def test_severity_follows_the_size_of_the_effect(significance, said):
    assert severity({"significance_score": significance}) == said


def test_each_pattern_has_its_place_in_the_taxonomy():
    patterns = step(
        [],
        START,
        observed("degradation", "tool/a/x"),
        observed("trend", "tool/b/x", more={"impact_severity": "critical"}),
    )
    rows = classify(patterns, [], lambda _: {}, **ENDS)
    assert set(classes(rows, "category").values()) == {"performance"}
    assert "performance > response_time_degradation > trend" in classes(rows, "hierarchy").values()
    assert sorted(classes(rows, "severity").values()) == ["critical", "high"]
    assert classes(rows, "cluster") == {}
    assert not any(row["human_verified"] for row in rows)


def test_a_confirmed_pattern_is_verified_since_then():
    patterns = step([], START, observed("degradation", "tool/a/x"))
    yes = Verdict(patterns[0]["id"], "confirmed", at(1))
    rows = classify(
        step(patterns, at(2), observed("degradation", "tool/a/x", at(2)), verdicts=(yes,)), [], lambda _: {}, **ENDS
    )
    assert {(row["human_verified"], row["verification_timestamp"]) for row in rows} == {(True, at(1))}


def test_clusters_are_made_anew_only_when_other_patterns_hold():
    asked = []

    def group(rows):
        asked.append(len(rows))
        return {row["id"]: Group("all", 0.9) for row in rows}

    one, two = observed("degradation", "tool/a/x"), observed("degradation", "tool/b/x")
    patterns = step([], START, one, two)
    first = classify(patterns, [], group, **ENDS)
    again = classify(step(patterns, at(1), one, two), first, group, as_of=at(1), is_stale=False)
    assert asked == [2]
    assert set(classes(again, "cluster").values()) == {"all"}
    assert {row["classified_at"] for row in again} == {START}
    classify(step([], at(1), one), again, group, as_of=at(1), is_stale=False)
    assert asked == [2, 1]


def test_scores_that_move_make_no_new_clusters():
    patterns = step([], START, observed("degradation", "tool/a/x"))
    moved = [row | {"confidence_score": 0.7} for row in patterns]
    assert feature_hash(patterns) == feature_hash(moved) != feature_hash([])


def test_too_few_patterns_have_no_cluster():
    assert group_alike([]) == {}
    assert group_alike(step([], START, *(observed("degradation", f"tool/{n}/x") for n in range(29)))) == {}


def test_two_sorts_of_patterns_are_two_clusters():
    said = [
        observed(
            *words,
            START,
            confidence_score=0.9 + n / 1000,
            significance_score=size,
            pattern_category=category,
            topic=topic,
        )
        for n in range(18)
        for words, size, category, topic in (
            (("degradation", f"tool/{n}/x"), 0.8 + n / 500, "performance", "response_time_degradation"),
            (("odd_fix", f"issue-{n}"), 0.1 + n / 500, "quality", "refactoring_effect"),
        )
    ]
    patterns = step([], START, *said)
    groups = group_alike(patterns)
    names = {
        kind: {groups[row["id"]].name for row in patterns if row["pattern_type"] == kind}
        for kind in ("degradation", "odd_fix")
    }
    assert len(names["degradation"]) == len(names["odd_fix"]) == 1
    assert names["degradation"] != names["odd_fix"]
    assert all(0 <= group.stability <= 1 for group in groups.values())


@pytest.mark.parametrize(
    ("kind", "subject", "more", "how_bad"),
    [
        *((kind, "tool/a/x", {}, "low") for kind in sorted(NO_TROUBLE)),
        ("performance_lead", "tool/a/x", {"impact_severity": "critical"}, "low"),
        ("outcome_rule", "runs: a -> success", {"pattern_data": {"outcome": "success"}}, "low"),
        ("outcome_rule", "runs: a -> oom", {"pattern_data": {"outcome": "oom"}}, "critical"),
        ("metric_anomaly", "metric/api/latency_ms", {"pattern_signature": {"direction": "below"}}, "low"),
        ("metric_anomaly", "metric/api/latency_ms", {"pattern_signature": {"direction": "above"}}, "critical"),
        ("metric_level_shift", "metric/api/uptime", {"pattern_signature": {"difference": 0.2}}, "low"),
        ("metric_level_shift", "metric/api/uptime", {"pattern_signature": {"difference": -0.2}}, "critical"),
        ("metric_anomaly", "metric/api/sessions", {"pattern_signature": {"direction": "below"}}, "critical"),
        ("step_slowdown", "ci/build", {}, "critical"),
    ],
)
def test_good_news_and_neutral_facts_are_low_however_large(kind, subject, more, how_bad):
    patterns = step([], START, observed(kind, subject, significance_score=0.95, more=more))
    assert list(classes(classify(patterns, [], lambda _: {}, **ENDS), "severity").values()) == [how_bad]
