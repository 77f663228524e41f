"""Forecasts that were made, held against what came: one a day of each series, until all of its steps are over."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.forecast_thresholds import SCORES_KEPT, SCORES_MOST
from analytics_assets.lib.competing.scoring import coverage, mase, naive_scale, smape
from analytics_assets.lib.forecast_series import STEPS, Forecastable

if TYPE_CHECKING:
    import pandas as pd

POINT = ("value", "lower", "upper")


def scores(
    earlier: Iterable[Mapping[str, Any]], forecasts: Sequence[Mapping[str, Any]], found: Iterable[Forecastable]
) -> list[dict[str, Any]]:
    """As ``outcomes.forecast_scores`` has them, the newest first.

    Args:
        earlier: its rows as they were written last.
        forecasts: rows of ``forecasts.series_forecasts``, in the order of series and step.
        found: the series as they are known now.
    """
    rows = {row["id"]: dict(row) for row in earlier}
    for row in _made(forecasts):
        # The first forecast of a day is kept: later ones of the day know some of what they forecast.
        rows.setdefault(row["id"], row)
    now = {one.name: one for one in found}
    for row in rows.values():
        if row["series"] in now and not row["is_complete"]:
            _score(row, now[row["series"]])
    newest = max((row["made_at"] for row in rows.values()), default=None)
    if newest is None:
        return []
    since = newest - timedelta(days=SCORES_KEPT.value)
    kept = sorted((row for row in rows.values() if row["made_at"] >= since), key=lambda row: row["series"])
    kept.sort(key=lambda row: row["made_at"], reverse=True)
    return kept[: int(SCORES_MOST.value)]


def _made(forecasts: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    """The forecasts of now, as rows that nothing is held against yet; none of a series without a forecast."""
    for series, group in groupby(forecasts, key=lambda row: row["series"]):
        points = [row for row in group if row["value"] is not None]
        if not points:
            continue
        first = points[0]
        made_at: datetime = first["forecast_for"]
        yield {
            **{name: first[name] for name in ("series", "topic", "frequency", "unit", "method", "as_of", "is_stale")},
            "id": f"{series}@{made_at:%Y-%m-%d}",
            "made_at": made_at,
            "steps": len(points),
            "scored_steps": 0,
            "points": json.dumps([[row[name] for name in POINT] for row in points]),
            "is_complete": False,
        }


def _score(row: dict[str, Any], one: Forecastable) -> None:
    """Hold a forecast against what is known by now; its points are dropped when all of its steps are over."""
    actual = one.entry.values
    ahead = _steps(row)
    told = np.array(json.loads(row["points"]), dtype=float)
    came = actual.reindex(ahead).to_numpy().astype(np.float64)
    before = actual[actual.index < ahead[0]].to_numpy().astype(np.float64)
    scale = naive_scale(before, one.entry.frequency.season)
    value, lower, upper = told.T
    off = value - came
    row |= {
        "scored_steps": int(np.isfinite(came).sum()),
        "mase": _known(mase(value, came, scale)),
        "smape": _known(smape(value, came)),
        "coverage": _known(coverage(lower, upper, came)),
        "bias": _known(float(np.nanmean(off)) if np.isfinite(off).any() else math.nan),
        "as_of": one.as_of,
        "is_stale": one.is_stale,
    }
    if len(actual) and actual.index[-1] >= ahead[-1]:
        row |= {"is_complete": True, "points": None}


def _steps(row: Mapping[str, Any]) -> pd.DatetimeIndex:
    import pandas as pd

    return pd.date_range(row["made_at"], periods=row["steps"], freq=pd.Timedelta(STEPS[row["frequency"]]))


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
