"""Statements, looks and rows of the store, made by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from analytics_assets.pattern_store.looks import Look, Row
from analytics_assets.pattern_store.observed import Observed
from analytics_assets.pattern_store.sources import as_json
from analytics_assets.pattern_store.store import Statement, advance
from analytics_assets.pattern_store.verdicts import Verdict

START = datetime(2026, 3, 1)
SOURCE = "patterns.performance_patterns"


def at(hours: float) -> datetime:
    """Hours after the start."""
    return START + timedelta(hours=hours)


def observed(kind: str, subject: str, end: datetime = START, **fields: Any) -> Observed:
    """What a detector says of a subject, at the end of a window."""
    given: dict[str, Any] = {
        "pattern_type": kind,
        "subject": subject,
        "pattern_name": f"{kind} of {subject}",
        "pattern_category": "performance",
        "topic": "response_time_degradation",
        "detection_algorithm": "by hand",
        "confidence_score": 0.95,
        "significance_score": 0.6,
        "components": [subject.split("/")[1] if "/" in subject else subject],
        "last_observed_at": end,
        "detected_at": end,
        "strength": 0.3,
        "strength_unit": "share",
    }
    return Observed(**given | fields)


def stated(*said: Observed, source: str = SOURCE) -> list[Statement]:
    """As sources hand it to the store."""
    return [Statement(source, one.row, as_json(one.more)) for one in said]


def look(end: datetime | None, source: str = SOURCE, **fields: Any) -> Look:
    """A look at everything."""
    given: dict[str, Any] = {"source": source, "subjects": 10, "examined": 10, "as_of": end}
    return Look(**given | fields)


def step(
    earlier: list[Row],
    end: datetime,
    *said: Observed,
    seen: Look | None = None,
    verdicts: tuple[Verdict, ...] = (),
) -> list[Row]:
    """The rows after a look at that time in which this was said."""
    seen = seen or look(end)
    day = timedelta(days=1)
    return advance(earlier, stated(*said), {SOURCE: seen}, verdicts, as_of=end, is_old=lambda it: it < end - day)


def silent(rows: list[Row], end: float) -> list[Row]:
    """The rows after three hourly looks, the last at that time, in which nothing was said."""
    for hours in (end - 2, end - 1, end):
        rows = step(rows, at(hours))
    return rows


def only(rows: list[Row]) -> Row:
    """The one row there is."""
    (row,) = rows
    return row
