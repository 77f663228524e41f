"""When a pattern is said to be stronger, weaker or elsewhere: on noise, on steps and on slopes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.pattern_store.strengths import Memory, remember
from analytics_assets_tests.pattern_store.made import START


def walk(values, places=None, *, hours=1.0):
    """The memory after hourly looks, and the changes told on the way with their place."""
    memory, told = None, []
    for place, value in enumerate(values):
        before = memory
        where = places[place] if places else None
        memory = remember(memory, START + timedelta(hours=hours * place), value, where)
        if before is not None and memory.changed_at != before.changed_at:
            told.append((place, memory.change))
    return memory, told


def noisy(seed, looks=150, spread=0.1):
    return 10 * np.exp(spread * np.random.default_rng(seed).normal(size=looks))


def test_of_strengths_that_only_vary_few_are_said_to_change():
    # Of 25 patterns in 150 looks each: noise of 2, 10 and 30 %.
    alarms = [sum(bool(walk(noisy(seed, spread=spread))[1]) for seed in range(25)) for spread in (0.02, 0.1, 0.3)]
    assert alarms[0] == 0
    assert max(alarms) <= 1


@pytest.mark.parametrize(("ratio", "said"), [(2.0, "strengthening"), (0.5, "weakening")])
def test_a_step_to_twice_or_half_is_told_within_a_few_looks(ratio, said):
    found = 0
    for seed in range(30):
        values = noisy(seed)
        values[80:] *= ratio
        _, told = walk(values)
        found += [(80 <= place <= 90, change) for place, change in told] == [(True, said)]
    assert found >= 28


def test_a_slow_rise_is_told_too_and_its_trend_foresaw_it():
    memory, told = walk([10 + 0.1 * place for place in range(150)])
    assert {change for _, change in told} == {"strengthening"}
    assert memory.predicted == pytest.approx(memory.level, rel=0.02)


def test_a_constant_that_rises_by_less_than_a_fifth_has_not_changed():
    assert walk([10.0] * 40 + [12.0] * 40)[1] == []
    assert walk([10.0] * 40 + [13.0] * 40)[1] == [(42, "strengthening")]


def test_one_blip_is_no_change():
    assert walk([10.0] * 40 + [30.0, 31.0] + [10.0] * 40)[1] == []


def test_looks_within_an_hour_are_one():
    memory, _ = walk([10.0] * 1000, hours=0.01)
    assert len(memory.usual) + len(memory.recent) <= 11


def test_the_memory_is_bounded_and_reaches_back_to_the_first_look():
    memory, _ = walk([10.0] * 2000)
    assert len(memory.usual) <= 24
    assert memory.usual[0][0] == START.isoformat()


def test_another_place_is_a_shift_when_three_looks_agree():
    places = ["build"] * 5 + ["test", "build"] + ["test"] * 5
    memory, told = walk([1.0] * 12, places)
    assert told == [(9, "shifting")]
    assert (memory.place_before, memory.place) == ("build", "test")


def test_a_first_place_is_no_shift_and_a_missing_one_is_none():
    assert walk([1.0] * 8, [None] * 4 + ["a"] * 4)[1] == []
    assert walk([1.0] * 8, ["a"] * 4 + [None] * 4)[1] == []


def test_a_pattern_without_a_strength_never_changes():
    memory, told = walk([None] * 50)
    assert told == []
    assert memory.level is None


def test_a_memory_is_kept_as_text_and_read_again():
    memory, _ = walk(noisy(1), ["a"] * 150)
    assert Memory.of_json(memory.to_json()) == memory
