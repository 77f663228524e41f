"""Of everything that is recommended, what first?

Reads the suggestions of every kind, and how far such advice and such records can be relied on; feeds people.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pattern_thresholds import QUALITY_DAYS, UNKNOWN_FACTOR
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.lost_work import Work
    from analytics_assets.lib.ranking import Recommendation

KEY = ["suggestions", "recommendations"]
COLUMNS = (
    Column("recommendation_id", "VARCHAR", "Key: that of its source where it has one.", required=True),
    Column("source", "VARCHAR", "Table that it comes from.", required=True),
    Column("component", "VARCHAR", "What it is about: a spec, a tool, a pipeline, a system.", required=True),
    Column("recommendation_type", "VARCHAR", "What sort of advice it is, in the words of its source.", required=True),
    Column("category", "VARCHAR", "performance, resource, workflow or quality.", required=True),
    Column("text", "VARCHAR", "What to do and why, with its numbers.", required=True),
    Column("expected_hours", "DOUBLE", "Hours of work that 30 days would give back; NULL: nobody knows."),
    Column("impact", "DOUBLE", "expected_hours as a share of all hours that are lost, 0 to 1; NULL: nobody knows."),
    Column("effort", "VARCHAR", "low, medium or high.", required=True),
    Column("feasibility", "DOUBLE", "By the effort: 1, 0.7 or 0.4.", required=True),
    Column(
        "confidence",
        "DOUBLE",
        "As its source states it, 0 to 1: P(the claim is true), or 1 - adjusted p of a test; NULL where it cannot.",
    ),
    Column(
        "pattern_confidence",
        "DOUBLE",
        "Of the pattern behind an opportunity, whose confidence it is, 0 to 1: no factor. NULL: it rests on none.",
    ),
    Column(
        "historical_success",
        "DOUBLE",
        "Share of such advice that held, back-tested or applied, smoothed by Laplace's rule; NULL: none was tried.",
    ),
    Column(
        "data_quality",
        "DOUBLE",
        "Share of valid lines of the worst kind it rests on, in 30 days; half of it where it is stale.",
    ),
    Column(
        "model_accuracy",
        "DOUBLE",
        "Of a forecast 1 - mae / 20 points, whatever its method; of a pattern the share of points within their band. "
        "0 to 1; NULL: no model, or never tested.",
    ),
    Column(
        "mean_factors",
        "DOUBLE",
        "Mean of historical_success, data_quality and model_accuracy, 0.5 for what is not known.",
        required=True,
    ),
    Column(
        "rank_score", "DOUBLE", "impact x feasibility x confidence x mean_factors, 0 to 1; NULL where one is not known."
    ),
    Column("rank", "BIGINT", "Place among all, from 1; those without a score are last.", required=True),
    Column("component_rank", "BIGINT", "Place among those of its component, from 1.", required=True),
    Column("is_shown", "BOOLEAN", "Whether it is among the first of its component (five by default).", required=True),
    Column("evidence_sql", "VARCHAR", "Query on the published snapshot behind it.", required=True),
    *RECORDS_END,
)
QUALITY = f"""
    select kind, 1 - sum(quarantined_lines) / sum(lines) as valid
    from raw.ingested_files
    where kind is not null and lines > 0
        and ingested_at > (select max(ingested_at) from raw.ingested_files) - interval {QUALITY_DAYS.value:.0f} day
    group by kind
"""
SHOWN = ("rank", "component", "text", "rank_score", "impact", "confidence")
CASES = ("rank", "recommendation_id", "source")
NEAR = 1e-9


@dg.asset(
    key=KEY,
    deps=[
        ["suggestions", "suggestions"],
        ["suggestions", "tool_recommendations"],
        ["suggestions", "optimization_opportunities"],
        ["suggestions", "pipeline_optimization_plans"],
        ["forecasts", "capacity_planning"],
        ["patterns", "detected_patterns"],
        ["patterns", "performance_patterns"],
        ["summaries", "hourly_signals"],
        ["staging", "stg_decisions"],
        ["raw", "ingested_files"],
    ],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def recommendations(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Recommendations of every kind in one order. One row per recommendation that nobody has decided on.

    rank_score = impact x feasibility x confidence x mean_factors: an expected share of lost work. The stated confidence
    is that of its source, unchanged; what tells how far it can be relied on stands beside it and enters by its mean.
    """
    from analytics_assets.lib.lost_work import SIGNALS, Work
    from analytics_assets.lib.ranking import ranked
    from analytics_assets.warehouse.connection import records
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    if not warehouse.settings.recommendation_generation_enabled:
        context.log.warning("ANALYTICS_RECOMMENDATION_GENERATION_ENABLED is off: what was recommended before stands")
        with warehouse.get_connection() as con:
            return dg.MaterializeResult(value=frame_of(COLUMNS, earlier_rows(con, *KEY)), metadata={"is_kept": True})
    with warehouse.get_connection() as con:
        work = Work.of(records(con, SIGNALS))
        found = _recommended(con, work)
        quality = dict(con.execute(QUALITY).fetchall())
    rows = ranked(
        found,
        failed_hours=work.failed_hours,
        quality=quality,
        most_per_component=warehouse.settings.max_recommendations_per_component,
    )
    frame = frame_of(COLUMNS, rows)
    context.log.info("%d recommendations, %d of them shown", len(frame), int(frame["is_shown"].sum()))
    first = frame.head(EXAMPLES)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "failed_hours_in_30_days": work.failed_hours,
            "first": shown_rows(SHOWN, first[list(SHOWN)].to_numpy().tolist(), numbers=".3g"),
            "evidence": shown_rows(("rank", "evidence_sql"), first[["rank", "evidence_sql"]].to_numpy().tolist()),
            **drawn("suggestions.recommendations", frame),
        },
    )


def _recommended(con: "DuckDBPyConnection", work: "Work") -> "list[Recommendation]":
    """What every source says that is there; what a person applied or rejected is left out."""
    from analytics_assets.lib import recommendation_sources as sources
    from analytics_assets.suggesting.lifecycle import Decision, read_decisions, standing
    from analytics_assets.warehouse.frames import earlier_rows

    def rows(table: str) -> list[dict[str, Any]]:
        return earlier_rows(con, *table.split("."))

    success = sources.historical_success(rows("outcomes.rule_scores"), rows("outcomes.recommendation_effectiveness"))
    held = {row["id"]: row["confidence_score"] for row in rows("patterns.detected_patterns") if row["is_active"]}
    accuracy = {
        row["id"]: row["prediction_accuracy"]
        for row in rows("patterns.performance_patterns")
        if row["prediction_accuracy"] is not None
    }
    found = [
        *sources.of_suggestions(rows(sources.SUGGESTIONS), work, success),
        *sources.of_tools(rows(sources.TOOLS)),
        *sources.of_opportunities(rows(sources.OPPORTUNITIES), work, held, accuracy),
        *sources.of_plans(rows(sources.PLANS), work),
        *sources.of_capacity(rows(sources.CAPACITY)),
    ]
    decided: dict[str, list[Decision]] = {}
    for decision in read_decisions(con):
        decided.setdefault(decision.suggestion_id, []).append(decision)
    # Of suggestions on runs their own status tells: one that returned is open again.
    return [one for one in found if one.source == sources.SUGGESTIONS or standing(decided.get(one.id, [])) is None]


@dg.asset_check(asset=KEY, description="No recommendation stands twice, and ranks are 1 to n.", blocking=True)
def recommendations_are_ranked(recommendations: Frame) -> dg.AssetCheckResult:
    """Two first places, or one advice in two places, is no order."""
    ids = recommendations["recommendation_id"]
    twice = sorted(ids[ids.duplicated()])
    is_counted = sorted(recommendations["rank"]) == list(range(1, len(ids) + 1))
    return dg.AssetCheckResult(
        passed=not twice and is_counted, metadata={"recommendations": len(ids), "twice": twice[:EXAMPLES]}
    )


@dg.asset_check(asset=KEY, description="Each score is the product of its parts, and the order is that of the scores.")
def scores_are_their_parts(recommendations: Frame) -> dg.AssetCheckResult:
    """Multiplied again from the columns that are shown: who reads the table can follow the order."""
    rows = recommendations.sort_values("rank")
    factors = rows[["historical_success", "data_quality", "model_accuracy"]].astype("Float64")
    mean = factors.fillna(UNKNOWN_FACTOR.value).mean(axis=1)
    product = rows["impact"] * rows["feasibility"] * rows["confidence"] * mean
    score = rows["rank_score"]
    is_off = ((product - score).abs() > NEAR).fillna(value=False) | (product.isna() != score.isna())
    is_out = (score > score.shift(1) + NEAR).fillna(value=False) | (
        score.notna() & score.shift(1).isna() & (rows["rank"] > 1)
    )
    wrong = rows[(is_off | is_out).astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={
            "scored": int(score.notna().sum()),
            "wrong": shown_rows(CASES, wrong[list(CASES)].head(EXAMPLES).to_numpy().tolist()),
        },
    )


@dg.asset_check(asset=KEY, description="Of no component more is shown than a person can weigh at once.")
def components_show_a_few(recommendations: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """The rest stays in the table: nothing is lost, and what is first is read."""
    most = warehouse.settings.max_recommendations_per_component
    shown = recommendations[recommendations["is_shown"].astype(bool)]
    counts = shown.groupby("component").size()
    missing = set(recommendations["component"]) - set(shown["component"])
    crowded = counts[counts > most]
    return dg.AssetCheckResult(
        passed=crowded.empty and not missing,
        metadata={"shown": len(shown), "kept_back": len(recommendations) - len(shown), "crowded": len(crowded)},
    )


@dg.asset_check(asset=KEY, description="The evidence's SQL of every recommendation runs and returns something.")
def evidence_runs(recommendations: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """What cannot be looked at need not be believed."""
    import duckdb

    wrong = []
    with warehouse.get_connection() as con:
        for row in recommendations.to_dict("records"):
            try:
                if con.execute(row["evidence_sql"]).fetchone() is None:
                    wrong.append((row["rank"], row["recommendation_id"], "no row"))
            except duckdb.Error as error:
                wrong.append((row["rank"], row["recommendation_id"], str(error).splitlines()[0]))
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={
            "statements": len(recommendations),
            "wrong": shown_rows(("rank", "recommendation_id", "problem"), wrong[:EXAMPLES]),
        },
    )
