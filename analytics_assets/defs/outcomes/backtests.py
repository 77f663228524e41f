"""What would have been suggested in the weeks before, and what did the runs of the next four weeks say to it?

Reads the judged runs and the spec documents; feeds the calibration and the answers on suggestions.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.suggesting.claim import RUNS
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.sizes import Sizes
    from analytics_assets.suggesting.suggestion import Suggestion

BACKTESTS = (
    Column("cutoff_at", "TIMESTAMP", "The moment of the look back: no later run was known, UTC.", required=True),
    Column("suggestion_id", "VARCHAR", "What would have been suggested then.", required=True),
    Column("rule", "VARCHAR", "Rule that made it.", required=True),
    Column("type", "VARCHAR", "Type of the suggestion.", required=True),
    Column("spec_id", "VARCHAR", "Spec it is about; NULL where it is about a sort of specs."),
    Column("suggested_value", "VARCHAR", "What would have been suggested.", required=True),
    Column("level", "VARCHAR", "HIGH, MED or LOW.", required=True),
    Column("confidence", "DOUBLE", "Confidence that would have been stated, 0 to 1.", required=True),
    Column("current_runs", "BIGINT", "Runs as it was, in the 30 days before.", required=True),
    Column("current_failures", "BIGINT", "Of these, what the claim counts against them.", required=True),
    Column("suggested_runs", "BIGINT", "Runs as suggested, in the 30 days before; NULL where one side is judged."),
    Column("suggested_failures", "BIGINT", "Of these, what the claim counts against them."),
    Column("tested_until", "TIMESTAMP", "End of the days after that were counted, up to 28, UTC.", required=True),
    Column("current_runs_after", "BIGINT", "Runs as it was, in the days after.", required=True),
    Column("current_failures_after", "BIGINT", "Of these, what the claim counts against them.", required=True),
    Column("suggested_runs_after", "BIGINT", "Runs as suggested, in the days after; NULL where one side is judged."),
    Column("suggested_failures_after", "BIGINT", "Of these, what the claim counts against them."),
    Column("is_testable", "BOOLEAN", "Whether 10 runs or more came on each side.", required=True),
    Column(
        "is_counted",
        "BOOLEAN",
        "Whether it counts: no other look at the same claim that counts shares its days.",
        required=True,
    ),
    Column("probability_after", "DOUBLE", "P(the claim is true), by the days after alone; NULL when not testable."),
    Column("held", "BOOLEAN", "Whether that is above one half; NULL when not testable."),
)
SCORES = (
    Column("rule", "VARCHAR", "The rule.", required=True),
    Column("type", "VARCHAR", "Type of what it suggests.", required=True),
    Column("suggested", "BIGINT", "Suggestions that it would have made and that count.", required=True),
    Column("testable", "BIGINT", "Of these, with enough runs in the days after.", required=True),
    Column("held", "BIGINT", "Of these, those that held.", required=True),
    Column("held_share", "DOUBLE", "held / testable, 0 to 1; NULL without one."),
    Column("held_share_low", "DOUBLE", "Lower end of its 95 % Wilson interval."),
    Column("held_share_high", "DOUBLE", "Upper end of its 95 % Wilson interval."),
    Column("mean_confidence", "DOUBLE", "Mean of the confidences that were stated, 0 to 1."),
    Column("brier", "DOUBLE", "Mean squared distance of confidence and outcome: 0 is perfect, 0.25 a thrown coin."),
    Column("is_calibrated", "BOOLEAN", "Whether mean_confidence lies in the interval; NULL below 10 testable."),
    Column("opinion", "VARCHAR", "What to think of the rule, in a sentence.", required=True),
)
HISTORY = f"select min(started_at), max(as_of) from {RUNS}"


@dg.asset(
    key=["outcomes", "suggestion_backtests"],
    deps=[["staging", "stg_judged_runs"], ["staging", "stg_specs"]],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(BACKTESTS)},
)
def suggestion_backtests(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> dg.MaterializeResult[Frame]:
    """What would have been suggested in the last 90 days, and what came. One row per weekly look and suggestion.

    Runs are those of the day, and a spec is what its newest runs of that day were given: documents are today's.
    """
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        rows = replay(con, warehouse.settings.sizes)
    context.log.info("%d suggestions would have been made, %d testable", len(rows), sum(r["is_testable"] for r in rows))
    return dg.MaterializeResult(
        value=frame_of(BACKTESTS, rows),
        metadata={"cutoffs": len({row["cutoff_at"] for row in rows}), "counted": sum(r["is_counted"] for r in rows)},
    )


def replay(con: "DuckDBPyConnection", sizes: "Sizes") -> list[dict[str, Any]]:
    """The rows, by cut-off and id; none where history is shorter than two weeks."""
    from analytics_assets.lib.backtesting import counted, cutoffs
    from analytics_assets.suggesting.engine import propose

    first_run_at, as_of = con.execute(HISTORY).fetchall()[0]
    if first_run_at is None:
        return []
    looks = [
        (suggestion, cutoff_at)
        for cutoff_at in cutoffs(first_run_at, as_of)
        for suggestion in sorted(propose(con, cutoff_at, sizes, with_documents=False), key=lambda s: s.id)
        if suggestion.confidence is not None
    ]
    answers = counted(((suggestion.id, repr(suggestion.claim)), cutoff_at) for suggestion, cutoff_at in looks)
    return [
        _tested(con, suggestion, cutoff_at, as_of) | {"is_counted": is_counted}
        for (suggestion, cutoff_at), is_counted in zip(looks, answers, strict=True)
    ]


def _tested(
    con: "DuckDBPyConnection", suggestion: "Suggestion", cutoff_at: datetime, as_of: datetime
) -> dict[str, Any]:
    from analytics_assets.lib.backtesting import HORIZON
    from analytics_assets.suggesting.claim import count_claim, probability
    from analytics_assets.thresholds import BACKTEST_MIN_RUNS

    claim, before = suggestion.claim, suggestion.counts
    until = min(cutoff_at + HORIZON, as_of)
    after = count_claim(con, claim, cutoff_at, until)
    runs = [side.runs for side in (after.current, after.suggested) if side is not None]
    is_testable = min(runs) >= BACKTEST_MIN_RUNS.value
    came = probability(claim, after) if is_testable else None
    return {
        "cutoff_at": cutoff_at,
        "suggestion_id": suggestion.id,
        "rule": suggestion.finding.rule.name,
        "type": suggestion.finding.rule.type,
        "spec_id": suggestion.finding.subject.spec_id,
        "suggested_value": suggestion.finding.suggested_value,
        "level": suggestion.level.value,
        "confidence": suggestion.confidence,
        "current_runs": before.current.runs,
        "current_failures": before.current.failures,
        "suggested_runs": before.suggested.runs if before.suggested else None,
        "suggested_failures": before.suggested.failures if before.suggested else None,
        "tested_until": until,
        "current_runs_after": after.current.runs,
        "current_failures_after": after.current.failures,
        "suggested_runs_after": after.suggested.runs if after.suggested else None,
        "suggested_failures_after": after.suggested.failures if after.suggested else None,
        "is_testable": is_testable,
        "probability_after": came,
        "held": None if came is None else came > 0.5,  # noqa: PLR2004 - more likely than not
    }


@dg.asset_check(
    asset=["outcomes", "suggestion_backtests"],
    description="A look counts no more runs than its days before and after have.",
)
def looks_stay_in_their_days(suggestion_backtests: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """With one run of the future among those before, a back-test would only show that the future is like itself."""
    from datetime import timedelta

    from analytics_assets.thresholds import PROFILE

    seeing = []
    spans = suggestion_backtests[["cutoff_at", "tested_until"]].drop_duplicates()
    with warehouse.get_connection() as con:
        for cutoff_at, until in spans.itertuples(index=False, name=None):
            looks = suggestion_backtests[suggestion_backtests["cutoff_at"] == cutoff_at]
            before = _runs_between(con, cutoff_at - timedelta(days=PROFILE.value), cutoff_at)
            after = _runs_between(con, cutoff_at, until)
            is_more = (looks["current_runs"] + looks["suggested_runs"].astype("Int64").fillna(0) > before) | (
                looks["current_runs_after"] + looks["suggested_runs_after"].astype("Int64").fillna(0) > after
            )
            seeing += [(str(cutoff_at), key) for key in looks.loc[is_more, "suggestion_id"]]
    return dg.AssetCheckResult(
        passed=not seeing,
        metadata={
            "looks": len(suggestion_backtests),
            "counting_more": shown_rows(("cutoff_at", "suggestion_id"), seeing[:EXAMPLES]),
        },
    )


def _runs_between(con: "DuckDBPyConnection", start: datetime, end: datetime) -> int:
    from analytics_assets.warehouse.connection import count

    return count(con, f"select count(*) from {RUNS} where started_at > ? and started_at <= ?", start, end)


@dg.asset(
    key=["outcomes", "rule_scores"],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(SCORES)},
    ins={"suggestion_backtests": dg.AssetIn(key=["outcomes", "suggestion_backtests"])},
)
def rule_scores(suggestion_backtests: Frame) -> dg.MaterializeResult[Frame]:
    """How far each rule holds what it promises, by the back-test. One row per rule."""
    from analytics_assets.lib.backtesting import rule_scores as scored
    from analytics_assets.suggesting.engine import RULES
    from analytics_assets.warehouse.frames import frame_of

    rows = scored({rule.name: rule.type for rule in RULES}, suggestion_backtests.to_dict("records"))
    frame = frame_of(SCORES, rows)
    shown = shown_rows(("rule", "opinion"), [(row["rule"], row["opinion"]) for row in rows])
    return dg.MaterializeResult(value=frame, metadata={"opinions": shown, **drawn("outcomes.rule_scores", frame)})


@dg.asset_check(asset=["outcomes", "rule_scores"], description="Every rule has its score.")
def every_rule_is_scored(rule_scores: Frame) -> dg.AssetCheckResult:
    """A rule that never suggested anything has a row that says so."""
    from analytics_assets.suggesting.engine import RULES

    missing = sorted({rule.name for rule in RULES} - set(rule_scores["rule"]))
    return dg.AssetCheckResult(passed=not missing, metadata={"rules": len(rule_scores), "missing": missing[:EXAMPLES]})
