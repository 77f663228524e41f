"""What is forecast by competition: named series of volume, capacity, cost, resources and health.

Each is made from rows of series, at and value, as of the last step that is over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics_assets.forecast_thresholds import (
    CONTEST_MAX_STEPS,
    DAILY_HORIZON,
    HOURLY_HORIZON,
    WEEKLY_HORIZON,
)

if TYPE_CHECKING:
    import pandas as pd

    from analytics_assets.lib.competing import Entry

HORIZONS = {
    "hourly": int(HOURLY_HORIZON.value),
    "daily": int(DAILY_HORIZON.value),
    "weekly": int(WEEKLY_HORIZON.value),
}
STEPS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}


@dataclass(frozen=True)
class Source:
    """Where series of a topic come from.

    ``sql`` gives series, at (start of the step) and value, NULL where it is not known, of the steps in ``$since`` to
    before ``$until``. ``clock`` is the kind of records whose newest one ends it. ``missing`` is what a step without a
    row is: 0 of what is counted, NaN of what is measured.
    """

    topic: str
    frequency: str
    unit: str
    clock: str
    sql: str
    missing: float = math.nan
    ceiling: float = math.inf

    def until(self, as_of: datetime) -> datetime:
        """Where the running step began: what is before it is over."""
        midnight = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.frequency == "hourly":
            return midnight.replace(hour=as_of.hour)
        return midnight if self.frequency == "daily" else midnight - timedelta(days=midnight.weekday())

    def since(self, until: datetime) -> datetime:
        """Where what is read begins."""
        return until - int(CONTEST_MAX_STEPS.value) * STEPS[self.frequency]


@dataclass(frozen=True)
class Forecastable:
    """A series with what its rows say of it; ``as_of`` is the newest record of its clock."""

    entry: Entry
    topic: str
    unit: str
    as_of: datetime
    is_stale: bool

    @property
    def name(self) -> str:
        """As it is called in every table."""
        return self.entry.name

    def row(self) -> dict[str, object]:
        """The columns that each of its rows has."""
        return {
            "series": self.name,
            "topic": self.topic,
            "frequency": str(self.entry.frequency),
            "unit": self.unit,
            "as_of": self.as_of,
            "is_stale": self.is_stale,
        }


def forecastables(source: Source, rows: pd.DataFrame, as_of: datetime, *, is_stale: bool) -> list[Forecastable]:
    """The series of a source, by name.

    ``rows`` are what its SQL gave: series, at, value. A series of what is counted begins with its first row.
    """
    import pandas as pd

    from analytics_assets.lib.competing import Bounds, Entry, Frequency

    frequency = Frequency(source.frequency)
    until = pd.Timestamp(source.until(as_of))
    found = []
    for name, own in rows.groupby("series"):
        values = pd.Series(own["value"].to_numpy(dtype=float), index=pd.DatetimeIndex(own["at"]))
        steps = pd.date_range(values.index.min(), until - frequency.step, freq=frequency.step)
        whole = values.reindex(steps, fill_value=source.missing)
        bounds = Bounds(floor=0.0, ceiling=source.ceiling)
        entry = Entry(str(name), whole, frequency, HORIZONS[source.frequency], bounds)
        found.append(Forecastable(entry, source.topic, source.unit, as_of, is_stale))
    return found


def longest(found: Sequence[Forecastable], most: int) -> list[Forecastable]:
    """At most so many, those that were measured on most days first, else in the order given."""

    def days(one: Forecastable) -> int:
        return int(one.entry.values.notna().sum()) * STEPS[str(one.entry.frequency)] // timedelta(days=1)

    return sorted(found, key=lambda one: -days(one))[:most]


def weights_of(rows: Iterable[Mapping[str, object]]) -> dict[str, dict[str, float]]:
    """The weights of the methods of each series, from the rows of ``forecasts.forecast_backtests``."""
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        weight = row["weight"]
        if isinstance(weight, float) and weight > 0:
            found.setdefault(str(row["series"]), {})[str(row["method"])] = weight
    return found
