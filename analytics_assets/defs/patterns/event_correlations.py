"""Which events belong together, and which one follows another?

Reads events; feeds the patterns of integrations.
"""

import dagster as dg

from analytics_assets.defs.patterns.event_tables import AS_OF, EVENTS, LINK, events_end, newest_events
from analytics_assets.defs.patterns.tables import TESTED, none_wrong, p_values_verdict, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.mining_thresholds import EVENT_PAIRS_KEPT
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["patterns", "event_correlations"]
PAIRS = (
    Column("primary_event_type", "VARCHAR", "The earlier one: source>target/type.", required=True),
    Column("related_event_type", "VARCHAR", "The later one.", required=True),
    Column("primary_event_id", "VARCHAR", "Event of the newest pair.", required=True),
    Column("related_event_id", "VARCHAR", "The other event of that pair.", required=True),
    Column("correlation_type", "VARCHAR", "functional (one flow), causal, or temporal (only follows).", required=True),
    Column(
        "correlation_strength",
        "DOUBLE",
        "Share of the earlier ones with the later one; unless in one flow, beyond chance. 0 to 1.",
        required=True,
    ),
    Column("time_offset", "DOUBLE", "Median time between them, milliseconds.", required=True),
    Column("pairs", "BIGINT", "Pairs seen.", required=True),
    Column("expected_pairs", "DOUBLE", "Pairs as near in time by chance.", required=True),
    TESTED[0],
    Column(
        "p_adjusted",
        "DOUBLE",
        "Benjamini-Hochberg: of functional pairs among those; of others among all pairs of types, also without a row.",
    ),
    TESTED[2],
    Column("confidence_score", "DOUBLE", "1 - p_adjusted.", required=True),
    Column("discovered_at", "TIMESTAMP", "End of the window in which it was found now, UTC.", required=True),
    *RECORDS_END,
)
SHOWN = ("primary_event_type", "related_event_type", "correlation_type", "pairs", "expected_pairs", "p_adjusted")


@dg.asset(
    key=KEY,
    deps=[EVENTS, AS_OF],
    kinds={"python", "scipy"},
    pool="warehouse",
    tags={"module": "M5"},
    metadata={"dagster/column_schema": column_schema(PAIRS)},
)
def event_correlations(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Which types of events belong together? One row per pair of types that was seen together five times or more.

    Of 28 days, the newest 50,000 events and the 30 most frequent types. That one follows another is no proof that it
    is its cause: causal means that order, persistence and the absence of a third one speak for it.
    """
    from analytics_assets.lib.event_pairs import event_pairs, frequent
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        events, ends = newest_events(con), events_end(con)
    found = [row | ends | {"discovered_at": ends["as_of"]} for row in event_pairs(events)]
    frame = frame_of(PAIRS, found[: int(EVENT_PAIRS_KEPT.value)])
    types = {event["link_type"] for event in events}
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "events": len(events),
            "types": len(types),
            "types_left_out": len(types) - len(frequent(events)),
            "pairs_left_out": len(found) - len(frame),
            "pairs": shown(frame, SHOWN),
        },
    )


@dg.asset_check(asset=KEY, description="P-values are shares, and adjusting makes none smaller.")
def event_pair_p_values_are_shares(event_correlations: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(event_correlations)


@dg.asset_check(asset=KEY, additional_deps=[EVENTS], description="The newest pair of each row is there, in its order.")
def newest_pairs_are_in_order(event_correlations: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A reader opens that pair to see what the row means: looked up again by the database, it must be what it says."""
    with warehouse.get_connection() as con:
        con.register("told", event_correlations)
        try:
            wrong = con.execute(f"""
                with events as (
                    select id, concat({LINK}, '/', event_type) as link_type, occurred_at from staging.stg_events
                )
                select told.primary_event_type, told.related_event_type, told.primary_event_id, told.related_event_id
                from told
                left join events as one on told.primary_event_id = one.id
                left join events as two on told.related_event_id = two.id
                where
                    one.link_type is distinct from told.primary_event_type
                    or two.link_type is distinct from told.related_event_type
                    or (told.correlation_type <> 'functional' and two.occurred_at <= one.occurred_at)
            """).df()
        finally:
            con.unregister("told")
    return none_wrong("pairs", event_correlations, wrong, tuple(wrong.columns))
