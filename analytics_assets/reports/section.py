"""What a report is made of; the same for a terminal, a text and a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics_assets.reports.figures import Column, Row


@dataclass(frozen=True)
class Case:
    """One suggestion with all that speaks for and against it."""

    title: str
    level: str
    facts: tuple[tuple[str, str], ...]
    sql: str


@dataclass(frozen=True)
class Section:
    """A title with sentences, points (a name and what is said of it), a table, charts and cases; read in this order.

    ``charts`` are names of ``page.CHARTS``; only a page shows them.
    """

    title: str
    sentences: tuple[str, ...] = ()
    columns: Sequence[Column] = ()
    rows: Sequence[Row] = ()
    points: tuple[tuple[str, str], ...] = ()
    cases: tuple[Case, ...] = ()
    charts: tuple[str, ...] = ()


def lead(name: str) -> str:
    """The name of a point as a sentence begins with it.

    >>> lead("Burn rate"), lead("Are we improving?")
    ('Burn rate:', 'Are we improving?')
    """
    return name if name.endswith("?") else f"{name}:"
