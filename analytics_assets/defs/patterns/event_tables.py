"""What the tables of events share: the newest events of the window, the outages among them, and where it ends."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics_assets.mining_thresholds import MINED_EVENTS
from analytics_assets.pattern_thresholds import PATTERN_DAYS
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.event_links import Outage

EVENTS, AS_OF = ["staging", "stg_events"], ["staging", "stg_as_of"]
"""Keys of the assets that these tables read."""
LINK = "concat(source_system, '>', coalesce(target_system, '(none)'))"
NEWEST = f"""
    select
        events.id,
        {LINK} as link,
        concat({LINK}, '/', event_type) as link_type,
        occurred_at,
        processing_duration_ms,
        status,
        correlation_id,
        coalesce(event_data ->> 'pipeline_name', concat({LINK}, '/', event_type)) as deployed_by
    from staging.stg_events as events
    inner join staging.stg_as_of as clock on clock.kind = 'events'
    where
        occurred_at > clock.as_of - interval {PATTERN_DAYS.value:.0f} day
        and occurred_at <= clock.as_of
        and source_system is not null
        and event_type is not null
    order by occurred_at desc, id
    limit {MINED_EVENTS.value:.0f}
"""
END = "select as_of, is_stale from staging.stg_as_of where kind = 'events'"


@dataclass(frozen=True)
class EventWindow:
    """The newest events in order, when links were down, and the values of ``RECORDS_END``."""

    events: list[dict[str, Any]]
    outages: "list[Outage]"
    ends: dict[str, Any]


def event_window(con: "DuckDBPyConnection") -> EventWindow:
    """What impacts and patterns are made of: an outage is the same one in both."""
    from analytics_assets.lib.event_links import outages

    events = newest_events(con)
    return EventWindow(events, outages(events), events_end(con))


def newest_events(con: "DuckDBPyConnection") -> list[dict[str, Any]]:
    """The newest 50,000 events of the window, in order."""
    return records(con, NEWEST)[::-1]


def events_end(con: "DuckDBPyConnection") -> dict[str, Any]:
    """Values of ``RECORDS_END``; before the first event nothing is known, and that is stale."""
    rows = records(con, END)
    return rows[0] if rows else {"as_of": None, "is_stale": True}
