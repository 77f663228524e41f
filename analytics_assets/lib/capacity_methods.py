"""Daily peaks of a month ahead, by the method that a back-test picks.

A history has one value per day; days may be missing. Days are whole numbers, so that ``day % 7`` is a weekday. The bar
is the seasonal naive forecast (the last value of the same weekday); another method replaces it where it was closer in
looks back by more than chance. The band is what the method was off by in the past, further ahead the wider.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.lib.judged_models import gained
from analytics_assets.pattern_thresholds import (
    CAPACITY_FIRST_TRAIN,
    CAPACITY_LIMIT,
    CAPACITY_MAX_LEAD,
    CAPACITY_MIN_ORIGINS,
    CAPACITY_PROPHET_ORIGINS,
    CAPACITY_SEASON_WEEKS,
)
from analytics_assets.thresholds import FORECAST_BAND_MIN, FORECAST_INTERVAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Days = NDArray[np.int64]

WEEK = 7
BAND_Z = NormalDist().inv_cdf(0.5 + FORECAST_INTERVAL.value / 2)
"""Standard deviations from the middle to an end of the band, were errors normal."""
NAIVE, DRIFT, PROPHET = "seasonal_naive", "drift", "prophet"
CONTESTANTS = ("auto_ets", "mstl", "dynamic_theta")
"""Of ``lib.competing``, tried where Prophet is: together they take a third of its time; AutoARIMA all of it."""


@dataclass(frozen=True)
class Peaks:
    """Days (increasing, since 1970) and the peak of each, percent of the capacity."""

    days: Days
    values: Floats

    def before(self, day: int) -> Peaks:
        """What was known when that day began."""
        is_earlier = self.days < day
        return Peaks(self.days[is_earlier], self.values[is_earlier])

    def __len__(self) -> int:
        return len(self.days)


Method = Callable[[Peaks, "Days"], "Floats | None"]


@dataclass(frozen=True)
class Backtest:
    """What a method was off by, in points: value less outcome of each day ahead of each look back."""

    origins: Days
    leads: Days
    errors: Floats

    @property
    def mae(self) -> float:
        """Mean absolute error, points."""
        return float(np.abs(self.errors).mean())

    def per_origin(self, origins: Days) -> Floats:
        """Mean absolute error of each of these looks back."""
        return np.array([np.abs(self.errors[self.origins == origin]).mean() for origin in origins])


@dataclass(frozen=True)
class Outlook:
    """Expected peaks of the days ahead with their 80 % band; ``lower`` and ``upper`` are NaN with too few errors.

    ``looks`` is how often the method was held against what came; ``maes`` are the mean absolute errors of each method
    that was tried.
    """

    method: str
    days: Days
    values: Floats
    lower: Floats
    upper: Floats
    reason: str
    looks: int = 0
    maes: Mapping[str, float] = field(default_factory=dict)


def outlook(peaks: Peaks, ahead: Days, *, is_fitted: Callable[[Outlook], bool] = lambda _: False) -> Outlook:
    """Forecast the days ``ahead`` of a history.

    Args:
        peaks: at least two weeks of them.
        ahead: days after the last one, increasing.
        is_fitted: whether Prophet and the other methods that take long to fit are tried too, given what the quick ones
            say.
    """
    tests = {name: backtest(method, peaks, origins(peaks)) for name, method in QUICK.items()}
    chosen, reason = _closer(tests, NAIVE, [DRIFT])
    found = _made(chosen, peaks, ahead, tests, reason)
    if not is_fitted(found):
        return found
    looks = origins(peaks)
    looks = looks[np.linspace(0, len(looks) - 1, int(CAPACITY_PROPHET_ORIGINS.value)).round().astype(int)]
    fitted = {name: backtest(METHODS[name], peaks, np.unique(looks)) for name in FITTED}
    # The closest of them is held against the bar: what several tries are worth is in the correction for them.
    tried = sorted((name for name, test in fitted.items() if test is not None), key=lambda name: _mae(fitted[name]))
    if not tried:
        return found
    tests |= {name: fitted[name] for name in tried}
    best, told = _closer(tests, chosen, tried[:1])
    return _made(best, peaks, ahead, tests, told if best != chosen else f"{reason}; {told}")


def origins(peaks: Peaks) -> Days:
    """Days to look ahead from: each that is known and has ten known days before it."""
    return peaks.days[int(CAPACITY_FIRST_TRAIN.value) :]


def backtest(method: Method, peaks: Peaks, looks: Days) -> Backtest | None:
    """The errors of a method that knows only what was before each look, up to two weeks ahead; None without any."""
    rows: list[tuple[int, int, float]] = []
    for origin in looks:
        is_ahead = (peaks.days >= origin) & (peaks.days < origin + CAPACITY_MAX_LEAD.value)
        forecast = method(peaks.before(int(origin)), peaks.days[is_ahead])
        if forecast is not None:
            off = forecast - peaks.values[is_ahead]
            rows += [
                (int(origin), int(day - origin + 1), float(error))
                for day, error in zip(peaks.days[is_ahead], off, strict=True)
            ]
    if not rows:
        return None
    table = np.array(rows)
    return Backtest(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])


def seasonal_naive(peaks: Peaks, ahead: Days) -> Floats:
    """The last known value of the same weekday, else the last known value."""
    last = dict(zip((peaks.days % WEEK).tolist(), peaks.values.tolist(), strict=True))
    newest = float(peaks.values[-1])
    return np.array([last.get(int(day % WEEK), newest) for day in ahead])


def drift(peaks: Peaks, ahead: Days) -> Floats:
    """A line of Theil and Sen (the median of all pairs' slopes) and what each weekday is above it.

    A weekday that was seen under three times is as the others.
    """
    first, second = np.triu_indices(len(peaks), k=1)
    slope = float(np.median((peaks.values[second] - peaks.values[first]) / (peaks.days[second] - peaks.days[first])))
    level = float(np.median(peaks.values - slope * peaks.days))
    above = peaks.values - (level + slope * peaks.days)
    season = np.zeros(WEEK)
    for weekday in range(WEEK):
        own = above[peaks.days % WEEK == weekday]
        if len(own) >= CAPACITY_SEASON_WEEKS.value:
            season[weekday] = np.median(own)
    return level + slope * ahead + season[ahead % WEEK]


def prophet(peaks: Peaks, ahead: Days) -> Floats | None:
    """Prophet with a trend and, of two weeks or more, a weekly season; None without a fit."""
    import pandas as pd

    from analytics_assets.lib.forecasting import fit

    training = pd.DataFrame({"ds": pd.to_datetime(peaks.days, unit="D"), "y": peaks.values})
    weekly = bool(peaks.days[-1] - peaks.days[0] >= 2 * WEEK)
    answer = fit(training, pd.to_datetime(ahead, unit="D"), trend=True, changepoints=5, daily=False, weekly=weekly)
    return None if answer is None else answer["yhat"].to_numpy(dtype=float)


def _contestant(name: str) -> Method:
    """A method of the competition, of peaks; None where it cannot be fitted."""

    def forecast(peaks: Peaks, ahead: Days) -> Floats | None:
        import pandas as pd

        from analytics_assets.lib.competing import Frequency, answer_by

        days = pd.Series(peaks.values, index=pd.to_datetime(peaks.days, unit="D")).asfreq("D")
        answer = answer_by(name, days, Frequency.DAILY, int(ahead[-1] - peaks.days[-1]))
        return None if answer is None else answer[ahead - peaks.days[-1] - 1]

    return forecast


QUICK: Mapping[str, Method] = {NAIVE: seasonal_naive, DRIFT: drift}
FITTED = (PROPHET, *CONTESTANTS)
METHODS: Mapping[str, Method] = {**QUICK, PROPHET: prophet, **{name: _contestant(name) for name in CONTESTANTS}}


def _mae(test: Backtest | None) -> float:
    return test.mae if test is not None else np.inf


def _closer(tests: Mapping[str, Backtest | None], bar: str, names: list[str]) -> tuple[str, str]:
    """The challenger that was closer than the bar by more than chance, else the bar; and why, in words."""
    naive = tests[bar]
    told = f"the history is too short to compare methods: {bar.replace('_', ' ')}"
    for name in names:
        other = tests[name]
        if naive is None or other is None:
            continue
        looks = np.intersect1d(naive.origins, other.origins)
        needed = CAPACITY_PROPHET_ORIGINS if name in FITTED else CAPACITY_MIN_ORIGINS
        if len(looks) < needed.value:
            continue
        off, bar_off = other.per_origin(looks), naive.per_origin(looks)
        figures = f"{name.replace('_', ' ')} was off by {off.mean():.2f} points on average in {len(looks)} looks back, "
        figures += f"{bar.replace('_', ' ')} by {bar_off.mean():.2f}"
        if gained(bar_off, off, tries=len(METHODS) - 1).low > 0:
            return name, figures
        told = f"not closer by more than chance: {figures}"
    return bar, told


def _made(name: str, peaks: Peaks, ahead: Days, tests: Mapping[str, Backtest | None], reason: str) -> Outlook:
    values = METHODS[name](peaks, ahead)
    if values is None:
        # What could be fitted on parts of a history and not on all of it is answered by the simple method.
        return _made(NAIVE, peaks, ahead, tests, f"{name} could not be fitted")
    reach = np.full(len(ahead), np.nan)
    tested = tests[name]
    if tested is not None and len(tested.errors) >= FORECAST_BAND_MIN.value:
        reach = _reach(tested, ahead - peaks.days[-1])
    maes = {method: test.mae for method, test in tests.items() if test is not None}
    looks = 0 if tested is None else len(np.unique(tested.origins))
    return Outlook(name, ahead, values, values - reach, values + reach, reason, looks, maes)


def _reach(tested: Backtest, leads: Days) -> Floats:
    """Half of the band so many days ahead, points.

    Squared errors are a + b lead^2: b is how fast a forecast goes wrong, also beyond the leads that could be tested. Of
    the errors in these units four in five lie within the band.
    """
    from scipy.optimize import nnls

    past = tested.leads.astype(float)
    (still, growing), _ = nnls(np.column_stack([np.ones_like(past), past**2]), tested.errors**2)
    spread = np.sqrt(still + growing * past**2)
    if not spread.all():
        return np.zeros(len(leads))
    width = np.quantile(np.abs(tested.errors) / spread, FORECAST_INTERVAL.value)
    reach: Floats = width * np.sqrt(still + growing * leads.astype(float) ** 2)
    return reach


def hours_at_risk(found: Outlook, shape: Floats) -> float:
    """Hours of the 30 days in which work may be lost: an hour at 80 % counts nothing, one at 100 % or more as whole.

    Between them it counts in proportion, a convention; the hours of a day are as full, by its peak, as they were.
    """
    limit = CAPACITY_LIMIT.value
    risks = (np.outer(found.values, shape) - limit) / (100 - limit)
    return float(24 * np.clip(risks, 0, 1).mean(axis=1).sum()) if len(shape) else 0.0


def certainty(value: float, upper: float, looks: int) -> float:
    """P(the peak is over the limit), were errors normal; so many looks back allow no more than (n + 1) / (n + 2)."""
    surest = (looks + 1) / (looks + 2)
    # An upper end that was rounded may be a hair below its value.
    spread = max(0.0, upper - value) / BAND_Z
    over = 1 - NormalDist(value, spread).cdf(CAPACITY_LIMIT.value) if spread else float(value > CAPACITY_LIMIT.value)
    return min(surest, max(1 - surest, over))
