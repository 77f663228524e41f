"""How full each resource of each component will be in 30 days, and how much more of it to get.

What a capacity must hold is the peak of a day: the 95th percentile of its hourly peaks, percent of the capacity as it
is now. Where the capacity was another one before, earlier peaks are those of the same amount in it. Hours within an odd
peak that passed within a day (``patterns.anomalies``) are told and not forecast.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.lib.capacity_methods import NAIVE, Outlook, Peaks, certainty, hours_at_risk, outlook
from analytics_assets.lib.capacity_units import SIZES, monthly_cost, rounded_up
from analytics_assets.lib.json_text import json_text
from analytics_assets.lib.words import money, plural
from analytics_assets.pattern_thresholds import (
    CAPACITY_DAY_HOURS,
    CAPACITY_FITTED,
    CAPACITY_HORIZON,
    CAPACITY_LIMIT,
    CAPACITY_MIN_DAYS,
    CAPACITY_PASSING,
    CAPACITY_PEAK,
    CAPACITY_PLAUSIBLE,
    CAPACITY_SILENT,
    CAPACITY_URGENT,
    CAPACITY_USED_AFTER,
)
from analytics_assets.suggesting.claim import literal

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

INSUFFICIENT = "insufficient_history"
EPOCH = date(1970, 1, 1)
HORIZON = timedelta(days=CAPACITY_HORIZON.value)


@dataclass(frozen=True)
class Used:
    """What is known of one resource of a component: its capacity now, the peaks of its days, and what is odd."""

    component: str
    resource_type: str
    capacity: float | None
    unit: str | None
    newest: float
    """Peak of its last 24 hours with a sample, percent; NaN without a plausible one."""
    last_at: datetime
    peaks: Peaks
    shape: NDArray[np.float64]
    """Each hour's peak by that of its day: how long of a day it is how full."""
    alerts: int
    is_resized: bool
    implausible: int
    """Hours left out because nothing is used so much."""


def capacity_plans(
    usage: pd.DataFrame,
    anomalies: Iterable[Mapping[str, Any]],
    as_of: datetime | None,
    *,
    prices: Mapping[str, float],
    most: int,
) -> list[dict[str, Any]]:
    """One row per component and resource, those with the highest peaks first, at most ``most``.

    Args:
        usage: component, resource_type, measured_at, peak_usage (percent), capacity, capacity_unit; one row per hour.
        anomalies: rows of ``patterns.anomalies``.
        as_of: end of the window: newest sample of a metric.
        prices: US dollars a month per core, GiB and Mbit/s, by resource.
        most: series to plan.
    """
    if as_of is None:
        return []
    odd = odd_hours(anomalies)
    measured = usage[(usage["measured_at"] <= as_of) & usage["peak_usage"].notna()].sort_values("measured_at")
    series = [
        used(str(component), str(resource), rows, odd[(str(component), str(resource))])
        for (component, resource), rows in measured.groupby(["component", "resource_type"])
    ]
    series.sort(key=lambda one: (-one.newest if one.newest >= 0 else math.inf, one.component, one.resource_type))
    fits_left = int(CAPACITY_FITTED.value)
    rows = []
    for one in series[:most]:
        found = _forecast(one, as_of, is_fitted=fits_left > 0)
        fits_left -= found is not None and "prophet" in found.maes
        rows.append(_row(one, found, as_of, prices))
    return rows


Span = tuple[datetime, datetime | None]


def odd_hours(anomalies: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[Span]]:
    """When a resource was above what is usual, by component and resource; None while it lasts."""
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for row in anomalies:
        if row["component_kind"] == "metric" and row["direction"] == "above":
            spans[(str(row["component"]), str(row["metric_type"]))].append((row["starts_at"], row["ends_at"]))
    return spans


def used(component: str, resource: str, rows: pd.DataFrame, odd: Sequence[Span]) -> Used:
    """What a resource's hours say; ``rows`` are in the order of time and all have a peak."""
    last_at = rows["measured_at"].iloc[-1].to_pydatetime()
    is_plausible = rows["peak_usage"].between(0, CAPACITY_PLAUSIBLE.value)
    implausible, rows = int((~is_plausible).sum()), rows[is_plausible]
    # NULL is no size either.
    rows = rows.assign(capacity=rows["capacity"].where(rows["capacity"].between(*SIZES)))
    known = rows[rows["capacity"].notna()]
    capacity = float(known["capacity"].iloc[-1]) if len(known) else None
    unit = known["capacity_unit"].iloc[-1] if len(known) else None
    peaks = rows["peak_usage"].astype(float)
    is_resized = False
    if capacity is not None:
        # In another unit nothing says how much it was: such hours are taken as they are.
        then = rows["capacity"].where(rows["capacity_unit"] == unit).ffill().bfill()
        is_resized = bool((then != capacity).any())
        peaks = peaks * then.astype(float) / capacity
        rows, peaks = rows[np.isfinite(peaks)], peaks[np.isfinite(peaks)]
    is_odd = np.zeros(len(rows), dtype=bool)
    for starts_at, ends_at in odd:
        if ends_at is not None and ends_at - starts_at < timedelta(hours=CAPACITY_PASSING.value):
            is_odd |= ((rows["measured_at"] >= starts_at) & (rows["measured_at"] < ends_at)).to_numpy()
    recent = peaks[rows["measured_at"] > rows["measured_at"].max() - timedelta(days=1)]
    usual, hours = peaks[~is_odd], rows["measured_at"][~is_odd]
    shape = usual / usual.groupby(hours.dt.normalize()).transform("quantile", CAPACITY_PEAK.value)
    return Used(
        component,
        resource,
        capacity,
        None if unit is None else str(unit),
        float(recent.quantile(CAPACITY_PEAK.value)),
        last_at,
        _daily(hours, usual),
        shape[np.isfinite(shape)].to_numpy(dtype=float),
        len(odd),
        is_resized,
        implausible,
    )


def _daily(hours: pd.Series[Any], peaks: pd.Series[float]) -> Peaks:
    """The 95th percentile of each day of which enough hours are known."""
    days = hours.dt.normalize()
    by_day = peaks.groupby(days)
    whole = by_day.quantile(CAPACITY_PEAK.value)[by_day.count() >= CAPACITY_DAY_HOURS.value]
    numbers = np.array([(day.date() - EPOCH).days for day in whole.index], dtype=np.int64)
    return Peaks(numbers, whole.to_numpy(dtype=float))


def _forecast(one: Used, as_of: datetime, *, is_fitted: bool) -> Outlook | None:
    """None where there is too little to go by, or nothing any more."""
    if len(one.peaks) < CAPACITY_MIN_DAYS.value or as_of - one.last_at > timedelta(days=CAPACITY_SILENT.value):
        return None
    today = (as_of.date() - EPOCH).days
    ahead = np.arange(today + 1, today + 1 + int(CAPACITY_HORIZON.value), dtype=np.int64)

    def matters(quick: Outlook) -> bool:
        """Prophet takes half a second: it is asked where its answer could change the advice."""
        return is_fitted and float(np.nanmax([*quick.values, *quick.upper])) >= CAPACITY_LIMIT.value

    return outlook(one.peaks, ahead, is_fitted=matters)


def _row(one: Used, found: Outlook | None, as_of: datetime, prices: Mapping[str, float]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "component": one.component,
        "resource_type": one.resource_type,
        "current_capacity": one.capacity,
        "capacity_unit": one.unit,
        "current_usage": None if math.isnan(one.newest) else one.newest,
        "projection_date": as_of.date() + HORIZON,
        "history_days": len(one.peaks),
        "anomaly_alerts": one.alerts,
        "method": INSUFFICIENT,
        "urgency": "none",
        "evidence_sql": _evidence(one),
    }
    if found is None:
        row["reason"] = _missing(one, as_of)
        return row
    row |= _projected(found) | {
        "days_over_before": int((one.peaks.values > CAPACITY_LIMIT.value).sum()),
        "hours_at_risk": hours_at_risk(found, one.shape),
    }
    notes = [found.reason, *(["earlier peaks are as of the capacity now"] if one.is_resized else []), *_left_out(one)]
    row["reason"] = "; ".join(notes)
    return row | _advice(one, row, prices)


def _projected(found: Outlook) -> dict[str, Any]:
    """The highest peak of the days ahead with its band, and when the limit is passed."""
    top = int(np.argmax(found.values))
    value = max(0.0, float(found.values[top]))
    lower, upper = (None if math.isnan(end) else max(0.0, float(end)) for end in (found.lower[top], found.upper[top]))
    limit = CAPACITY_LIMIT.value
    row: dict[str, Any] = {
        "projected_usage": value,
        "projection_date": _day(found.days[top]),
        "confidence_interval": json_text({"lower": lower, "upper": upper}),
        "breach_date": _first(found.days, found.values > limit),
        "breach_low": _first(found.days, found.upper > limit),
        "breach_high": _first(found.days, found.lower > limit),
        "days_over_limit": int((found.values > limit).sum()),
        "method": found.method,
        "mae": found.maes.get(found.method),
        "naive_mae": found.maes.get(NAIVE),
    }
    if lower is not None and upper is not None:
        row["confidence"] = certainty(value, upper, found.looks)
    return row


def _advice(one: Used, row: Mapping[str, Any], prices: Mapping[str, float]) -> dict[str, Any]:
    """What to get, by when and for how much; nothing where 80 percent holds."""
    highest = row["projected_usage"]
    if highest <= CAPACITY_LIMIT.value:
        return {}
    advice: dict[str, Any] = {"urgency": "high" if highest > CAPACITY_URGENT.value else "medium"}
    until = f"the peak of a day is expected at {highest:.0f} % of the capacity on {row['projection_date']}"
    passed = row["breach_date"]
    when = f", over {CAPACITY_LIMIT.value:.0f} % first on {passed}."
    if row["days_over_before"]:
        when = (
            f". It was over {CAPACITY_LIMIT.value:.0f} % already, on {row['days_over_before']} of "
            f"{plural(len(one.peaks), 'day')}."
        )
    if one.capacity is None:
        grow = math.ceil(highest / CAPACITY_USED_AFTER.value - 100)
        said = f"Give {one.component} {grow} % more {one.resource_type}: {until}{when} Its capacity is not known."
        return advice | {"recommendation": said}
    wanted = rounded_up(one.resource_type, one.capacity * highest / 100 / CAPACITY_USED_AFTER.value, one.unit)
    cost = monthly_cost(one.resource_type, wanted - one.capacity, one.unit, prices)
    unit = one.unit or "units"
    sizes = f"from {one.capacity:,.10g} to {wanted:,.10g} {unit}"
    said = f"Raise {one.resource_type} of {one.component} {sizes}: {until}{when}"
    if cost is not None:
        said += f" About {money(cost)} more a month."
    return advice | {"recommendation": said, "recommended_capacity": wanted, "estimated_cost_usd": cost}


def _missing(one: Used, as_of: datetime) -> str:
    silent = (as_of - one.last_at).days
    if silent >= CAPACITY_SILENT.value:
        return f"no sample for {plural(silent, 'day')}"
    needed = (
        f"{plural(len(one.peaks), 'day')} with {CAPACITY_DAY_HOURS.value:.0f} hours or more, "
        f"{CAPACITY_MIN_DAYS.value:.0f} needed"
    )
    return "; ".join([needed, *_left_out(one)])


def _left_out(one: Used) -> list[str]:
    """How many hours are no usage, in words."""
    hours = plural(one.implausible, "hour")
    return [f"{hours} below 0 or over {CAPACITY_PLAUSIBLE.value:,.0f} % left out"] if one.implausible else []


def _evidence(one: Used) -> str:
    """The peaks of its days, as they are counted."""
    return (
        "select cast(measured_at as date) as day, count(peak_usage) as hours, "
        f"quantile_cont(peak_usage, {CAPACITY_PEAK.value}) as peak, max(capacity) as capacity "
        f"from profiles.resource_usage where component = {literal(one.component)} "
        f"and resource_type = {literal(one.resource_type)} "
        f"and peak_usage between 0 and {CAPACITY_PLAUSIBLE.value} group by day order by day"
    )


def _first(days: Any, is_over: Any) -> date | None:
    return _day(days[int(np.argmax(is_over))]) if is_over.any() else None


def _day(number: int) -> date:
    return EPOCH + timedelta(days=int(number))
