"""What repeats, since when, and does it still hold? What of it could not be looked at?

Reads what all detectors state and people's decisions; feeds classes, relations and history of patterns, and what is
recommended.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.patterns.tables import none_wrong, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pattern_store.tables import COVERAGE, PATTERNS
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import is_old

if TYPE_CHECKING:
    from datetime import datetime

    from analytics_assets.pattern_store.looks import Look, Row

COVERAGE_KEY = ["patterns", "detector_coverage"]
KEY = ["patterns", "detected_patterns"]
DECISIONS = ["staging", "stg_decisions"]
SOURCES = [
    ["patterns", "metric_patterns"],
    ["patterns", "performance_patterns"],
    ["patterns", "task_patterns"],
    ["patterns", "execution_patterns"],
    ["patterns", "integration_patterns"],
    ["patterns", "association_rules"],
    ["patterns", "issue_anomalies"],
    ["patterns", "recurrence_tests"],
    ["patterns", "bottlenecks"],
    ["kpis", "weekly_health"],
]
SHOWN = ("pattern_type", "subject", "pattern_name", "confidence_score", "significance_score", "state")
LEFT_OUT_SHOWN = 1_000
"""Names in the table, for people; the note has all of them."""
SHOWN_COVERAGE = ("source", "subjects", "examined", "is_enough", "stated_patterns", "held_patterns", "reason")


@dg.asset(
    key=COVERAGE_KEY,
    deps=SOURCES,
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COVERAGE)},
)
def detector_coverage(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """At how much each source of patterns could look, and so whether its silence ends anything. One row per source."""
    from analytics_assets.pattern_store.sources import observe, sources_of
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        observations, earlier = observe(con), earlier_rows(con, *KEY)
    stated, said = sources_of(observations.statements), {one.said["id"] for one in observations.statements}
    ends = window_end(observations.as_of)
    rows = [
        _coverage(look, [row for row in earlier if row["source"] == source and row["id"] not in said])
        | {"stated_patterns": stated.get(source, 0)}
        | ends
        for source, look in sorted(observations.looks.items())
    ]
    frame = frame_of(COVERAGE, rows)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "sources": shown(frame, SHOWN_COVERAGE),
            "unreadable": shown_rows(("row",), [(line,) for line in observations.unreadable[:EXAMPLES]]),
        },
    )


def window_end(as_of: "datetime | None") -> dict[str, Any]:
    """The values of ``RECORDS_END``; before the first record nothing is known, and that is stale."""
    return {"as_of": as_of, "is_stale": as_of is None or is_old(as_of)}


def _coverage(look: "Look", silent: "list[Row]") -> dict[str, Any]:
    import json

    held = [row for row in silent if row["resolved_at"] is None and look.held_because(row) is not None]
    return {
        "source": look.source,
        "subjects": look.subjects if look.did_run else None,
        "examined": look.examined if look.did_run else None,
        "coverage": look.coverage,
        "is_enough": look.is_enough,
        "left_out_subjects": len(look.left_out),
        "left_out": json.dumps(list(look.left_out[:LEFT_OUT_SHOWN])),
        "looked_at_as_of": look.as_of,
        "held_patterns": len(held),
        # A source that never ran and stated nothing is missed by nobody.
        "reason": look.reason,
    }


@dg.asset_check(asset=COVERAGE_KEY, description="Every source that ran could look at 90 % of its subjects or more.")
def sources_could_look(detector_coverage: Frame) -> dg.AssetCheckResult:
    """What nobody looked at is not over: patterns of a source that could not look are held until it can again.

    What lies beyond a stated bound, as the 500 signals with the most hours, is left out by name and is no failure.
    """
    failed = detector_coverage["is_enough"].eq(other=False).fillna(value=False)
    is_missed = detector_coverage["is_enough"].isna() & (detector_coverage["held_patterns"] > 0)
    wrong = detector_coverage[(failed | is_missed).astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"sources": len(detector_coverage), "could_not_look": shown(wrong, SHOWN_COVERAGE)},
    )


@dg.asset(
    key=KEY,
    deps=[COVERAGE_KEY, *SOURCES, DECISIONS],
    kinds={"python", "duckdb"},
    pool="warehouse",
    tags={"module": "M6"},
    metadata={"dagster/column_schema": column_schema(PATTERNS)},
)
def detected_patterns(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Every pattern that holds, is held, or ended in the last 90 days; decided ones stay. One row per pattern."""
    from analytics_assets.pattern_store.sources import observe
    from analytics_assets.pattern_store.store import advance
    from analytics_assets.pattern_store.verdicts import read_verdicts
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        observations, earlier, verdicts = observe(con), earlier_rows(con, *KEY), read_verdicts(con)
    rows = advance(earlier, observations.statements, observations.looks, verdicts, as_of=observations.as_of)
    context.log.info("%d patterns, %d of them stated now", len(rows), len(observations.statements))
    frame = frame_of(PATTERNS, rows)
    sure = frame[frame["is_active"].astype(bool)].sort_values(
        ["confidence_score", "significance_score", "id"], ascending=[False, False, True]
    )
    return dg.MaterializeResult(
        value=frame,
        metadata={"active": len(sure), "by_state": _tally(rows), "surest": shown(sure, SHOWN)},
    )


def _tally(rows: "list[Row]") -> dg.MarkdownMetadataValue:
    from collections import Counter

    counted = Counter((row["pattern_type"], row["state"]) for row in rows)
    return shown_rows(("type", "state", "patterns"), [(*key, number) for key, number in sorted(counted.items())])


@dg.asset_check(asset=KEY, description="No pattern stands twice.", blocking=True)
def patterns_are_unique(detected_patterns: Frame) -> dg.AssetCheckResult:
    """A pattern that returns is reopened, not written again."""
    twice = detected_patterns[detected_patterns["id"].duplicated()]
    return dg.AssetCheckResult(
        passed=twice.empty, metadata={"patterns": len(detected_patterns), "twice": shown(twice, SHOWN)}
    )


@dg.asset_check(asset=KEY, additional_deps=[COVERAGE_KEY], description="A source that could not look ended nothing.")
def nothing_ended_unseen(detected_patterns: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """The newest end of a pattern is compared with what its source could look at then."""
    import pandas as pd

    with warehouse.get_connection() as con:
        found = con.execute(
            "select source, looked_at_as_of from patterns.detector_coverage where not coalesce(is_enough, false)"
        ).fetchall()
    blind = set(found)
    ended = detected_patterns[detected_patterns["resolved_at"].notna()]
    is_wrong = [pair in blind for pair in zip(ended["source"], ended["resolved_at"], strict=True)]
    wrong = ended[pd.Series(is_wrong, index=ended.index, dtype=bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty, metadata={"ended": len(ended), "blind_sources": len(blind), "wrong": shown(wrong, SHOWN)}
    )


@dg.asset_check(asset=KEY, description="A pattern is active exactly where it holds and nobody rejected it.")
def states_are_sound(detected_patterns: Frame) -> dg.AssetCheckResult:
    """What is resolved or rejected must not be shown, and what ended must say when and why."""
    holds = detected_patterns["state"].isin(["active", "held"])
    is_told = detected_patterns["resolved_at"].isna() | detected_patterns["resolved_reason"].notna()
    is_ended = (detected_patterns["state"] != "resolved") | detected_patterns["resolved_at"].notna()
    is_right = (detected_patterns["is_active"] == holds) & is_told & is_ended
    wrong = detected_patterns[~is_right.astype(bool)]
    return none_wrong("patterns", detected_patterns, wrong, SHOWN)
