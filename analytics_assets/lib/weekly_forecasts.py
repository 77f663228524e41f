"""Health of the next week, by the method that a back-test picks.

The naive forecast is the last week's health. It stays unless another method was closer in the back-test by more than
chance. The band is what the method was off by there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from analytics_assets.lib.judged_models import gained
from analytics_assets.thresholds import FORECAST_INTERVAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEST, WORST = 100.0, 0.0


class Week(NamedTuple):
    """Health 0 to 100 at the end of a week, None where it was not measured, and what came and went in it."""

    health: float | None
    new_issues: int
    fixed_issues: int


@dataclass(frozen=True)
class WeeklyForecast:
    """``lower`` to ``upper`` is the 80 % band. Errors are mean absolute ones of the same ``tests`` weeks, in points."""

    method: str
    weeks: int
    reason: str
    health_score: float | None = None
    lower: float | None = None
    upper: float | None = None
    mae: float | None = None
    naive_mae: float | None = None
    tests: int = 0

    def row(self) -> dict[str, Any]:
        """As ``forecasts.health_forecast`` has it."""
        return vars(self)


def forecast_week(history: Sequence[Week]) -> WeeklyForecast:
    """Forecast the week after the history, which is in the order of time without a gap.

    Below five measured weeks there is no forecast: ``insufficient_history``.
    """
    weeks = sum(week.health is not None for week in history)
    needed = int(HEALTH_MIN_WEEKS.value)
    if weeks < needed:
        return WeeklyForecast("insufficient_history", weeks, f"{weeks} weeks with a measurement, {needed} needed")
    errors = _naive_errors(history)
    method, reason, tests = "naive", f"too few weeks to compare methods: {weeks}", _tests(history)
    naive_mae = float(errors.mean())
    if len(tests) >= HEALTH_MIN_TESTS.value:
        off = {name: np.array([_off(forecast, history, test) for test in tests]) for name, forecast in METHODS.items()}
        method, reason = _chosen(off)
        errors, naive_mae = off[method], float(off["naive"].mean())
    value = METHODS[method](history)
    reach = _reach(errors)
    return WeeklyForecast(
        method=method,
        weeks=weeks,
        reason=reason,
        health_score=value,
        lower=max(WORST, value - reach),
        upper=min(BEST, value + reach),
        mae=float(errors.mean()),
        naive_mae=naive_mae,
        tests=len(errors),
    )


def _chosen(off: Mapping[str, NDArray[np.float64]]) -> tuple[str, str]:
    """The closest method, if it is closer than the naive one by more than the best of so many is by chance."""
    naive = off["naive"]
    best = min((name for name in off if name != "naive"), key=lambda name: float(off[name].mean()))
    figures = f"{best} was off by {off[best].mean():.1f} points on average over {len(naive)} weeks, last week's health "
    figures += f"by {naive.mean():.1f}"
    if gained(naive, off[best], tries=len(off) - 1).low > 0:
        return best, figures
    return "naive", f"no method was closer by more than chance: {figures}"


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


def _possible(health: float) -> float:
    return min(BEST, max(WORST, health))


METHODS: Mapping[str, Callable[[Sequence[Week]], float]] = {
    "naive": _last,
    "mean_of_weeks": _mean,
    "damped_trend": _damped_trend,
    "issue_velocity": _issue_velocity,
}
