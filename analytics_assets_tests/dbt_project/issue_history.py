"""Issues followed version by version, and every figure of them counted one by one: the models are held against it."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]
WEIGHTS = {0: 8, 1: 4, 2: 2, 3: 1}
SAMPLE_END = datetime(2026, 6, 30, 12)
WEEK = timedelta(days=7)
EVER = datetime(2100, 1, 1)
NEVER = datetime(1970, 1, 1)
UNTOLD = ("root_cause_id", "lines_over_limit", "duplicate_count", "time_spent_minutes")
KPIS = (
    "health_score",
    "issue_debt",
    "open_issues",
    "new_issues",
    "fix_velocity",
    "fix_minutes",
    "recurrence_rate",
)
MODELS = ("--select", "+weekly_issues", "+weekly_health", "+review_trends", "+optimization_kpis", "+issue_statistics")
MODELS = (*MODELS, "+unexplained_fixes", "+long_fixes", "+root_cause_progress", "--exclude-resource-type", "unit_test")


def moment(text: str | None) -> datetime | None:
    """A record's time as the warehouse has it."""
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None


def records_of(folder: Path) -> list[Row]:
    """Every line of a kind, with its times read."""
    rows = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
    for row in rows:
        for name in ("first_seen", "fixed_date", "updated_at", "run_date"):
            if name in row:
                row[name] = moment(row[name])
    return rows


@dataclass
class Issue:
    """One issue: its newest record and the spans it was open in, as [begin, end, how it ended]."""

    record: Row
    spans: list[list[Any]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the last span has no end."""
        return self.spans[-1][1] is None

    @property
    def is_counted_back(self) -> bool:
        """Whether the tracker itself says that it came back."""
        return (self.record["recurrence_count"] or 0) > 0

    def open_at(self, at: datetime) -> bool:
        """Whether it was open then."""
        return any(begin <= at and (end is None or end > at) for begin, end, _ in self.spans)

    def fixes(self, after: datetime, until: datetime) -> int:
        """Fixes in a span of time."""
        return sum(how == "FIXED" and after < end <= until for _, end, how in self.spans if end)

    def fixed_by(self, at: datetime) -> bool:
        """Whether it had ever been fixed by then."""
        return self.is_counted_back or self.fixes(NEVER, at) > 0

    def back_by(self, at: datetime) -> bool:
        """Whether it had come back after a fix by then."""
        pairs = zip(self.spans, self.spans[1:], strict=False)
        return self.is_counted_back or any(one[2] == "FIXED" and two[0] <= at for one, two in pairs)

    def days_to_fix(self, at: datetime) -> float | None:
        """Days from first seen to the fix that stood then."""
        begun = [span for span in self.spans if span[0] <= at]
        _, end, how = begun[-1]
        return (end - self.record["first_seen"]) / timedelta(days=1) if how == "FIXED" and end <= at else None


def follow(versions: Iterable[Row]) -> list[Issue]:
    """Issues out of their versions, each read from the first to the last; every version must have its time."""
    by_id = defaultdict(list)
    for version in versions:
        by_id[version["id"]].append(version)
    issues = []
    for found in by_id.values():
        found.sort(key=lambda version: version["updated_at"])
        # The sample leaves out what it does not know.
        issue = Issue(dict.fromkeys(UNTOLD) | found[-1])
        for version in found:
            is_closed = version["status"] in {"FIXED", "WONT_FIX"}
            if not issue.spans:
                issue.spans.append([version["first_seen"], None, None])
            elif not is_closed and not issue.is_open:
                issue.spans.append([version["updated_at"], None, None])
            if is_closed and issue.is_open:
                issue.spans[-1][1:] = [version.get("fixed_date") or version["updated_at"], version["status"]]
        issues.append(issue)
    return issues


def of_scope(issues: Iterable[Issue], scope: str) -> list[Issue]:
    """All issues, or those of a category."""
    return [issue for issue in issues if scope in {"all", "overall", issue.record["category"]}]


def debt(issues: Iterable[Issue], at: datetime) -> int:
    """Points of the issues open then."""
    return sum(WEIGHTS[issue.record["priority"]] for issue in issues if issue.open_at(at))


def end_of(day: date, as_of: datetime, days: int = 1) -> datetime:
    """The last moment of so many days that can be known."""
    return min(datetime.combine(day + timedelta(days=days), time()) - timedelta(microseconds=1), as_of)


def mean(values: list[float]) -> float | None:
    """None of nothing."""
    return statistics.fmean(values) if values else None


def kpis_at(issues: list[Issue], at: datetime) -> dict[str, float | None]:
    """The figures of issues at a moment; None where they cannot be known."""
    issues = [issue for issue in issues if issue.record["first_seen"] <= at]
    if not issues:
        return dict.fromkeys((*KPIS, *(f"time_to_fix_p{priority}" for priority in WEIGHTS)))
    points = debt(issues, at)
    ever_fixed = [issue for issue in issues if issue.fixed_by(at)]
    any_fix = any(issue.fixes(NEVER, at) for issue in issues)
    figures: dict[str, float | None] = {
        "health_score": max(0.0, 100 * (1 - points / 200)),
        "issue_debt": points,
        "open_issues": sum(issue.open_at(at) for issue in issues),
        "new_issues": sum(issue.record["first_seen"] > at - WEEK for issue in issues),
        "fix_velocity": sum(issue.fixes(at - WEEK, at) for issue in issues) if any_fix else None,
        "recurrence_rate": 100 * sum(i.back_by(at) for i in ever_fixed) / len(ever_fixed) if ever_fixed else None,
        "fix_minutes": mean(list(_last_fix_minutes(issues, at))),
    }
    for priority in WEIGHTS:
        days = [issue.days_to_fix(at) for issue in issues if issue.record["priority"] == priority]
        figures[f"time_to_fix_p{priority}"] = mean([value for value in days if value is not None])
    return figures


def _last_fix_minutes(issues: list[Issue], at: datetime) -> Iterator[float]:
    """Time spent on the issues whose last fix is of the week before."""
    for issue in issues:
        _, end, how = issue.spans[-1]
        minutes = issue.record["time_spent_minutes"]
        if how == "FIXED" and at - WEEK < end <= at and minutes is not None:
            yield minutes


def issue(key: str, **fields: Any) -> Row:
    """A record of an issue that is open since New Year; keyword arguments replace fields."""
    record = {
        "id": key,
        "issue": f"{key} is wrong",
        "category": "commands",
        "priority": 1,
        "first_seen": "2026-01-01T00:00:00Z",
        "status": "OPEN",
    }
    return record | fields


def fixed(key: str, at: str, **fields: Any) -> Row:
    """A record of an issue that was fixed then."""
    return issue(key, status="FIXED", fixed_date=at, **fields)


def review(key: str, at: str, **fields: Any) -> Row:
    """A record of a review of everything."""
    return {"id": key, "run_date": at, "scope": "all"} | fields
