"""One score for streams."""

import numpy as np
import pytest

from analytics_assets.lib.detectors import ensemble_scores
from analytics_assets.lib.detectors.ensemble import records, surprise
from analytics_assets_tests.lib.detectors.signal_worlds import noise, raised

FORTNIGHT = 4_032
MINUTES = 300
PLANTED_AT = 3_000


def fortnight(kind, seed):
    return noise(kind, seed, n=FORTNIGHT, step=MINUTES)


@pytest.mark.parametrize("kind", ["white noise", "autoregression of 0.8", "daily season", "lognormal", "counts of 4"])
def test_noise_has_an_alarm_or_two_a_week(kind):
    alarms = sum((ensemble_scores(fortnight(kind, seed)) >= 0.5).sum() for seed in range(4))
    assert alarms <= 16  # in eight weeks of 2,016 points; about one a week, benchmarks/RESULTS.md


@pytest.mark.parametrize(("points", "size"), [(1, 15), (12, 8), (1_000, 6)], ids=["spike", "hour", "lasting change"])
def test_what_is_planted_is_one_alarm(points, size):
    for seed in range(3):
        series = raised(fortnight("white noise", seed), PLANTED_AT, PLANTED_AT + points, size * 10.0)
        alarms = np.flatnonzero(ensemble_scores(series) >= 0.5)
        told = alarms[(alarms >= PLANTED_AT) & (alarms < PLANTED_AT + 24)]
        assert len(told) >= 1
        assert told[0] <= PLANTED_AT + 12
        # Growing evidence is told as it grows; then a day is silent.
        assert not ((alarms > PLANTED_AT + 24) & (alarms < PLANTED_AT + 280)).any()


def test_other_unrest_around_the_same_level_is_told():
    series = fortnight("white noise", 1)
    calm = series.values.copy()
    calm[PLANTED_AT : PLANTED_AT + 24] = 100 + 30 * (-1.0) ** np.arange(24)
    from analytics_assets.lib.detectors import Series

    nats = surprise(Series("unrest", series.times, calm))
    assert nats[PLANTED_AT : PLANTED_AT + 24].max() > 12


def test_half_of_a_score_is_twelve_nats():
    series = raised(fortnight("white noise", 1), PLANTED_AT, PLANTED_AT + 1, 200)
    scores, nats = ensemble_scores(series), surprise(series)
    assert scores[PLANTED_AT] == pytest.approx(1 - 2 ** (-nats[PLANTED_AT] / 12))


def test_records_are_those_of_the_definition():
    values = np.random.default_rng(0).random(300)
    told = records(values, 20)
    for place, value in enumerate(values):
        is_record = value > max(values[max(0, place - 20) : place], default=0)
        assert told[place] == (value if is_record else 0)
