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

    from analytics_assets.lib.critical_outlook import Seen
    from analytics_assets.lib.named_files import Named
    from analytics_assets.lib.root_causes import Issue
    from analytics_assets.repository.history import FileHistory

# Nobody knew the minutes of a fix before it was closed: where that time is not known, nothing is learnt from it.
FIXES = """
    select features.category, features.subcategory, features.priority, features.files_affected_count,
        features.lines_over_limit, features.duplicate_count, features.expected_minutes, features.time_spent_minutes,
        openings.closed_at as known_at
    from kpis.issue_features as features
    inner join staging.stg_issue_openings as openings
        on features.id = openings.id and features.openings = openings.opening
    where features.status = 'FIXED' and features.time_spent_minutes > 0 and openings.closed_at is not null
    order by known_at desc, features.id limit $limit
"""
OPEN = """
    select id, issue, category, subcategory, priority, files_affected_count, lines_over_limit, duplicate_count,
        expected_minutes, complexity_score
    from kpis.issue_features where is_open order by first_seen desc, id limit $limit
"""
# A cause is often named long after the issue was found: with the first version that has it, where one before had not.
TEXTS = """
    with versions as (
        select id, root_cause_id, version_at,
            row_number() over (partition by id order by version_at, version_number) as place
        from raw.issues
    ),
    named as (
        select features.id, min(versions.place) as place, min(versions.version_at) as named_at
        from kpis.issue_features as features
        inner join versions on features.id = versions.id and features.root_cause_id = versions.root_cause_id
        group by features.id
    )
    select features.id, left(features.issue, $characters) as text, features.category, features.subcategory,
        coalesce(issues.files_affected, []) as files,
        case when named.place > 1 then greatest(features.first_seen, named.named_at) else features.first_seen end
            as traced_at,
        features.root_cause_id
    from kpis.issue_features as features
    inner join staging.stg_issues as issues on features.id = issues.id
    left join named on features.id = named.id
    where (features.root_cause_id is not null) = $is_traced
    order by traced_at desc, features.id limit $limit
"""
# Of the newest issues.
NAMED = """
    with newest as (
        select features.id, issues.files_affected
        from kpis.issue_features as features
        inner join staging.stg_issues as issues on features.id = issues.id
        order by features.first_seen desc, features.id limit $limit
    ),
    files as (
        select id, unnest(files_affected) as file from newest
    )
    select files.file, files.id, openings.opened_at,
        -- What was closed at an unknown time is counted as seen, and as open at no time.
        case when not openings.is_open then coalesce(openings.closed_at, openings.opened_at) end,
        openings.opening = 1
    from files
    inner join staging.stg_issue_openings as openings on files.id = openings.id
    order by openings.opened_at, files.id, files.file
"""
SEEN = """
    select category, priority = 0, first_seen from kpis.issue_features
    where category is not null
    order by first_seen desc, id limit $limit
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
    seen: "list[Seen]"
    forecasts: list[dict[str, Any]]

    def beside(self, answers: "Iterable[Mapping[str, Any]]") -> list[dict[str, Any]]:
        """The answers, each beside what is known of its issue."""
        from analytics_assets.lib.issue_values import plain_rows

        issues: dict[Any, dict[str, Any]] = {issue.id: {"issue": issue.text} for issue in self.untraced}
        issues |= {row["id"]: row for row in plain_rows(self.open_issues)}
        return [{**issues[answer["id"]], **answer} for answer in answers]

    def dated(self, rows: "Iterable[Mapping[str, Any]]") -> list[dict[str, Any]]:
        """With the columns that say when; none where there is no clock."""
        return [{**row, "as_of": self.as_of, "is_stale": self.is_stale} for row in rows] if self.has_clock else []


def known(con: "DuckDBPyConnection") -> Known:
    """Read it, each table within its bound."""
    from analytics_assets.lib.critical_outlook import Seen
    from analytics_assets.lib.named_files import Named
    from analytics_assets.warehouse.frames import earlier_rows

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
        seen=[Seen(*row) for row in con.execute(SEEN, newest).fetchall()],
        forecasts=earlier_rows(con, "forecasts", "health_forecast"),
    )


def _issues(con: "DuckDBPyConnection", *, is_traced: bool, limit: int) -> "list[Issue]":
    from analytics_assets.lib.root_causes import Issue

    values = {"is_traced": is_traced, "limit": limit, "characters": int(ISSUE_TEXT.value)}
    return [Issue(*row) for row in con.execute(TEXTS, values).fetchall()]


@dataclass(frozen=True)
class Repository:
    """What the repository of the files knows; ``history`` is None without one.

    ``problem`` says why it fails to everybody, ``message`` to those who run this: it names folders.
    """

    history: "FileHistory | None" = None
    problem: str | None = None
    message: str | None = None
    gone: str | None = None
    is_named: bool = True

    @property
    def sentences(self) -> tuple[str, ...]:
        """What those who run this should know of it."""
        notes = self.history.notes if self.history else ()
        return (self.message, *notes) if self.message else notes

    @property
    def in_words(self) -> str:
        """The same, for the one place that says it."""
        if not self.is_named:
            return "none (ANALYTICS_REPOSITORY is not set)"
        return " ".join(one for one in (*self.sentences, self.gone) if one) or "read"


def read_repository(folder: Path | None, known: Known) -> Repository:
    """The files at each look back and today. What is wrong with the repository costs its figures, no more."""
    from analytics_assets.lib.file_risks import cutoffs
    from analytics_assets.lib.named_files import gone, named_by
    from analytics_assets.repository.git import RepositoryError
    from analytics_assets.repository.history import file_history

    if folder is None:
        return Repository(is_named=False)
    first = min((one.opened_at for one in known.named), default=known.as_of)
    try:
        history = file_history(folder.expanduser(), named_by(known.named, [*cutoffs(first, known.as_of), known.as_of]))
    except RepositoryError as error:
        return _unused(f"the repository cannot be read: {error.problem}", str(error))
    named, missing = gone(known.named, known.as_of, history)
    if named and missing == named:
        problem = "the repository has none of the files that issues name: paths count from its top"
        return _unused(problem, f"{folder}: {problem}.")
    left_out = f"{len(missing)} of {len(named)} files that issues name are not in it and are left out."
    return Repository(history, gone=left_out if missing else None)


def _unused(problem: str, message: str) -> Repository:
    return Repository(problem=problem, message=f"ANALYTICS_REPOSITORY is not used: {message}")
