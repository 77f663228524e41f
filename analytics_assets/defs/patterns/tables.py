"""What the tables of this stage share: the issues they read, the columns that all have, and one claim on p-values."""

from collections.abc import Sized
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.frame import Frame
from analytics_assets.issue_thresholds import PATTERN_ISSUES
from analytics_assets.metadata import shown_rows
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import Column
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FEATURES, CLOCK, ISSUES = ["kpis", "issue_features"], ["staging", "stg_issue_clock"], ["staging", "stg_issues"]
"""Keys of the assets that these tables read."""
TESTED = (
    Column("p_value", "DOUBLE", "How often chance alone makes as much, 0 to 1; NULL where nothing can be said."),
    Column("p_adjusted", "DOUBLE", "The same among all that this table asks at once (Benjamini-Hochberg)."),
    Column("is_significant", "BOOLEAN", "Whether p_adjusted is below 0.05; NULL where it is."),
)
REASON = Column("reason", "VARCHAR", "Why figures are NULL; NULL where none is.")

_WRITTEN_OUT = 1e3, 1e15
"""From the first to below the second a number is shown with all its digits before the point."""
_NEWEST = f"""
    select * from kpis.issue_features order by first_seen desc, id limit {PATTERN_ISSUES.value}
"""
FINDINGS = f"""
    select features.root_cause_id, features.sprint, features.first_seen, issues.files_affected
    from ({_NEWEST}) as features
    inner join staging.stg_issues as issues on features.id = issues.id
    where features.root_cause_id <> '' and len(issues.files_affected) > 0
    order by features.first_seen, features.id
"""
"""Traced issues with their files."""


def newest_issues(con: "DuckDBPyConnection") -> Frame:
    """The features of the newest 20,000 issues."""
    return con.execute(_NEWEST).df()


def clock(con: "DuckDBPyConnection") -> dict[str, Any]:
    """The values of ``WINDOW_END``; before the first issue nothing is known, and that is stale."""
    rows = records(con, "select as_of, is_stale from staging.stg_issue_clock")
    return rows[0] if rows else {"as_of": None, "is_stale": True}


def shown(frame: Frame, names: tuple[str, ...]) -> dg.MarkdownMetadataValue:
    """Some columns of a frame's first rows as a table."""
    from analytics_assets.lib.plain_rows import plain_rows

    rows = plain_rows(frame[list(names)].head(EXAMPLES))
    return shown_rows(names, [[_short(cell) for cell in row.values()] for row in rows])


def none_wrong(what: str, judged: Sized, wrong: Frame, names: tuple[str, ...]) -> dg.AssetCheckResult:
    """Passed where nothing that was judged is wrong; tells how much was, called ``what``, and shows what is wrong."""
    return dg.AssetCheckResult(passed=wrong.empty, metadata={what: len(judged), "wrong": shown(wrong, names)})


def p_values_verdict(frame: Frame) -> dg.AssetCheckResult:
    """Passed where p-values are shares, and none is smaller after adjustment than before."""
    p, adjusted = frame["p_value"].astype("Float64"), frame["p_adjusted"].astype("Float64")
    is_wrong = (~p.between(0, 1)) | (~adjusted.between(0, 1)) | (adjusted < p - 1e-12)
    wrong = frame[is_wrong.fillna(value=False).astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={"p_values": int(p.notna().sum()), "wrong": shown(wrong, tuple(frame.columns))},
    )


def _short(cell: object) -> object:
    if not isinstance(cell, float):
        return cell
    return f"{cell:,.0f}" if _WRITTEN_OUT[0] <= abs(cell) < _WRITTEN_OUT[1] else f"{cell:.3g}"
