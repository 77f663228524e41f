"""What the models of issues are fitted on: the newest issues with their features, texts and files."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics_assets.issue_thresholds import CAUSE_PREDICTED, ISSUE_TEXT, MODEL_MAX_ISSUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.file_risks import Named
    from analytics_assets.lib.root_causes import Issue
    from analytics_assets.repository.history import FileFacts

FIXES = """
    select category, subcategory, priority, files_affected_count, lines_over_limit, duplicate_count, expected_minutes,
        time_spent_minutes, greatest(first_seen, coalesce(fixed_date, first_seen)) as known_at
    from kpis.issue_features
    where status = 'FIXED' and time_spent_minutes > 0
    order by known_at desc, id limit $limit
"""
OPEN = """
    select id, issue, category, subcategory, priority, files_affected_count, lines_over_limit, duplicate_count,
        expected_minutes, complexity_score
    from kpis.issue_features where is_open order by first_seen desc, id limit $limit
"""
TEXTS = """
    select features.id, left(features.issue, $characters) as text, features.category, features.subcategory,
        coalesce(issues.files_affected, []) as files, features.first_seen, features.root_cause_id
    from kpis.issue_features as features
    inner join staging.stg_issues as issues on features.id = issues.id
    where (features.root_cause_id is not null) = $is_traced
    order by features.first_seen desc, features.id limit $limit
"""
# Of the newest issues: the clean-up of a path is that of git, which knows no leading ./.
NAMED = """
    with newest as (
        select features.id, issues.files_affected
        from kpis.issue_features as features
        inner join staging.stg_issues as issues on features.id = issues.id
        order by features.first_seen desc, features.id limit $limit
    ),
    files as (
        select distinct id, regexp_replace(trim(unnest(files_affected)), '^(\\./)+', '') as file from newest
    )
    select files.file, files.id, openings.opened_at,
        -- What was closed at an unknown time is counted as seen, and as open at no time.
        case when not openings.is_open then coalesce(openings.closed_at, openings.opened_at) end,
        openings.opening = 1
    from files
    inner join staging.stg_issue_openings as openings on files.id = openings.id
    where files.file != ''
    order by openings.opened_at, files.id, files.file
"""


@dataclass(frozen=True)
class Known:
    """All that the models look at. Without an issue or a review there is no clock, and everything is empty."""

    as_of: datetime
    is_stale: bool
    has_clock: bool
    fixes: "pd.DataFrame"
    open_issues: "pd.DataFrame"
    traced: "list[Issue]"
    untraced: "list[Issue]"
    named: "list[Named]"

    def beside(self, answers: "Iterable[Mapping[str, Any]]") -> list[dict[str, Any]]:
        """The answers, each beside what is known of its issue."""
        issues: dict[Any, dict[Any, Any]] = {issue.id: {"issue": issue.text} for issue in self.untraced}
        for row in self.open_issues.to_dict("records"):
            issues[row["id"]] = {key: None if value != value else value for key, value in row.items()}  # noqa: PLR0124
        return [{**issues[answer["id"]], **answer} for answer in answers]

    def dated(self, rows: "Iterable[Mapping[str, Any]]") -> list[dict[str, Any]]:
        """With the columns that say when; none where there is no clock."""
        return [{**row, "as_of": self.as_of, "is_stale": self.is_stale} for row in rows] if self.has_clock else []


def known(con: "DuckDBPyConnection") -> Known:
    """Read it, each table within its bound."""
    from analytics_assets.lib.file_risks import Named

    clock = con.execute("select as_of, is_stale from staging.stg_issue_clock where as_of is not null").fetchone()
    newest = {"limit": int(MODEL_MAX_ISSUES.value)}
    return Known(
        as_of=clock[0] if clock else datetime(1970, 1, 1),
        is_stale=bool(clock[1]) if clock else True,
        has_clock=clock is not None,
        fixes=con.execute(FIXES, newest).df(),
        open_issues=con.execute(OPEN, newest).df(),
        traced=_issues(con, is_traced=True, limit=int(MODEL_MAX_ISSUES.value)),
        untraced=_issues(con, is_traced=False, limit=int(CAUSE_PREDICTED.value)),
        named=[Named(*row) for row in con.execute(NAMED, newest).fetchall()],
    )


def _issues(con: "DuckDBPyConnection", *, is_traced: bool, limit: int) -> "list[Issue]":
    from analytics_assets.lib.root_causes import Issue

    values = {"is_traced": is_traced, "limit": limit, "characters": int(ISSUE_TEXT.value)}
    return [Issue(*row) for row in con.execute(TEXTS, values).fetchall()]


@dataclass(frozen=True)
class Repository:
    """What the repository of the files knows; ``facts`` is None without one, and ``problem`` says why it fails."""

    facts: "Mapping[datetime, Mapping[str, FileFacts]] | None" = None
    problem: str | None = None
    notes: tuple[str, ...] = ()

    is_named: bool = True

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a person should know of it."""
        return (self.problem, *self.notes) if self.problem else self.notes

    @property
    def in_words(self) -> str:
        """The same, for the one place that says it."""
        return " ".join(self.sentences) or ("read" if self.is_named else "none (ANALYTICS_REPOSITORY is not set)")


def file_history(folder: Path | None, known: Known) -> Repository:
    """Facts of the files at each look back and today. What is wrong with the repository costs its figures, no more."""
    from analytics_assets.lib.file_risks import cutoffs, named_by
    from analytics_assets.repository.git import RepositoryError
    from analytics_assets.repository.history import file_history as read

    if folder is None:
        return Repository(is_named=False)
    first = min((one.opened_at for one in known.named), default=known.as_of)
    try:
        history = read(folder.expanduser(), named_by(known.named, [*cutoffs(first, known.as_of), known.as_of]))
    except RepositoryError as error:
        return Repository(problem=f"ANALYTICS_REPOSITORY is not used: {error}")
    return Repository(facts=history.at, notes=history.notes)
