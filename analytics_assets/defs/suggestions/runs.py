"""What to do about runs that fail or cost too much?

Reads the judged runs, the spec documents and people's decisions; feeds the outcomes, the spec documents and proposals.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.lib.verdicts import at_least
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.suggesting.claim import RUNS_END
from analytics_assets.suggesting.table import COLUMNS
from analytics_assets.thresholds import EXAMINED_SPECS, PROFILE
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEY = ["suggestions", "suggestions"]
SHOWN = ("level", "spec_id", "current_value", "suggested_value", "confidence", "reasoning")


@dg.asset(
    key=KEY,
    deps=[
        ["staging", "stg_judged_runs"],
        ["staging", "stg_specs"],
        ["staging", "stg_decisions"],
        ["staging", "stg_as_of"],
    ],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def suggestions(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What 30 days of runs suggest, and what became of earlier suggestions. One row per suggestion ever made."""
    from datetime import UTC, datetime

    from analytics_assets.suggesting.engine import propose
    from analytics_assets.suggesting.lifecycle import advance, read_decisions
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        earlier = earlier_rows(con, *KEY)
        end = con.execute(RUNS_END).fetchone()
        decided = read_decisions(con)
        proposed = propose(con, end[0], warehouse.settings.sizes) if end else []
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = advance(earlier, proposed, decided, as_of=end[0], is_stale=end[1], now=now) if end else earlier
    context.log.info("%d suggestions, %d of them made now", len(rows), len(proposed))
    open_rows = [row for row in rows if row["status"] == "pending"]
    return dg.MaterializeResult(
        value=frame_of(COLUMNS, rows),
        metadata={
            "pending": len(open_rows),
            "by_status": shown_rows(("status", "level", "suggestions"), _tally(rows)),
            "most_certain": shown_rows(
                SHOWN,
                [
                    [row[name] for name in SHOWN]
                    for row in sorted(open_rows, key=lambda row: -row["confidence"])[:EXAMPLES]
                ],
            ),
        },
    )


def _tally(rows: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    from collections import Counter

    counted = Counter((str(row["status"]), str(row["level"])) for row in rows)
    return [(status, level, number) for (status, level), number in sorted(counted.items())]


@dg.asset_check(asset=KEY, description="No suggestion stands twice.", blocking=True)
def suggestions_are_unique(suggestions: Frame) -> dg.AssetCheckResult:
    """A suggestion that returns is reopened, not written again."""
    twice = sorted(suggestions.loc[suggestions["id"].duplicated(), "id"])
    return dg.AssetCheckResult(passed=not twice, metadata={"suggestions": len(suggestions), "twice": twice[:EXAMPLES]})


@dg.asset_check(asset=KEY, description="The evidence's SQL gives the counts of every pending suggestion again.")
def evidence_can_be_reproduced(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Run each statement as a reader would, and compare."""
    with warehouse.get_connection() as con:
        asked = con.execute(
            "select id, evidence_sql, current_runs, current_failures, suggested_runs, suggested_failures "
            "from suggestions.suggestions where status = 'pending' order by id"
        ).fetchall()
        differing = [row[0] for row in asked if _counted(con, row[1]) != (*row[2:4], row[4] or 0, row[5] or 0)]
    return dg.AssetCheckResult(
        passed=not differing, metadata={"statements": len(asked), "differing": differing[:EXAMPLES]}
    )


def _counted(con: "DuckDBPyConnection", statement: str) -> tuple[int, int, int, int]:
    found = con.execute(
        "select side, sum(runs)::bigint, sum(failures)::bigint from (" + statement + ") group by side"
    ).fetchall()
    sides = {side: (runs, failures) for side, runs, failures in found}
    return *sides.get("current", (0, 0)), *sides.get("suggested", (0, 0))


@dg.asset_check(asset=KEY, description="HIGH is said of tried changes only: confidence 0.9 or more, 30 runs or more.")
def high_is_earned(suggestions: Frame) -> dg.AssetCheckResult:
    """What may be acted on at once must not rest on a model or on few runs."""
    from analytics_assets.thresholds import LEVEL_HIGH_CONFIDENCE, LEVEL_HIGH_RUNS

    high = suggestions[suggestions["level"] == "HIGH"]
    is_weak = (
        (high["confidence"] < LEVEL_HIGH_CONFIDENCE.value)
        | (high["data_points"] < LEVEL_HIGH_RUNS.value)
        | (high["basis"] != "measured")
    )
    weak = high.loc[is_weak.astype(bool), ["id", "confidence", "data_points", "basis"]]
    return dg.AssetCheckResult(
        passed=weak.empty,
        metadata={
            "high": len(high),
            "unearned": shown_rows(list(weak.columns), weak.head(EXAMPLES).to_numpy().tolist()),
        },
    )


@dg.asset_check(asset=KEY, description="No size is suggested at which runs of the spec were killed.")
def no_killing_size_is_suggested(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Compare every pending size of memory with the largest one that killed a run in the suggestion's window."""
    from analytics_assets.feedback.targets import stated
    from analytics_assets.lib.sizes import memory_mb

    with warehouse.get_connection() as con:
        sizes = con.execute(
            "select s.id, s.suggested_value, max(r.memory_limit_mb) from suggestions.suggestions as s "
            "inner join staging.stg_judged_runs as r on s.spec_id = r.spec_id and r.is_oom "
            "and r.started_at > s.as_of - to_days(?) and r.started_at <= s.as_of "
            "where s.status = 'pending' and s.target = 'resources.memory' group by all",
            [int(PROFILE.value)],
        ).fetchall()
    killing = [key for key, value, limit in sizes if limit is not None and memory_mb(stated(value)) <= limit]
    return dg.AssetCheckResult(
        passed=not killing, metadata={"sizes_compared": len(sizes), "killing": killing[:EXAMPLES]}
    )


@dg.asset_check(asset=KEY, description="The sizes of nearly all specs could be read.")
def specs_could_be_examined(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Where sizes cannot be read, the absence of a suggestion means nothing."""
    from analytics_assets.suggesting.window import open_window

    with warehouse.get_connection() as con:
        end = con.execute(RUNS_END).fetchone()
        specs = open_window(con, end[0]).specs() if end else []
    unread = [f"{spec.spec_id}: memory {spec.memory}, cpu {spec.cpu}" for spec in specs if not spec.is_readable]
    share = 1 - len(unread) / len(specs) if specs else 1.0
    return at_least(
        share, EXAMINED_SPECS, {"specs": len(specs), "unread": shown_rows(("spec",), [(u,) for u in unread[:EXAMPLES]])}
    )
