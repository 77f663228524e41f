"""What comes next of each series, by which method, and what earlier forecasts were worth."""

from __future__ import annotations

import difflib

from analytics_assets.queries.answers import Answer, Row, aged, rows, rows_if_there, without_window
from analytics_assets.queries.errors import QueryError
from analytics_assets.queries.snapshot import Snapshot, reading

SERIES = """
    select
        series, topic, frequency, unit, method, reason,
        min(forecast_for) as first_step,
        max(forecast_for) as last_step,
        arg_min(value, step) as next_value,
        arg_min(lower, step) as next_lower,
        arg_min(upper, step) as next_upper,
        avg(value) as mean_value,
        any_value(as_of) as as_of,
        bool_or(is_stale) as is_stale
    from forecasts.series_forecasts
    where $series is null or series = $series
    group by all
    order by topic, series
"""
POINTS = """
    select step, forecast_for, value, lower, upper
    from forecasts.series_forecasts
    where series = $series and value is not null
    order by step
"""
METHODS = """
    select method, mase, smape, coverage, mae, seconds, origins, horizon, weight, is_winner, reason, history_steps,
        contested_at
    from forecasts.forecast_backtests
    where series = $series
    order by is_winner desc, mase nulls last, method
"""
PAST = """
    select made_at, method, steps, scored_steps, mase, smape, coverage, bias, is_complete
    from outcomes.forecast_scores
    where series = $series
    order by made_at desc
"""
WORTH = """
    select
        series,
        count(*) as past_forecasts,
        sum(mase * scored_steps) / sum(scored_steps) filter (mase is not null) as past_mase,
        sum(coverage * scored_steps) / sum(scored_steps) filter (coverage is not null) as past_coverage
    from outcomes.forecast_scores
    where scored_steps > 0
    group by series
"""


class UnknownSeriesError(QueryError):
    """No series has the name."""


def get_forecasts(snapshot: Snapshot | None = None) -> list[Row]:
    """Every series that is forecast, one row each, by topic and name.

    ``next_value`` with ``next_lower`` and ``next_upper`` is of the ``first_step``, ``mean_value`` of all steps to the
    ``last_step``; None with the method insufficient_history, and ``reason`` says why. ``past_mase`` and
    ``past_coverage`` are of the ``past_forecasts`` of which a step has come.

    Raises:
        NotAnsweredYetError: nothing was forecast yet.
    """
    with reading(snapshot) as current:
        worth = {row.pop("series"): row for row in rows_if_there(current, WORTH)}
        none: Row = {"past_forecasts": 0, "past_mase": None, "past_coverage": None}
        return [aged(row) | worth.get(row["series"], none) for row in rows(current, SERIES, {"series": None})]


def get_forecast(series: str, snapshot: Snapshot | None = None) -> Answer:
    """One series: its row, ``points`` ahead, ``methods`` in looks back (the winner first), and ``past`` forecasts.

    Raises:
        UnknownSeriesError: no series has the name.
        NotAnsweredYetError: nothing was forecast yet.
    """
    with reading(snapshot) as current:
        found = rows(current, SERIES, {"series": series})
        if not found:
            known = [row["series"] for row in rows(current, SERIES, {"series": None})]
            close = difflib.get_close_matches(series, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "`analytics forecast` lists them."
            raise UnknownSeriesError(f"There is no series '{series}': {hint}")
        asked = {"series": series}
        (about,) = without_window(found)
        end = aged(found[0])
        return {
            **about,
            "points": rows(current, POINTS, asked),
            "methods": rows_if_there(current, METHODS, asked),
            "past": rows_if_there(current, PAST, asked),
            "as_of": end["as_of"],
            "is_stale": end["is_stale"],
        }
