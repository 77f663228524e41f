"""How healthy the system is: the KPIs of the newest day, and the health score of the days before."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer, Row, aged, rows, without_window
from analytics_assets.queries.snapshot import Snapshot, reading

NEWEST = """
    select * from outcomes.system_kpis
    where measured_on = (select max(measured_on) from outcomes.system_kpis)
"""
HISTORY = """
    select measured_on, kpi_group, score
    from outcomes.system_kpis
    where kpi in ('group_score', 'overall_health_score')
    order by measured_on, kpi_group
"""
OVERALL, GROUP_SCORE = "overall", "group_score"


def get_system_kpis(snapshot: Snapshot | None = None) -> Answer:
    """The newest day: ``measured_on``, ``overall``, ``groups``, ``kpis``, and ``history`` of the scores by day.

    ``overall`` is None before the first record. Each is a row of ``outcomes.system_kpis``; what is not known has a
    ``reason``.
    """
    with reading(snapshot) as current:
        newest = [aged(row) for row in rows(current, NEWEST)]
        history = rows(current, HISTORY)
    first: Row = newest[0] if newest else {"measured_on": None, "as_of": None, "is_stale": None}
    told = [{name: value for name, value in row.items() if name != "measured_on"} for row in without_window(newest)]
    return {
        "measured_on": first["measured_on"],
        "overall": next((row for row in told if row["kpi_group"] == OVERALL), None),
        "groups": [row for row in told if row["kpi"] == GROUP_SCORE],
        "kpis": [row for row in told if row["kpi"] != GROUP_SCORE and row["kpi_group"] != OVERALL],
        "history": history,
        "as_of": first["as_of"],
        "is_stale": first["is_stale"],
    }
