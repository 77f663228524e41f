"""Contests and their forecasts as rows of tables; NaN is NULL."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.forecast_series import Forecastable, weights_of

if TYPE_CHECKING:
    from analytics_assets.lib.competing import Contest

NO_BACKTEST = "not in the last back-test: the seasonal naive method"


def backtest_rows(one: Forecastable, contest: Contest) -> list[dict[str, Any]]:
    """As ``forecasts.forecast_backtests`` has them: one of each method, of a series that has none one of its answer."""
    shared = one.row() | {
        "reason": contest.reason,
        "history_steps": contest.history_steps,
        "origins": contest.origins,
        "horizon": contest.horizon,
    }
    if not contest.scores:
        weight = contest.weights.get(contest.method)
        return [shared | {"method": contest.method, "is_winner": True, "weight": weight, "band": _band(contest)}]
    return [
        shared
        | {name: _told(value) for name, value in vars(score).items()}
        | {"band": _band(contest) if score.is_winner else None}
        for score in contest.scores
    ]


def point_rows(one: Forecastable, contest: Contest) -> list[dict[str, Any]]:
    """As ``forecasts.series_forecasts`` has them: one of each step ahead; one without a value of a silent series."""
    shared = one.row() | {"method": contest.method, "reason": contest.reason}
    if contest.points.empty:
        begins = one.entry.values.index[-1] + one.entry.frequency.step
        return [shared | {"step": 1, "forecast_for": begins.to_pydatetime()}]
    return [
        shared | {str(name): _told(value) for name, value in point.items()}
        for point in contest.points.to_dict("records")
    ]


def by_last_winner(found: Sequence[Forecastable], backtests: Iterable[Mapping[str, Any]]) -> list[Contest]:
    """The forecast of each series by the winner of its last back-test, which alone is fitted.

    ``backtests`` are the rows of ``forecasts.forecast_backtests``. A series that has no row there is forecast by the
    seasonal naive method, and says so.
    """
    from analytics_assets.lib.competing import Band, compete, forecast_by

    rows = list(backtests)
    weights = weights_of(rows)
    bands = {row["series"]: Band(**_numbers(row["band"])) for row in rows if row["band"]}
    return [
        forecast_by(one.entry, weights[one.name], bands[one.name])
        if one.name in weights and one.name in bands
        else compete(one.entry, reason=NO_BACKTEST)
        for one in found
    ]


def cost_rows(one: Forecastable, contest: Contest, share: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As ``forecasts.cost_forecast`` has them, of one scope; ``share`` says how many of its runs have no price."""
    total, rows = 0.0, []
    for row in point_rows(one, contest):
        value = row.get("value")
        total += value or 0.0
        rows.append(
            {name: row.get(name) for name in ("method", "reason", "lower", "upper", "as_of", "is_stale")}
            | {
                "scope": one.name.partition("/")[2],
                "forecast_for": row["forecast_for"],
                "day_ahead": row["step"],
                "expected_cost_usd": value,
                "cumulative_usd": None if value is None else total,
            }
            | dict(share)
        )
    return rows


def _band(contest: Contest) -> str:
    return json.dumps({name: _told(value) for name, value in asdict(contest.band).items()}, sort_keys=True)


def _numbers(band: str) -> dict[str, float]:
    return {name: math.nan if value is None else value for name, value in json.loads(band).items()}


def _told(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
