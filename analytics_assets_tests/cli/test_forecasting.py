"""``analytics forecast``: what comes next, how sure that is, and what earlier forecasts were worth."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import duckdb
import pytest

from analytics_assets.defs.forecasts import backtests, series_forecasts
from analytics_assets.defs.outcomes import forecast_scores
from analytics_assets.warehouse import frames
from analytics_assets_tests.queries.published import publish

AS_OF = datetime(2026, 3, 20, 12, 30)
BEGIN = AS_OF.replace(minute=0)
EVIL = "\x1b[31mred"
END = {"as_of": AS_OF, "is_stale": False}
RUNS = {"series": "volume/runs", "topic": "volume", "frequency": "hourly", "unit": "runs an hour", **END}
SHORT = {"series": f"cost/{EVIL}", "topic": "cost", "frequency": "daily", "unit": "USD a day", **END}


def points():
    told = RUNS | {"method": "auto_ets", "reason": "the winner of the last back-test"}
    for step in range(1, 49):
        yield (
            told
            | {"step": step, "forecast_for": BEGIN + timedelta(hours=step - 1), "value": float(step)}
            | {
                "lower": 0.5,
                "upper": step + 1.0,
            }
        )
    yield SHORT | {"method": "insufficient_history", "reason": "3 steps", "step": 1, "forecast_for": BEGIN}


def methods():
    told = RUNS | {"origins": 4, "horizon": 48, "history_steps": 700, "contested_at": AS_OF, "reason": "it was closer"}
    yield told | {"method": "seasonal_naive", "mase": 1.2, "coverage": 0.75, "weight": 0.0, "is_winner": False}
    yield told | {"method": "auto_ets", "mase": 0.6, "smape": 12.0, "coverage": 0.8, "weight": 1.0, "is_winner": True}


def past():
    told = RUNS | {"method": "auto_ets", "steps": 48, "smape": 9.0, "is_complete": True}
    for day, (steps, mase, held) in enumerate([(48, 0.5, 1.0), (24, 0.8, 0.7), (0, None, None)]):
        yield told | {
            "id": f"volume/runs@{day}",
            "made_at": BEGIN - timedelta(days=3 - day),
            "scored_steps": steps,
            "mase": mase,
            "coverage": held,
        }


@pytest.fixture
def published(cli):
    """A series that is forecast with what earlier forecasts were worth, and one that is too short."""
    publish(cli.settings)
    pointer = json.loads(cli.settings.pointer.read_text())
    tables = {
        ("forecasts", "series_forecasts"): (series_forecasts.COLUMNS, points()),
        ("forecasts", "forecast_backtests"): (backtests.COLUMNS, methods()),
        ("outcomes", "forecast_scores"): (forecast_scores.COLUMNS, past()),
    }
    with duckdb.connect(str(cli.settings.published / pointer["file"])) as con:
        for (stage, table), (columns, content) in tables.items():
            con.execute(f"create schema if not exists {stage}")
            frames.write(con, stage, table, frame=frames.frame_of(columns, list(content)))
    return cli


def test_every_series_is_listed_with_its_next_step_and_what_forecasts_were_worth(published):
    runs = {row["series"]: row for row in published.json("forecast", "--json")}["volume/runs"]
    assert (runs["next_value"], runs["next_lower"], runs["next_upper"], runs["mean_value"]) == (1, 0.5, 2, 24.5)
    # By steps that came: 48 of one and 24 of the other.
    assert runs["past_forecasts"] == 2
    assert [runs["past_mase"], runs["past_coverage"]] == pytest.approx([0.6, 0.9])
    shown = published.run("forecast").stdout
    assert "auto ets" in shown
    assert "insufficient history" in shown
    assert "\x1b" not in shown


def test_one_series_has_its_steps_its_methods_and_its_past(published):
    found = published.json("forecast", "volume/runs", "--json")
    assert [point["value"] for point in found["points"]] == list(range(1, 49))
    assert [row["method"] for row in found["methods"]] == ["auto_ets", "seasonal_naive"]
    assert [row["scored_steps"] for row in found["past"]] == [0, 24, 48]
    shown = published.run("forecast", "volume/runs")
    assert "2 forecasts came: off by 0.65" in shown.stdout
    assert "it was closer" in shown.stdout
    assert "18 more: --json" in shown.stderr


def test_a_series_that_is_too_short_says_so_and_acts_on_no_terminal(published):
    shown = published.run("forecast", f"cost/{EVIL}").stdout
    assert "insufficient history: 3 steps" in shown
    assert "\x1b" not in shown


def test_a_series_that_is_not_there_names_the_closest(published):
    assert "did you mean volume/runs?" in published.run("forecast", "volume/run", exit_code=1).output


def test_before_the_first_forecast_it_is_said_what_to_do(cli):
    publish(cli.settings)
    assert "analytics refresh" in cli.run("forecast", exit_code=1).output
