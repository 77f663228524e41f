"""Which signals begin together: on signals that have nothing to do with each other, and on planted ones."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np

from analytics_assets.pattern_store import onsets
from analytics_assets.pattern_store.onsets import coincidences
from analytics_assets_tests.pattern_store.made import START

END = START + timedelta(days=14)


def unrelated(seed, signals=12, *, crowded=False):
    """Signals with two to eight beginnings each, anywhere or crowded about a time of their own."""
    draw = random.Random(seed)
    made = {}
    for name in range(signals):
        middle = draw.uniform(0, 336)
        hours = [
            (middle + draw.gauss(0, 20)) % 336 if crowded else draw.uniform(0, 336) for _ in range(draw.randint(2, 8))
        ]
        made[f"s{name:02}"] = sorted(START + timedelta(hours=hour) for hour in hours)
    return made


def planted(seed, lag=2):
    """Two more signals, the second of which begins ``lag`` hours after the first, six times of seven."""
    draw = random.Random(seed)
    hours = draw.sample(range(0, 330, 7), 7)
    first = [START + timedelta(hours=hour) for hour in hours]
    second = [begin + timedelta(hours=lag) for begin in first[:-1]] + [START + timedelta(hours=draw.uniform(0, 336))]
    return unrelated(seed) | {"first": first, "second": second}


def test_signals_that_have_nothing_to_do_with_each_other_are_seldom_joined():
    # 40 worlds of 66 pairs each, at a level of 0.05 for all pairs of a world together.
    worlds = [unrelated(seed, crowded=seed % 2 == 0) for seed in range(40)]
    assert sum(bool(coincidences(world, END)) for world in worlds) <= 5


def test_a_planted_pair_is_found_with_its_order_and_hardly_another():
    found = [coincidences(planted(seed), END) for seed in range(15)]
    hits = [one for pairs in found for one in pairs if {one.first, one.second} == {"first", "second"}]
    assert len(hits) >= 14
    assert sum(map(len, found)) - len(hits) <= 3
    assert sum((one.first, one.offset_hours) == ("first", 2.0) for one in hits) >= 13


def test_what_begins_at_once_has_no_order():
    pair = next(one for one in coincidences(planted(3, lag=0), END) if {one.first, one.second} == {"first", "second"})
    assert pair.offset_hours == 0.0


def test_common_beginnings_at_every_shift_equal_a_plain_count():
    rng = np.random.default_rng(0)
    first, second = ((rng.random(336) < share).astype(float) for share in (0.02, 0.05))
    for a, b in ((first, second), (second, first)):
        rare, other = (a, b) if a.sum() <= b.sum() else (b, a)
        for shift in (0, 1, 17, 335):
            moved = np.roll(b, shift)
            here, there = (a, moved) if rare is a else (moved, a)
            places = np.flatnonzero(there)
            plain = sum(
                min((place - hour) % 336, (hour - place) % 336) <= 3
                for hour in np.flatnonzero(here)
                for place in [min(places, key=lambda p, h=hour: min((p - h) % 336, (h - p) % 336))]
            )
            assert onsets._together(a, b)[shift] == plain
        assert other is not rare


def test_nothing_one_signal_and_beginnings_outside_the_window_give_nothing():
    assert coincidences({}, END) == []
    assert coincidences({"a": [START] * 5}, END) == []
    long_ago = [START - timedelta(days=day) for day in range(1, 9)]
    assert coincidences({"a": long_ago, "b": long_ago}, END) == []


def test_of_ten_thousand_signals_those_with_most_beginnings_are_compared():
    few = {
        f"quiet{number}": [START + timedelta(hours=number % 300 + k) for k in (0, 30, 31)] for number in range(10_000)
    }
    draw = random.Random(0)
    hours = draw.sample(range(0, 330, 7), 12)
    busy = {name: [START + timedelta(hours=hour) for hour in hours] for name in ("a", "b")}
    found = coincidences(few | busy, END)
    assert (found[0].first, found[0].second) == ("a", "b")
