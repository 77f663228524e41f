"""Which events belong together?"""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.lib.event_pairs import event_pairs, followed, frequent, left_out
from analytics_assets_tests.lib.event_worlds import after, events, merged, stream

A, B, C = "x>a/t", "x>b/t", "x>c/t"


def significant(streams):
    return [row for row in event_pairs(events(streams)) if row["is_significant"]]


@pytest.mark.parametrize("bursts", [False, True])
def test_types_that_share_nothing_but_day_and_night_hardly_ever_follow_one_another(bursts):
    worlds = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        worlds += bool(significant({name: stream(rng, 15, bursts=bursts) for name in (A, B, C)}))
    assert worlds <= 1  # benchmarks/RESULTS.md


def test_what_follows_within_minutes_is_found_with_its_direction_share_and_time():
    for seed in range(4):
        rng = np.random.default_rng(seed)
        first = stream(rng, 15)
        (row,) = significant({A: first, B: merged(stream(rng, 15), after(rng, first, 0.4, 120)), C: stream(rng, 15)})
        assert (row["primary_event_type"], row["related_event_type"]) == (A, B)
        assert row["correlation_type"] == "causal"
        assert row["correlation_strength"] == pytest.approx(0.4, abs=0.12)
        assert row["pairs"] > 2 * row["expected_pairs"]
        assert 60_000 < row["time_offset"] < 240_000


def test_two_that_follow_a_third_are_not_cause_and_effect_of_each_other():
    kinds = Counter()
    for seed in range(4):
        rng = np.random.default_rng(seed)
        first = stream(rng, 15)
        near, far = after(rng, first, 0.7, 60), after(rng, first, 0.7, 300)
        rows = significant({A: first, B: merged(near, stream(rng, 8)), C: merged(far, stream(rng, 8))})
        kinds.update((row["primary_event_type"], row["related_event_type"], row["correlation_type"]) for row in rows)
    assert kinds[A, B, "causal"] == 4
    assert kinds[B, C, "temporal"] >= 3
    assert kinds[B, C, "causal"] == 0


def test_events_of_one_flow_are_functional_with_the_earlier_first():
    rng = np.random.default_rng(1)
    times = stream(rng, 10)
    found = events({A: times, B: times + 30})
    for event in found:
        event["correlation_id"] = event["id"].split("-")[1]
    (row,) = event_pairs(found)
    assert (row["primary_event_type"], row["related_event_type"], row["correlation_type"]) == (A, B, "functional")
    assert row["time_offset"] == pytest.approx(30_000)
    assert row["pairs"] == len(times)
    assert row["is_significant"]
    assert row["primary_event_id"].split("-")[1] == row["related_event_id"].split("-")[1]


def test_ids_that_were_dealt_out_at_random_are_no_flow():
    rng = np.random.default_rng(2)
    found = events({A: stream(rng, 10), B: stream(rng, 10)})
    for event in found:
        event["correlation_id"] = f"flow {rng.integers(40)}"
    assert not any(row["is_significant"] for row in event_pairs(found))


def test_how_many_are_followed_is_counted_by_hand():
    found = followed(np.array([0.0, 1_000.0, 5_000.0]), np.array([0.0, 600.0, 1_601.0, 5_001.0]))
    assert (found.events, found.pairs, found.newest) == (3, 2, 2)


def test_the_newest_pair_is_one_that_follows():
    rng = np.random.default_rng(0)
    first = stream(rng, 15)
    listed = {event["id"]: event for event in events({A: first, B: after(rng, first, 0.5, 60)})}
    (row,) = event_pairs(list(listed.values()))
    wait = listed[row["related_event_id"]]["occurred_at"] - listed[row["primary_event_id"]]["occurred_at"]
    assert timedelta(0) < wait <= timedelta(seconds=600)


def test_a_pair_that_was_hardly_seen_counts_among_those_that_were_tested():
    rng = np.random.default_rng(0)
    first = stream(rng, 15)
    streams = {A: first, B: merged(stream(rng, 15), after(rng, first, 0.15, 120))}
    apart = {f"rare>{n}/t": 40 * 86_400.0 + 1e6 * n + 1_000.0 * np.arange(6) for n in range(8)}

    def of_pair(chosen):
        rows = event_pairs(events(chosen))
        return next(row for row in rows if {row["primary_event_type"], row["related_event_type"]} == {A, B})

    alone, among = of_pair(streams), of_pair(streams | apart)
    assert among["p_value"] == pytest.approx(alone["p_value"])
    assert among["p_adjusted"] == pytest.approx(45 * among["p_value"])
    assert alone["p_adjusted"] == pytest.approx(alone["p_value"])


def test_flows_do_not_vouch_for_what_only_follows():
    rng = np.random.default_rng(5)
    first = stream(rng, 15)
    streams = {A: first, B: merged(stream(rng, 15), after(rng, first, 0.08, 120)), C: stream(rng, 15)}
    flow = stream(rng, 10)
    flown = events({f"flow>{n}/t": flow + 3_600 * n for n in range(6)})
    for event in flown:
        event["correlation_id"] = event["id"].split("-")[1]
    rows = event_pairs([*events(streams), *flown])
    assert sum(row["correlation_type"] == "functional" and row["is_significant"] for row in rows) >= 5
    following = [row for row in rows if row["correlation_type"] != "functional"]
    least = min(following, key=lambda row: row["p_value"])
    # All pairs of nine types that are of no flow: the functional ones, whose p-values are about 0, are not among them.
    asked = 9 * 8 // 2 - (len(rows) - len(following))
    assert least["p_adjusted"] == pytest.approx(asked * least["p_value"])
    assert least["p_value"] < 0.05 < least["p_adjusted"]


def test_only_the_most_frequent_types_are_looked_at_and_the_others_are_named():
    rng = np.random.default_rng(0)
    found = events({f"x>{n:02d}/t": np.sort(rng.uniform(0, 9e5, 6 + n)) for n in range(33)} | {"rare>a/t": [1.0]})
    assert len(frequent(found)) == 30
    assert left_out(found) == ["x>00/t", "x>01/t", "x>02/t"]


@pytest.mark.parametrize(
    "streams",
    [{}, {A: [1.0]}, {A: np.arange(20.0)}, {A: np.zeros(9), B: np.zeros(9)}],
    ids=["none", "one", "a type", "moment"],
)
def test_without_two_types_in_order_there_is_no_pair(streams):
    assert not [row for row in event_pairs(events(streams)) if row["is_significant"]]


def test_names_with_odd_characters_stay_as_they_are():
    rng = np.random.default_rng(3)
    first = stream(rng, 15)
    odd = "a\"'>ü|\n/t;--"
    (row,) = event_pairs(events({odd: first, B: after(rng, first, 0.5, 60)}))
    assert row["primary_event_type"] == odd
