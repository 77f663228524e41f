"""When did durations change, if they did?"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics_assets.lib.step_shifts import DurationShift, duration_shift, version_near

DAY = 86_400.0


def durations(seed, ratio=1.0, days=28, per_day=10, at=0.5, day_sigma=0.0, memory=0.0):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.random(rng.poisson(per_day * days))) * days
    shared = rng.standard_normal(days)
    for day in range(1, days):
        shared[day] = memory * shared[day - 1] + np.sqrt(1 - memory**2) * shared[day]
    logs = 0.2 * rng.standard_normal(len(times)) + day_sigma * shared[times.astype(int)]
    return times * DAY, 100 * np.exp(logs + np.log(ratio) * (times >= at * days))


def false_alarms(seeds=60, **kind):
    found = [duration_shift(*durations(seed, **kind)) for seed in range(seeds)]
    return np.mean([one.p_value < 0.05 for one in found if one])


@pytest.mark.parametrize(
    ("kind", "most"),
    [({}, 0.1), ({"day_sigma": 0.2}, 0.1), ({"per_day": 3}, 0.1), ({"day_sigma": 0.2, "memory": 0.5}, 0.25)],
    ids=["noise", "days that differ", "few executions", "days that remember"],
)
def test_noise_seldom_changes(kind, most):
    assert false_alarms(**kind) <= most  # benchmarks/RESULTS.md


@pytest.mark.parametrize(("ratio", "at"), [(2.0, 0.5), (0.5, 0.5), (1.5, 0.25), (2.0, 0.85)])
def test_a_planted_change_is_found_with_its_time_and_size(ratio, at):
    found = [duration_shift(*durations(seed, ratio, at=at)) for seed in range(8)]
    assert all(one.p_value < 0.01 for one in found)
    assert np.median([abs(one.changed_at / DAY - at * 28) for one in found]) < 0.5
    assert [one.ratio for one in found] == pytest.approx([ratio] * 8, rel=0.15)
    assert all(one.last_before < one.changed_at for one in found)


def test_four_days_are_enough_for_a_large_change():
    found = duration_shift(*durations(3, 2.0, days=4, per_day=18))
    assert found.p_value < 0.01


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ([], []),
        ([0.0], [5.0]),
        (np.arange(19) * DAY, np.arange(19.0)),
        (np.arange(30) * DAY, np.full(30, 7.0)),
        (np.arange(30) * DAY, np.full(30, np.nan)),
        (np.arange(30) * 60.0, np.arange(30.0)),
    ],
    ids=["none", "one", "19", "constant", "not measured", "half an hour"],
)
def test_what_cannot_be_told_is_none(times, seconds):
    assert duration_shift(np.asarray(times, dtype=float), np.asarray(seconds, dtype=float)) is None


def test_what_was_not_measured_is_left_out():
    times, seconds = durations(1, 2.0)
    thinned = np.where(np.arange(len(times)) % 3 == 0, np.nan, seconds)
    assert duration_shift(times, thinned) == duration_shift(times[~np.isnan(thinned)], seconds[~np.isnan(thinned)])


def test_the_same_durations_have_the_same_p_value():
    assert duration_shift(*durations(1)) == duration_shift(*durations(1))


def test_a_step_that_took_no_time_has_no_ratio():
    assert DurationShift(2.0, 1.0, 0.0, 5.0, 10, 10, 0.01).ratio is None


class TestVersion:
    AT = datetime(2026, 3, 2, 12)
    SECONDS = (AT - datetime(1970, 1, 1)).total_seconds()
    SHIFT = DurationShift(SECONDS, SECONDS - 3600, 1.0, 2.0, 10, 10, 0.01)

    def seen(self, **hours):
        return [(name, self.AT + timedelta(hours=after)) for name, after in hours.items()]

    def test_the_nearest_of_those_first_seen_within_a_day_came_with_it(self):
        assert version_near(self.SHIFT, self.seen(first=-400, other=-20, close=2, late=50)) == "close"

    def test_one_that_came_days_before_did_not(self):
        assert version_near(self.SHIFT, self.seen(first=-400, other=-72)) is None

    def test_the_first_one_ever_is_no_change(self):
        assert version_near(self.SHIFT, self.seen(first=1)) is None
        assert version_near(self.SHIFT, []) is None
