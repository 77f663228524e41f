"""What repeats between systems: flows, events that follow one another, bad links, harmful deployments, outages.

Reads events, their correlations and their impacts; feeds the store of patterns.
"""

import json
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.patterns.event_tables import AS_OF, EVENTS, events_end, newest_events
from analytics_assets.defs.patterns.tables import shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.mining_thresholds import FLOWS_KEPT
from analytics_assets.pattern_store.coverage import note_coverage
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.warehouse.columns import RECORDS_END, Column

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
SHOWN = ("pattern_type", "pattern_name", "confidence_score", "significance_score")


@dg.asset(
    key=KEY,
    deps=[EVENTS, AS_OF],
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
    from analytics_assets.lib.event_links import outages, worse_links
    from analytics_assets.lib.event_pairs import left_out
    from analytics_assets.lib.integration_patterns import flow_patterns, link_patterns, outage_patterns
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        events, ends = newest_events(con), events_end(con)
        types, rare = {event["link_type"] for event in events}, left_out(events)
        note_coverage(
            con,
            ".".join(KEY),
            subjects=len(types),
            examined=len(types) - len(rare),
            as_of=ends["as_of"],
            left_out=rare,
        )
    found: list[Observed] = []
    flown = flows(events, ends["as_of"])
    if events:
        found += flow_patterns(flown, ends["as_of"])
        found += link_patterns(worse_links(events, ends["as_of"]), ends["as_of"])
        found += outage_patterns(outages(events), ends["as_of"])
        found += _of_tables(event_correlations, event_impact_analysis, events, ends)
    frame = frame_of(PATTERNS, [pattern.row | ends for pattern in found])
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "events": len(events),
            "types_left_out": len(rare),
            "flows_left_out": max(0, len(flown) - int(FLOWS_KEPT.value)),
            "patterns": shown(frame, SHOWN),
        },
    )


def _of_tables(pairs: Frame, impacts: Frame, events: list[dict[str, Any]], ends: dict[str, Any]) -> "list[Observed]":
    """Patterns of the tables before this one."""
    from analytics_assets.lib.integration_patterns import deployment_patterns, pair_patterns
    from analytics_assets.lib.issue_values import plain_rows

    seen = {event["id"]: event for event in events}
    told = [
        row | {"primary_occurred_at": seen.get(row["primary_event_id"], {}).get("occurred_at")}
        for row in plain_rows(pairs)
    ]
    deployed = [
        row | {"deployed_by": seen.get(row["event_id"], {}).get("deployed_by") or "deployments"}
        for row in plain_rows(impacts)
    ]
    return pair_patterns(told, ends["as_of"]) + deployment_patterns(deployed, ends["as_of"])


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
