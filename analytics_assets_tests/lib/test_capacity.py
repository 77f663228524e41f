"""Availability, queue and bottlenecks of agents."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib.capacity import Expected, bottleneck_tools, capacity_forecasts, queue_depths, utilisation

AS_OF = pd.Timestamp("2026-11-20 10:20")
THIS_HOUR = AS_OF.floor("h")
NO_QUEUE = pd.DataFrame({"agent_id": pd.Series(dtype=object), "current_queue_depth": pd.Series(dtype="int64")})
COLUMNS = [
    "agent_id",
    "forecast_for",
    "estimated_available_capacity",
    "lower",
    "upper",
    "current_queue_depth",
    "bottleneck_tools",
    "method",
    "history_hours",
    "expected_utilisation",
    "slowdown",
    "response_time_seconds",
    "as_of",
    "is_stale",
]


def usage(*rows):
    """Rows of (hours ago, agent, tool, executions, failed, timed, seconds in all)."""
    names = [
        "ago",
        "agent_id",
        "tool_name",
        "executions",
        "failed_executions",
        "timed_executions",
        "duration_seconds",
    ]
    counts = dict.fromkeys(["ago", "executions", "failed_executions", "timed_executions"], "int64")
    frame = pd.DataFrame(rows, columns=names).astype({**counts, "duration_seconds": float})
    return frame.assign(hour=THIS_HOUR - pd.to_timedelta(frame.pop("ago"), unit="h"))


def steady(agent, hours, seconds=900, calls=30, tool="search"):
    return [(ago, agent, tool, calls, 0, calls, seconds) for ago in range(1, hours + 1)]


def one(frame):
    assert len(frame) == 1
    return frame.iloc[0]


class TestAvailability:
    def test_a_quarter_busy_is_three_quarters_free(self):
        row = one(capacity_forecasts(usage(*steady("a", 40)), NO_QUEUE, AS_OF))
        assert row["expected_utilisation"] == pytest.approx(0.25)
        assert row["estimated_available_capacity"] == pytest.approx(75.0)
        assert (row["lower"], row["upper"]) == pytest.approx((75.0, 75.0))
        assert row["slowdown"] == pytest.approx(1.0)
        assert row["response_time_seconds"] == pytest.approx(30.0)
        assert row["forecast_for"] == pd.Timestamp("2026-11-20 11:00")
        assert (row["method"], row["history_hours"]) == ("seasonal_naive", 40)

    def test_slower_answers_make_free_time_worth_less(self):
        # Four days at 10 s a call, then one at 20 s with half the calls: as busy as before, but slower.
        rows = [(ago, "a", "search", 90, 0, 90, 900) for ago in range(24, 24 * 5)]
        rows += [(ago, "a", "search", 45, 0, 45, 900) for ago in range(1, 24)]
        row = one(capacity_forecasts(usage(*rows), NO_QUEUE, AS_OF))
        calls, seconds = 96 * 90 + 23 * 45, (96 + 23) * 900
        slowdown = 20 / (seconds / calls)
        assert row["slowdown"] == pytest.approx(slowdown)
        assert row["estimated_available_capacity"] == pytest.approx(75 / slowdown)

    def test_faster_answers_do_not_make_an_hour_longer(self):
        rows = [(ago, "a", "search", 45, 0, 45, 900) for ago in range(24, 24 * 5)]
        rows += [(ago, "a", "search", 90, 0, 90, 900) for ago in range(1, 24)]
        row = one(capacity_forecasts(usage(*rows), NO_QUEUE, AS_OF))
        assert row["slowdown"] < 1
        assert row["estimated_available_capacity"] == pytest.approx(75.0)

    def test_a_turn_to_slower_tools_is_not_a_slowdown(self):
        rows = [(ago, "a", "quick", 100, 0, 100, 100) for ago in range(24, 72)]
        rows += [(ago, "a", "slow", 1, 0, 1, 60) for ago in range(1, 72)]
        row = one(capacity_forecasts(usage(*rows), NO_QUEUE, AS_OF))
        assert row["response_time_seconds"] == pytest.approx(60.0)
        assert row["slowdown"] == pytest.approx(1.0)

    def test_overlapping_calls_leave_nothing_free_and_never_less(self):
        row = one(capacity_forecasts(usage(*steady("a", 30, seconds=7200)), NO_QUEUE, AS_OF))
        assert row["expected_utilisation"] == pytest.approx(2.0)
        assert row["estimated_available_capacity"] == 0.0

    def test_an_agent_that_went_idle_is_free(self):
        rows = [row for row in steady("a", 24 * 5) if row[0] > 24 * 3]
        row = one(capacity_forecasts(usage(*rows), NO_QUEUE, AS_OF))
        assert row["estimated_available_capacity"] == 100.0
        assert math.isnan(row["response_time_seconds"])
        assert row["bottleneck_tools"] is None

    def test_a_daily_wave_is_forecast_by_prophet_with_a_band(self):
        rng = np.random.default_rng(3)
        rows = []
        for ago in range(1, 24 * 8):
            hour = (THIS_HOUR - pd.Timedelta(hours=ago)).hour
            seconds = 1500 + 900 * np.sin(2 * np.pi * hour / 24) + rng.normal(0, 250)
            rows.append((ago, "a", "search", 60, 0, 60, max(0.0, seconds)))
        row = one(capacity_forecasts(usage(*rows), NO_QUEUE, AS_OF))
        expected = 100 * (1 - (1500 + 900 * np.sin(2 * np.pi * 11 / 24)) / 3600)
        assert row["method"] == "prophet"
        assert row["estimated_available_capacity"] == pytest.approx(expected, abs=6)
        assert row["lower"] < row["estimated_available_capacity"] < row["upper"]

    def test_what_the_competition_says_of_the_hour_is_taken_and_others_are_forecast_here(self):
        frame = usage(*steady("a", 40), *steady("b", 40))
        expected = {"a": Expected("weighted", 0.5, 0.25, None)}
        rows = capacity_forecasts(frame, NO_QUEUE, AS_OF, expected=expected).set_index("agent_id")
        assert rows.loc["a", ["method", "expected_utilisation", "history_hours"]].tolist() == ["weighted", 0.5, 40]
        assert rows.loc["a", ["estimated_available_capacity", "upper"]].tolist() == [50.0, 75.0]
        assert pd.isna(rows.loc["a", "lower"])
        assert rows.loc["b", "method"] == "seasonal_naive"


class TestHistory:
    def test_no_agent_is_dropped(self):
        frame = usage(
            *steady("busy", 30),
            *steady("new", 3),
            (800, "gone", "search", 5, 0, 5, 10),
            (2, None, "x", 1, 0, 1, 1),
        )
        queue = pd.DataFrame({"agent_id": ["waiting"], "current_queue_depth": [4]})
        answer = capacity_forecasts(frame, queue, AS_OF, agents=["listed"])
        assert answer["agent_id"].tolist() == ["busy", "gone", "listed", "new", "waiting"]
        methods = answer.set_index("agent_id")["method"]
        assert methods["busy"] == "seasonal_naive"
        assert set(methods.drop("busy")) == {"insufficient_history"}

    def test_an_agent_without_history_has_no_numbers(self):
        row = one(capacity_forecasts(usage(*steady("new", 3)), NO_QUEUE, AS_OF))
        assert row["history_hours"] == 3
        assert np.isnan([row["estimated_available_capacity"], row["lower"], row["upper"]]).all()
        assert row["response_time_seconds"] == pytest.approx(30.0)

    def test_calls_that_nobody_timed_say_nothing_of_free_time(self):
        untimed = [(ago, "a", "search", 10, 4, 0, None) for ago in range(1, 60)]
        row = one(capacity_forecasts(usage(*untimed), NO_QUEUE, AS_OF))
        assert (row["method"], row["history_hours"]) == ("insufficient_history", 0)
        assert math.isnan(row["slowdown"])

    def test_the_hour_that_is_not_over_and_what_is_later_are_left_out(self):
        rows = [*steady("a", 30), (0, "a", "search", 1, 0, 1, 1), (-5, "a", "search", 900, 0, 900, 3600)]
        row = one(capacity_forecasts(usage(*rows), NO_QUEUE, AS_OF))
        assert row["estimated_available_capacity"] == pytest.approx(75.0)
        assert row["history_hours"] == 30

    def test_an_untimed_call_is_as_long_as_the_timed_ones_of_its_hour(self):
        frame = usage((2, "a", "x", 10, 0, 5, 50), (1, "a", "x", 4, 0, 0, None))
        shares = utilisation(frame, until=THIS_HOUR)
        assert shares.iloc[0] == pytest.approx(100 / 3600)
        assert math.isnan(shares.iloc[1])

    def test_an_hour_without_a_call_is_idle(self):
        shares = utilisation(usage((3, "a", "x", 1, 0, 1, 36)), until=THIS_HOUR)
        assert shares.tolist() == pytest.approx([0.01, 0.0, 0.0])


class TestFrame:
    def test_the_columns_are_the_same_for_none_as_for_many(self):
        none = capacity_forecasts(usage(), NO_QUEUE, AS_OF)
        some = capacity_forecasts(usage(*steady("a", 30)), NO_QUEUE, AS_OF)
        assert list(none.columns) == list(some.columns) == COLUMNS
        assert none.empty
        assert none.dtypes.drop(["as_of", "is_stale"]).equals(some.dtypes.drop(["as_of", "is_stale"]))

    def test_as_of_and_its_age_stand_in_every_row(self):
        row = one(capacity_forecasts(usage(*steady("a", 30)), NO_QUEUE, AS_OF, is_stale=True))
        assert row["as_of"] == AS_OF
        assert row["is_stale"]

    def test_only_the_busiest_agents_are_fitted_when_there_are_many(self, monkeypatch):
        from analytics_assets.lib import capacity
        from analytics_assets.limits import Setting

        fitted = []
        real = capacity.forecast_hourly

        def watched(history, **options):
            fitted.append(options["fitted"])
            return real(history, **{**options, "fitted": False})

        monkeypatch.setattr(capacity, "FORECAST_MAX_FITTED", Setting(1, "series", "as many as the test needs"))
        monkeypatch.setattr(capacity, "forecast_hourly", watched)
        capacity_forecasts(usage(*steady("a", 30, calls=5), *steady("b", 30, calls=50)), NO_QUEUE, AS_OF)
        assert fitted == [False, True]


class TestQueue:
    def test_open_work_is_counted_whatever_the_spelling(self):
        work = pd.DataFrame(
            [
                ("a", "In Progress", 2),
                ("a", "todo", 3),
                ("a", "DONE", 40),
                ("a", "running", 1),
                ("b", "done", 7),
                (None, "open", 9),
                ("c", "someone's own word", 5),
            ],
            columns=["agent_id", "status", "items"],
        )
        depths = queue_depths(work).set_index("agent_id")["current_queue_depth"]
        assert depths.to_dict() == {"a": 6, "b": 0, "c": 0}

    def test_an_agent_of_whom_nothing_is_recorded_has_no_depth(self):
        queue = pd.DataFrame({"agent_id": ["a"], "current_queue_depth": [0]})
        frame = capacity_forecasts(usage(*steady("a", 30), *steady("b", 30)), queue, AS_OF)
        depths = frame.set_index("agent_id")["current_queue_depth"]
        assert depths["a"] == 0
        assert depths["b"] is pd.NA

    def test_no_work_at_all_is_an_empty_queue(self):
        work = pd.DataFrame({"agent_id": [], "status": [], "items": []}, dtype=object)
        assert queue_depths(work).empty


class TestBottlenecks:
    @staticmethod
    def tools(**rows):
        measures = ["executions", "failed_executions", "timed_executions", "duration_seconds"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=measures).rename_axis("tool_name")

    def test_time_that_is_spread_has_no_bottleneck(self):
        even = self.tools(a=(10, 0, 10, 100), b=(10, 0, 10, 100), c=(10, 0, 10, 100), d=(10, 0, 10, 100))
        assert bottleneck_tools(even, even) == []

    def test_the_tool_that_slowed_down_is_found_with_its_numbers(self):
        usual = self.tools(a=(100, 0, 100, 1000), b=(100, 0, 100, 1000), c=(100, 0, 100, 2000))
        recent = self.tools(a=(10, 0, 10, 100), b=(10, 2, 10, 300), c=(10, 0, 10, 200))
        worst, *others = bottleneck_tools(recent, usual)
        assert worst == {
            "tool_name": "b",
            "pressure": 1.8,  # half the time * 3 times as slow * 1.2 for the failures
            "share": 0.5,
            "share_of": "busy_time",
            "slowdown": 3.0,
            "is_slowed": True,
            "failure_rate": 0.2,
            "executions": 10,
        }
        assert [tool["tool_name"] for tool in others] == ["c"]

    def test_without_times_the_share_of_calls_is_used_and_said(self):
        calls = self.tools(book=(53, 30, 0, 0.0), find=(200, 0, 0, 0.0), other=(100, 0, 0, 0.0))
        (tool,) = bottleneck_tools(calls, calls)
        assert (tool["tool_name"], tool["share_of"], tool["slowdown"]) == ("find", "executions", None)

    def test_at_most_three_are_shown_worst_first(self):
        recent = self.tools(
            **{name: (10, 10, 10, seconds) for name, seconds in zip("abcd", (100, 110, 120, 130), strict=True)}
        )
        usual = self.tools(**dict.fromkeys("abcd", (10, 0, 10, 50)))
        assert [tool["tool_name"] for tool in bottleneck_tools(recent, usual)] == ["d", "c", "b"]

    def test_they_are_published_as_json(self):
        row = one(capacity_forecasts(usage(*steady("a", 30)), NO_QUEUE, AS_OF))
        (tool,) = json.loads(row["bottleneck_tools"])
        assert (tool["tool_name"], tool["share"]) == ("search", 1.0)
