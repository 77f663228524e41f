"""When things happen: busy office hours, quiet nights, weekends at a third."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from analytics_assets.sample.window import Window

HOURS = (
    *(0.25, 0.20, 0.20, 0.20, 0.25, 0.35, 0.60, 1.10, 1.90, 2.30, 2.40, 2.20),
    *(1.70, 2.00, 2.30, 2.20, 1.90, 1.40, 0.90, 0.65, 0.50, 0.40, 0.35, 0.30),
)
"""Activity by hour of the day, UTC; people start work at 8 and pause at 12, scheduled work goes on at night."""
WEEKDAYS = (1.20, 1.25, 1.25, 1.20, 1.05, 0.45, 0.40)
"""Activity by day of the week, Monday first."""

_WEEK = np.outer(WEEKDAYS, HOURS)
_WEEK /= _WEEK.mean()


def activity(moment: datetime) -> float:
    """Activity in the hour of that moment; the mean of a week is 1.

    >>> from datetime import UTC, datetime
    >>> monday, sunday = datetime(2026, 1, 5, 10, tzinfo=UTC), datetime(2026, 1, 11, 10, tzinfo=UTC)
    >>> activity(monday) > 2 * activity(sunday)
    True
    """
    return float(_WEEK[moment.weekday(), moment.hour])


def arrivals(rng: np.random.Generator, window: Window, per_day: float) -> list[datetime]:
    """Moments of independent happenings in order, ``per_day`` of them on the average day of a week."""
    hours = [window.start + timedelta(hours=n) for n in range(window.days * 24)]
    counts = rng.poisson([activity(hour) * per_day / 24 for hour in hours])
    seconds = rng.random(int(counts.sum())) * timedelta(hours=1).total_seconds()
    starts = (hour for hour, count in zip(hours, counts, strict=True) for _ in range(count))
    return sorted(hour + timedelta(seconds=float(offset)) for hour, offset in zip(starts, seconds, strict=True))
