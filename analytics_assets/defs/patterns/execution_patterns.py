"""What holds of pipelines now: bottlenecks, flaky and failing steps, changed durations, queues and work done again?

Reads ``bottlenecks`` and 28 days of executions; feeds the store of patterns.
"""

import dagster as dg

from analytics_assets.defs.patterns.pipeline_records import READ, open_window, pipelines
from analytics_assets.defs.patterns.tables import shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.warehouse.columns import RECORDS_END, Column

EVIDENCE = {"bottlenecks": dg.AssetIn(key=["patterns", "bottlenecks"])}
KEY = ["patterns", "execution_patterns"]
COLUMNS = (
    *OBSERVED,
    Column("pipeline_name", "VARCHAR", "Which pipeline.", required=True),
    Column("pattern_description", "VARCHAR", "The statement in a sentence.", required=True),
    Column("pattern_data", "VARCHAR", "The figures it rests on, as a JSON object.", required=True),
    Column("frequency_score", "DOUBLE", "In what share of executions it shows, 0 to 1.", required=True),
    Column("impact_score", "DOUBLE", "What share of the pipeline's time or failures it is, 0 to 1.", required=True),
    *RECORDS_END,
)
SHOWN = ("pattern_type", "pattern_name", "confidence_score", "impact_score")


@dg.asset(
    key=KEY,
    deps=READ,
    ins=EVIDENCE,
    kinds={"python", "numpy"},
    pool="warehouse",
    tags={"module": "M2"},
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def execution_patterns(bottlenecks: Frame, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What holds of pipelines and their steps now. One row per pattern type and subject."""
    from analytics_assets.lib.execution_patterns import of_steps
    from analytics_assets.lib.pipeline_waste import flaky_as_a_whole, of_pipeline
    from analytics_assets.lib.plain_rows import plain_rows
    from analytics_assets.pattern_store.coverage import note_coverage
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        window = open_window(con)
        found = []
        if window.as_of is not None:
            found = of_steps(plain_rows(bottlenecks), window.as_of)
            has_flaky_step = {one.more["pipeline_name"] for one in found if one.pattern_type == "flaky_step"}
            for pipeline in pipelines(con, window):
                found += of_pipeline(pipeline, window.as_of)
                if pipeline.name not in has_flaky_step:
                    found += flaky_as_a_whole(pipeline, window.as_of)
        note_coverage(
            con,
            ".".join(KEY),
            subjects=len(window.names),
            # One that hardly ran was looked at; what was said of it before is held, and does not hold up the others.
            examined=len(window.examined),
            left_out=window.left_out,
            as_of=window.as_of,
        )
    rows = sorted(
        (one.row for one in found), key=lambda row: (-row["impact_score"], row["pattern_type"], row["subject"])
    )
    frame = frame_of(COLUMNS, [row | window.ends for row in rows])
    return dg.MaterializeResult(
        value=frame,
        metadata={"pipelines": len(window.names), "judged": len(window.judged), "patterns": shown(frame, SHOWN)},
    )


@dg.asset_check(asset=KEY, description="No pattern stands twice.", blocking=True)
def execution_patterns_are_unique(execution_patterns: Frame) -> dg.AssetCheckResult:
    """The store knows a pattern by its id: two would be told as one that changes its mind."""
    twice = execution_patterns[execution_patterns["id"].duplicated()]
    return dg.AssetCheckResult(passed=twice.empty, metadata={"twice": shown(twice, SHOWN)})


@dg.asset_check(
    asset=KEY, additional_ins=EVIDENCE, description="Every pattern of a step is one that its row of bottlenecks states."
)
def patterns_have_their_evidence(execution_patterns: Frame, bottlenecks: Frame) -> dg.AssetCheckResult:
    """A pattern that its evidence does not carry would be acted upon."""
    import pandas as pd

    stated = {
        "bottleneck_step": "is_bottleneck",
        "flaky_step": "is_flaky",
        "failing_step": "is_failing",
        "step_slowdown": "is_changed",
        "step_speedup": "is_changed",
    }
    steps = list(zip(bottlenecks["pipeline_name"], bottlenecks["step_name"], strict=True))
    evidence = {
        flag: {step for step, holds in zip(steps, bottlenecks[flag].fillna(value=False), strict=True) if holds}
        for flag in set(stated.values())
    }
    told = execution_patterns[["pattern_type", "pipeline_name", "location"]].itertuples(index=False)
    is_wrong = [kind in stated and (name, step) not in evidence[stated[kind]] for kind, name, step in told]
    wrong = execution_patterns[pd.Series(is_wrong, index=execution_patterns.index, dtype=bool)]
    return dg.AssetCheckResult(passed=wrong.empty, metadata={"wrong": shown(wrong, SHOWN)})
