"""Which step of a pipeline costs the time, fails, is flaky, or has become slower?

Reads 28 days of pipeline executions; feeds ``execution_patterns`` and the plans for pipelines.
"""

import dagster as dg

from analytics_assets.defs.patterns.pipeline_records import READ, named_steps, open_window, pipelines, versions_of
from analytics_assets.defs.patterns.tables import none_wrong, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pattern_thresholds import PATTERN_DAYS
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["patterns", "bottlenecks"]
COLUMNS = (
    Column("pipeline_name", "VARCHAR", "Which pipeline.", required=True),
    Column("step_name", "VARCHAR", "Which step of it; a later one of the same name is `name #2`.", required=True),
    Column("step_order", "BIGINT", "Its usual position.", required=True),
    Column("pipeline_executions", "BIGINT", "Executions of the pipeline that were looked at.", required=True),
    Column("executions", "BIGINT", "Of these, those in which the step was not skipped.", required=True),
    Column("judged", "BIGINT", "Of these, those in which it succeeded or failed.", required=True),
    Column("failures", "BIGINT", "Of these, those in which it failed for good.", required=True),
    Column("failure_rate", "DOUBLE", "failures / judged, 0 to 1."),
    Column("failure_rate_low", "DOUBLE", "Lower end of its 95 % Wilson interval."),
    Column("failure_rate_high", "DOUBLE", "Upper end of it."),
    Column("last_at", "TIMESTAMP", "Start of the newest execution in which it ran, UTC."),
    Column("last_failure_at", "TIMESTAMP", "Start of the newest one in which it failed, UTC."),
    Column("failing_commits", "BIGINT", "Commits on which it failed.", required=True),
    Column("failing_expected", "DOUBLE", "How many these would be if all steps of the pipeline were alike."),
    Column("failing_p_value", "DOUBLE", "How often chance makes as many, 0 to 1; NULL without another step."),
    Column("failing_p_adjusted", "DOUBLE", "The same among all steps (Benjamini-Hochberg)."),
    Column("is_failing", "BOOLEAN", "Whether failing_p_adjusted is below 0.05."),
    Column("median_seconds", "DOUBLE", "Median duration where it succeeded, seconds."),
    Column("p95_seconds", "DOUBLE", "95th percentile of it."),
    Column("busy_seconds", "DOUBLE", "All of its time, seconds.", required=True),
    Column("time_share", "DOUBLE", "Share of the pipeline's busy time, 0 to 1."),
    Column("critical_share", "DOUBLE", "Share of successful executions in which it lies on the critical path."),
    Column("critical_of", "BIGINT", "Successful executions with the times of all steps.", required=True),
    Column("slack_seconds", "DOUBLE", "How much longer it could take without the execution taking longer, median."),
    Column("is_bottleneck", "BOOLEAN", "Whether it stands out by its time, mostly critical; NULL of under 10."),
    Column("bottleneck_confidence", "DOUBLE", "In how many draws of other days it does, 0 to 1.", required=True),
    Column("wait_seconds", "DOUBLE", "Between the end of what it needs and its start, median seconds."),
    Column("flaky_commits", "BIGINT", "Commits on which it had both outcomes.", required=True),
    Column("retried_commits", "BIGINT", "Commits on which it was judged twice or more.", required=True),
    Column("flaky_rate", "DOUBLE", "flaky_commits / retried_commits, 0 to 1."),
    Column("flaky_rate_low", "DOUBLE", "Lower end of its 95 % Wilson interval."),
    Column("flaky_rate_high", "DOUBLE", "Upper end of it."),
    Column("flaky_expected", "DOUBLE", "What flaky_commits would be if all steps of the pipeline were alike."),
    Column("flaky_failures", "BIGINT", "Failures on commits on which it succeeded too.", required=True),
    Column("flaky_p_value", "DOUBLE", "How often chance makes as many, 0 to 1; NULL of under 5 commits."),
    Column("flaky_p_adjusted", "DOUBLE", "The same among all steps (Benjamini-Hochberg)."),
    Column("is_flaky", "BOOLEAN", "Whether flaky_p_adjusted is below 0.05."),
    Column("change_at", "TIMESTAMP", "First execution with another duration, UTC; NULL where none changed."),
    Column("change_ratio", "DOUBLE", "change_after / change_before; 1.2 or more, or its inverse or less."),
    Column("change_before", "DOUBLE", "Median seconds before."),
    Column("change_after", "DOUBLE", "Median seconds since."),
    Column("n_before", "BIGINT", "Executions before."),
    Column("n_after", "BIGINT", "Executions since."),
    Column("change_p_value", "DOUBLE", "How often chance splits durations as well, 0 to 1; NULL of too few."),
    Column("change_p_adjusted", "DOUBLE", "The same among all steps (Benjamini-Hochberg)."),
    Column("is_changed", "BOOLEAN", "Whether change_p_adjusted is below 0.05, and the change a fifth or more."),
    Column("changed_with_version", "VARCHAR", "Configuration version first seen within a day of it; no proof."),
    Column("cache_hits", "BIGINT", "Executions with a cache hit.", required=True),
    Column("cache_known", "BIGINT", "Executions in which that is known.", required=True),
    Column("cached_median_seconds", "DOUBLE", "Median duration with a cache hit."),
    Column("uncached_median_seconds", "DOUBLE", "Median duration without one."),
    Column("cache_p_value", "DOUBLE", "How often chance sets them as far apart; NULL of under 20 on a side."),
    Column("cache_p_adjusted", "DOUBLE", "The same among all steps (Benjamini-Hochberg)."),
    Column("reason", "VARCHAR", "What could not be told; NULL where everything was."),
    *RECORDS_END,
)
SHOWN = ("pipeline_name", "step_name", "median_seconds", "time_share", "critical_share", "failure_rate", "flaky_rate")
SHARES = (
    *("failure_rate", "time_share", "critical_share", "bottleneck_confidence", "flaky_rate"),
    *("failing_p_adjusted", "flaky_p_adjusted", "change_p_adjusted", "cache_p_adjusted"),
)
# Counted by the database from the entries themselves.
RECOUNT = f"""
    select
        pipelines.pipeline_name,
        steps.step_name,
        count(distinct pipelines.id) filter (steps.status in ('success', 'failed', 'error', 'timeout')) as judged
    from staging.stg_pipelines as pipelines
    inner join ({named_steps()}) as steps on pipelines.id = steps.pipeline_id
    where pipelines.started_at > ?::timestamp - to_days({PATTERN_DAYS.value:.0f}) and pipelines.started_at <= ?
    group by all
"""


@dg.asset(
    key=KEY,
    deps=READ,
    kinds={"python", "scipy"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def bottlenecks(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Time, critical path, failures, flakiness and changes of steps in 28 days. One row per pipeline and step."""
    from analytics_assets.lib.bottlenecks import judged_rows, step_rows
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        window = open_window(con)
        rows = [row for found in pipelines(con, window) for row in step_rows(found, versions_of(con, found.name))]
    ranked = sorted(judged_rows(rows), key=lambda row: (row["pipeline_name"], row["step_order"], row["step_name"]))
    frame = frame_of(COLUMNS, [row | window.ends for row in ranked])
    largest = frame.sort_values("busy_seconds", ascending=False)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "pipelines": len(window.names),
            "examined": len(window.examined),
            "steps": shown(largest, SHOWN),
            **drawn(".".join(KEY), frame),
        },
    )


@dg.asset_check(asset=KEY, description="Shares of time add up to 1 per pipeline, and all shares are 0 to 1.")
def shares_are_shares(bottlenecks: Frame) -> dg.AssetCheckResult:
    """A step that is counted twice, or a duration that is none, would make another step seem small."""
    totals = bottlenecks.groupby("pipeline_name")["time_share"].sum(min_count=1).astype("Float64").dropna()
    off = [str(name) for name, total in totals.items() if abs(total - 1) > 1e-6]  # noqa: PLR2004 - of rounding
    is_wrong = ~bottlenecks[list(SHARES)].astype("Float64").apply(lambda share: share.between(0, 1))
    is_wrong &= bottlenecks[list(SHARES)].notna()
    wrong = bottlenecks[is_wrong.fillna(value=False).any(axis=1).astype(bool)]
    return dg.AssetCheckResult(
        passed=not off and wrong.empty, metadata={"not_adding_up": off[:10], "wrong": shown(wrong, SHOWN)}
    )


@dg.asset_check(asset=KEY, additional_deps=READ, description="How often steps were judged recounts.")
def judged_steps_recount(bottlenecks: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Rates rest on it. Pipelines of more than 1,000 executions are cut to the newest, and not recounted."""
    from analytics_assets.mining_thresholds import PIPELINE_EXECUTIONS

    whole = bottlenecks[bottlenecks["pipeline_executions"] < PIPELINE_EXECUTIONS.value]
    if whole.empty:
        return dg.AssetCheckResult(passed=True, metadata={"recounted": 0})
    with warehouse.get_connection() as con:
        as_of = whole["as_of"].iloc[0].to_pydatetime()
        counted = {(name, step): judged for name, step, judged in con.execute(RECOUNT, [as_of, as_of]).fetchall()}
    keys = zip(whole["pipeline_name"], whole["step_name"], strict=True)
    wrong = whole[[counted.get(key) != judged for key, judged in zip(keys, whole["judged"], strict=True)]]
    return none_wrong("recounted", whole, wrong, (*SHOWN[:2], "judged"))
