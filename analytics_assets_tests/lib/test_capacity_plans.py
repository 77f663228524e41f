"""What is told of a resource: when it is too small, and what would do."""

import json
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib.capacity_methods import certainty, hours_at_risk
from analytics_assets.lib.capacity_plans import capacity_plans
from analytics_assets.lib.capacity_units import monthly_cost, priced_amount, rounded_up

AS_OF = datetime(2026, 3, 31, 23, 30)
PRICES = {"cpu": 25.0, "memory": 3.4, "disk": 0.1, "network": 0.05}


def usage(component="database", resource="disk", days=30, rise=0.6, start=52.0, capacity=1_000.0, unit="gb", seed=1):
    hours = pd.date_range(end=datetime(2026, 3, 31, 23), periods=24 * days, freq="h")
    peaks = start + rise * np.arange(len(hours)) / 24 + np.random.default_rng(seed).normal(0, 0.15, len(hours))
    return pd.DataFrame(
        {
            "component": component,
            "resource_type": resource,
            "measured_at": hours,
            "peak_usage": peaks,
            "capacity": capacity,
            "capacity_unit": unit,
        }
    )


def planned(*frames, anomalies=(), as_of=AS_OF, most=500):
    rows = capacity_plans(pd.concat(frames), anomalies, as_of, prices=PRICES, most=most)
    return {(row["component"], row["resource_type"]): row for row in rows}


def test_a_disk_that_fills_is_told_with_its_day_and_what_would_do():
    row = planned(usage())["database", "disk"]
    assert row["method"] == "drift"
    assert row["urgency"] == "medium"
    # 52 + 0.6 a day is 70 at the end of March and 80 sixteen to seventeen days later.
    assert abs((row["breach_date"] - date(2026, 4, 17)).days) <= 1
    assert row["breach_low"] <= row["breach_date"] <= row["breach_high"]
    assert row["projected_usage"] == pytest.approx(52 + 0.6 * 60, abs=0.7)
    assert row["recommended_capacity"] == 1_200
    assert row["estimated_cost_usd"] == pytest.approx(200 * 0.1)
    assert row["recommended_capacity"] * 0.8 >= row["projected_usage"] / 100 * 1_000
    assert "from 1,000 to 1,200 gb" in row["recommendation"]
    band = json.loads(row["confidence_interval"])
    assert band["lower"] <= row["projected_usage"] <= band["upper"]
    assert 0.9 < row["confidence"] < 1


def test_a_slow_rise_far_below_the_limit_asks_for_nothing():
    row = planned(usage(component="worker", rise=0.25, start=41))["worker", "disk"]
    assert (row["urgency"], row.get("recommendation"), row["breach_date"]) == ("none", None, None)
    assert row["hours_at_risk"] == 0


def test_over_ninety_percent_is_urgent():
    assert planned(usage(start=60))["database", "disk"]["urgency"] == "high"


@pytest.mark.parametrize("days", [1, 3, 13])
def test_a_short_history_is_no_forecast(days):
    row = planned(usage(days=days))["database", "disk"]
    assert (row["method"], row["urgency"], row.get("projected_usage")) == ("insufficient_history", "none", None)
    assert f"{days} day" in row["reason"]


def test_a_resource_that_went_silent_is_asked_for_nothing():
    row = planned(usage(start=80), as_of=AS_OF + timedelta(days=5))["database", "disk"]
    assert row["method"] == "insufficient_history"
    assert "no sample for 5 days" in row["reason"]


def test_a_capacity_that_was_doubled_halves_the_peaks_before_it():
    frame = usage(rise=0.0, start=70.0)
    is_after = frame["measured_at"] >= datetime(2026, 3, 20)
    frame.loc[is_after, "peak_usage"] /= 2
    frame.loc[is_after, "capacity"] = 2_000.0
    row = planned(frame)["database", "disk"]
    assert row["current_usage"] == pytest.approx(35, abs=1)
    assert row["projected_usage"] == pytest.approx(35, abs=1)
    assert row["urgency"] == "none"
    assert "as of the capacity now" in row["reason"]


def test_an_odd_peak_that_passed_is_told_and_not_forecast():
    frame = usage(rise=0.0, start=60.0)
    start = datetime(2026, 3, 30, 4)
    is_odd = (frame["measured_at"] >= start) & (frame["measured_at"] < start + timedelta(hours=5))
    frame.loc[is_odd, "peak_usage"] = 99.0
    odd = {
        "component_kind": "metric",
        "component": "database",
        "metric_type": "disk",
        "direction": "above",
        "starts_at": start,
        "ends_at": start + timedelta(hours=5),
    }
    told = planned(frame, anomalies=[odd])["database", "disk"]
    assert (told["anomaly_alerts"], told["urgency"]) == (1, "none")
    assert told["projected_usage"] < 62
    assert planned(frame)["database", "disk"]["urgency"] != "none"
    # What lasts is what is needed now.
    lasting = planned(frame, anomalies=[odd | {"ends_at": None}])["database", "disk"]
    assert lasting["urgency"] != "none"


def test_without_a_capacity_the_share_is_told():
    row = planned(usage(capacity=None, unit=None))["database", "disk"]
    assert row.get("recommended_capacity") is None
    assert "% more disk" in row["recommendation"]


def test_an_unknown_unit_has_no_price():
    row = planned(usage(unit="inodes"))["database", "disk"]
    assert row["recommended_capacity"] == 1_200
    assert row["estimated_cost_usd"] is None


def test_more_than_all_of_a_capacity_is_possible():
    row = planned(usage(resource="network", start=120, rise=0.0, unit="mbit"))["database", "network"]
    assert row["projected_usage"] == pytest.approx(120, abs=1)
    assert row["hours_at_risk"] == pytest.approx(24 * 30, rel=0.01)


def test_the_fullest_are_planned_where_there_are_too_many():
    frames = [usage(component=f"c{n}", start=20.0 + n, rise=0.0) for n in range(6)]
    assert [component for component, _ in planned(*frames, most=2)] == ["c5", "c4"]


@pytest.mark.parametrize("frame", [usage().iloc[:0], usage().assign(peak_usage=np.nan)], ids=["no row", "NULLs"])
def test_nothing_measured_is_nothing_planned(frame):
    assert planned(frame) == {}
    assert capacity_plans(frame, [], None, prices=PRICES, most=5) == []


@pytest.mark.parametrize(
    ("start", "an_hour"),
    [
        *((level, 0.0) for level in (33.333333, 66.66666666666667, 71.123456789, 79.99999999, 0, 100, 250.1234567891)),
        *((5, 0.12), (1 / 3, 1 / 7), (90, -0.01)),
    ],
)
def test_what_never_errs_has_a_band_without_width_and_a_probability(start, an_hour):
    hours = np.arange(24 * 25)
    row = planned(usage(days=25, capacity=None, unit=None).assign(peak_usage=start + an_hour * hours))[
        "database", "disk"
    ]
    assert 0 < row["confidence"] < 1
    assert (row["confidence"] > 0.5) == (row["projected_usage"] > 80)
    assert json.loads(row["confidence_interval"])["upper"] == pytest.approx(row["projected_usage"], rel=1e-4)


@pytest.mark.parametrize(("value", "surer"), [(33.333333, False), (100.000004, True)])
def test_an_end_of_a_band_that_was_rounded_below_its_value_is_no_failure(value, surer):
    assert certainty(value, round(value, 4), looks=8) == pytest.approx(0.9 if surer else 0.1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("odd", [1e308, 1_001.0, -1.0, np.inf])
def test_an_hour_that_is_no_usage_is_left_out_and_said(odd):
    frame = usage()
    plain = planned(frame)["database", "disk"]
    frame.loc[100, "peak_usage"] = odd
    row = planned(frame)["database", "disk"]
    assert row["projected_usage"] == pytest.approx(plain["projected_usage"], abs=0.5)
    assert row["reason"].endswith("1 hour below 0 or over 1,000 % left out")


@pytest.mark.filterwarnings("error")
def test_a_resource_of_such_hours_alone_is_not_planned_and_comes_last():
    rows = planned(usage(days=25).assign(peak_usage=1e308), usage(component="worker"))
    assert list(rows) == [("worker", "disk"), ("database", "disk")]
    row = rows["database", "disk"]
    assert (row["method"], row["current_usage"], row["urgency"]) == ("insufficient_history", None, "none")
    assert row["reason"] == "0 days with 18 hours or more, 14 needed; 600 hours below 0 or over 1,000 % left out"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("capacity", [1e308, 5e-324, np.inf, 0.0, -4.0])
def test_a_capacity_that_is_no_size_is_not_known(capacity):
    row = planned(usage(capacity=capacity))["database", "disk"]
    assert row["current_capacity"] is None
    assert "Its capacity is not known." in row["recommendation"]


def test_what_is_over_the_limit_already_is_told_so():
    told = planned(usage(start=85, rise=0.0))["database", "disk"]["recommendation"]
    assert "It was over 80 % already, on 30 of 30 days." in told
    assert "first on" not in told
    assert "over 80 % first on 2026-04" in planned(usage())["database", "disk"]["recommendation"]


def test_names_with_quotes_stay_names_in_the_evidence():
    (row,) = planned(usage(component="it's"), most=1).values()
    assert "component = 'it''s'" in row["evidence_sql"]


def test_an_hour_between_the_limit_and_full_counts_in_proportion():
    class Found:
        values = np.array([90.0, 70.0, 100.0])

    # The day is half of the time at its peak and half at half of it.
    assert hours_at_risk(Found, np.array([1.0, 0.5])) == pytest.approx(24 * (0.25 + 0 + 0.5))


@pytest.mark.parametrize(
    ("resource", "capacity", "unit", "wanted"),
    [
        ("cpu", 1.2, "cores", 1.25),
        ("cpu", 2_100, "mcores", 3_000),
        ("memory", 700, "mb", 768),
        ("memory", 16.2, "GiB", 17),
        ("disk", 1_000, "gb", 1_000),
        ("disk", 1_001, "gb", 1_100),
        ("network", 0, "mbit", 0),
    ],
)
def test_sizes_are_rounded_up_to_what_is_asked_for(resource, capacity, unit, wanted):
    assert rounded_up(resource, capacity, unit) == pytest.approx(wanted)


def test_cost_is_that_of_the_priced_unit():
    assert monthly_cost("memory", 2_048, "mb", PRICES) == pytest.approx(6.8)
    assert monthly_cost("network", 1, "gbit/s", PRICES) == pytest.approx(50)
    assert monthly_cost("disk", 10, "gb", {}) is None
    assert priced_amount("cpu", 1, "gb") is None
    assert priced_amount("gpu", 1, "cores") is None
