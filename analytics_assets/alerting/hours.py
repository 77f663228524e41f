"""The hours of a subject in order, and what they say against a limit: how long it has been over it, and whether still.

Plain Python: a subject has some hundred hours, and a refresh in which nothing is over asks for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from analytics_assets.alert_thresholds import LEVEL_GAP, RATE_HOURS, USUAL_DAYS, USUAL_SHARE

ONE = timedelta(hours=1)
DAY = timedelta(days=1)


class Hour(NamedTuple):
    """A complete hour with data. Of a rate ``samples`` are the judged records behind the value."""

    at: datetime
    value: float
    samples: float = 1.0

    @property
    def ends_at(self) -> datetime:
        """The end of it."""
        return self.at + ONE


class Since(NamedTuple):
    """Since when a subject is over its limit; ``is_seen`` whether it was under it before, within its records."""

    began_at: datetime
    is_seen: bool
    is_usual: bool


def rate_of(hours: Sequence[Hour]) -> tuple[int, int]:
    """Failures and judged records of these hours.

    >>> rate_of([Hour(datetime(2026, 1, 1), 0.5, 4), Hour(datetime(2026, 1, 2), 0.0, 6)])
    (2, 10)
    """
    return round(sum(hour.value * hour.samples for hour in hours)), round(sum(hour.samples for hour in hours))


def newest_with(hours: Sequence[Hour], records: float, least_hours: float) -> Sequence[Hour]:
    """The newest hours that hold so many records, at least some hours and at most a day."""
    if not hours:
        return ()
    first = len(hours)
    counted = 0.0
    begins = hours[-1].ends_at - timedelta(hours=RATE_HOURS.value)
    enough = hours[-1].ends_at - timedelta(hours=least_hours)
    while first and hours[first - 1].at >= begins and (counted < records or hours[first - 1].at >= enough):
        first -= 1
        counted += hours[first].samples
    return hours[first:]


def rate_since(hours: Sequence[Hour], window: Sequence[Hour], limit: float) -> Since:
    """Since when the rate of a day is over a limit; where only the newest hours are, since the first of these.

    Args:
        hours: of four weeks, the newest last.
        window: the newest of them, whose rate is over the limit.
        limit: share of 0 to 1.
    """
    under = None
    first, failures, judged = 0, 0.0, 0.0
    for place, hour in enumerate(hours):
        failures, judged = failures + hour.value * hour.samples, judged + hour.samples
        while hours[first].at <= hour.at - DAY:
            failures -= hours[first].value * hours[first].samples
            judged -= hours[first].samples
            first += 1
        if failures <= limit * judged + 1e-9:
            under = place
    if under == len(hours) - 1:
        over = next((hour for hour in window if hour.value > limit), window[0])
        return Since(over.at, is_seen=True, is_usual=False)
    begins = hours[0 if under is None else under + 1]
    is_long = hours[-1].ends_at - begins.at >= timedelta(days=USUAL_DAYS.value)
    return Since(begins.at, is_seen=under is not None, is_usual=is_long)


def level_since(hours: Sequence[Hour], limit: float) -> Since:
    """Since when hours are over a limit, none more than two usual ones apart; usual where every other day was so.

    The newest hour must be over it.
    """
    run = len(hours) - 1
    for place in range(len(hours) - 1, -1, -1):
        if hours[run].at - hours[place].at > ONE * (1 + LEVEL_GAP.value):
            break
        if hours[place].value > limit:
            run = place
    begins = hours[run].at
    recent = [hour for hour in hours if hours[-1].at - timedelta(days=USUAL_DAYS.value) <= hour.at < begins]
    days = {hour.at.date() for hour in recent}
    over = {hour.at.date() for hour in recent if hour.value > limit}
    is_daily = len(days) >= USUAL_DAYS.value * USUAL_SHARE.value and len(over) >= USUAL_SHARE.value * len(days)
    is_long = hours[-1].ends_at - begins >= timedelta(days=USUAL_DAYS.value)
    return Since(begins, is_seen=run > 0, is_usual=is_daily or is_long)


def after(hours: Sequence[Hour], moment: datetime) -> Sequence[Hour]:
    """The hours that began then or later."""
    return [hour for hour in hours if hour.at >= moment]
