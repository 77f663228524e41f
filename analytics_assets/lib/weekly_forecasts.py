"""Health of the week after those that are over, by the method that a back-test picks.

The naive forecast is the last known health. It stays unless another method was closer in the back-test by more than
chance. The band is what the method was off by there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analytics_assets.issue_thresholds import (
    HEALTH_DAMPING,
    HEALTH_LEVEL_WEIGHT,
    HEALTH_MAX_TESTS,
    HEALTH_MEAN_WEEKS,
    HEALTH_MIN_TESTS,
    HEALTH_MIN_TRAIN,
    HEALTH_MIN_WEEKS,
    HEALTH_TREND_WEIGHT,
)
from analytics_assets.lib.judged_models import Gain, Judged, gained
from analytics_assets.lib.words import plural
from analytics_assets.thresholds import FORECAST_INTERVAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEST, WORST = 100.0, 0.0
FIRST = datetime(2001, 1, 1)
"""Some Monday: the methods of the competition take weeks that have dates."""


class Week(NamedTuple):
    """Health 0 to 100 at the end of a week, None where it was not measured, and what came and went in it."""

    health: float | None
    new_issues: int
    fixed_issues: int


@dataclass(frozen=True)
class WeeklyForecast:
    """``lower`` to ``upper`` is the 80 % band. Errors are mean absolute ones of the same ``tests`` weeks, in points.

    ``challenger`` is the method that came closest of all but the naive one, and ``improvement_low`` the lower end of
    the one-sided 95 % interval of by how much it came closer. ``first_test`` is the place of the first of the weeks
    that were forecast. All four are None without a back-test.
    """

    method: str
    weeks: int
    reason: str
    health_score: float | None = None
    lower: float | None = None
    upper: float | None = None
    mae: float | None = None
    naive_mae: float | None = None
    tests: int = 0
    first_test: int | None = None
    challenger: str | None = None
    challenger_mae: float | None = None
    improvement_low: float | None = None

    def row(self) -> dict[str, Any]:
        """As ``forecasts.health_forecast`` has it."""
        return dict(vars(self))


def forecast_week(history: Sequence[Week]) -> WeeklyForecast:
    """Forecast the end of the week after the history, which is in the order of time without a gap.

    The history has only weeks that are over: health of a week that has begun is not that of its end.

    Below five measured weeks there is no forecast: ``insufficient_history``.
    """
    weeks = sum(week.health is not None for week in history)
    needed = int(HEALTH_MIN_WEEKS.value)
    if weeks < needed:
        return WeeklyForecast("insufficient_history", weeks, f"{weeks} weeks with a measurement, {needed} needed")
    tests = _tests(history)
    if len(tests) < HEALTH_MIN_TESTS.value:
        errors = _naive_errors(history)
        forecast = WeeklyForecast("naive", weeks, f"not enough data to compare methods: {plural(weeks, 'week')}")
        forecast = replace(forecast, naive_mae=float(errors.mean()))
    else:
        off = {name: np.array([_off(method, history, test) for test in tests]) for name, method in METHODS.items()}
        forecast = replace(_chosen(off, weeks), first_test=tests[0])
        errors = off[forecast.method]
    value, reach = METHODS[forecast.method](history), _reach(errors)
    return replace(
        forecast,
        health_score=value,
        lower=max(WORST, value - reach),
        upper=min(BEST, value + reach),
        mae=float(errors.mean()),
        tests=len(errors),
    )


def _chosen(off: Mapping[str, NDArray[np.float64]], weeks: int) -> WeeklyForecast:
    """The closest method, if it is closer than the naive one by more than the best of so many is by chance."""
    naive = off["naive"]
    best = min((name for name in off if name != "naive"), key=lambda name: float(off[name].mean()))
    figures = f"{best.replace('_', ' ')} was off by {off[best].mean():.1f} points on average over {len(naive)} weeks, "
    figures += f"the last known health by {naive.mean():.1f}"
    low = gained(naive, off[best], tries=len(off) - 1).low
    method, reason = (best, figures) if low > 0 else ("naive", f"no method was closer by more than chance: {figures}")
    return WeeklyForecast(
        method,
        weeks,
        reason,
        naive_mae=float(naive.mean()),
        challenger=best,
        challenger_mae=float(off[best].mean()),
        improvement_low=low,
    )


def judged_forecast(rows: Sequence[Mapping[str, Any]], scope: str = "overall") -> Judged:
    """What the forecast of a scope is worth, from the rows of ``forecasts.health_forecast``; the others in details."""
    found = next((row for row in rows if row["scope"] == scope), None)
    judged = Judged(
        model="health",
        target="health score at the end of the week",
        features=("health of the weeks before", "new issues", "fixed issues"),
        metric="mean absolute error, points",
        train_n=0,
        test_n=0,
        reason="not enough data: no week has a health score",
    )
    if found is None:
        return judged
    if found["challenger_mae"] is None:
        reason = found["reason"]
        reason = reason if reason.startswith("not enough data") else f"not enough data: {reason}"
        return replace(judged, train_n=found["weeks"], reason=reason)
    return replace(
        judged,
        train_n=found["weeks"] - found["tests"],
        test_n=found["tests"],
        reason=found["reason"],
        split_at=datetime.combine(found["tested_from"], time()),
        score=found["challenger_mae"],
        naive_name="the last known health",
        naive_score=found["naive_mae"],
        gain=Gain(found["naive_mae"] - found["challenger_mae"], found["improvement_low"]),
        is_published=found["improvement_low"] > 0,
        details={
            row["scope"]: {name: row[name] for name in ("method", "mae", "naive_mae", "tests")}
            for row in rows
            if row["scope"] != scope
        },
    )


def _tests(history: Sequence[Week]) -> list[int]:
    """Weeks to forecast from those before them: measured, and with two months before them."""
    first = int(HEALTH_MIN_TRAIN.value)
    known = [n for n in range(first, len(history)) if history[n].health is not None]
    return [n for n in known if sum(w.health is not None for w in history[:n]) >= first][-int(HEALTH_MAX_TESTS.value) :]


def _off(forecast: Callable[[Sequence[Week]], float], history: Sequence[Week], test: int) -> float:
    actual = history[test].health
    assert actual is not None, "only measured weeks are tests"
    return abs(forecast(history[:test]) - actual)


def _naive_errors(history: Sequence[Week]) -> NDArray[np.float64]:
    return np.abs(np.diff(_known(history)))


def _reach(errors: NDArray[np.float64]) -> float:
    """Half the width of the band: split conformal, so that of n errors the ceil((n + 1) x 0.8) smallest lie within.

    V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", 2005.
    """
    place = min(len(errors), math.ceil((len(errors) + 1) * FORECAST_INTERVAL.value))
    return float(np.sort(errors)[place - 1])


def _known(history: Sequence[Week]) -> NDArray[np.float64]:
    return np.array([week.health for week in history if week.health is not None], dtype=float)


def _last(history: Sequence[Week]) -> float:
    return float(_known(history)[-1])


def _mean(history: Sequence[Week]) -> float:
    return float(_known(history)[-int(HEALTH_MEAN_WEEKS.value) :].mean())


def _damped_trend(history: Sequence[Week]) -> float:
    """Holt's linear trend that fades (E. S. Gardner, E. McKenzie, "Forecasting trends in time series", 1985).

    With fixed weights: fitting them anew for every week of the back-test took seconds, and on two months of weeks they
    follow noise.
    """
    level, trend = (weight.value for weight in (HEALTH_LEVEL_WEIGHT, HEALTH_TREND_WEIGHT))
    damping = HEALTH_DAMPING.value
    known = _known(history)
    at, slope = float(known[0]), 0.0
    for health in known[1:]:
        expected = at + damping * slope
        at_before, at = at, expected + level * (float(health) - expected)
        slope = damping * slope + trend * (at - at_before - damping * slope)
    return _possible(at + damping * slope)


def _issue_velocity(history: Sequence[Week]) -> float:
    """Least squares of the change of health on the week before: its health, and what came and what was fixed in it."""
    pairs = [
        (before.health, before.new_issues, before.fixed_issues, after.health - before.health)
        for before, after in pairwise(history)
        if before.health is not None and after.health is not None
    ]
    last = next(week for week in reversed(history) if week.health is not None)
    assert last.health is not None
    if len(pairs) < HEALTH_MIN_TRAIN.value - 1:
        return last.health
    table = np.array(pairs, dtype=float)
    inputs = np.column_stack([np.ones(len(table)), table[:, :3]])
    terms, *_ = np.linalg.lstsq(inputs, table[:, 3], rcond=None)
    change = float(terms @ [1.0, last.health, last.new_issues, last.fixed_issues])
    return _possible(last.health + change)


def _contestant(name: str) -> Callable[[Sequence[Week]], float]:
    """A method of the competition that is fitted in milliseconds; the last known health where it cannot be.

    Weeks that were not measured are filled for fitting.
    """

    def forecast(history: Sequence[Week]) -> float:
        import pandas as pd

        from analytics_assets.lib.competing import Frequency, answer_by

        known = [math.nan if week.health is None else week.health for week in history]
        weeks = pd.Series(known, index=pd.date_range(FIRST, periods=len(known), freq="7D"), dtype=float)
        answer = answer_by(name, weeks, Frequency.WEEKLY, 1)
        return _last(history) if answer is None else _possible(float(answer[0]))

    return forecast


def _possible(health: float) -> float:
    return min(BEST, max(WORST, health))


METHODS: Mapping[str, Callable[[Sequence[Week]], float]] = {
    "naive": _last,
    "mean_of_weeks": _mean,
    "damped_trend": _damped_trend,
    "issue_velocity": _issue_velocity,
    "auto_ets": _contestant("auto_ets"),
    "dynamic_theta": _contestant("dynamic_theta"),
}
