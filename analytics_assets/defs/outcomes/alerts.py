"""What is wrong now, how bad is it, who should know, and what to do?

Reads anomalies, patterns, the use of resources, capacity plans and the hours of signals; feeds whoever delivers alerts.
"""

from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.alerting.condition import SEVERITIES
from analytics_assets.alerting.tables import COLUMNS
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analytics_assets.alerting.condition import Row

KEY = ["outcomes", "alerts"]
READ = [
    ["patterns", "anomalies"],
    ["patterns", "level_shifts"],
    ["patterns", "detected_patterns"],
    ["patterns", "detector_coverage"],
    ["patterns", "pattern_classifications"],
    ["patterns", "pattern_relationships"],
    ["patterns", "pattern_evolution"],
    ["profiles", "resource_usage"],
    ["forecasts", "capacity_planning"],
    ["summaries", "hourly_signals"],
    ["staging", "stg_as_of"],
    ["staging", "stg_decisions"],
]
SHOWN = ("severity", "state", "first_seen_at", "title", "description", "group_size", "notify", "id")


@dg.asset(
    key=KEY,
    deps=READ,
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def alerts(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What warns of trouble, in groups of one trouble, and what of it was over in 90 days. One row per alert.

    Plans, changes of levels and patterns of runs are those of the last scheduled run; all else is of this refresh.
    """
    from analytics_assets.alerting.lifecycle import advance
    from analytics_assets.alerting.reading import read
    from analytics_assets.warehouse.columns import is_old
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        earlier = earlier_rows(con, *KEY)
        settings = warehouse.settings
        said = read(con, earlier, settings.alert_thresholds, settings.pattern_signals)
    rows = advance(earlier, said.conditions, said.words, said.facts, is_old=is_old)
    context.log.info("%d alerts, %d conditions stated now", len(rows), len(said.conditions))
    frame = frame_of(COLUMNS, rows)
    told = [row for row in rows if row["notify"] != "none"]
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "to_tell": len(told),
            "left_out": said.left_out,
            "by_state": _tally(rows),
            "alerts": shown_rows(SHOWN, [[row[name] for name in SHOWN] for row in told[:EXAMPLES]]),
            **drawn("outcomes.alerts", frame),
        },
    )


def _tally(rows: "Iterable[Row]") -> dg.MarkdownMetadataValue:
    from collections import Counter

    counted = Counter((row["state"], row["severity"]) for row in rows)
    return shown_rows(("state", "severity", "alerts"), [(*key, number) for key, number in sorted(counted.items())])


@dg.asset_check(asset=KEY, description="No alert stands twice.", blocking=True)
def alerts_are_unique(alerts: Frame) -> dg.AssetCheckResult:
    """A condition that returns within a day opens its old alert: two of one id would be told twice."""
    return _none(alerts, alerts["id"].duplicated(), ("id", "title"))


@dg.asset_check(asset=KEY, description="Of each trouble one alert is told: the most severe of its group.")
def groups_have_one_lead(alerts: Frame) -> dg.AssetCheckResult:
    """With two leads a person is woken twice for one thing, and with none nobody is."""
    live = alerts[alerts["state"].isin(["open", "acknowledged"])]
    level = live["severity"].map(SEVERITIES.index)
    worst = level.groupby(live["group_id"]).transform("max")
    leads = live["is_group_lead"].astype(int).groupby(live["group_id"]).transform("sum")
    is_low = live["is_group_lead"].astype(bool) & (level < worst)
    return _none(live, (leads != 1) | is_low, ("id", "group_id", "severity", "is_group_lead"))


@dg.asset_check(asset=KEY, description="Nobody is told of what is over, suppressed, or a part of another alert.")
def only_open_leads_are_told(alerts: Frame) -> dg.AssetCheckResult:
    """An alarm for what is over already is the one after which nobody looks any more."""
    is_told = alerts["notify"] != "none"
    may_be = alerts["state"].isin(["open", "acknowledged"]) & alerts["is_group_lead"].astype(bool)
    return _none(alerts, is_told & ~may_be, ("id", "state", "is_group_lead", "notify"))


@dg.asset_check(asset=KEY, description="What is over says when and why, and it ended after it was seen.")
def ends_are_told(alerts: Frame) -> dg.AssetCheckResult:
    """An end before the newest hour that shows the trouble would be an end by silence."""
    is_over = alerts["state"] == "resolved"
    has_end = alerts["resolved_at"].notna()
    is_told = alerts["resolved_reason"].notna()
    is_early = has_end & (alerts["resolved_at"] < alerts["last_seen_at"])
    wrong = (is_over != has_end) | (is_over & ~is_told) | is_early
    return _none(alerts, wrong, ("id", "state", "last_seen_at", "resolved_at", "resolved_reason"))


@dg.asset_check(asset=KEY, additional_deps=[["staging", "stg_decisions"]], description="Decisions name alerts.")
def decisions_name_alerts(alerts: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A decision on an alert that there is none of decides nothing: a person believes it did."""
    with warehouse.get_connection() as con:
        named = con.execute(
            "select subject_id from staging.stg_decisions "
            "where subject_type = 'alert' and starts_with(subject_id, 'al-')"
        ).fetchall()
    unknown = sorted({name for (name,) in named} - set(alerts["id"]))
    return dg.AssetCheckResult(
        passed=not unknown,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"decisions": len(named), "unknown": shown_rows(("id",), [(name,) for name in unknown[:EXAMPLES]])},
    )


def _none(judged: Frame, is_wrong: "Series", names: tuple[str, ...]) -> dg.AssetCheckResult:
    wrong = judged[is_wrong.fillna(value=True).astype(bool)]
    rows = wrong[list(names)].head(EXAMPLES).astype(object).to_numpy().tolist()
    return dg.AssetCheckResult(passed=wrong.empty, metadata={"alerts": len(judged), "wrong": shown_rows(names, rows)})


if TYPE_CHECKING:
    from pandas import Series
