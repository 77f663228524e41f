"""What could be better, by how much, with what effort, and what became of it?

Reads the patterns that hold, the comparison with baselines and the costs of models; feeds the recommendations.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.opportunities import Opportunity

KEY = ["suggestions", "optimization_opportunities"]
COLUMNS = (
    Column("id", "VARCHAR", "Key: of its type and subject; stays while the numbers move.", required=True),
    Column(
        "opportunity_type",
        "VARCHAR",
        "api_performance, query_performance, bottleneck, scaling, cost, automation, dependency, process, reliability.",
        required=True,
    ),
    Column("category", "VARCHAR", "performance, resource, workflow or quality.", required=True),
    Column("subject", "VARCHAR", "What it is about: a signal, a step, a rule, a type of spec.", required=True),
    Column("component_affected", "VARCHAR", "Component that would be better.", required=True),
    Column(
        "potential_improvement",
        "DOUBLE",
        "Percent by which the figure it is about would get better: back to the level before, or to what is usual; NULL "
        "where nothing says how much, as of an outage.",
    ),
    Column(
        "effort_estimate", "VARCHAR", "low (a setting), medium (days) or high (weeks, or several teams).", required=True
    ),
    Column("effort_reason", "VARCHAR", "Why so much.", required=True),
    Column(
        "priority_score",
        "DOUBLE",
        "potential_improvement x confidence x feasibility (low 1, medium 0.7, high 0.4), 0 to 100, or NULL.",
    ),
    Column("recommendation_text", "VARCHAR", "What to do and why, with its numbers.", required=True),
    Column(
        "supporting_data",
        "VARCHAR",
        "JSON: the figures it rests on, by the names that evidence_sql has.",
        required=True,
    ),
    Column("confidence", "DOUBLE", "How sure its source is that the effect is real, 0 to 1.", required=True),
    Column("expected_hours", "DOUBLE", "Hours of work that 30 days would give back; NULL: not known."),
    Column("expected_saving_usd", "DOUBLE", "US dollars in 30 days, where it is about money; NULL: not known."),
    Column("identified_at", "TIMESTAMP", "When it was first said, UTC.", required=True),
    Column("status", "VARCHAR", "identified, in_progress (applied), completed or dismissed (rejected).", required=True),
    Column("ended_at", "TIMESTAMP", "When what it rests on held no more, UTC; NULL while it does."),
    Column("reopened_at", "TIMESTAMP", "When it returned last, UTC: an earlier decision no longer holds."),
    Column("decided_at", "TIMESTAMP", "When a person decided, UTC; NULL while open."),
    Column("decision_notes", "VARCHAR", "Why."),
    Column("source", "VARCHAR", "Table that it comes from.", required=True),
    Column("record_kinds", "VARCHAR", "JSON list of the kinds of records it rests on.", required=True),
    Column("pattern_id", "VARCHAR", "Pattern it rests on; NULL where it rests on a profile."),
    Column("evidence_sql", "VARCHAR", "Query on the published snapshot that gives its figures.", required=True),
    *RECORDS_END,
)
SUGGESTED_MODELS = """
    select distinct spec_type from suggestions.suggestions
    where status = 'pending' and target = 'model' and spec_type is not null
"""
SHOWN = ("component_affected", "opportunity_type", "potential_improvement", "effort_estimate", "recommendation_text")
NEAR = 1e-5
"""Figures that are text in between have six digits."""


@dg.asset(
    key=KEY,
    deps=[
        ["patterns", "detected_patterns"],
        ["patterns", "trends"],
        ["patterns", "level_shifts"],
        ["kpis", "performance_analytics"],
        ["summaries", "hourly_signals"],
        ["profiles", "cost_efficiency"],
        ["suggestions", "suggestions"],
        ["staging", "stg_decisions"],
    ],
    kinds={"python", "duckdb"},
    pool="warehouse",
    tags={"module": "M4"},
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def optimization_opportunities(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> dg.MaterializeResult[Frame]:
    """What patterns, baselines and costs offer, and what became of it. One row per type and subject.

    The improvement is what returning to the level before, or to what is usual, would bring; priority_score is
    improvement x confidence x feasibility. What nobody decided on and holds no more is gone.
    """
    from datetime import UTC, datetime

    from analytics_assets.lib.opportunities import advance
    from analytics_assets.suggesting.lifecycle import read_decisions
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    now = datetime.now(UTC).replace(tzinfo=None)
    with warehouse.get_connection() as con:
        earlier = earlier_rows(con, *KEY)
        decided = read_decisions(con)
        said, silent = _said(con, warehouse.settings.pattern_confidence_threshold)
    rows = advance(earlier, said, decided, now=now, silent=silent)
    frame = frame_of(COLUMNS, rows)
    context.log.info("%d opportunities, %d of them said now", len(frame), len(said))
    first = frame.sort_values("priority_score", ascending=False).head(EXAMPLES)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "identified": int((frame["status"] == "identified").sum()),
            "not_asked": ", ".join(sorted(silent)) or "none",
            "first": shown_rows(SHOWN, first[list(SHOWN)].to_numpy().tolist()),
        },
    )


def _said(con: "DuckDBPyConnection", least: float) -> "tuple[list[Opportunity], frozenset[str]]":
    """What holds now, patterns first, and the sources that are not there to be asked; ``least``: confidence shown."""
    from analytics_assets.lib import opportunity_profiles, opportunity_rules
    from analytics_assets.lib.lost_work import SIGNALS, Work
    from analytics_assets.warehouse.connection import records
    from analytics_assets.warehouse.frames import earlier_rows

    work = Work.of(records(con, SIGNALS))
    patterns = [row for row in earlier_rows(con, "patterns", "detected_patterns") if row["confidence_score"] >= least]
    shifts = {row["signal"]: row["is_worse"] for row in earlier_rows(con, "patterns", "level_shifts")}
    trends = {row["signal"]: row["is_worse"] for row in earlier_rows(con, "patterns", "trends")}
    worse = {f"metric_level_shift/{signal}": is_worse for signal, is_worse in shifts.items()}
    for kind in ("metric_trend", "performance_trend"):
        worse |= {f"{kind}/{signal}": is_worse for signal, is_worse in trends.items()}
    suggested = frozenset(name for (name,) in con.execute(SUGGESTED_MODELS).fetchall())
    found = opportunity_rules.from_patterns(patterns, worse, work)
    found += opportunity_profiles.from_baselines(records(con, "select * from kpis.performance_analytics"), work)
    found += opportunity_profiles.from_models(records(con, "select * from profiles.cost_efficiency"), suggested)
    # Without a table of patterns nothing is known of them; with one that is empty, none holds.
    is_there = con.execute(
        "select 1 from information_schema.tables where table_schema = 'patterns' and table_name = 'detected_patterns'"
    ).fetchone()
    return found, frozenset() if is_there else frozenset({opportunity_rules.SOURCE})


@dg.asset_check(asset=KEY, description="No opportunity stands twice.", blocking=True)
def opportunities_are_unique(optimization_opportunities: Frame) -> dg.AssetCheckResult:
    """One that is said again keeps its row, so that its history and its decision stay with it."""
    ids = optimization_opportunities["id"]
    twice = sorted(ids[ids.duplicated()])
    return dg.AssetCheckResult(passed=not twice, metadata={"opportunities": len(ids), "twice": twice[:EXAMPLES]})


@dg.asset_check(asset=KEY, description="The evidence's SQL gives the figures of every open opportunity again.")
def opportunities_can_be_reproduced(
    optimization_opportunities: Frame, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Run each statement as a reader would, and compare with what was told."""
    standing = optimization_opportunities[optimization_opportunities["ended_at"].isna()].to_dict("records")
    with warehouse.get_connection() as con:
        differing = [row["id"] for row in standing if not _agrees(con, row)]
    return dg.AssetCheckResult(
        passed=not differing, metadata={"statements": len(standing), "differing": differing[:EXAMPLES]}
    )


def _agrees(con: "DuckDBPyConnection", row: dict[Any, Any]) -> bool:
    import json
    import math

    from analytics_assets.warehouse.connection import records

    found, told = records(con, row["evidence_sql"]), json.loads(row["supporting_data"])
    if len(found) != 1:
        return False
    for name, value in found[0].items():
        other = told.get(name)
        if isinstance(value, float) and isinstance(other, int | float):
            if not math.isclose(value, other, rel_tol=NEAR, abs_tol=NEAR):
                return False
        elif value != other:
            return False
    return True


@dg.asset_check(asset=KEY, description="Improvements, confidences and priorities are within their scales.")
def opportunities_are_within_their_scales(optimization_opportunities: Frame) -> dg.AssetCheckResult:
    """More than 100 percent better, or surer than sure, is a fault of a rule."""
    rows = optimization_opportunities
    is_wrong = (
        ~(rows["potential_improvement"].between(0, 100) | rows["potential_improvement"].isna())
        | ~rows["confidence"].between(0, 1)
        | ~(rows["priority_score"].between(0, rows["potential_improvement"] + NEAR) | rows["priority_score"].isna())
        | (rows["priority_score"].isna() != rows["potential_improvement"].isna())
    )
    wrong = rows.loc[is_wrong.astype(bool), ["id", "potential_improvement", "confidence", "priority_score"]]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={
            "opportunities": len(rows),
            "wrong": shown_rows(list(wrong.columns), wrong.head(EXAMPLES).to_numpy().tolist()),
        },
    )
