"""Contests and their forecasts as rows of tables; NaN is NULL."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.forecast_series import Forecastable, weights_of

if TYPE_CHECKING:
    from analytics_assets.lib.competing import Contest

NO_BACKTEST = "not in the last back-test: the seasonal naive method"
WAS_SHORT = "its history was too short for the last back-test: the seasonal naive method"
NOT_REACHED = "the time for the comparison was used up: it comes first the next time"


def backtest_rows(one: Forecastable, contest: Contest, at: datetime | None) -> list[dict[str, Any]]:
    """As ``forecasts.forecast_backtests`` has them: one of each method, of a series that has none one of its answer."""
    shared = one.row() | {
        "reason": contest.reason,
        "history_steps": contest.history_steps,
        "origins": contest.origins,
        "horizon": contest.horizon,
        "contested_at": at,
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


class Earlier:
    """The rows of ``forecasts.forecast_backtests`` as they were written last, for series that are not reached now."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._by_series: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            self._by_series.setdefault(row["series"], []).append(dict(row))
        self.contested: dict[str, datetime] = {
            series: own[0]["contested_at"]
            for series, own in self._by_series.items()
            if own[0].get("contested_at") is not None
        }

    def rows(self, one: Forecastable) -> list[dict[str, Any]]:
        """Those of a series; of one that was never reached, that it is forecast by the season before."""
        from analytics_assets.lib.competing import judge

        return self._by_series.get(one.name) or backtest_rows(one, judge(one.entry, reason=NOT_REACHED), None)


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

    ``backtests`` are the rows of ``forecasts.forecast_backtests``. A series without a winner there is forecast by the
    seasonal naive method, and says so.
    """
    from analytics_assets.lib.competing import Band, compete, forecast_by

    rows = list(backtests)
    weights = weights_of(rows)
    bands = {row["series"]: Band(**_numbers(row["band"])) for row in rows if row["band"]}
    silent = {row["series"]: NOT_REACHED if row["reason"] == NOT_REACHED else WAS_SHORT for row in rows}
    judged = {row["series"] for row in rows if row["reason"] != NOT_REACHED} & weights.keys() & bands.keys()
    return [
        forecast_by(one.entry, weights[one.name], bands[one.name])
        if one.name in judged
        else compete(one.entry, reason=silent.get(one.name, NO_BACKTEST))
        for one in found
    ]


def cost_rows(points: Sequence[Mapping[str, Any]], shares: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As ``forecasts.cost_forecast`` has them.

    Args:
        points: rows of ``forecasts.series_forecasts`` of the topic cost, by series and step.
        shares: how many of the runs of a series have no price.
    """
    rows: list[dict[str, Any]] = []
    total = 0.0
    for point in points:
        value = point["value"]
        total = (0.0 if point["step"] == 1 else total) + (value or 0.0)
        rows.append(
            {name: point[name] for name in ("forecast_for", "method", "reason", "lower", "upper", "as_of", "is_stale")}
            | {
                "scope": point["series"].partition("/")[2],
                "day_ahead": point["step"],
                "expected_cost_usd": value,
                "cumulative_usd": None if value is None else total,
            }
            | dict(shares[point["series"]])
        )
    return rows


def _band(contest: Contest) -> str:
    return json.dumps({name: _told(value) for name, value in asdict(contest.band).items()}, sort_keys=True)


def _numbers(band: str) -> dict[str, float]:
    return {name: math.nan if value is None else value for name, value in json.loads(band).items()}


def _told(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
