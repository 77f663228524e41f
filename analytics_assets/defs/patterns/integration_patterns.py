"""What repeats between systems: flows, events that follow one another, bad links, harmful deployments, outages.

Reads events, their correlations and impacts, and names of signals; feeds the store of patterns.
"""

import json
from itertools import islice
from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.defs.patterns.event_tables import AS_OF, EVENTS, EventWindow, event_window
from analytics_assets.defs.patterns.tables import shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.mining_thresholds import FLOWS_KEPT
from analytics_assets.pattern_store.coverage import LEFT_OUT_NAMED, note_coverage
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.warehouse.columns import RECORDS_END, Column
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from analytics_assets.pattern_store.observed import Observed

KEY = ["patterns", "integration_patterns"]
PATTERNS = (
    *OBSERVED,
    Column("systems_involved", "VARCHAR", "Systems that the events go between, JSON.", required=True),
    Column("pattern_definition", "VARCHAR", "What it consists of, JSON.", required=True),
    Column("frequency_analysis", "VARCHAR", "How often, of how many, JSON.", required=True),
    Column("performance_impact", "VARCHAR", "Durations, failures, effects, JSON.", required=True),
    Column(
        "pattern_stability_score",
        "DOUBLE",
        "How steady it is, 0 to 1: of a flow, the share of weeks that have it.",
        required=True,
    ),
    *RECORDS_END,
)
NAMED = "select distinct signal, component_kind, component, metric_type from summaries.hourly_signals"
SHOWN = ("pattern_type", "pattern_name", "confidence_score", "significance_score")


@dg.asset(
    key=KEY,
    deps=[EVENTS, AS_OF, ["summaries", "hourly_signals"]],
    ins={
        "event_correlations": dg.AssetIn(key=["patterns", "event_correlations"]),
        "event_impact_analysis": dg.AssetIn(key=["patterns", "event_impact_analysis"]),
    },
    kinds={"python", "scipy"},
    pool="warehouse",
    tags={"module": "M5"},
    metadata={"dagster/column_schema": column_schema(PATTERNS)},
)
def integration_patterns(
    warehouse: WarehouseResource, event_correlations: Frame, event_impact_analysis: Frame
) -> dg.MaterializeResult[Frame]:
    """What repeats between systems. One row per pattern: a flow, a pair of events, a bad link, a deployer, an outage.

    Of 28 days, the newest 50,000 events; the 50 most frequent flows.
    """
    from analytics_assets.lib.event_flows import flows
    from analytics_assets.lib.event_links import worse_links
    from analytics_assets.lib.event_pairs import frequent, left_out
    from analytics_assets.lib.integration_patterns import flow_patterns, link_patterns, outage_patterns, pairs_left_out
    from analytics_assets.lib.signals import title_of
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        window, titles = event_window(con), {row["signal"]: title_of(**row) for row in records(con, NAMED)}
        events, as_of = window.events, window.ends["as_of"]
        types, rare = {event["link_type"] for event in events}, left_out(events)
        unseen = islice(pairs_left_out(frequent(events), rare), LEFT_OUT_NAMED + 1)
        note_coverage(
            con,
            ".".join(KEY),
            subjects=len(types),
            examined=len(types),
            as_of=as_of,
            left_out=list(unseen),
        )
    found: list[Observed] = []
    flown = flows(events, as_of)
    if events:
        found += flow_patterns(flown, as_of)
        found += link_patterns(worse_links(events, as_of), as_of)
        found += outage_patterns(window.outages, as_of)
        found += _of_tables(event_correlations, event_impact_analysis, window, titles)
    frame = frame_of(PATTERNS, [pattern.row | window.ends for pattern in found])
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "events": len(events),
            "types_left_out": len(rare),
            "flows_left_out": max(0, len(flown) - int(FLOWS_KEPT.value)),
            "patterns": shown(frame, SHOWN),
        },
    )


def _of_tables(pairs: Frame, impacts: Frame, window: EventWindow, titles: dict[str, str]) -> "list[Observed]":
    """Patterns of the tables before this one."""
    from analytics_assets.lib.integration_patterns import deployment_patterns, pair_patterns
    from analytics_assets.lib.plain_rows import plain_rows

    as_of = window.ends["as_of"]
    seen = {event["id"]: event for event in window.events}
    told = [
        row | {"primary_occurred_at": seen.get(row["primary_event_id"], {}).get("occurred_at")}
        for row in plain_rows(pairs)
    ]
    # Of more than the newest 50,000 events, an older one is not known here.
    deployed = [
        row | {name: seen.get(row["event_id"], {}).get(name) or "deployments" for name in ("deployed_by", "link_type")}
        for row in plain_rows(impacts)
    ]
    return pair_patterns(told, as_of) + deployment_patterns(deployed, titles, as_of)


@dg.asset_check(asset=KEY, description="Each pattern stands there once, and its scores are shares.")
def integration_patterns_are_told_once(integration_patterns: Frame) -> dg.AssetCheckResult:
    """Two rows of one identity would be one pattern with two strengths: the store could not tell which holds."""
    frame = integration_patterns
    scores = frame[["confidence_score", "significance_score", "pattern_stability_score"]].astype("Float64")
    is_wrong = frame["id"].duplicated(keep=False) | ~((scores >= 0) & (scores <= 1)).all(axis=1).astype(bool)
    wrong = frame[is_wrong.astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={
            "patterns": json.dumps(frame["pattern_type"].value_counts().to_dict()),
            "wrong": shown(wrong, SHOWN),
        },
    )
