"""How fast, how often up, how often wrong, how much: from hours of calls and records."""

from datetime import datetime, timedelta

import pytest

from analytics_assets.system_kpis.performance import (
    Outage,
    Usage,
    average_response_time,
    error_rate,
    system_uptime,
    throughput,
)

AS_OF = datetime(2026, 3, 29, 12, 30)
END = datetime(2026, 3, 29, 12)
HOUR = timedelta(hours=1)


def hourly(days, count, end=END):
    """``count`` records in each hour of the days before the end."""
    return {end - place * HOUR: count for place in range(1, days * 24 + 1)}


def test_response_time_is_compared_with_the_same_calls_as_they_usually_are():
    slow_tool, quick_link = Usage("s", 10, 40.0, 100, 200.0), Usage("ms", 30, 6_000.0, 100, 20_000.0)
    found = average_response_time([slow_tool, quick_link])
    assert found.value == pytest.approx((40 + 6) / 40)
    assert found.usual == pytest.approx((10 * 2 + 30 * 0.2) / 40)
    assert found.n == 40


def test_more_calls_of_a_slow_tool_are_no_slowness():
    found = average_response_time([Usage("s", 90, 900.0, 10, 100.0), Usage("s", 10, 10.0, 90, 90.0)])
    assert found.value == pytest.approx(9.1)
    assert found.usual == pytest.approx(found.value)


def test_a_tool_that_is_new_has_nothing_usual_and_is_left_out_by_name():
    found = average_response_time([Usage("s", 10, 20.0, 100, 100.0), Usage("s", 10, 900.0, 0, 0.0)])
    assert (found.value, found.usual, found.n) == (2.0, 1.0, 10)
    assert "1 signal without 10 calls before left out" in found.source
    alone = average_response_time([Usage("s", 10, 900.0, 0, 0.0)])
    assert (alone.value, alone.usual) == (90.0, None)


def test_odd_numbers_and_units_are_no_response_times():
    odd = [Usage("s", 1, float("inf"), 20, 1.0), Usage("parsecs", 1, 5.0, 20, 1.0), Usage(None, 1, 5.0, 20, 1.0)]
    found = average_response_time(odd)
    assert (found.value, found.reason) == (None, "no call in the last 24 hours")
    huge = average_response_time([Usage("s", 1, 1e308, 20, 1e308), Usage("s", 1, 1e308, 20, 1e308)])
    assert (huge.value, huge.reason) == (None, "its numbers are too large to add")


def test_errors_are_counted_over_all_calls_and_of_too_few_have_no_score():
    found = error_rate([Usage("share", 90, 9.0, 0, 0.0), Usage("share", 10, 1.0, 0, 0.0)])
    assert (found.value, found.n, found.reason) == (0.1, 100, None)
    few = error_rate([Usage("share", 29, 29.0, 0, 0.0)])
    assert (few.value, few.reason) == (1.0, "29 calls, 30 needed")
    assert error_rate([]).value is None
    assert error_rate([Usage("share", 0, 0.0, 500, 5.0)]).reason == "no call in the last 24 hours"


def test_throughput_is_compared_with_the_same_hours_of_the_weeks_before():
    calls = hourly(28, 10)
    # The 24 hours of today are those of a quiet weekday, and so were those of three weeks before.
    for week in range(4):
        calls |= hourly(1, 2, END - timedelta(days=7 * week))
    found = throughput(calls, AS_OF)
    assert (found.value, found.usual, found.n) == (2.0, 2.0, 3)


def test_half_of_the_usual_calls_are_half_the_throughput_and_silence_is_none():
    calls = hourly(29, 10)
    assert throughput(calls | hourly(1, 5), AS_OF).value == 5.0
    silent = {hour: count for hour, count in calls.items() if hour < END - 24 * HOUR}
    found = throughput(silent, AS_OF)
    assert (found.value, found.usual, found.n) == (0.0, 10.0, 4)


def test_without_a_week_before_throughput_has_no_score():
    found = throughput(hourly(6, 10), AS_OF)
    assert (found.value, found.reason) == (10.0, "no week is known to compare it with")
    assert throughput({}, AS_OF).value is None
    later = throughput({END: 4}, AS_OF)
    assert (later.value, later.reason) == (0.0, "no week is known to compare it with")


def test_a_busy_hour_without_a_record_was_down():
    records = hourly(28, 20)
    assert system_uptime([], records, [], 0, AS_OF).value == 1.0
    for place in (30, 31, 32):
        del records[END - place * HOUR]
    found = system_uptime([], records, [], 0, AS_OF)
    assert (found.value, found.n) == (pytest.approx(1 - 3 / 168), 168)


def test_an_hour_that_is_usually_quiet_is_not_expected():
    records = hourly(28, 20)
    for week in range(4):
        for place in range(30, 40):
            records[END - place * HOUR - timedelta(days=7 * week)] = 9 if week else 0
    found = system_uptime([], records, [], 0, AS_OF)
    assert (found.value, found.n) == (1.0, 158)


def test_hours_that_have_not_landed_yet_are_not_down_until_all_is_silent_for_a_day():
    def until(hours):
        return {hour: count for hour, count in hourly(28, 20).items() if hour < END - hours * HOUR}

    found = system_uptime([], until(20), [], 0, AS_OF)
    assert (found.value, found.n) == (1.0, 148)
    found = system_uptime([], until(42), [], 0, AS_OF)
    assert (found.value, found.n) == (pytest.approx(1 - 42 / 168), 168)


def test_without_two_weeks_of_history_uptime_is_not_known_and_no_zero():
    found = system_uptime([], hourly(13, 20), [], 0, AS_OF)
    assert (found.value, found.n) == (None, 0)
    assert "no hour of the week was busy in 2 weeks before" in found.reason
    assert system_uptime([], {}, [], 0, AS_OF).value is None


def test_outages_take_their_share_of_the_time_of_all_links():
    day = timedelta(days=1)
    outages = [
        Outage("a>b/x", AS_OF - 2 * day, AS_OF - day, 86_400.0),
        # Of this one half a day lies in the window.
        Outage("b>c/y", AS_OF - 8 * day, AS_OF - 6.5 * day, 1.5 * 86_400),
        Outage("c>d/z", AS_OF - 20 * day, AS_OF - 19 * day, 86_400.0),
    ]
    found = system_uptime([], hourly(28, 20), outages, 5, AS_OF)
    assert found.value == pytest.approx(1 - 1.5 / (5 * 7))
    assert "outages of links" in found.source


def test_a_metric_named_uptime_is_believed():
    stated = [("api", "percent", 99.0), ("web", "share", 0.97), ("host", "seconds", 86_400.0)]
    found = system_uptime(stated, {}, [], 0, AS_OF)
    assert (found.value, found.n) == (pytest.approx(0.98), 2)
    assert found.source == "metrics named uptime or availability"
    assert system_uptime([("host", "seconds", 1.0)], {}, [], 0, AS_OF).value is None
