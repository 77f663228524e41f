"""Trends and lasting changes of many signals at once."""

import numpy as np
import pytest

from analytics_assets.lib.signal_changes import shift_rows, trend_rows
from analytics_assets_tests.lib import signal_worlds
from analytics_assets_tests.lib.signal_worlds import HOURS, calls, error_rate, metric, seasonal

RISING = metric(seasonal(1) + 2.0 * np.arange(HOURS) / 24, "rising")
CHANGED = error_rate(*calls(1, rate=0.03, after=0.3, changed=HOURS - 240))


def test_a_planted_trend_is_found_among_noise_and_is_worse():
    rows = trend_rows([RISING, *signal_worlds.noise(range(2, 22))])
    (found,) = [row for row in rows if row["is_significant"]]
    assert (found["metric_type"], found["trend_direction"], found["is_worse"]) == ("rising", "increasing", True)
    assert found["slope_low"] <= 2.0 <= found["slope_high"]
    assert found["relative_slope"] == pytest.approx(found["slope_per_day"] / found["mean"])


def test_of_noise_hardly_a_signal_has_a_direction():
    worlds = [trend_rows(signal_worlds.noise(range(20 * n, 20 * n + 20))) for n in range(5)]
    assert sum(any(row["is_significant"] for row in rows) for rows in worlds) <= 1


def test_what_is_not_left_after_adjustment_has_no_direction():
    rows = trend_rows(signal_worlds.noise(range(20)))
    assert {row["trend_direction"] for row in rows if not row["is_significant"]} <= {"stable", "volatile"}
    assert all(row["is_worse"] is None for row in rows if not row["is_significant"])


def test_a_planted_change_is_found_where_it_is_and_nothing_else():
    others = [error_rate(*calls(seed), tool=f"tool_{seed}") for seed in range(2, 22)]
    rows = [row for row in shift_rows([*others, CHANGED]) if row["is_significant"]]
    assert [row["component"] for row in rows] == ["web_fetch"]
    (row,) = rows
    planted = signal_worlds.times()[HOURS - 240].item()
    assert abs((row["changed_at"] - planted).total_seconds()) <= 24 * 3600
    assert row["before"] == pytest.approx(0.03, abs=0.02)
    assert row["after"] == pytest.approx(0.3, abs=0.05)
    assert (row["is_worse"], row["ratio"] > 5, row["difference"] > 0.2) == (True, True, True)


def test_all_that_were_asked_are_adjusted_for():
    alone, among = (shift_rows(signals)[0] for signals in ([CHANGED], [CHANGED, *signal_worlds.noise(range(40))]))
    assert alone["p_adjusted"] == alone["p_value"] == among["p_value"]
    assert among["p_adjusted"] == pytest.approx(41 * among["p_value"])


def test_from_nothing_there_is_no_ratio():
    quiet, busy = np.random.default_rng(0).poisson(0.1, 400), np.random.default_rng(0).poisson(5, HOURS - 400)
    (row,) = shift_rows([metric(np.r_[quiet, busy])])
    assert (row["before"], row["after"], row["ratio"]) == (0.0, 5.0, None)


BAD = {
    "no hour": metric([]),
    "one hour": metric([240.0]),
    "constant": metric(np.full(HOURS, 240.0)),
    "NaN": metric(np.full(HOURS, np.nan)),
    "holes of days": metric(np.r_[seasonal(3)[:300], np.full(72, np.nan), seasonal(3)[372:]]),
    "silent for weeks": metric(seasonal(3), at=signal_worlds.times() - np.timedelta64(20, "D")),
}


@pytest.mark.parametrize("signal", BAD.values(), ids=BAD)
def test_each_signal_is_answered_and_none_has_a_change(signal):
    (row,) = trend_rows([signal])
    assert (row["trend_direction"] is None) == (row["reason"] is not None)
    assert row["trend_direction"] in {None, "stable", "volatile"}
    assert shift_rows([signal]) == []


def test_no_signal_is_no_row():
    assert trend_rows([]) == shift_rows([]) == []
