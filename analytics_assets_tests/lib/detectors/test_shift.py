"""Lasting changes. The rates over many seeds are in benchmarks/RESULTS.md."""

from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.lib.detectors import Series, level_shift
from analytics_assets.lib.detectors.shift import bridge_p_value, long_run_variance, strongest_change
from analytics_assets_tests.lib.detectors.signal_worlds import KINDS, SPREADS, failing, noise, raised, times


@pytest.mark.parametrize("kind", [*KINDS, "random walk"])
def test_of_noise_one_in_twenty_has_a_change(kind):
    assert sum(level_shift(noise(kind, seed)) is not None for seed in range(40)) <= 7


@pytest.mark.parametrize("kind", ["white noise", "autoregression of 0.8", "daily season", "lognormal"])
def test_two_deviations_for_good_are_found_and_dated(kind):
    by = 2 * SPREADS[kind]
    found = [level_shift(raised(noise(kind, seed), 400, 672, by)) for seed in range(20)]
    dated = [abs(shift.changed_at - times(672)[400].astype(object)) for shift in found if shift is not None]
    assert len(dated) >= 18
    assert sorted(dated)[len(dated) // 2] <= timedelta(hours=3)
    sizes = [shift.after - shift.before for shift in found if shift is not None]
    assert np.median(sizes) == pytest.approx(by, rel=0.25)


def test_the_newest_of_two_changes_is_told_with_the_level_between_as_before():
    series = raised(raised(noise("white noise", 1), 200, 672, 50), 500, 672, 50)
    shift = level_shift(series)
    assert abs(shift.changed_at - series.times[500].astype(object)) <= timedelta(hours=1)
    assert shift.before == pytest.approx(150, abs=3)
    assert shift.after == pytest.approx(200, abs=3)
    assert abs(shift.n_before - 300) <= 3
    assert shift.n_before + shift.n_after <= 672 - 197


def test_levels_of_a_rate_are_shares_of_samples():
    series = noise("rate of 40 an hour", 1)
    at = 400
    changed = failing(series, at, len(series), 0.2)
    shift = level_shift(changed)
    place = int(np.searchsorted(changed.times, np.datetime64(shift.changed_at)))
    hits = changed.values * changed.samples
    assert abs(place - at) <= 3
    assert shift.after == pytest.approx(hits[place:].sum() / changed.samples[place:].sum())
    assert shift.before == pytest.approx(hits[:place].sum() / changed.samples[:place].sum())


@pytest.mark.parametrize("memory", [0.9, 0.95])
def test_memory_alone_is_no_change(memory):
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(60):
        values = np.zeros(672)
        for place, draw in enumerate(rng.standard_normal(672)):
            values[place] = memory * values[place - 1] + draw
        found += level_shift(Series("walks", times(672), values)) is not None
    # benchmarks/RESULTS.md has 200: about one in twenty-five. Without the bound on memory every tenth.
    assert found <= 5


def test_an_episode_of_half_a_day_is_no_lasting_change():
    assert sum(level_shift(raised(noise("white noise", seed), 500, 512, 60)) is not None for seed in range(10)) <= 1


def test_the_statistic_of_independent_values_is_that_of_pettitt():
    values = np.random.default_rng(2).normal(size=200)
    values[120:] += 1
    place, _ = strongest_change(values, 24)
    # Pettitt's U by its definition, over all pairs of both sides.
    sums = [abs(np.sign(values[:k, None] - values[None, k:]).sum()) for k in range(24, 177)]
    assert place == 24 + int(np.argmax(sums))


def test_the_long_run_variance_of_a_remembering_series_is_that_of_theory():
    rng = np.random.default_rng(0)
    values = np.zeros(20_000)
    for place, draw in enumerate(rng.standard_normal(20_000)):
        values[place] = 0.6 * values[place - 1] + draw
    assert long_run_variance(values - values.mean()) == pytest.approx(1 / (1 - 0.6) ** 2, rel=0.15)
    assert long_run_variance(np.zeros(50)) == 0


def test_the_p_value_is_that_of_kolmogorov():
    from scipy.stats import kstwobign

    for height in (0.5, 1.0, 1.36, 2.0):
        assert bridge_p_value(height) == pytest.approx(kstwobign.sf(height), abs=1e-6)


def test_two_sides_of_less_than_a_day_are_too_few():
    assert level_shift(Series("short", times(95), np.r_[np.zeros(50), np.ones(45)])) is None
