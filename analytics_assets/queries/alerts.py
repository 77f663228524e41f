"""What is wrong now, since when, and what to do about it: alerts in their groups."""

from __future__ import annotations

import json
from collections.abc import Sequence

from analytics_assets.queries.answers import Row, aged, rows
from analytics_assets.queries.errors import QueryError
from analytics_assets.queries.snapshot import Snapshot, reading

LASTING = ("open", "acknowledged")
"""States of what is not over, and not put away."""
ALERTS = """
    with levels as (
        select *, list_position(['low', 'medium', 'high', 'critical'], severity) as level
        from outcomes.alerts
    ),

    chosen as (
        select *
        from levels
        where
            list_contains($states, state)
            and level >= list_position(['low', 'medium', 'high', 'critical'], $severity)
            and ($component is null or list_contains(from_json(affected_components, '["VARCHAR"]'), $component))
    )

    select * exclude (level)
    from chosen
    order by
        -- What lasts before what is over, and a group as bad as its worst.
        list_position(['open', 'acknowledged', 'suppressed', 'resolved'], state) > 2,
        max(level) over (partition by group_id) desc,
        max(last_seen_at) over (partition by group_id) desc,
        group_id,
        is_group_lead desc,
        level desc,
        first_seen_at,
        id
    limit $most
"""
ONE = "select * from outcomes.alerts where starts_with(id, $id) order by id limit 2"
IDS = "select id from outcomes.alerts order by id"
_LISTS = ("affected_components", "recommended_actions")


class UnknownAlertError(QueryError):
    """No alert has the id, or several begin with it."""


def get_alerts(
    snapshot: Snapshot | None = None,
    state: str | Sequence[str] = LASTING,
    severity: str = "low",
    component: str | None = None,
    limit: int | None = None,
) -> list[Row]:
    """Alerts, the worst group first and its lead before its others: rows of ``outcomes.alerts``, lists as lists.

    Args:
        snapshot: a version that is held open.
        state: open, acknowledged, suppressed or resolved, or several of them; by default what is not over.
        severity: at least this: low, medium, high or critical.
        component: one of those that it affects.
        limit: most rows; all by default.
    """
    states = [state] if isinstance(state, str) else list(state)
    asked = {"states": states, "severity": severity, "component": component, "most": limit}
    with reading(snapshot) as current:
        return [_told(row) for row in rows(current, ALERTS, asked)]


def get_alert(alert_id: str, snapshot: Snapshot | None = None) -> Row:
    """One alert, by its id or enough of its beginning.

    Raises:
        UnknownAlertError: none has the id, or several begin with it.
    """
    import difflib

    with reading(snapshot) as current:
        found = rows(current, ONE, {"id": alert_id}) if alert_id else []
        exact = [row for row in found if row["id"] == alert_id]
        if len(found) == 1 or exact:
            return _told((exact or found)[0])
        if found:
            raise UnknownAlertError(f"Several alerts begin with '{alert_id}': give more of the id.")
        close = difflib.get_close_matches(alert_id, [row["id"] for row in rows(current, IDS)], n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "`analytics alerts --all` lists them."
    raise UnknownAlertError(f"There is no alert '{alert_id}': {hint}")


def _told(row: Row) -> Row:
    return aged(row) | {name: json.loads(row[name]) for name in _LISTS}
