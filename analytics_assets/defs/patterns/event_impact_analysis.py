"""What did deployments, changes of configuration and outages do to the signals round them?

Reads events, configurations of pipelines, samples of metrics and hourly signals; feeds the patterns of integrations.
"""

import json
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.patterns.event_tables import AS_OF, EVENTS, event_window
from analytics_assets.defs.patterns.tables import REASON, TESTED, p_values_verdict, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.mining_thresholds import (
    IMPACT_EVENTS,
    IMPACT_HOURLY_WINDOW,
    IMPACT_SIGNALS,
    IMPACT_STEP,
    IMPACT_WINDOW,
)
from analytics_assets.pattern_thresholds import PATTERN_DAYS
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import RECORDS_END, Column
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.event_impacts import Effect, Happening
    from analytics_assets.lib.event_links import Outage

KEY = ["patterns", "event_impact_analysis"]
IMPACTS = (
    Column("event_id", "VARCHAR", "Event; configuration:pipeline@version for a new configuration.", required=True),
    Column("event_type", "VARCHAR", "deployment, configuration_change or outage.", required=True),
    Column("occurred_at", "TIMESTAMP", "When it happened, UTC.", required=True),
    Column("impact_type", "VARCHAR", "degradation, improvement, none or unknown.", required=True),
    Column("signal", "VARCHAR", "Signal that was looked at; NULL where there was none to look at."),
    Column("affected_systems", "VARCHAR", "Systems the event names, and the signal's component, JSON.", required=True),
    Column("impact_magnitude", "DOUBLE", "Change in robust standard deviations of the hour."),
    Column("impact_percent", "DOUBLE", "Change in percent of what was usual then; NULL where that is 0."),
    Column("impact_duration", "DOUBLE", "Seconds from the event to the end of the effect, or of what was seen of it."),
    Column("recovery_time", "DOUBLE", "Seconds until the signal was back; NULL while it is not."),
    Column("business_impact_score", "DOUBLE", "0 to 100; NULL where the impact is unknown."),
    *TESTED,
    Column("analyzed_at", "TIMESTAMP", "End of the window that was looked at, UTC."),
    Column("mitigation_suggestions", "VARCHAR", "What can be done, sentences as a JSON list.", required=True),
    REASON,
    *RECORDS_END,
)
DEPLOYMENTS = f"""
    with deployed as (
        select
            events.id,
            events.occurred_at,
            events.source_system,
            events.target_system,
            events.event_data ->> 'pipeline_name' as pipeline_name,
            events.event_data ->> 'component' as component,
            events.event_data ->> 'service' as service,
            events.event_data ->> 'head_sha' as head_sha
        from staging.stg_events as events
        inner join staging.stg_as_of as clock on clock.kind = 'events'
        where
            events.event_type = 'deployment'
            and events.occurred_at > clock.as_of - interval {PATTERN_DAYS.value:.0f} day
            and events.occurred_at <= clock.as_of
    )
    select
        *,
        (
            select arg_max(earlier.head_sha, earlier.occurred_at)
            from deployed as earlier
            where
                earlier.pipeline_name = deployed.pipeline_name
                and earlier.occurred_at < deployed.occurred_at
                and earlier.head_sha <> deployed.head_sha
        ) as earlier_head_sha
    from deployed
    order by occurred_at desc, id
    limit {IMPACT_EVENTS.value:.0f}
"""
# The first configuration that is known of a pipeline changed nothing.
CONFIGURATIONS = f"""
    with changed as (
        select
            pipeline_name,
            configuration_version as version,
            first_seen_at as occurred_at,
            lag(configuration_version) over (
                partition by pipeline_name order by first_seen_at, configuration_version
            ) as earlier_version
        from staging.stg_pipeline_configurations
    )
    select changed.*
    from changed
    inner join staging.stg_as_of as clock on clock.kind = 'pipelines'
    where earlier_version is not null and occurred_at > clock.as_of - interval {PATTERN_DAYS.value:.0f} day
    order by occurred_at desc, pipeline_name, version
    limit {IMPACT_EVENTS.value:.0f}
"""
METRICS = f"""
    with chosen as (
        select signals.signal
        from summaries.hourly_signals as signals
        where signals.component_kind = 'metric' and signals.value is not null
        group by signals.signal
        having min(signals.value) < max(signals.value)
        order by sum(signals.samples) desc, signals.signal
        limit {IMPACT_SIGNALS.value:.0f}
    )
    select
        named.signal,
        time_bucket(interval '{IMPACT_STEP.value:.0f} seconds', samples.collected_at, timestamp '2000-01-03') as step,
        avg(samples.metric_value) as value
    from staging.stg_metrics as samples
    inner join summaries.metric_signals as named
        on
            samples.metric_name = named.metric_name
            and samples.source_system = named.source_system
            and samples.metric_tags is not distinct from named.metric_tags
            and samples.metric_unit is not distinct from named.metric_unit
    where
        named.signal in (select chosen.signal from chosen)
        and samples.collected_at > named.as_of - interval {PATTERN_DAYS.value:.0f} day
        and samples.collected_at <= named.as_of
        and isfinite(samples.metric_value)
    group by named.signal, step
"""
HOURLY = """
    select signal, hour, value
    from summaries.hourly_signals
    where component_kind = 'pipeline' and is_complete and value is not null
"""
KNOWN = "select distinct signal, component_kind, component, worse from summaries.hourly_signals"
TRAFFIC = """
    select hour, sum(value) as traffic
    from summaries.hourly_signals
    where component_kind = 'tool' and metric_type = 'throughput'
    group by hour
"""
READ = (["staging", "stg_metrics"], ["staging", "stg_pipeline_configurations"], ["summaries", "hourly_signals"])
SHOWN = ("event_id", "impact_type", "signal", "impact_magnitude", "impact_percent", "recovery_time", "p_adjusted")


@dg.asset(
    key=KEY,
    deps=[EVENTS, AS_OF, *READ, ["summaries", "metric_signals"]],
    kinds={"python", "scipy"},
    pool="warehouse",
    tags={"module": "M5"},
    metadata={"dagster/column_schema": column_schema(IMPACTS)},
)
def event_impact_analysis(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What an event did to a signal. One row per event and signal that it changed, or the surest one where none is.

    The newest 200 deployments, changes of configuration and outages of 28 days. P-values are adjusted among all
    pairs of an event and a signal, also those without a row. An effect may have another cause at the same time.
    """
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        window = event_window(con)
        happenings = _happenings(con, window.outages)
        rows, asked = _impacts(con, happenings)
    ends = window.ends | {"analyzed_at": window.ends["as_of"]}
    frame = frame_of(IMPACTS, [row | ends for row in rows])
    changed = frame[frame["is_significant"].fillna(value=False).astype(bool)]
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "events": len(happenings),
            "pairs_asked": asked,
            "effects": len(changed),
            "impacts": shown(changed, SHOWN),
            **drawn(".".join(KEY), frame),
        },
    )


def _happenings(con: "DuckDBPyConnection", down: "list[Outage]") -> "list[Happening]":
    """The newest events of the three sorts."""
    from analytics_assets.lib.event_impacts import Happening
    from analytics_assets.lib.impact_scores import CONFIGURATION, DEPLOYMENT, OUTAGE

    found = [
        Happening(
            row["id"],
            DEPLOYMENT,
            row["occurred_at"],
            tuple(
                row[name]
                for name in ("source_system", "target_system", "pipeline_name", "component", "service")
                if row[name]
            ),
            row,
        )
        for row in records(con, DEPLOYMENTS)
    ]
    found += [
        Happening(
            f"configuration:{row['pipeline_name']}@{row['version']}",
            CONFIGURATION,
            row["occurred_at"],
            (row["pipeline_name"],),
            row,
        )
        for row in records(con, CONFIGURATIONS)
    ]
    found += [
        Happening(outage.first_event_id, OUTAGE, outage.starts_at, tuple(outage.link.split(">")), {"link": outage.link})
        for outage in down
    ]
    return sorted(found, key=lambda one: (one.occurred_at, one.id))[-int(IMPACT_EVENTS.value) :]


def _impacts(con: "DuckDBPyConnection", happenings: "list[Happening]") -> tuple[list[dict[str, Any]], int]:
    """Rows of events with the signals they changed, and how many pairs were asked."""
    from analytics_assets.lib.event_impacts import effects
    from analytics_assets.lib.impact_rows import asked_of, rows_of
    from analytics_assets.lib.impact_scores import traffic_shares
    from analytics_assets.lib.signal_grid import HOUR, grid_of

    if not happenings:
        return [], 0
    known = {row["signal"]: row for row in records(con, KNOWN)}
    metrics = grid_of(con.execute(METRICS).fetchall(), int(IMPACT_STEP.value))
    hourly = grid_of(con.execute(HOURLY).fetchall())
    found: list[Effect] = []
    for grid, hours in ((metrics, IMPACT_WINDOW.value), (hourly, IMPACT_HOURLY_WINDOW.value)):
        found += effects(grid, asked_of(happenings, [known[name] for name in grid.names]), hours * HOUR)
    traffic = traffic_shares(dict(con.execute(TRAFFIC).fetchall()))
    return rows_of(happenings, found, known, traffic), len(found)


@dg.asset_check(asset=KEY, description="P-values are shares, and adjusting makes none smaller.")
def impact_p_values_are_shares(event_impact_analysis: Frame) -> dg.AssetCheckResult:
    """What is called an effect rests on them."""
    return p_values_verdict(event_impact_analysis)


@dg.asset_check(asset=KEY, description="What is called worse or better is significant, and lies in its direction.")
def impacts_follow_their_figures(event_impact_analysis: Frame) -> dg.AssetCheckResult:
    """People roll back by the word, not by the p-value: a word that its figures do not bear would cost a release."""
    frame = event_impact_analysis
    is_told = frame["impact_type"].isin(["degradation", "improvement"])
    is_borne = frame["is_significant"].fillna(value=False).astype(bool) & frame["impact_magnitude"].notna()
    score = frame["business_impact_score"].astype("Float64")
    is_wrong = (is_told & ~is_borne) | ~score.between(0, 100).fillna(value=True).astype(bool)
    wrong = frame[is_wrong.astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={"impacts": json.dumps(frame["impact_type"].value_counts().to_dict()), "wrong": shown(wrong, SHOWN)},
    )
