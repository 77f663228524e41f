"""Which signal moves first, and which one follows hours later?

Reads hourly signals; feeds the patterns of metrics and of integrations.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.patterns.tables import REASON, TESTED, none_wrong, p_values_verdict, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.mining_thresholds import LEAD_GRANGER, LEAD_LAG, LEAD_SIGNALS, LEADS_KEPT
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import RECORDS_END, Column
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.leads import Lead
    from analytics_assets.lib.signal_grid import Grid

KEY = ["patterns", "signal_leads"]
SIGNALS = ["summaries", "hourly_signals"]
LEADS = (
    Column("leader", "VARCHAR", "Signal that is earlier; where both move together, the first by name.", required=True),
    Column("follower", "VARCHAR", "Signal that follows.", required=True),
    Column("lag_hours", "BIGINT", "Hours by which it follows, 0 to 24; 0 is together.", required=True),
    Column("n", "BIGINT", "Hours in which both are known, at that lag.", required=True),
    Column("correlation", "DOUBLE", "Pearson's at that lag, -1 to 1: without the season, odd hours clipped."),
    Column(
        "p_value",
        "DOUBLE",
        "Normal tail of the whitened correlation over its spread where the two are shifted by more than a day, or "
        "Student's t over days if that is larger; times 49 lags (Sidak). Counted shifts are too few for such tails.",
    ),
    *TESTED[1:],
    Column(
        "granger_p",
        "DOUBLE",
        "P-value of the leader's past in a regression of the follower; NULL where not asked: the 50 surest are.",
    ),
    Column("direction", "VARCHAR", "leads or together.", required=True),
    Column("correlations", "VARCHAR", "Correlation at lags of -24 to 24 hours, JSON, of the 50 surest; else NULL."),
    REASON,
    *RECORDS_END,
)
# The hour that is not over has part of its records.
CHOSEN = f"""
    select signal
    from summaries.hourly_signals
    where value is not null and is_complete
    group by signal
    having min(value) < max(value)
    order by count(*) filter (where samples > 0) desc, signal
    limit {LEAD_SIGNALS.value:.0f}
"""
HOURS = f"""
    select signal, hour, value
    from summaries.hourly_signals
    where is_complete and value is not null and signal in ({CHOSEN})
"""
# Two figures of one tool are made of the same calls; two metrics of one component are measured each for itself.
SUBJECTS = f"""
    select distinct
        signal,
        case when component_kind = 'metric' then null else component_kind || '/' || component end as made_of
    from summaries.hourly_signals
    where signal in ({CHOSEN})
"""
END = "select max(as_of) as as_of, coalesce(bool_and(is_stale), true) as is_stale from summaries.hourly_signals"
SHOWN = ("leader", "follower", "lag_hours", "n", "correlation", "p_adjusted", "granger_p")


@dg.asset(
    key=KEY,
    deps=[SIGNALS],
    kinds={"python", "scipy"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(LEADS)},
)
def signal_leads(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Which signal moves first, and by how many hours? One row per pair of signals that was compared, the surest 500.

    P-values count that all signals share a season and remember, and that the best of 49 lags was chosen; they are
    adjusted among all pairs, also those that are left out here. What leads need not be the cause.
    """
    from analytics_assets.lib.leads import comparable, leads
    from analytics_assets.lib.signal_grid import grid_of
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        grid = grid_of(con.execute(HOURS).fetchall())
        subjects = dict(con.execute(SUBJECTS).fetchall())
        ends = _end(con)
    usable = grid.rows(comparable(grid))
    found = leads(usable, [subjects[name] for name in usable.names])
    frame = frame_of(LEADS, [row | ends for row in _rows(found, usable)])
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "signals": len(usable.names),
            "signals_not_comparable": len(grid.names) - len(usable.names),
            "pairs_compared": len(found),
            "pairs_left_out": len(found) - len(frame),
            "leads": shown(frame, SHOWN),
            **drawn(".".join(KEY), frame),
        },
    )


def _rows(found: "list[Lead]", grid: "Grid") -> list[dict[str, Any]]:
    """The surest pairs, those with a second opinion first in it."""
    import json
    from dataclasses import asdict

    from analytics_assets.lib.granger import granger_p
    from analytics_assets.lib.leads import correlations_at, plain
    from analytics_assets.lib.significance import with_adjusted

    # Adjusted among all of them, before any is left out.
    rows = with_adjusted([asdict(lead) for lead in found], [lead.p_value for lead in found])[: int(LEADS_KEPT.value)]
    left = dict(zip(grid.names, plain(grid), strict=True))
    most = int(LEAD_LAG.value)
    for place, row in enumerate(rows):
        row["direction"] = "leads" if row["lag_hours"] else "together"
        row["reason"] = None
        if place >= LEAD_GRANGER.value:
            continue
        leader, follower = left[row["leader"]], left[row["follower"]]
        by_lag = correlations_at(leader, follower, range(-most, most + 1))
        row["correlations"] = json.dumps([round(r, 4) if r == r else None for r in by_lag])  # noqa: PLR0124 - NaN
        if row["lag_hours"]:
            row["granger_p"] = granger_p(leader, follower, row["lag_hours"])
    return rows


def _end(con: "DuckDBPyConnection") -> dict[str, Any]:
    return records(con, END)[0]


@dg.asset_check(asset=KEY, description="P-values are shares, and adjusting makes none smaller.")
def lead_p_values_are_shares(signal_leads: Frame) -> dg.AssetCheckResult:
    """What is called a lead rests on them."""
    return p_values_verdict(signal_leads)


@dg.asset_check(asset=KEY, description="Each pair is compared once, and no signal with itself.")
def each_pair_is_compared_once(signal_leads: Frame) -> dg.AssetCheckResult:
    """A pair that stood there in both directions would lead itself, and count twice among all that were asked."""
    pairs = [frozenset(pair) for pair in zip(signal_leads["leader"], signal_leads["follower"], strict=True)]
    is_wrong = [len(pair) == 1 or pairs.count(pair) > 1 for pair in pairs]
    wrong = signal_leads[is_wrong] if pairs else signal_leads
    return none_wrong("pairs", pairs, wrong, SHOWN)
