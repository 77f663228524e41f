"""What the models of issues are fitted on: the newest issues with their features, texts and files.

What is learnt from a past moment is what was told by then, as far as versions of an issue tell. Of an issue that was
taken over once, after all was over, nothing does: what it says now counts from its first sight.
"""

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

PATH_MARGINS = r"^\s*(\./+)*|\s+$"
"""What ``staging.stg_issues`` takes away from a path."""
# What was told of an issue when, oldest first. A look back takes the version of its time: not the one that counts now.
_VERSIONS = rf"""
    versions as (
        select id, issue, category, subcategory, priority, status, root_cause_id, lines_over_limit, duplicate_count,
            expected_minutes, version_at,
            list_sort(list_distinct(list_filter(
                list_transform(files_affected, lambda path: regexp_replace(path, '{PATH_MARGINS}', '', 'g')),
                lambda path: path <> ''
            ))) as files,
            len(files) as files_affected_count,
            row_number() over (partition by id order by version_at, version_number) as place
        from raw.issues
    )
"""


def _as_told(*names: str) -> str:
    """Columns of the version that was chosen; of the one that counts, where no version is."""
    return ", ".join(f"case when told.id is null then features.{one} else told.{one} end as {one}" for one in names)


# Nobody knew the minutes of a fix before it was closed: where that time is not known, nothing is learnt from it. The
# rest is as it was told last before the fix, which often names what it touched.
FIXES = f"""
    with {_VERSIONS},
    last_open as (
        select id, max(place) as place from versions where status not in ('FIXED', 'WONT_FIX') group by id
    ),
    told as (
        select versions.* from versions inner join last_open using (id, place)
    )
    select {_as_told("category", "subcategory", "priority", "files_affected_count")},
        {_as_told("lines_over_limit", "duplicate_count", "expected_minutes")},
        features.time_spent_minutes, openings.closed_at as known_at
    from kpis.issue_features as features
    inner join staging.stg_issue_openings as openings
        on features.id = openings.id and features.openings = openings.opening
    left join told on features.id = told.id
    where features.status = 'FIXED' and features.time_spent_minutes > 0 and openings.closed_at is not null
    order by known_at desc, features.id limit $limit
"""
OPEN = """
    select id, issue, category, subcategory, priority, files_affected_count, lines_over_limit, duplicate_count,
        expected_minutes, complexity_score
    from kpis.issue_features where is_open order by first_seen desc, id limit $limit
"""
# A cause is often named long after the issue was found: with the first version that has it, where one before had not.
# It is learnt from what was told just before that.
TEXTS = f"""
    with {_VERSIONS},
    named as (
        select features.id, min(versions.place) as place, min(versions.version_at) as named_at
        from kpis.issue_features as features
        inner join versions on features.id = versions.id and features.root_cause_id = versions.root_cause_id
        group by features.id
    ),
    told as (
        select versions.*
        from named
        inner join versions on named.id = versions.id and greatest(1, named.place - 1) = versions.place
    ),
    known as (
        select features.id, {_as_told("issue", "category", "subcategory")},
            coalesce(case when told.id is null then issues.files_affected else told.files end, []) as files,
            case when named.place > 1 then greatest(features.first_seen, named.named_at) else features.first_seen end
                as traced_at,
            features.root_cause_id
        from kpis.issue_features as features
        inner join staging.stg_issues as issues on features.id = issues.id
        left join named on features.id = named.id
        left join told on features.id = told.id
    )
    select id, left(issue, $characters), category, subcategory, files, traced_at, root_cause_id
    from known
    where (root_cause_id is not null) = $is_traced
    order by traced_at desc, id limit $limit
"""
# Of the newest issues. A file is known to be touched from the first version that names it, as a cause is.
NAMED = f"""
    with {_VERSIONS},
    newest as (
        select features.id, features.first_seen, issues.files_affected
        from kpis.issue_features as features
        inner join staging.stg_issues as issues on features.id = issues.id
        order by features.first_seen desc, features.id limit $limit
    ),
    files as (
        select id, first_seen, unnest(files_affected) as file from newest
    ),
    told as (
        select id, place, version_at, unnest(files) as file from versions
    ),
    first_told as (
        select id, file, min(place) as place, min(version_at) as told_at from told group by id, file
    )
    select files.file, files.id, openings.opened_at,
        -- What was closed at an unknown time is counted as seen, and as open at no time.
        case when not openings.is_open then coalesce(openings.closed_at, openings.opened_at) end,
        openings.opening = 1,
        -- What was taken over after as_of was told by then: all that is said of as_of rests on it.
        case
            when first_told.place > 1 then least(greatest(files.first_seen, first_told.told_at), $as_of)
            else files.first_seen
        end
    from files
    inner join staging.stg_issue_openings as openings on files.id = openings.id
    left join first_told on files.id = first_told.id and files.file = first_told.file
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
        from analytics_assets.lib.plain_rows import plain_rows

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
    as_of = clock[0] if clock else datetime(1970, 1, 1)
    newest = {"limit": int(MODEL_MAX_ISSUES.value)}
    return Known(
        as_of=as_of,
        is_stale=bool(clock[1]) if clock else True,
        has_clock=clock is not None,
        fixes=con.execute(FIXES, newest).df(),
        open_issues=con.execute(OPEN, newest).df(),
        traced=_issues(con, is_traced=True, limit=int(MODEL_MAX_ISSUES.value)),
        untraced=_issues(con, is_traced=False, limit=int(CAUSE_PREDICTED.value)),
        named=[Named(*row) for row in con.execute(NAMED, newest | {"as_of": as_of}).fetchall()],
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
    if history.at[known.as_of].paths is None:
        problem = f"the repository has no commit before {known.as_of:%Y-%m-%d %H:%M} UTC"
        return _unused(problem, " ".join((f"{folder}: {problem}, where the issues end.", *history.notes)))
    named, missing = gone(known.named, known.as_of, history)
    if named and missing == named:
        problem = "the repository has none of the files that issues name: paths count from its top"
        return _unused(problem, f"{folder}: {problem}.")
    left_out = f"{len(missing)} of {len(named)} named files are not in the repository and are left out."
    return Repository(history, gone=left_out if missing else None)


def _unused(problem: str, message: str) -> Repository:
    return Repository(problem=problem, message=f"ANALYTICS_REPOSITORY is not used: {message}")
