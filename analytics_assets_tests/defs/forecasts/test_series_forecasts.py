"""The competition as assets: back-tests, the forecasts by their winners, costs, and what became of them."""

from __future__ import annotations

import logging
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analytics_assets.defs.forecasts import backtests, cost, series_forecasts
from analytics_assets.defs.outcomes import forecast_scores
from analytics_assets.lib import competing
from analytics_assets.lib.forecast_rows import NOT_REACHED
from analytics_assets.warehouse import frames
from analytics_assets_tests.defs.patterns.conftest import called

AS_OF = datetime(2026, 3, 20, 12, 30)
CONTEXT = SimpleNamespace(log=logging.getLogger("test"))
TABLES = {
    "summaries.hourly_runs": "hour timestamp, runs bigint",
    "summaries.hourly_tool_usage": "hour timestamp, agent_id varchar, executions bigint, timed_executions bigint, "
    "duration_seconds double",
    "summaries.daily_runs": "day date, model varchar, runs bigint, priced_runs bigint, llm_cost_usd double",
    "profiles.resource_usage": "component varchar, resource_type varchar, measured_at timestamp, peak_usage double",
    "kpis.weekly_health": "week date, scope varchar, health_score double, is_finished boolean",
    "staging.stg_as_of": "kind varchar, as_of timestamp, is_stale boolean",
}


@pytest.fixture
def empty(warehouse):
    with warehouse.get_connection() as con:
        for table, columns in TABLES.items():
            con.execute(f"create table {table} ({columns})")
    return warehouse


@pytest.fixture
def filled(empty):
    """Four days of runs by the hour, forty of costs by the day, of which half of the runs of one model lack a price."""
    hours = pd.date_range(end=datetime(2026, 3, 20, 11), periods=96, freq="h")
    days = pd.date_range(end=datetime(2026, 3, 19), periods=40, freq="D")
    rng = np.random.default_rng(0)
    runs = pd.DataFrame({"hour": hours, "runs": rng.poisson(5 + 4 * np.sin(2 * np.pi * hours.hour / 24))})
    costs = pd.concat(
        [
            pd.DataFrame({"day": days, "model": model, "runs": 10, "priced_runs": priced, "llm_cost_usd": 5.0})
            for model, priced in (("small", 10), ("large", 5))
        ]
    )
    costs = costs.astype({"day": frames.DTYPES["DATE"]})
    costs["llm_cost_usd"] += rng.normal(0, 0.5, len(costs))
    with empty.get_connection() as con:
        con.execute("insert into staging.stg_as_of values ('runs', ?, false)", [AS_OF])
        frames.write(con, "summaries", "hourly_runs", frame=runs)
        frames.write(con, "summaries", "daily_runs", frame=costs)
    return empty


def build(warehouse, asset, **given):
    stage, table = asset.key.path
    result = called(asset, warehouse=warehouse, **given)
    with warehouse.get_connection() as con:
        frames.write(con, stage, table, frame=result.value)
        return frames.read(con, stage, table)


def verdicts(**frame):
    checks = {
        "forecast_backtests": (backtests.every_series_has_a_winner, backtests.winners_beat_the_bar),
        "series_forecasts": (series_forecasts.values_within_their_bands, series_forecasts.silence_is_said),
        "cost_forecast": (cost.costs_add_up,),
        "forecast_scores": (forecast_scores.scores_are_of_what_came, forecast_scores.bands_hold),
    }
    ((name, table),) = frame.items()
    return [called(check, **{name: table}).passed for check in checks[name]]


def test_winners_of_back_tests_forecast_and_are_held_against_what_comes(filled):
    tested = build(filled, backtests.forecast_backtests, context=CONTEXT)
    assert set(tested["series"]) == {"volume/runs", "cost/total", "cost/small", "cost/large"}
    assert all(verdicts(forecast_backtests=tested))
    made = build(filled, series_forecasts.series_forecasts, context=CONTEXT)
    winners = tested[tested["is_winner"]].set_index("series")["method"].to_dict()
    assert made.groupby("series")["method"].first().to_dict() == winners
    assert made.groupby("series")["step"].max().to_dict() == {
        "volume/runs": 48,
        "cost/total": 30,
        "cost/small": 30,
        "cost/large": 30,
    }
    assert all(verdicts(series_forecasts=made))

    costs = build(filled, cost.cost_forecast)
    last = costs[costs["day_ahead"] == 30].set_index("scope")
    assert last.loc["total", "cumulative_usd"] == pytest.approx(300, rel=0.1)
    assert last["known_share"].to_dict() == {"total": 0.75, "small": 1.0, "large": 0.5}
    assert last.loc["large", "runs_without_price"] == 150
    total = made[made["series"] == "cost/total"]
    assert costs.loc[costs["scope"] == "total", "expected_cost_usd"].tolist() == total["value"].tolist()
    assert all(verdicts(cost_forecast=costs))

    scored = build(filled, forecast_scores.forecast_scores)
    assert (scored["scored_steps"] == 0).all()
    with filled.get_connection() as con:
        con.execute("update staging.stg_as_of set as_of = as_of + interval 3 days")
        con.execute("insert into summaries.hourly_runs select hour + interval 3 days, runs from summaries.hourly_runs")
    later = build(filled, forecast_scores.forecast_scores).set_index("series")
    assert later.loc["volume/runs", ["scored_steps", "is_complete"]].tolist() == [48, True]
    assert later.loc["cost/total", ["scored_steps", "is_complete"]].tolist() == [3, False]
    assert all(verdicts(forecast_scores=later.reset_index()))


def test_without_a_record_every_table_is_empty_and_checks(empty):
    for asset, given in (
        (backtests.forecast_backtests, {"context": CONTEXT}),
        (series_forecasts.series_forecasts, {"context": CONTEXT}),
        (cost.cost_forecast, {}),
        (forecast_scores.forecast_scores, {}),
    ):
        frame = build(empty, asset, **given)
        assert frame.empty
        assert all(verdicts(**{asset.key.path[-1]: frame}))


def test_without_a_back_test_the_season_before_forecasts_and_short_series_say_so(filled):
    with filled.get_connection() as con:
        con.execute("insert into staging.stg_as_of values ('metrics', ?, false)", [AS_OF])
        con.execute("insert into profiles.resource_usage values ('api', 'cpu', '2026-03-20 11:00', 40.0)")
    made = build(filled, series_forecasts.series_forecasts, context=CONTEXT).groupby("series").first()
    assert made["method"].to_dict() == dict.fromkeys(
        ["cost/large", "cost/small", "cost/total", "volume/runs"], "seasonal_naive"
    ) | {"resource/api/cpu": "insufficient_history"}
    assert "not in the last back-test" in made.loc["volume/runs", "reason"]
    assert pd.isna(made.loc["resource/api/cpu", "value"])


def test_what_the_time_does_not_reach_keeps_its_winner_and_comes_first_the_next_time(filled, monkeypatch):
    asked = []

    def reached(*names):
        """Contests of these only; of a day, as a constant series has it."""

        def judge_all(entries, contested, **_):
            asked.append(dict(contested))
            return [competing.judge(one, reason="alone") if one.name in names else None for one in entries]

        monkeypatch.setattr(competing, "judge_all", judge_all)
        return build(filled, backtests.forecast_backtests, context=CONTEXT).set_index("series")

    first = reached("volume/runs")
    assert first["reason"].to_dict() == {"volume/runs": "alone"} | dict.fromkeys(
        ["cost/large", "cost/small", "cost/total"], NOT_REACHED
    )
    assert first["contested_at"].notna().to_dict() == {name: name == "volume/runs" for name in first.index}
    made = build(filled, series_forecasts.series_forecasts, context=CONTEXT).groupby("series")["reason"].first()
    assert (made["cost/total"], made["volume/runs"]) == (NOT_REACHED, "the winner of the last back-test")
    second = reached("cost/total")
    assert asked == [{}, {"volume/runs": first.loc["volume/runs", "contested_at"]}]
    assert second.loc["volume/runs", "contested_at"] == first.loc["volume/runs", "contested_at"]
    assert second.loc["cost/total", "reason"] == "alone"


def test_a_series_that_was_too_short_for_the_back_test_says_so(filled):
    with filled.get_connection() as con:
        con.execute("create or replace table summaries.hourly_runs as from summaries.hourly_runs limit 40")
        con.execute("delete from summaries.daily_runs")
        con.execute("update staging.stg_as_of set as_of = (select max(hour) from summaries.hourly_runs)")
    tested = build(filled, backtests.forecast_backtests, context=CONTEXT)
    assert tested["method"].tolist() == ["insufficient_history"]
    with filled.get_connection() as con:
        con.execute("insert into summaries.hourly_runs select hour + interval 40 hour, runs from summaries.hourly_runs")
        con.execute("update staging.stg_as_of set as_of = as_of + interval 1 day")
    made = build(filled, series_forecasts.series_forecasts, context=CONTEXT)
    assert "too short for the last back-test" in made["reason"].iloc[0]


def test_the_number_of_series_is_bounded(filled, monkeypatch):
    monkeypatch.setenv("ANALYTICS_FORECAST_SERIES", "1")
    result = called(series_forecasts.series_forecasts, context=CONTEXT, warehouse=filled)
    assert result.value["series"].nunique() == 1
    assert result.metadata["left_out"] == 3


def test_a_value_outside_its_band_or_a_winner_that_loses_is_told(filled):
    made = build(filled, series_forecasts.series_forecasts, context=CONTEXT)
    made.loc[0, ["value", "lower", "upper"]] = [9.0, 1.0, 2.0]
    assert verdicts(series_forecasts=made) == [False, True]
    made.loc[1, "value"] = None
    assert verdicts(series_forecasts=made) == [False, False]
    lost = pd.DataFrame(
        {
            "series": "s",
            "method": ["seasonal_naive", "mstl"],
            "is_winner": [False, True],
            "weight": [0.0, 0.5],
            "mae": [1.0, 2.0],
            "smape": [1.0, 2.0],
        }
    )
    assert verdicts(forecast_backtests=lost) == [False, False]
