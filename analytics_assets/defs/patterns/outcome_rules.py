"""Under which conditions do runs, tasks and procedures fail, or succeed, more often than otherwise?

Reads the judged runs with their tasks, calls of procedures, and attempts at tasks; feeds ``task_patterns``.
"""

import json
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.patterns.mined import (
    AS_OF,
    ATTEMPTS,
    CALLS,
    LAST_OBSERVED,
    POPULATIONS,
    RUN_TASKS,
    RUNS,
    SAMPLE_IDS,
    TASKS,
    ends,
)
from analytics_assets.defs.patterns.tables import TESTED, none_wrong, p_values_verdict, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import RECORDS_END, Column
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEY = ["patterns", "outcome_rules"]
READ = [RUNS, RUN_TASKS, CALLS, ATTEMPTS, TASKS, AS_OF]
RULES = (
    Column("population", "VARCHAR", "runs, run_tasks, procedure_calls, task_executions or experiments.", required=True),
    Column("antecedent", "VARCHAR", "Conditions, as a JSON list of field=value.", required=True),
    Column("context", "VARCHAR", "All of them but the one that is compared, as a JSON list.", required=True),
    Column("outcome", "VARCHAR", "failed, success, a reason, or several_attempts.", required=True),
    Column("transactions", "BIGINT", "Transactions of the population.", required=True),
    Column("antecedent_count", "BIGINT", "Of these, those with the antecedent: 10 or more.", required=True),
    Column("outcome_count", "BIGINT", "Of these, those with the outcome.", required=True),
    Column("both_count", "BIGINT", "Of these, those with both: 5 or more.", required=True),
    Column("others_count", "BIGINT", "Transactions with the context only: what it is compared with.", required=True),
    Column("others_outcome_count", "BIGINT", "Of these, those with the outcome.", required=True),
    Column("support", "DOUBLE", "both_count / transactions, 0 to 1.", required=True),
    Column("confidence", "DOUBLE", "both_count / antecedent_count, 0 to 1.", required=True),
    Column("lift", "DOUBLE", "Confidence, by the share of the outcome in all transactions.", required=True),
    Column("rate_others", "DOUBLE", "others_outcome_count / others_count, 0 to 1.", required=True),
    Column("risk_difference", "DOUBLE", "confidence - rate_others, 0 to 1.", required=True),
    *TESTED,
    SAMPLE_IDS,
    LAST_OBSERVED,
    *RECORDS_END,
)
SHOWN = ("population", "antecedent", "outcome", "both_count", "antecedent_count", "rate_others", "p_adjusted")
COUNTS = ("transactions", "antecedent_count", "outcome_count", "both_count", "others_count", "others_outcome_count")
RECOUNTED = 20


@dg.asset(
    key=KEY,
    deps=READ,
    kinds={"python", "mlxtend"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(RULES)},
)
def outcome_rules(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """When things fail or succeed more often than otherwise. One row per population, antecedent and outcome.

    Significant ones are the simplest that say it; the surest conditions that are not significant stand below them.
    """
    from analytics_assets.lib.outcome_rules import experiment_rules
    from analytics_assets.lib.outcome_rules import outcome_rules as mine
    from analytics_assets.lib.transactions import Transactions
    from analytics_assets.warehouse.frames import frame_of

    rows: list[dict[str, Any]] = []
    sizes: dict[str, int] = {}
    left_out: dict[str, int] = {}
    with warehouse.get_connection() as con:
        for name, population in POPULATIONS.items():
            found = records(con, population.statement)
            transactions = Transactions.of_rows(name, found, population.fields)
            sizes[name], left_out[name] = len(transactions), transactions.left_out
            rules = experiment_rules(transactions) if name == "experiments" else mine(transactions)
            rows += [rule | ends(con, population.kind) for rule in rules]
    frame = frame_of(RULES, rows)
    significant = frame[frame["is_significant"].fillna(value=False).astype(bool)]
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "transactions": sizes,
            "items left out": left_out,
            "significant": shown(significant, SHOWN),
            **drawn("patterns.outcome_rules", frame),
        },
    )


@dg.asset_check(asset=KEY, additional_deps=READ, description="The counts of rules recount.")
def outcome_rules_recount(outcome_rules: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """The twenty surest rules are counted again by the database; another count is a fault of one of the two."""
    import pandas as pd

    surest = outcome_rules.sort_values("p_value").head(RECOUNTED)
    with warehouse.get_connection() as con:
        is_wrong = [[int(row[name]) for name in COUNTS] != _recounted(con, row) for row in surest.to_dict("records")]
    wrong = surest[pd.Series(is_wrong, index=surest.index, dtype=bool)]
    return none_wrong("recounted", surest, wrong, ("population", "antecedent", "outcome", *COUNTS))


def _recounted(con: "DuckDBPyConnection", row: dict[Any, Any]) -> list[int]:
    outcome, parameters = str(row["outcome"]), {"outcome": row["outcome"]}
    has_outcome = {"failed": "is_failed", "success": "not is_failed"}.get(
        outcome, "coalesce(list_contains(reasons, $outcome), false)"
    )
    if "$outcome" not in has_outcome:
        parameters = {}
    conditions = {"antecedent": ["true"], "context": ["true"]}
    for side, holds in conditions.items():
        for number, item in enumerate(json.loads(row[side])):
            field, _, value = item.partition("=")
            parameters[f"{side}_{number}"] = value
            holds.append(f"coalesce(list_contains({_as_list(field)}, ${side}_{number}), false)")
    both, context = (" and ".join(holds) for holds in conditions.values())
    counts = con.execute(
        f"""
        select
            count(*),
            count(*) filter (where {both}),
            count(*) filter (where {has_outcome}),
            count(*) filter (where {both} and {has_outcome}),
            count(*) filter (where {context} and not ({both})),
            count(*) filter (where {context} and not ({both}) and {has_outcome})
        from ({POPULATIONS[str(row["population"])].statement})
        """,
        parameters,
    ).fetchone()
    assert counts is not None, "counts are one row"
    return [int(count) for count in counts]


def _as_list(field: str) -> str:
    """A field as a list of its values: tags are one already."""
    return field if field == "tags" else f"[{field}]"


@dg.asset_check(asset=KEY, description="P-values are shares, and adjusting makes none smaller.")
def outcome_p_values_are_sound(outcome_rules: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(outcome_rules)
