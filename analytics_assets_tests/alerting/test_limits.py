"""What is over its limit by more than chance, and since when."""

from __future__ import annotations

import random
from datetime import date

import pytest

from analytics_assets.alerting.condition import AlertType, Kind
from analytics_assets.alerting.hours import newest_with, rate_of
from analytics_assets.alerting.limits import full_soon, is_over, over_limit
from analytics_assets.alerting.severity import severity_of
from analytics_assets.lib.rates import wilson_interval
from analytics_assets_tests.alerting.made import at, hours, subject, tool


def resource(**fields):
    given = {"metric_type": "disk", "unit": "percent", "limit": 80.0, "is_resource": True}
    return subject("api/disk", **given | fields)


def test_a_rate_is_over_where_even_the_lower_end_of_its_interval_is():
    for failing in range(21):
        rate = failing / 20
        expected = wilson_interval(failing, 20, 4.0).low > 0.05
        assert is_over(tool(), hours(0, rate, samples=20)) == expected
    assert not is_over(tool(), hours(0, 4 / 20, samples=20))
    assert is_over(tool(), hours(0, 5 / 20, samples=20))


def test_of_too_few_judged_records_nothing_is_said():
    assert not is_over(tool(), hours(0, 1.0, samples=19))
    assert is_over(tool(), hours(0, 1.0, samples=20))
    assert not is_over(tool(), [])


def test_the_newest_hours_that_hold_enough_records_are_asked():
    quiet_then_failing = [*hours(0, *[0.0] * 30), *hours(30, 0.9, 0.9, 0.9, samples=10)]
    assert rate_of(newest_with(quiet_then_failing, 20, 3)) == (27, 30)
    assert is_over(tool(), quiet_then_failing)
    # A day is the most that is looked back.
    assert len(newest_with(hours(0, *[0.0] * 50, samples=0.1), 20, 3)) == 24


def test_rates_of_chance_are_hardly_ever_over_their_limit():
    rng = random.Random(5)
    found = 0
    for _ in range(300):
        rates = [sum(rng.random() < 0.03 for _ in range(8)) / 8 for _ in range(24)]
        found += is_over(tool(), hours(0, *rates, samples=8))
    assert found == 0


def test_a_rate_that_went_up_is_told_with_its_beginning_and_its_numbers():
    measured = [*hours(0, *[0.02] * 200), *hours(200, *[0.4] * 12)]
    found = over_limit(tool(), measured)
    assert (found.alert_type, found.kind) == (AlertType.ERROR_RATE, Kind.RATE_OVER_LIMIT)
    # The rate of a whole day is over the limit from its second bad hour on: (22 x 0.2 + 2 x 4) / 240 > 0.05.
    assert at(200) <= found.began_at <= at(202)
    assert found.is_begin_seen
    assert "40 % (12 of 30)" in found.description
    assert found.components == ("web_fetch",)
    assert severity_of(found) == "high"


def test_what_fails_as_ever_is_no_more_than_medium():
    found = over_limit(tool(), hours(0, *[0.4] * 24 * 20))
    assert found.is_usual
    assert not found.is_begin_seen
    assert severity_of(found) == "medium"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((85, 85, 85), True),
        ((85, 79, 85), False),
        ((85, 85), False),
        ((80, 80, 80), False),
        ((50, 85, 85, 85), True),
    ],
)
def test_another_level_is_over_where_the_last_three_hours_are(values, expected):
    assert is_over(resource(), hours(0, *values)) == expected


def test_three_hours_with_a_gap_are_not_three_in_a_row():
    assert not is_over(resource(), [*hours(0, 85, 85), *hours(9, 85)])


def test_a_full_disk_is_worse_than_one_that_is_nearly_so():
    fills = over_limit(resource(), [*hours(0, *[70.0] * 100), *hours(100, *[82.0] * 6)])
    full = over_limit(resource(), [*hours(0, *[70.0] * 100), *hours(100, *[98.0] * 13)])
    assert (fills.began_at, full.began_at) == (at(100), at(100))
    assert fills.size == pytest.approx(0.1)
    assert full.size == pytest.approx(0.9)
    assert (severity_of(fills), severity_of(full)) == ("low", "high")


def test_what_passes_its_limit_every_day_is_its_daily_work():
    daily = [value for _ in range(15) for value in (*[40.0] * 20, *[85.0] * 4)]
    assert over_limit(resource(metric_type="cpu"), hours(0, *daily)).is_usual
    assert not over_limit(resource(metric_type="cpu"), hours(0, *[40.0] * 300, *[85.0] * 4)).is_usual


def test_a_plan_warns_where_it_is_urgent():
    plan = {
        "component": "database",
        "resource_type": "disk",
        "urgency": "high",
        "projected_usage": 93.0,
        "current_usage": None,
        "projection_date": date(2026, 4, 1),
        "breach_date": None,
        "confidence": None,
        "recommendation": "Raise disk of database.",
        "evidence_sql": "select 1",
        "as_of": at(0),
        "is_stale": False,
    }
    (found,) = full_soon([plan, plan | {"urgency": "medium"}])
    assert found.advice == ["Raise disk of database."]
    assert "93 %" in found.description
    assert severity_of(found) == "medium"
