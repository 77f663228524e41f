"""In pairs: of noise nothing is found, what is planted is. The rates over many seeds are in benchmarks/RESULTS.md."""

import numpy as np
import pytest

from analytics_assets.lib.detectors import (
    FAST,
    SECOND,
    Cusum,
    DensityDetector,
    IsolationForestDetector,
    SeasonalDeviation,
    ThresholdMonitor,
    consensus,
)
from analytics_assets.lib.detectors.cusum import cumulative_sums
from analytics_assets.lib.detectors.sampling import sampling
from analytics_assets.lib.detectors.series import Series
from analytics_assets.lib.detectors.tails import tails
from analytics_assets_tests.lib.detectors.signal_worlds import (
    KINDS,
    SPREADS,
    failing,
    noise,
    raised,
    times,
)

HALF = 336
SEEDS = range(6)
HEAVY = ("Student's t, 3 degrees", "autoregression of 0.8")


def levels(series, detectors=FAST):
    return consensus(detectors, [detector.judge(series, HALF) for detector in detectors]).level


@pytest.mark.parametrize("kind", KINDS)
def test_of_noise_hardly_anything_is_anomalous(kind):
    found = [levels(noise(kind, seed)) for seed in SEEDS]
    # Episodes in twelve weeks; benchmarks/RESULTS.md has the rates.
    assert sum((np.diff((level > 0).astype(int)) == 1).sum() for level in found) <= (8 if kind in HEAVY else 4)


@pytest.mark.parametrize("kind", ["white noise", "daily season", "daily and weekly season", "counts of 4"])
def test_six_hours_of_six_deviations_are_found(kind):
    planted = [raised(noise(kind, seed), 600, 606, 6 * SPREADS[kind]) for seed in SEEDS]
    found = [levels(series) for series in planted]
    assert sum((level[600:606] > 0).any() for level in found) >= 5
    assert sum((level[:600] > 0).sum() for level in found) <= 4


def test_a_tool_that_fails_ten_times_as_often_for_six_hours_is_found():
    found = [levels(failing(noise("rate of 40 an hour", seed), 600, 606, 0.3, seed)) for seed in SEEDS]
    assert all((level[600:606] == 3).any() for level in found)


def test_second_opinions_make_a_seasonal_anomaly_high():
    series = raised(noise("daily season", 1), 600, 604, 8 * SPREADS["daily season"])
    assert (levels(series)[600:604] > 0).all()
    assert (levels(series, [*FAST, *SECOND])[600:604] == 3).any()


class TestThresholdMonitor:
    def test_a_given_limit_needs_no_past(self):
        found = ThresholdMonitor(upper=80.0).judge(Series("cpu", times(4), np.array([70.0, 80.0, 100.0, np.nan])))
        assert found.is_anomalous.tolist() == [False, False, True, False]
        assert found.score[2] == pytest.approx(1.25)
        assert found.upper[2] == 80
        assert np.isnan(found.lower[2])

    def test_a_lower_limit_is_one_too(self):
        found = ThresholdMonitor(lower=10.0).judge(Series("free", times(3), np.array([20.0, 10.0, 5.0])))
        assert found.is_anomalous.tolist() == [False, False, True]

    def test_a_learned_limit_is_that_of_an_exponential_tail(self):
        # Nineteen of twenty are 0, so that the median says nothing of the tail: P(x > t) = exp(-3 - t).
        values = np.maximum(0, np.random.default_rng(0).exponential(1.0, 200_000) - 3)
        found = tails(values, window=190_000, every=1_000, first=199_000)
        _, upper = found.limits(8.5)
        assert upper[-1] == pytest.approx(5.5, rel=0.05)
        assert found.surprise(np.full(200_000, 3.0))[-1] == pytest.approx(6.0, rel=0.05)

    def test_what_came_every_day_is_no_surprise(self):
        series = noise("white noise", 1)
        values = series.values + np.where(np.arange(len(series)) % 24 == 3, 200, 0)
        assert not ThresholdMonitor().judge(Series("backup", series.times, values), HALF).is_anomalous.any()


class TestSeasonalDeviation:
    @pytest.mark.parametrize("kind", ["white noise", "daily season", "autoregression of 0.8"])
    @pytest.mark.parametrize("coverage", [0.9, 0.95, 0.99])
    def test_its_band_holds_about_the_stated_share(self, kind, coverage):
        shares = []
        for seed in range(4):
            series = noise(kind, seed)
            lower, upper = SeasonalDeviation().judge(series, HALF).band(coverage)
            shares.append(((series.values >= lower) & (series.values <= upper))[HALF:].mean())
        assert np.mean(shares) == pytest.approx(coverage, abs=0.03)

    def test_its_band_is_never_wider_than_its_alarm(self):
        found = SeasonalDeviation().judge(noise("white noise", 1), HALF)
        lower, upper = found.band(1 - 1e-12)
        assert np.array_equal(lower, found.lower, equal_nan=True)
        assert np.array_equal(upper, found.upper, equal_nan=True)

    def test_the_band_of_a_rate_is_within_0_and_1(self):
        lower, upper = SeasonalDeviation().judge(noise("rate of 1.5 an hour", 1)).band(0.99, is_rate=True)
        assert np.nanmin(lower) == 0
        assert np.nanmax(upper) <= 1

    def test_expects_the_season(self):
        found = SeasonalDeviation().judge(noise("daily season", 1))
        truth = 100 + 40 * np.sin(2 * np.pi * np.arange(672) / 24)
        assert np.nanmean(np.abs(found.expected - truth)[200:]) < 4
        inside = (found.lower < truth) & (truth < found.upper)
        assert inside[200:].all()

    def test_expects_a_week_after_three(self):
        series = noise("daily and weekly season", 1, n=5 * 168)
        found = SeasonalDeviation().judge(series)
        truth = (100 + 40 * np.sin(2 * np.pi * np.arange(840) / 24)) * np.where(np.arange(840) // 24 % 7 >= 5, 0.5, 1)
        assert np.nanmean(np.abs(found.expected - truth)[-168:]) < 8

    def test_gives_noise_no_season(self):
        found = SeasonalDeviation().judge(noise("white noise", 1))
        assert np.nanstd(found.expected[300:]) < 2

    @pytest.mark.parametrize("step", [300, 600, 3_600])
    def test_any_step_has_the_same_season(self, step):
        series = noise("daily season", 1, n=14 * 86_400 // step, step=step)
        truth = 100 + 40 * np.sin(2 * np.pi * np.arange(len(series)) * step / 86_400)
        found = SeasonalDeviation().judge(series)
        assert np.nanmean(np.abs(found.expected - truth)[len(series) // 2 :]) < 5

    def test_what_is_usual_at_noon_is_an_anomaly_at_midnight(self):
        series = noise("daily season", 1)
        midnight = 600 + 18 - 600 % 24 - 0  # 18:00, the low of the day
        odd = Series("odd", series.times, np.where(np.arange(672) == midnight, 140.0, series.values))
        assert SeasonalDeviation().judge(odd).is_anomalous[midnight]
        assert not ThresholdMonitor().judge(odd).is_anomalous[midnight]

    def test_an_anomaly_lies_outside_its_band(self):
        series = raised(noise("daily season", 2), 500, 504, 100)
        found = SeasonalDeviation().judge(series)
        beyond = (series.values > found.upper) | (series.values < found.lower)
        assert (beyond == found.is_anomalous).all()


class TestCusum:
    def test_a_small_deviation_that_lasts_is_found_and_a_spike_is_none(self):
        base = noise("white noise", 5)
        assert Cusum().judge(raised(base, 600, 624, 20), HALF).is_anomalous[600:624].any()
        assert not Cusum().judge(raised(base, 600, 601, 200), HALF).is_anomalous.any()

    def test_what_is_back_at_the_usual_is_over(self):
        series = raised(noise("white noise", 5), 600, 612, 60)
        found = Cusum().judge(series, HALF).is_anomalous
        assert found[604:612].all()
        assert found[616:].sum() <= 3

    def test_sums_never_pass_their_cap(self):
        assert cumulative_sums(np.full(100, 50.0)).max() == 32


class TestRatesOfFewSamples:
    def test_one_failure_of_one_call_is_no_anomaly(self):
        series = noise("rate of 1.5 an hour", 3)
        single = (series.samples == 1) & (series.values == 1)
        assert single.sum() >= 3
        assert not any(detector.judge(series).is_anomalous[single].any() for detector in FAST)

    def test_six_failures_of_six_are(self):
        series = noise("rate of 1.5 an hour", 3)
        samples, values = series.samples.copy(), series.values.copy()
        samples[400], values[400] = 6, 1.0
        odd = Series("odd", series.times, values, samples, is_rate=True)
        assert levels(odd)[400] == 3

    def test_the_bound_holds_against_the_exact_binomial_tail(self):
        from scipy.stats import binom

        samples = np.r_[np.full(50, 20.0), [1, 2, 5, 27]]
        values = np.r_[np.full(50, 0.05), [1, 1, 0.6, 12 / 27]]
        found = sampling(Series("rate", times(54), values, samples, is_rate=True))
        for place in range(50, 54):
            hits = round(values[place] * samples[place])
            exact = -np.log(binom.sf(hits - 1, samples[place], found.usual[place]))
            assert exact - 3 < found.nats[place] <= exact + 1e-9

    def test_without_samples_a_rate_is_a_number_like_others(self):
        assert sampling(Series("rate", times(2), np.array([0.1, 0.2]), is_rate=True)) is None


@pytest.mark.parametrize("detector", [IsolationForestDetector(), DensityDetector()], ids=lambda one: one.name)
class TestSecondOpinions:
    def test_confirm_what_is_planted(self, detector):
        planted = [raised(noise("daily season", seed), 600, 603, 80) for seed in range(3)]
        assert all(detector.judge(series, 590).is_anomalous[600:603].any() for series in planted)

    def test_say_little_of_noise(self, detector):
        found = [detector.judge(noise("daily season", seed), HALF).is_anomalous.sum() for seed in range(3)]
        assert sum(found) <= 30  # one in 100 of 1,008 windows, of which six hold the same hour

    def test_learn_anew_by_the_number_of_points_alone(self, detector):
        series = raised(noise("white noise", 1), 500, 504, 80)
        whole, part = detector.judge(series, 480), detector.judge(series.until(505), 480)
        assert np.array_equal(whole.score[480:505], part.score[480:])


class TestConsensus:
    def said(self, *rows):
        from analytics_assets.lib.detectors.series import Judgement

        held = [np.array(row, dtype=float) for row in rows]
        return [Judgement(row, *(np.full(len(row), np.nan) for _ in range(3))) for row in held]

    def test_one_family_is_low_or_medium_and_two_are_high(self):
        detectors = [SeasonalDeviation(), ThresholdMonitor()]
        found = consensus(detectors, self.said([0.5, 1.2, 2.0, 0, 0, 0, 0, 1.1], [np.nan, 0.2, 0, 0, 0, 0, 0, 1.0]))
        assert found.level.tolist() == [0, 1, 2, 0, 0, 0, 0, 3]
        assert found.score.tolist() == [0, 1.2, 2.0, 0, 0, 0, 0, 1.1]
        assert found.agreed(7) == ["seasonal_deviation", "threshold_monitor"]
        assert found.agreed(0) == []

    def test_one_that_was_beyond_shortly_before_still_agrees(self):
        found = consensus([ThresholdMonitor(), Cusum()], self.said([1.5, 0, 0, 0, 0], [0, 0, 1.0, 0, 1.0]))
        assert found.level.tolist() == [2, 0, 3, 0, 1]

    def test_two_of_one_family_are_one_witness(self):
        found = consensus([ThresholdMonitor(), ThresholdMonitor(upper=1.0)], self.said([1.0], [1.0]))
        assert found.level.tolist() == [1]

    def test_a_second_opinion_alone_is_none(self):
        found = consensus([SeasonalDeviation(), *SECOND], self.said([0.2, 1.0], [3.0, 1.0], [4.0, 0.0], [2.0, 0.0]))
        assert found.level.tolist() == [0, 3]

    def test_nobody_asked_is_an_error(self):
        with pytest.raises(ValueError, match="0 judgements of 0 detectors"):
            consensus([], [])
