"""How much less time could each pipeline take, and what is to be done for it?

Reads ``bottlenecks`` and 28 days of executions with the needs that their configuration declares; feeds the
recommendations.
"""

import json
from typing import Any

import dagster as dg

from analytics_assets.defs.patterns.pipeline_records import READ, open_window, pipelines
from analytics_assets.defs.patterns.tables import none_wrong, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["suggestions", "pipeline_optimization_plans"]
COLUMNS = (
    Column("pipeline_name", "VARCHAR", "Key: which pipeline.", required=True),
    Column("current_performance", "VARCHAR", "Of the newest configuration, as a JSON object.", required=True),
    Column("identified_bottlenecks", "VARCHAR", "Steps that are bottlenecks, as a JSON list.", required=True),
    Column("recommendations", "VARCHAR", "What to do, most seconds first, as a JSON list.", required=True),
    Column("time_reduction", "DOUBLE", "Share of current_seconds that is saved, 0 to 0.8; NULL where not simulated."),
    Column("resource_savings", "DOUBLE", "Share of memory and CPU that is saved, 0 to 0.6."),
    Column("is_capped", "BOOLEAN", "Whether more would be saved than those limits say.", required=True),
    Column("confidence_level", "DOUBLE", "How sure that is, 0 to 1; NULL where nothing is recommended."),
    Column("simulated_seconds", "DOUBLE", "Mean time of a successful execution after it, seconds; not capped."),
    Column("current_seconds", "DOUBLE", "Mean time of one now, seconds."),
    Column("schedule", "VARCHAR", "When each step begins and ends, now and after it, as a JSON list.", required=True),
    Column("dependency_source", "VARCHAR", "declared, or none: then no step may run beside another.", required=True),
    Column("evidence_sql", "VARCHAR", "SQL that gives current_seconds again."),
    Column("reason", "VARCHAR", "What could not be planned, and how to change that; NULL where everything was."),
    *RECORDS_END,
)
SHOWN = ("pipeline_name", "current_seconds", "simulated_seconds", "time_reduction", "confidence_level", "reason")


@dg.asset(
    key=KEY,
    deps=READ,
    ins={"bottlenecks": dg.AssetIn(key=["patterns", "bottlenecks"])},
    kinds={"python", "numpy"},
    pool="warehouse",
    tags={"module": "M2"},
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def pipeline_optimization_plans(bottlenecks: Frame, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What to change in each pipeline, and how much time it then takes. One row per pipeline."""
    from analytics_assets.lib.pipeline_advice import plan_of
    from analytics_assets.lib.plain_rows import plain_rows
    from analytics_assets.warehouse.frames import frame_of

    rows = plain_rows(bottlenecks)
    with warehouse.get_connection() as con:
        window = open_window(con)
        plans = [
            plan_of(pipeline, [row for row in rows if row["pipeline_name"] == pipeline.name], window.as_of)
            for pipeline in pipelines(con, window)
            if window.as_of is not None
        ]
    plans.sort(key=lambda plan: (-(plan.get("time_reduction") or 0.0), plan["pipeline_name"]))
    frame = frame_of(COLUMNS, [plan | window.ends for plan in plans])
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "pipelines": len(window.names),
            "planned": int(frame["time_reduction"].notna().sum()),
            "plans": shown(frame, SHOWN),
            **drawn(".".join(KEY), frame),
        },
    )


@dg.asset_check(asset=KEY, additional_deps=READ, description="The evidence's SQL gives current_seconds again.")
def plan_evidence_can_be_reproduced(
    pipeline_optimization_plans: Frame, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Run each statement as a reader would, and compare."""
    import pandas as pd

    planned = pipeline_optimization_plans.dropna(subset=["current_seconds"])
    with warehouse.get_connection() as con:
        again = [con.execute(statement).fetchall() for statement in planned["evidence_sql"]]
    is_wrong = [
        not rows or rows[0][0] is None or abs(rows[0][0] - stated) > 1e-6 * max(1.0, stated)
        for rows, stated in zip(again, planned["current_seconds"], strict=True)
    ]
    wrong = planned[pd.Series(is_wrong, index=planned.index, dtype=bool)]
    return none_wrong("statements", planned, wrong, SHOWN)


@dg.asset_check(asset=KEY, description="No plan parallelizes what is not declared, nor promises more than its limits.")
def plans_keep_to_what_is_known(pipeline_optimization_plans: Frame) -> dg.AssetCheckResult:
    """Steps that ran one after the other may need each other: only a declaration says that they do not."""
    import pandas as pd

    plans = pipeline_optimization_plans
    is_wrong = pd.Series([_is_wrong(row) for row in plans.to_dict("records")], index=plans.index, dtype=bool)
    wrong = plans[is_wrong]
    return dg.AssetCheckResult(passed=wrong.empty, metadata={"wrong": shown(wrong, SHOWN)})


def _is_wrong(plan: dict[Any, Any]) -> bool:
    import pandas as pd

    from analytics_assets.mining_thresholds import PLAN_RESOURCE_CAP, PLAN_TIME_CAP

    kinds = {item["type"] for item in json.loads(str(plan["recommendations"]))}
    limits = {"time_reduction": PLAN_TIME_CAP.value, "resource_savings": PLAN_RESOURCE_CAP.value}
    is_beyond = any(pd.notna(plan[name]) and not 0 <= plan[name] <= most for name, most in limits.items())
    return is_beyond or ("parallelization" in kinds and plan["dependency_source"] != "declared")
