"""Did what people applied do what was promised?

Reads suggestions, decisions and judged runs; feeds the calibration and the answers on suggestions.
"""

from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.defs.outcomes.columns import EFFECTIVENESS
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.suggesting.claim import RUNS_END
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

KEY = ["outcomes", "recommendation_effectiveness"]
SHOWN = ("spec_id", "rule", "verdict", "verdict_reason")
# An `applied` of nothing that we know of is a slip of the pen, or from another warehouse.
UNKNOWN = """
    select decision_id, subject_id, decision
    from staging.stg_decisions
    where subject_type = 'suggestion' and subject_id not in (select id from suggestions.suggestions)
    order by decided_at, decision_id
"""


@dg.asset(
    key=KEY,
    deps=[
        ["suggestions", "suggestions"],
        ["staging", "stg_judged_runs"],
        ["staging", "stg_decisions"],
        ["staging", "stg_as_of"],
    ],
    kinds={"python", "duckdb"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(EFFECTIVENESS)},
)
def recommendation_effectiveness(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> dg.MaterializeResult[Frame]:
    """What applied suggestions did: the runs of thirty days before against those since. One row per application.

    Reads its own earlier rows before it replaces them: baselines stand as they were first written, and so does a
    row whose window has been over for a week, though its suggestion may be gone. Other decisions on unknown
    suggestions have no row.
    """
    from analytics_assets.defs.outcomes.applied import measure
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        earlier = earlier_rows(con, *KEY)
        end = con.execute(RUNS_END).fetchone()
        rows = measure(con, earlier, end[0], is_stale=end[1]) if end else earlier
    context.log.info("%d applications, %d of them measured before", len(rows), len(earlier))
    frame = frame_of(EFFECTIVENESS, rows)
    verdicts = frame["verdict"].value_counts()
    newest = sorted(rows, key=lambda row: row["implementation_date"], reverse=True)[:EXAMPLES]
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "by_verdict": shown_rows(("verdict", "applications"), verdicts.items()),
            "newest": shown_rows(SHOWN, [[row[name] for name in SHOWN] for row in newest]),
            **drawn(".".join(KEY), frame),
        },
    )


@dg.asset_check(asset=KEY, description="No change is said to have worked on fewer runs than it takes to tell.")
def verdicts_are_backed(recommendation_effectiveness: Frame) -> dg.AssetCheckResult:
    """``worked`` needs the runs on both sides, an adjusted p-value below 0.05 and a volume that did not shift."""
    from analytics_assets.thresholds import SIGNIFICANT

    worked = recommendation_effectiveness[recommendation_effectiveness["verdict"] == "worked"]
    runs = worked[["baseline_runs", "after_runs"]].min(axis=1)
    is_backed = (
        (runs >= worked["needed_runs"]).fillna(value=False)
        & (worked["p_adjusted"] < SIGNIFICANT.value).fillna(value=False)
        & ~worked["is_volume_shifted"].fillna(value=True)
    )
    shown = worked.loc[~is_backed.astype(bool), ["id", "baseline_runs", "after_runs", "needed_runs", "p_adjusted"]]
    return dg.AssetCheckResult(
        passed=shown.empty,
        metadata={
            "worked": len(worked),
            "not_backed": shown_rows(list(shown.columns), shown.head(EXAMPLES).to_numpy().tolist()),
        },
    )


@dg.asset_check(asset=KEY, description="The baseline of a decision is the one that was published first.")
def baselines_stay_frozen(recommendation_effectiveness: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Compare with the rows that readers see now, which the refresh before this one wrote.

    A baseline that moved would let a change be judged by what happened after it.
    """
    from analytics_assets.lib.effectiveness import FROZEN

    published = _published(warehouse)
    now = {row["id"]: row for row in recommendation_effectiveness.to_dict("records")}
    moved = [
        (key, name, str(row[name]), str(now[key][name]))
        for key, row in published.items()
        if key in now
        for name in FROZEN
        if not _is_same(row[name], now[key][name])
    ]
    return dg.AssetCheckResult(
        passed=not moved,
        metadata={
            "compared": len(published.keys() & now.keys()),
            "moved": shown_rows(("decision", "column", "published", "now"), moved[:EXAMPLES]),
        },
    )


def _published(warehouse: WarehouseResource) -> "Mapping[str, Mapping[str, Any]]":
    """The rows in the published snapshot by decision; none before the first publication that has them."""
    from analytics_assets.queries.errors import NoSnapshotError
    from analytics_assets.queries.snapshot import open_snapshot

    known = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    try:
        snapshot = open_snapshot(warehouse.settings)
    except NoSnapshotError:
        return {}
    with snapshot:
        if not snapshot.query(known, KEY).rows:
            return {}
        rows = snapshot.frame(f"select * from {'.'.join(KEY)}").to_dict("records")
    return {str(row["id"]): {str(name): value for name, value in row.items()} for row in rows}


def _is_same(one: object, other: object) -> bool:
    """Whether two cells hold the same; NULL is NULL however pandas writes it."""
    import pandas as pd

    return bool(one == other) if pd.notna(one) and pd.notna(other) else bool(pd.isna(one) and pd.isna(other))  # type: ignore[call-overload]


@dg.asset_check(asset=KEY, description="Every decision on a suggestion names one that was made here.")
def decisions_name_known_suggestions(
    recommendation_effectiveness: Frame, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """A decision on an unknown suggestion has no outcome: somebody believes that it has.

    A suggestion that was measured was known, though it may be gone by now.
    """
    was_known = set(recommendation_effectiveness["recommendation_id"])
    with warehouse.get_connection() as con:
        unknown = [row for row in con.execute(UNKNOWN).fetchall() if row[1] not in was_known]
    return dg.AssetCheckResult(
        passed=not unknown,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "unknown": shown_rows(("decision_id", "subject_id", "decision"), unknown[:EXAMPLES]),
            "unknown_decisions": len(unknown),
            "remedy": "Compare the ids with `analytics suggest --json`, and land the decisions again with a new "
            "decision_id; the mistaken ones do no harm and stay.",
        },
    )
