"""Words, times and durations of others are read as they are meant, or not at all."""

from __future__ import annotations

from datetime import UTC

import pytest

from analytics_assets.readers.foreign_values import minutes_of, priority_of, time_of, zone_of
from analytics_assets.readers.reading import NotUnderstoodError


@pytest.mark.parametrize(
    ("given", "priority"),
    [("P0", 0), ("p3", 3), (1, 1), ("1", 1), ("High", 1), ("🔴 P0 - Critical", 0), ("P2 (medium)", 2), ("Lowest", 3)],
)
def test_a_priority_is_known_by_its_number_or_word(given, priority):
    assert priority_of(given) == priority


@pytest.mark.parametrize("given", ["P4", "P1, P2", "soon", "10", "1.0", "high low", ""])
def test_what_is_no_priority_is_not_one(given):
    with pytest.raises(NotUnderstoodError, match="P0"):
        priority_of(given)


@pytest.mark.parametrize(
    ("given", "minutes"),
    [("30", 30), (45, 45), ("~30 min", 30), ("1h 30m", 90), ("1.5 hours", 90), ("2 h", 120), ("90m", 90), ("0", 0)],
)
def test_a_duration_is_in_minutes(given, minutes):
    assert minutes_of(given) == minutes


def test_a_number_alone_is_in_the_unit_of_its_column():
    assert minutes_of(5400, "s") == 90
    assert minutes_of("1.5", "h") == 90
    assert minutes_of("30 min", "h") == 30


@pytest.mark.parametrize("given", ["1d", "soon", "1,200", "-5", "1h and a bit"])
def test_what_is_no_duration_is_not_one(given):
    with pytest.raises(NotUnderstoodError):
        minutes_of(given)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-01-31", "2026-01-31"),
        ("31 Jan 2026", "2026-01-31"),
        ("31-January-2026", "2026-01-31"),
        ("Jan 31, 2026", "2026-01-31"),
        ("12/Jan/26", "2026-01-12"),
        ("2026-01-12T15:04:05.250+0100", "2026-01-12T14:04:05.250000Z"),
        ("2026-01-12T15:04:05Z", "2026-01-12T15:04:05.000000Z"),
    ],
)
def test_a_time_that_says_all_is_taken_and_a_date_stays_a_date(given, meant):
    assert time_of(given, None) == meant


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("12/Jan/26 3:04 PM", "2026-01-12T14:04:00.000000Z"),
        ("12/Jan/26 12:04 AM", "2026-01-11T23:04:00.000000Z"),
        ("12/Jan/26 12:04 PM", "2026-01-12T11:04:00.000000Z"),
        ("12/Jul/26 15:04", "2026-07-12T13:04:00.000000Z"),
        ("2026-01-12 15:04", "2026-01-12T14:04:00.000000Z"),
    ],
)
def test_a_time_without_a_zone_takes_the_one_that_is_said(given, meant):
    assert time_of(given, zone_of("Europe/Berlin")) == meant
    with pytest.raises(NotUnderstoodError, match="--zone"):
        time_of(given, None)


@pytest.mark.parametrize(
    "given", ["01/02/26", "1.2.2026", "2026", "1767225600", "12/Jän/26", "31 Feb 2026", "13/Jan/26 13:04 PM"]
)
def test_a_date_that_could_be_another_is_refused(given):
    with pytest.raises(NotUnderstoodError, match="2026-01-31"):
        time_of(given, UTC)


@pytest.mark.parametrize("given", ["25/Oct/26 2:30 AM", "29/Mar/26 2:30 AM"])
def test_an_hour_that_a_clock_has_twice_or_never_is_refused(given):
    with pytest.raises(NotUnderstoodError, match="twice or never"):
        time_of(given, zone_of("Europe/Berlin"))


def test_zones_have_names_or_offsets():
    assert time_of("2026-01-12 00:00", zone_of("-05:30")) == "2026-01-12T05:30:00.000000Z"
    assert zone_of("utc") is UTC
    with pytest.raises(NotUnderstoodError, match="no time zone"):
        zone_of("Mars/Olympus")
