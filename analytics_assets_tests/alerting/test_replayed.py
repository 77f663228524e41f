"""Worlds looked at hour by hour: of noise nobody is called, and what is planted is told, and over when it is over."""

from __future__ import annotations

from datetime import timedelta

from analytics_assets_tests.alerting.replayed import replay
from analytics_assets_tests.lib.signal_worlds import HOURS, calls, error_rate, metric, noise, seasonal, times

LASTS = 60


def test_noise_calls_nobody():
    signals = [*noise(range(3)), *(error_rate(*calls(seed), tool=f"tool_{seed}") for seed in range(3))]
    found = replay(signals, step=8)
    assert found.of("high") == []


def test_a_burst_is_told_while_it_lasts_and_over_after_it():
    values = seasonal(1)
    values[-LASTS : -LASTS + 4] += 90
    found = replay([metric(values), *noise(range(1))])
    begins = times()[-LASTS].item()
    (row,) = found.of("high")
    assert row["affected_components"] == '["api"]'
    assert row["first_seen_at"] == begins
    first = min(at for (key, _), at in found.told.items() if key == row["id"])
    assert begins < first <= begins + timedelta(hours=2)
    assert row["state"] == "resolved"
    assert row["resolved_at"] == begins + timedelta(hours=7)


def test_a_tool_that_degrades_is_told_and_stays_open():
    found = replay([error_rate(*calls(3, after=0.4, changed=HOURS - LASTS))], step=2)
    (row, *_) = found.of("high")
    assert (row["state"], row["affected_components"]) == ("open", '["web_fetch"]')
    assert found.lasting[-1] >= 1
