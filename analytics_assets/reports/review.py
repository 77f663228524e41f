"""The week of issues as sections: summary, targets, root causes, four questions and five."""

from __future__ import annotations

from collections.abc import Callable

from analytics_assets.issue_thresholds import CAUSES_LISTED
from analytics_assets.lib.words import plural
from analytics_assets.queries.answers import Answer
from analytics_assets.queries.issues import NO_ISSUES
from analytics_assets.reports.figures import UNKNOWN, Column, Row, count, figure, interval, moment, share, text
from analytics_assets.reports.issue_words import because, label, measure, problems, target, trend
from analytics_assets.reports.section import Section

MOST_CAUSES = int(CAUSES_LISTED.value)
CLEARED = "✓ cleared"
NOT_TRACED = "not traced"
SCALES = {
    "reviews": "Health in the tables is computed from open issues; charts, trend and forecast show what reviews say.",
    "issues": "Health is computed from open issues, in the tables and in the chart.",
}
FLOW = {
    "new_issues": "new",
    "reopened_issues": "reopened",
    "fixed_issues": "fixed",
    "wont_fix_issues": "not to be fixed",
}
STATUS = {"on_target": "on target", "off_target": "off target", "no_target": "no target", "unknown": "not known"}


_METRIC = Column("Metric", label, is_number=False)
_NOW = Column("This week", lambda row: measure(row["value"], row["unit"]))
SUMMARY = (
    *(_METRIC, _NOW, Column("Last week", lambda row: measure(row["value_before"], row["unit"]))),
    Column("Trend", trend, is_number=False),
)
TARGETS = (
    *(_METRIC, Column("Now", _NOW.shown), Column("Target", target)),
    Column("Status", lambda row: STATUS.get(row["status"], row["status"]), is_number=False),
    figure("n", "n", count),
)
CATEGORIES = (
    *(text("Category", "category"), figure("Issues", "issues", count), figure("Open", "open_issues", count)),
    figure("Fixed", "fixed_issues", count),
    Column("Median time to fix", lambda row: measure(row["median_days_to_fix"], "days")),
    *(figure("Recurrence", "recurrence_rate", share), interval("95 % interval", "recurrence_rate")),
    figure("of ever fixed", "ever_fixed_issues", count),
)


def title(review: Answer) -> str:
    """Of which week it is."""
    return f"Weekly review {review['week']}"


def review_sections(review: Answer) -> list[Section]:
    """The answer of ``get_review`` in the order in which it is read."""
    return [
        _summary(review),
        Section("Targets", _missing(review["targets"]), TARGETS, review["targets"], charts=("time_to_fix",)),
        _categories(review["categories"], review["unexplained_fixes"]),
        _root_causes(review["root_causes"]),
        *answer_sections(review),
    ]


def answer_sections(review: Answer) -> list[Section]:
    """What the data answers, and what to know before decisions."""
    asked = ((f"{row['occasion']}: {row['question']}", row) for row in review["consultation"])
    before_decisions = tuple((question, str(row["answer"] or row["reason"])) for question, row in asked)
    return [_answers(review["answers"], review["leading"]), Section("Before decisions", points=before_decisions)]


def _summary(review: Answer) -> Section:
    is_before = any(row["day_before"] for row in review["summary"])
    span = f"Seven days up to {moment(review['end'])} (UTC)"
    span += ", against the seven before." if is_before else "; nothing is known of the seven before."
    told = [f"{span} Version {review['version']}, published {moment(review['published_at'])}."]
    if review["as_of"] is None:
        told.append("No issue and no review is known so far.")
    elif review["is_stale"]:
        told.append("The newest record of issues is more than a day old.")
    if review["summary"]:
        told.append("The arrow is the direction of the number; n counts the issues of this week's figure.")
        told.append(SCALES.get(review["health_source"], "Health is computed from open issues."))
    told += [f"Data: {problem}." for problem in problems(review["problems"])]
    return Section(
        "Analytics Summary",
        (*told, *_missing(review["summary"])),
        (*SUMMARY, Column("n", _rests_on(review["summary"]))),
        review["summary"],
        charts=("health", "velocity"),
    )


def _rests_on(kpis: list[Row]) -> Callable[[Row], str | None]:
    """What a figure rests on; of the time of fixes beside how many fixes there were, as not all have one."""
    fixed = next((row["value"] for row in kpis if row["kpi"] == "fix_velocity"), None)

    def shown(row: Row) -> str | None:
        if row["kpi"] != "fix_minutes" or None in (row["n"], fixed) or row["n"] == fixed:
            return count(row["n"])
        return f"{count(row['n'])} of {count(fixed)} with a time"

    return shown


def _missing(kpis: list[Row]) -> tuple[str, ...]:
    """Why figures are NULL, one sentence each."""
    if not kpis:
        return (f"{NO_ISSUES[0].upper()}{NO_ISSUES[1:]}.",)
    now = [f"{label(row)}: {because(row['reason'])}." for row in kpis if row["value"] is None]
    before = [
        f"{label(row)} of last week: {because(row['reason_before'])}."
        for row in kpis
        if row["value_before"] is None and row["value"] is not None
    ]
    return (*now, *before)


def _categories(part: Answer, unexplained: Answer) -> Section:
    """What issues of each category add up to, and how many fixes nobody traced to a cause."""
    shown, cut = part["rows"][:MOST_CAUSES], len(part["rows"]) - MOST_CAUSES
    told = list(_sentence(part))
    told += [_untraced(unexplained, sum(row["fixed_issues"] or 0 for row in part["rows"]))] * bool(shown)
    told += ["Recurrence is of issues that were ever fixed; NULL where nothing tells."] * bool(shown)
    told += [f"The {MOST_CAUSES} with the most issues; {cut} more stand in kpis.issue_statistics."] * (cut > 0)
    return Section("Where problems come from", tuple(told), CATEGORIES, shown)


def _untraced(unexplained: Answer, fixed: int) -> str:
    if not fixed:
        return "No issue is fixed so far."
    if not unexplained["rows"]:
        return f"{unexplained['reason'][0].upper()}{unexplained['reason'][1:]}."
    known = unexplained["rows"][0]["unexplained_fixes"]
    listed = ", ".join(row["id"] for row in unexplained["rows"])
    return f"Without a root cause: {known:,} of {plural(fixed, 'fixed issue')}, the newest {listed}."


def _root_causes(part: Answer) -> Section:
    shown, cut = part["rows"][:MOST_CAUSES], len(part["rows"]) - MOST_CAUSES
    told = list(_sentence(part))
    told += [f"The {MOST_CAUSES} with the most open issues; {cut} more stand in kpis.root_cause_progress."] * (cut > 0)
    return Section(
        "Root Cause Progress",
        tuple(told),
        points=tuple((_cause(row), _progress(row)) for row in shown),
        charts=("root_causes", "categories"),
    )


def _sentence(part: Answer) -> tuple[str, ...]:
    """Why there are no rows."""
    return (f"{part['reason'][0].upper()}{part['reason'][1:]}.",) if part["reason"] else ()


def _cause(row: Row) -> str:
    if row["root_cause_id"] is None:
        return NOT_TRACED
    return f"{row['root_cause_id']} ({row['subcategory']})" if row["subcategory"] else str(row["root_cause_id"])


def _progress(row: Row) -> str:
    """9 open → 8 open, and what came and went between: it adds up."""
    flow = [f"{row[name]:,} {word}" for name, word in FLOW.items() if row[name]]
    before, now = (count(row[name]) for name in ("open_week_ago", "open_issues"))
    told = f"{'not known' if before is None else f'{before} open'} → {UNKNOWN if now is None else now} open"
    told += f" ({', '.join(flow)})" if flow else ""
    return f"{told} {CLEARED}" if row["is_cleared"] else told


def _answers(part: Answer, leading: Answer) -> Section:
    """000's four questions, and what health tells of later weeks; the correlations behind them as a picture.

    A sentence has its n and its p-value; by which method it was found stands in the table.
    """
    points = [(row["question"], str(row["answer"] or because(None))) for row in part["rows"]]
    points += [(leading["question"], str(leading["answer"] or leading["reason"]))]
    return Section("What the data answers", _sentence(part), points=tuple(points), charts=("correlations",))
