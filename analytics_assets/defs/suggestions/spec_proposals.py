"""Which changes of a spec are ready to be proposed to its owners?

Reads the suggestions and the spec documents; feeds `analytics propose`, which makes a branch and a pull request of a
row, on a person's word.
"""

import json
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import Column

if TYPE_CHECKING:
    from analytics_assets.feedback.changes import Suggestion
    from analytics_assets.feedback.spec_files import Folder
    from analytics_assets.settings import Settings

KEY = ["suggestions", "spec_proposals"]
COLUMNS = (
    Column("spec_id", "VARCHAR", "Spec whose document is to be changed.", required=True),
    Column("branch", "VARCHAR", "Name of the branch; the same suggestions have the same one."),
    Column("title", "VARCHAR", "Title of the pull request, and subject of the commit."),
    Column("body", "VARCHAR", "Text of the pull request, in Markdown, with numbers, evidence and the way back."),
    Column("diff", "VARCHAR", "The change of the document, as a unified diff."),
    Column("suggestion_ids", "VARCHAR", "JSON list of the suggestions in it.", required=True),
    Column("path", "VARCHAR", "Path of the document below the folder of the specs."),
    Column("problem", "VARCHAR", "Why it cannot be proposed, and what to do; NULL where it can."),
)


@dg.asset(
    key=KEY,
    deps=[["suggestions", "suggestions"], ["staging", "stg_specs"]],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def spec_proposals(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Pull requests to be: what pending HIGH and MED suggestions change. One row per spec with such a suggestion."""
    from analytics_assets.feedback.proposals import applicable
    from analytics_assets.feedback.spec_files import read_folder
    from analytics_assets.warehouse.connection import records
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        pending = records(con, "select * from suggestions.suggestions where status = 'pending' and target is not null")
        fingerprints = dict(con.execute("select id, fingerprint from staging.stg_specs").fetchall())
    folder = read_folder(warehouse.settings)
    rows = []
    for spec_id in sorted({row["spec_id"] for row in pending if row["spec_id"] is not None}):
        chosen = applicable(pending, spec_id)
        if chosen:
            rows.append(_row(warehouse.settings, folder, spec_id, chosen, fingerprints.get(spec_id)))
    shown = shown_rows(("spec", "title"), [(row["spec_id"], row.get("title")) for row in rows[:EXAMPLES]])
    return dg.MaterializeResult(value=frame_of(COLUMNS, rows), metadata={"proposals": shown})


def _row(
    settings: "Settings", folder: "Folder", spec_id: str, chosen: "list[Suggestion]", fingerprint: str | None
) -> dict[str, Any]:
    from analytics_assets.feedback.proposals import propose
    from analytics_assets.feedback.spec_files import FeedbackError

    row: dict[str, Any] = {"spec_id": spec_id, "suggestion_ids": json.dumps([one["id"] for one in chosen])}
    try:
        proposal = propose(settings, folder.of(spec_id), chosen, fingerprint)
    except FeedbackError as problem:
        return row | {"problem": f"{problem} {problem.remedy or ''}".strip()}
    parts = {name: getattr(proposal, name) for name in ("branch", "title", "body", "diff")}
    return row | parts | {"path": proposal.file.name}


@dg.asset_check(asset=KEY, description="Every change that is sure enough can be made in its document.")
def proposals_can_be_made(spec_proposals: Frame) -> dg.AssetCheckResult:
    """A document that is missing, unreadable or changed since is told with the remedy."""
    problems = spec_proposals.loc[spec_proposals["problem"].notna(), ["spec_id", "problem"]]
    return dg.AssetCheckResult(
        passed=problems.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "specs": len(spec_proposals),
            "problems": shown_rows(("spec", "problem"), problems.head(EXAMPLES).to_numpy().tolist()),
        },
    )


@dg.asset_check(asset=KEY, description="No two proposals share a branch, and no spec has two.", blocking=True)
def proposals_are_unique(spec_proposals: Frame) -> dg.AssetCheckResult:
    """A branch with two proposals would hold the first and refuse the second."""
    made = spec_proposals[spec_proposals["problem"].isna()]
    twice = [
        *spec_proposals.loc[spec_proposals["spec_id"].duplicated(), "spec_id"],
        *made.loc[made["branch"].duplicated(), "branch"],
    ]
    return dg.AssetCheckResult(passed=not twice, metadata={"proposals": len(made), "twice": twice[:EXAMPLES]})
