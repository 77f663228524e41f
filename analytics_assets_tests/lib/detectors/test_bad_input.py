"""What every detector must live with, and that none looks ahead."""

from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.lib.detectors import EVERY, FAST, consensus, ensemble_scores, level_shift, trend
from analytics_assets.lib.detectors.series import Series
from analytics_assets_tests.lib.detectors.signal_worlds import noise, raised, times


def series(values, step=3600, **more):
    return Series("signal", times(len(values), step), np.array(values, dtype=float), **more)


WEEKS = np.random.default_rng(0).normal(100, 10, 500)
SERIES = {
    "no point": series([]),
    "one point": series([5.0]),
    "two points": series([5.0, 6.0]),
    "49 points": series(WEEKS[:49]),
    "NaN alone": series([np.nan] * 500),
    "infinite values": series(np.where(np.arange(500) % 7, WEEKS, np.inf)),
    "zeros": series([0.0] * 500),
    "one value": series([42.0] * 500),
    "two values": series([1.0, 2.0] * 250),
    "every other missing": series(np.where(np.arange(500) % 2, WEEKS, np.nan)),
    "negative": series(-WEEKS),
    "tiny": series(WEEKS * 1e-12),
    "huge": series(WEEKS * 1e90),
    "beyond all sizes, up and down": series([1e308, -1e308] * 250),
    "a point a day": series(WEEKS, step=86_400),
    "a point a week": series(WEEKS[:60], step=7 * 86_400),
    "a point a second": series(WEEKS, step=1),
    "rate without samples": series(WEEKS % 1, is_rate=True),
    "rate of no samples": series(np.zeros(500), samples=np.zeros(500), is_rate=True),
    "rate that always fails": series(np.ones(500), samples=np.ones(500), is_rate=True),
    "rate of one call": series((np.arange(500) % 30 == 0) * 1.0, samples=np.ones(500), is_rate=True),
}


@pytest.mark.parametrize("given", SERIES.values(), ids=SERIES.keys())
@pytest.mark.filterwarnings("error")
class TestAnySeries:
    @pytest.mark.parametrize("detector", EVERY, ids=lambda detector: detector.name)
    def test_is_judged_or_left_unjudged_in_order(self, detector, given):
        found = detector.judge(given)
        for array in (found.score, found.expected, found.lower, found.upper):
            assert array.shape == given.values.shape
        assert not np.isinf(found.score).any()
        assert (found.score[found.is_judged] >= 0).all()
        assert not found.is_judged[~given.is_known].any()
        assert not found.is_judged[:48].any()

    def test_has_a_score_between_0_and_1_of_the_ensemble(self, given):
        scores = ensemble_scores(given)
        assert scores.shape == given.values.shape
        assert ((scores >= 0) & (scores <= 1)).all()

    def test_has_a_trend_or_a_reason_why_not(self, given):
        found = trend(given)
        assert (found.slope_per_day is None) == (found.reason is not None) == (found.direction is None)
        if found.slope_per_day is not None:
            assert found.low <= found.slope_per_day <= found.high
            assert 0 <= found.p_value <= 1

    def test_has_no_lasting_change(self, given):
        assert level_shift(given) is None


@pytest.mark.parametrize("given", SERIES.values(), ids=SERIES.keys())
def test_no_series_without_an_anomaly_is_called_one(given):
    found = consensus(FAST, [detector.judge(given) for detector in FAST])
    assert not found.level.any()


class TestNoDetectorLooksAhead:
    @pytest.fixture(params=["daily season", "rate of 1.5 an hour"])
    def past_and_other_futures(self, request):
        given, now = noise(request.param, 1), 400
        rng = np.random.default_rng(1)
        shuffled = given.values.copy()
        shuffled[now:] = rng.permutation(shuffled[now:])
        samples = given.samples
        other = Series("other", given.times, shuffled, samples, given.is_rate)
        missing = Series("missing", given.times, np.where(np.arange(len(given)) < now, given.values, np.nan), samples)
        missing = Series("missing", missing.times, missing.values, samples, given.is_rate)
        return given, now, [given.until(now), other, missing]

    @pytest.mark.parametrize("detector", EVERY, ids=lambda detector: detector.name)
    def test_the_past_is_judged_the_same_to_the_bit_whatever_comes(self, detector, past_and_other_futures):
        given, now, others = past_and_other_futures
        judged = detector.judge(given)
        for other in others:
            again = detector.judge(other)
            for one, two in zip(
                (judged.score, judged.expected, judged.lower, judged.upper),
                (again.score, again.expected, again.lower, again.upper),
                strict=True,
            ):
                assert np.array_equal(one[:now], two[:now], equal_nan=True)

    def test_nor_does_the_ensemble(self, past_and_other_futures):
        given, now, others = past_and_other_futures
        scores = ensemble_scores(given)
        assert all(np.array_equal(scores[:now], ensemble_scores(other)[:now]) for other in others)

    @pytest.mark.parametrize("detector", EVERY, ids=lambda detector: detector.name)
    def test_where_judging_begins_changes_no_judgement(self, detector):
        given = raised(noise("white noise", 3), 500, 504, 70)
        whole, late = detector.judge(given), detector.judge(given, first=450)
        assert np.array_equal(whole.score[450:], late.score[450:], equal_nan=True)
        assert not late.is_judged[:450].any()


class TestGapsAndUnits:
    @pytest.mark.parametrize("detector", FAST, ids=lambda detector: detector.name)
    def test_a_gap_of_days_is_no_zero(self, detector):
        given = noise("daily season", 2)
        kept = np.r_[0:300, 420:672]
        gap = Series("gap", given.times[kept], given.values[kept])
        assert not detector.judge(gap).is_anomalous.any()

    def test_the_hour_of_the_day_is_kept_behind_a_gap(self):
        given = noise("daily season", 2)
        kept = np.r_[0:300, 415:672]  # not a multiple of a day
        gap = Series("gap", given.times[kept], given.values[kept])
        assert np.nanmax(np.abs(FAST[0].judge(gap).expected - (100 + 40 * np.sin(kept * np.pi / 12)))[300:]) < 20

    def test_another_unit_in_the_middle_is_a_lasting_change_and_not_an_anomaly_for_ever(self):
        given = noise("white noise", 4)
        values = np.where(np.arange(672) < 400, given.values, given.values * 1_000)
        changed = Series("seconds, then milliseconds", given.times, values)
        assert abs(level_shift(changed).changed_at - given.times[400].astype(object)) <= timedelta(hours=1)
        found = consensus(FAST, [detector.judge(changed) for detector in FAST]).level
        assert (found[400:404] > 0).all()
        assert not (found[-72:] > 0).any()

    @pytest.mark.parametrize(
        ("usual", "other", "is_odd"),
        [(100, 103, False), (100, 110, True), (0, 0.9, False), (0, 3, True)],
    )
    def test_a_first_other_value_of_a_constant_counts_beyond_the_resolution(self, usual, other, is_odd):
        given = series([usual] * 300 + [other] + [usual] * 20)
        assert bool(FAST[0].judge(given).is_anomalous[300]) == is_odd


class TestWhatIsNoSeries:
    @pytest.mark.parametrize(
        ("moments", "values", "more", "why"),
        [
            (times(3)[[0, 2, 1]], [1, 2, 3], {}, "times do not increase"),
            (times(3)[[0, 1, 1]], [1, 2, 3], {}, "times do not increase"),
            (times(2), [1, 2, 3], {}, "times for"),
            (times(3), [1, 2, 3], {"samples": np.ones(2)}, "samples for"),
            (times(3), [0, 1, 1.2], {"is_rate": True}, "a rate is not within 0 to 1"),
        ],
    )
    def test_is_refused_with_its_name(self, moments, values, more, why):
        with pytest.raises(ValueError, match=f"api errors.*{why}"):
            Series("api errors", moments, np.array(values, dtype=float), **more)


@pytest.mark.filterwarnings("error")
def test_a_value_beyond_all_sizes_is_an_anomaly_and_overflows_nothing():
    given = series(np.where(np.arange(500) == 400, 1e308, WEEKS))
    assert consensus(FAST, [detector.judge(given) for detector in FAST]).level[400] > 0
    assert ensemble_scores(given)[400] > 0
    assert level_shift(given) is None
    assert trend(given).direction != "increasing"
