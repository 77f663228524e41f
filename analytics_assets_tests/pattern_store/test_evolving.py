"""The history of patterns: what is added, what is never told twice, and what else changed then."""

from __future__ import annotations

import json
from itertools import pairwise

from analytics_assets.pattern_store.evolving import evolve
from analytics_assets_tests.pattern_store.made import at, look, observed, step

SLOW = "tool/web_fetch/response_time"


def told(looks, relationships=(), *, hours=1):
    """The history after looks: one list of statements each; None stands for a source that could not look."""
    patterns, history = [], []
    for hour, said in zip(range(0, hours * len(looks), hours), looks, strict=True):
        seen = look(at(hour), problem="it failed") if said is None else None
        patterns = step(patterns, at(hour), *(said or ()), seen=seen)
        history = evolve(history, patterns, relationships, as_of=at(hour), is_stale=False)
    return patterns, history


def slow(hour, **fields):
    return observed("degradation", SLOW, at(hour), **fields)


def kinds(history):
    return [row["evolution_type"] for row in history]


def test_a_pattern_appears_once_ends_once_and_returns_once():
    looks = [[slow(0)], [slow(12)], [], [], [], [], [slow(72)], [slow(84)]]
    _, history = told(looks, hours=12)
    assert kinds(history) == ["appeared", "resolved", "reopened"]
    assert [row["evolution_timestamp"] for row in history] == [at(0), at(48), at(72)]
    assert [row["change_number"] for row in history] == [1, 2, 3]
    assert history[0]["previous_state"] == "{}"


def test_each_state_begins_where_the_one_before_ended():
    values = [1.0] * 20 + [2.0] * 20
    _, history = told([[slow(hour, strength=value)] for hour, value in enumerate(values)] + [[]] * 24)
    assert kinds(history) == ["appeared", "strengthening", "resolved"]
    for before, after in pairwise(history):
        was, now = json.loads(before["current_state"]), json.loads(after["previous_state"])
        assert was["strength"] == now["strength"]
    growth = history[1]
    assert growth["change_magnitude"] == 0.5
    assert growth["prediction_accuracy"] == 0.5
    assert history[0]["prediction_accuracy"] is None


def test_a_source_that_could_not_look_changes_nothing():
    _, history = told([[slow(0)], None, None, [slow(3)]])
    assert kinds(history) == ["appeared"]


def test_another_location_is_a_shift_with_both_places():
    looks = [[slow(hour, location="north" if hour < 5 else "south")] for hour in range(10)]
    _, history = told(looks)
    assert kinds(history) == ["appeared", "shifting"]
    assert json.loads(history[1]["previous_state"])["location"] == "north"
    assert json.loads(history[1]["current_state"])["location"] == "south"


def cluster(name, hour, members):
    return observed("behaviour_cluster", name, at(hour), more={"sample_ids": [f"r{n}" for n in members]})


def test_a_cluster_whose_members_go_to_two_new_ones_has_split():
    parts = [cluster("c2", 1, range(5)), cluster("c3", 1, range(5, 10))]
    patterns, history = told([[cluster("c1", 0, range(10))], *[parts] * 6], hours=12)
    assert sorted(kinds(history)) == ["appeared", "appeared", "appeared", "resolved", "splitting"]
    split = next(row for row in history if row["evolution_type"] == "splitting")
    ids = {row["subject"]: row["id"] for row in patterns}
    assert sorted(json.loads(split["current_state"])["parts"]) == sorted((ids["c2"], ids["c3"]))


def test_a_cluster_that_loses_half_to_one_new_one_has_split_and_one_that_is_renamed_has_not():
    _, history = told([[cluster("c1", 0, range(10))], [cluster("c1", 1, range(4)), cluster("c2", 1, range(4, 10))]])
    assert "splitting" in kinds(history)
    renamed, others = [cluster("c2", 1, range(10))], [cluster("c2", 1, range(20, 30)), cluster("c3", 1, range(40, 50))]
    for after in (renamed, others):
        _, history = told([[cluster("c1", 0, range(10))], *[after] * 6], hours=12)
        assert "resolved" in kinds(history)
        assert "splitting" not in kinds(history)


def test_what_changed_with_it_is_told_related_ones_first():
    others = [observed("degradation", f"tool/web_fetch/{n}", at(0)) for n in ("cost", "throughput")]
    patterns = step([], at(0), slow(0), *others)
    ids = {row["subject"]: row["id"] for row in patterns}
    relation = {
        "parent_pattern_id": ids["tool/web_fetch/throughput"],
        "child_pattern_id": ids[SLOW],
        "relationship_type": "precedes",
    }
    history = evolve([], patterns, [relation], as_of=at(0), is_stale=False)
    own = next(row for row in history if row["pattern_id"] == ids[SLOW])
    factors = json.loads(own["contributing_factors"])
    assert [(one["pattern_id"], one["how"]) for one in factors] == [
        (ids["tool/web_fetch/throughput"], "it follows"),
        (ids["tool/web_fetch/cost"], "same component: web_fetch"),
    ]


def test_the_history_of_a_forgotten_pattern_goes_with_it():
    patterns, history = told([[slow(0)]])
    assert evolve(history, [], [], as_of=at(1), is_stale=False) == []
    assert patterns
