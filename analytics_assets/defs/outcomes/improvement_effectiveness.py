"""How good was each applied change all in all, and what does it teach?

Reads what applied suggestions did and the decisions of people; nothing is measured anew here. The published table is
read by whoever decides on the next suggestion.
"""

from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

if TYPE_CHECKING:
    from typing import Any

KEY = ["outcomes", "improvement_effectiveness"]
EFFECTS_KEY = ["outcomes", "recommendation_effectiveness"]
COLUMNS = (
    Column("id", "VARCHAR", "The decision that applied it (outcomes.recommendation_effectiveness).", required=True),
    Column("recommendation_id", "VARCHAR", "The suggestion (suggestions.suggestions).", required=True),
    Column("recommendation_type", "VARCHAR", "Type of the suggestion.", required=True),
    Column("rule", "VARCHAR", "Rule that made it.", required=True),
    Column("spec_id", "VARCHAR", "Spec it is about; NULL where it is about a sort of specs."),
    Column("spec_type", "VARCHAR", "Type of the spec."),
    Column("implementation_status", "VARCHAR", "implemented or rolled_back.", required=True),
    Column("implementation_date", "TIMESTAMP", "When it was applied, UTC.", required=True),
    Column(
        "performance_improvement",
        "DOUBLE",
        "Median duration before less after, as a share of the larger, -1 to 1; NULL: not known, or under 10 runs.",
    ),
    Column("reliability_improvement", "DOUBLE", "Success rate after less before, likewise."),
    Column(
        "efficiency_improvement",
        "DOUBLE",
        "Cost per success before less after, likewise; of a smaller size, what memory and CPU cost a run.",
    ),
    Column(
        "user_satisfaction_improvement",
        "DOUBLE",
        "1: somebody confirmed it after it was applied; -1: it was taken back; NULL: nobody said.",
    ),
    Column("weights", "VARCHAR", "Weights of the four, as a JSON object.", required=True),
    Column("known_weight", "DOUBLE", "Weight of those that are known, 0 to 1.", required=True),
    Column("weighted_improvement", "DOUBLE", "Mean of those that are known by weight, -1 to 1; NULL without one."),
    Column("effectiveness_score", "DOUBLE", "The same, 0 where it is below: 0 to 1."),
    Column("reason", "VARCHAR", "Why an improvement is NULL; NULL where all are known."),
    Column("baseline_metrics", "VARCHAR", "Figures of up to 30 days before it, as a JSON object.", required=True),
    Column("post_metrics", "VARCHAR", "Figures of up to 30 days since it, as a JSON object.", required=True),
    Column("saved_usd", "DOUBLE", "Saved model cost since, US dollars; below 0: it costs more; NULL: not known."),
    Column("roi", "DOUBLE", "saved_usd as a share of what the successes since would have cost before."),
    Column("verdict", "VARCHAR", "worked, no effect, harmed or measuring.", required=True),
    Column("lessons_learned", "VARCHAR", "What it teaches, in sentences.", required=True),
    Column("measured_at", "TIMESTAMP", "Newest run when it was last measured, UTC.", required=True),
    Column("is_final", "BOOLEAN", "Whether its window has been over for a week.", required=True),
    *RECORDS_END,
)
SAID = "select subject_id, decision, decided_at from staging.stg_decisions where subject_type = 'suggestion'"
SHOWN = ("spec_id", "rule", "effectiveness_score", "known_weight", "lessons_learned")


@dg.asset(
    key=KEY,
    deps=[EFFECTS_KEY, ["staging", "stg_decisions"]],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def improvement_effectiveness(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> dg.MaterializeResult[Frame]:
    """How good applied changes were: speed, reliability, cost and what people say. One row per application.

    The thirty days on each side are those of ``recommendation_effectiveness``. What is not known is left out, and
    ``known_weight`` says how much of the whole the score covers.
    """
    from analytics_assets.lib.improvements import Said, improvement_rows
    from analytics_assets.warehouse.connection import records
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        effects = records(con, f"select * from {'.'.join(EFFECTS_KEY)} order by implementation_date, id")
        said = [Said(*row) for row in con.execute(SAID).fetchall()]
    rows = improvement_rows(effects, said)
    scored = [row for row in rows if row["effectiveness_score"] is not None]
    context.log.info("%d applications, %d of them with a score", len(rows), len(scored))
    best = sorted(scored, key=lambda row: row["weighted_improvement"], reverse=True)
    return dg.MaterializeResult(
        value=frame_of(COLUMNS, rows),
        metadata={
            "scored": len(scored),
            "best": shown_rows(SHOWN, [[row[name] for name in SHOWN] for row in best[:EXAMPLES]], numbers=".2f"),
        },
    )


@dg.asset_check(asset=KEY, additional_deps=[EFFECTS_KEY], description="Every application has its row, and only these.")
def every_application_is_weighed(improvement_effectiveness: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """What is left out would be missing from what was learnt: mostly what did harm."""
    with warehouse.get_connection() as con:
        applied = [key for (key,) in con.execute(f"select id from {'.'.join(EFFECTS_KEY)}").fetchall()]
    told = list(improvement_effectiveness["id"])
    wrong = sorted(set(applied) ^ set(told)) + sorted({key for key in told if told.count(key) > 1})
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"applications": len(applied), "wrong": shown_rows(("id",), [(key,) for key in wrong[:EXAMPLES]])},
    )


@dg.asset_check(
    asset=KEY, description="A score is the weighted mean of the improvements that are known, no less than 0."
)
def effectiveness_is_the_mean_of_what_is_known(improvement_effectiveness: Frame) -> dg.AssetCheckResult:
    """Compute it anew: an improvement that is not known and counts as 0 would make every change look weak."""
    import json

    from analytics_assets.kpi_thresholds import SAME_SCORE

    plain = improvement_effectiveness.astype(object).where(improvement_effectiveness.notna(), None)
    wrong: list[list[Any]] = []
    for row in plain.to_dict("records"):
        parts = [(row[f"{name}_improvement"], weight) for name, weight in json.loads(row["weights"]).items()]
        known = [(value, weight) for value, weight in parts if value is not None]
        total = sum(weight for _, weight in known)
        mean = sum(value * weight for value, weight in known) / total if known else None
        score, stated = row["effectiveness_score"], 1 - sum(weight for _, weight in parts)
        is_same = (score is None) if mean is None else score is not None and _near(score, min(1.0, max(0.0, mean)))
        is_bounded = all(-1 <= value <= 1 for value, _ in known)
        if not (is_same and is_bounded and _near(row["known_weight"], total) and abs(stated) <= SAME_SCORE.value):
            wrong.append([row["id"], score, mean, row["known_weight"]])
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={
            "rows": len(plain),
            "wrong": shown_rows(("id", "score", "by its parts", "known_weight"), wrong[:EXAMPLES]),
        },
    )


def _near(one: float, other: float) -> bool:
    from analytics_assets.kpi_thresholds import SAME_SCORE

    return abs(one - other) <= SAME_SCORE.value
