"""Figures of issues in words: a measure with its unit, where it moved, and why it is missing."""

from __future__ import annotations

from analytics_assets.lib.words import plural
from analytics_assets.queries.answers import Answer
from analytics_assets.reports.figures import Row

LABELS = {
    "health_score": "Health",
    "issue_debt": "Debt",
    "open_issues": "Open issues",
    "new_issues": "New issues",
    "fix_velocity": "Issues fixed",
    "fix_minutes": "Average fix time",
    "recurrence_rate": "Recurrence",
} | {f"time_to_fix_p{priority}": f"Time to fix P{priority}" for priority in range(4)}
UNITS = {"percent": " %", "minutes": " min", "days": " days", "points": " points"}
"""What stands behind a number; issues and fixes are named by their metric."""
ARROWS = {"up": "↑", "down": "↓", "same": "="}
NOT_ENOUGH = "not enough data"


def label(row: Row) -> str:
    """What a KPI is called; one that is new here has its own name."""
    return LABELS.get(row["kpi"], str(row["kpi"]))


def measure(value: float | None, unit: str | None) -> str | None:
    """72.5 %, 32 points, 0.5 days.

    >>> measure(72.5, "percent"), measure(1, "points"), measure(1200, "issues")
    ('72.5 %', '1 point', '1,200')
    """
    if value is None:
        return None
    shown = f"{number(value)}{UNITS.get(unit or '', '')}"
    return shown.removesuffix("s") if number(value) == "1" else shown


def number(value: float) -> str:
    """To one decimal, and no decimal that says nothing.

    >>> number(8.0), number(8.46), number(-0.01)
    ('8', '8.5', '0')
    """
    shown = f"{value:,.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown


def trend(row: Row) -> str | None:
    """The arrow is the direction of the number, the word its verdict: ↓ better."""
    if row["direction"] is None:
        return None
    return ARROWS[row["direction"]] if row["direction"] == "same" else f"{ARROWS[row['direction']]} {row['verdict']}"


def moved(row: Row) -> str:
    """The same within a sentence: down 3 points in a week: worse."""
    if row["direction"] is None:
        return "a week ago: not known"
    if row["direction"] == "same":
        return "as a week ago"
    # Percent of health and percent of change are two things: what lies between two shares are points.
    unit = "points" if row["unit"] == "percent" else row["unit"]
    return f"{row['direction']} {measure(abs(row['change']), unit)} in a week: {row['verdict']}"


def target(row: Row) -> str | None:
    """Where it should be: over 90 %, under 20 points."""
    if row["target"] is None:
        return None
    return f"{'over' if row['is_higher_better'] else 'under'} {measure(row['target'], row['unit'])}"


def rests_on(n: int | None, word: str | None = None) -> str:
    """How many it rests on: n = 40, n = 6 weeks.

    >>> rests_on(40), rests_on(1, "week"), rests_on(None)
    ('n = 40', 'n = 1 week', 'n is not known')
    """
    if n is None:
        return "n is not known"
    return f"n = {plural(n, word)}" if word else f"n = {n:,}"


def because(reason: str | None) -> str:
    """Why a figure of a table is missing, in the words that are the same everywhere.

    >>> because("no fix so far"), because("not enough data: 3 fixes"), because(None)
    ('not enough data: no fix so far', 'not enough data: 3 fixes', 'not enough data')
    """
    if not reason:
        return NOT_ENOUGH
    return reason if reason.startswith(NOT_ENOUGH) else f"{NOT_ENOUGH}: {reason}"


def problems(found: Answer) -> list[str]:
    """Of each problem of the data, how many issues have it and which; none where there is none.

    >>> problems({"rows": [{"problem": "fixed without a date", "issues": 3, "newest": ["B", "A"]}]})
    ['fixed without a date: 3 issues (B, A and 1 more)']
    """
    told = []
    for row in found["rows"]:
        more = row["issues"] - len(row["newest"])
        listed = ", ".join(row["newest"]) + (f" and {more:,} more" if more else "")
        told.append(f"{row['problem']}: {plural(row['issues'], 'issue')} ({listed})")
    return told
