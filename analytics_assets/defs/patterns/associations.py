"""Which root causes cluster together, and does a drop of health tell of more issues weeks later?

Reads the features of issues, their files and weekly health; feeds the answers to the framework's key questions.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.patterns.tables import (
    CLOCK,
    FEATURES,
    FINDINGS,
    ISSUES,
    REASON,
    TESTED,
    clock,
    none_wrong,
    p_values_verdict,
    shown,
)
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.warehouse.columns import WINDOW_END, Column
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RULES_KEY = ["patterns", "association_rules"]
LAGS_KEY = ["patterns", "lag_correlations"]
RULES = (
    Column("antecedent", "VARCHAR", "Root cause that is there.", required=True),
    Column("consequent", "VARCHAR", "Root cause that is then there too.", required=True),
    Column("transactions", "BIGINT", "Transactions with a root cause.", required=True),
    Column("antecedent_count", "BIGINT", "Of these, those with the antecedent.", required=True),
    Column("consequent_count", "BIGINT", "Of these, those with the consequent.", required=True),
    Column("both_count", "BIGINT", "Of these, those with both: 3 or more.", required=True),
    Column("support", "DOUBLE", "both_count / transactions, 0 to 1.", required=True),
    Column("confidence", "DOUBLE", "both_count / antecedent_count, 0 to 1.", required=True),
    Column(
        "lift", "DOUBLE", "Confidence, by the share of the consequent in all transactions; 1 is chance.", required=True
    ),
    *TESTED,
    Column("fisher_p_value", "DOUBLE", "Fisher's, one-sided: too small, as one issue is in many transactions."),
    Column("transaction", "VARCHAR", "sprint and file, or week and file for most issues.", required=True),
    *WINDOW_END,
)
LAGS = (
    Column("lag_weeks", "BIGINT", "Weeks between them, 1 to 8.", required=True),
    Column("leader", "VARCHAR", "What is earlier: health_score of all issues.", required=True),
    Column("follower", "VARCHAR", "What is later: new_issues of the week.", required=True),
    Column("n", "BIGINT", "Pairs of weeks in which both are known.", required=True),
    Column("correlation", "DOUBLE", "Pearson's, -1 to 1: negative where more issues follow a low health."),
    Column("n_effective", "DOUBLE", "Independent weeks that the pairs are worth, as both series remember."),
    *TESTED,
    REASON,
    *WINDOW_END,
)
# A week counts when it is over: half of one has half of its issues.
WEEKS = """
    select week, health_score, new_issues
    from kpis.weekly_health
    where scope = 'overall' and is_finished
    order by week
"""
# Counted by the database, not by the functions that made the rules.
RECOUNT = f"""
    with entries as (
        select distinct
            coalesce(nullif(sprint, ''), strftime(first_seen, '%G-W%V')) as sprint,
            unnest(files_affected) as file,
            root_cause_id as cause
        from ({FINDINGS})
    ),
    causes as (select sprint, file, list(cause) as causes from entries where file <> '' group by all)
    select
        (select count(*) from causes) as transactions,
        (select count(*) from causes where list_contains(causes, $antecedent)) as antecedent_count,
        (select count(*) from causes where list_contains(causes, $consequent)) as consequent_count,
        (select count(*) from causes where list_has_all(causes, [$antecedent, $consequent])) as both_count
"""
RECOUNTED = 20
COUNTS = ("transactions", "antecedent_count", "consequent_count", "both_count")
SHOWN_RULES = ("antecedent", "consequent", "both_count", "antecedent_count", "confidence", "lift", "p_adjusted")
SHOWN_LAGS = ("lag_weeks", "n", "n_effective", "correlation", "p_adjusted", "reason")


@dg.asset(
    key=RULES_KEY,
    deps=[FEATURES, ISSUES, CLOCK],
    kinds={"python", "mlxtend"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(RULES)},
)
def association_rules(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Which root causes are found together in files of one sprint. One row per antecedent and consequent.

    Whether it is chance is told by permutations that keep the files of each issue, as transactions share issues.
    """
    from analytics_assets.lib.associations import Baskets
    from analytics_assets.lib.associations import association_rules as seek
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        findings, ends = records(con, FINDINGS), clock(con)
    baskets = Baskets.of_rows(findings)
    frame = frame_of(RULES, [row | ends for row in seek(baskets)])
    return dg.MaterializeResult(
        value=frame, metadata={"transactions": baskets.size, "rules": shown(frame, SHOWN_RULES)}
    )


@dg.asset_check(asset=RULES_KEY, additional_deps=[FEATURES, ISSUES], description="The counts of rules recount.")
def rules_recount(association_rules: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """The twenty surest rules are counted again by the database; another count is a fault of one of the two."""
    import pandas as pd

    rules = association_rules.head(RECOUNTED)
    with warehouse.get_connection() as con:
        is_wrong = [[row[name] for name in COUNTS] != _recounted(con, row) for row in rules.to_dict("records")]
    wrong = rules[pd.Series(is_wrong, index=rules.index, dtype=bool)]
    return none_wrong("recounted", rules, wrong, ("antecedent", "consequent", *COUNTS))


def _recounted(con: "DuckDBPyConnection", row: dict[Any, Any]) -> list[int]:
    counts = con.execute(RECOUNT, {name: row[name] for name in ("antecedent", "consequent")}).fetchone()
    assert counts is not None, "counts are one row"
    return list(counts)


@dg.asset_check(asset=RULES_KEY, description="P-values are shares, and adjusting makes none smaller.")
def rule_p_values_are_sound(association_rules: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(association_rules)


@dg.asset(
    key=LAGS_KEY,
    deps=[["kpis", "weekly_health"], CLOCK],
    kinds={"python", "scipy"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(LAGS)},
)
def lag_correlations(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Does a week's health tell how many issues come weeks later? One row per lag of 1 to 8 weeks.

    P-values allow for the memory of both series. A correlation in time is no proof of a cause.
    """
    from analytics_assets.lib.lags import lag_correlations as correlate
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        weeks, ends = con.execute(WEEKS).df(), clock(con)
    frame = frame_of(LAGS, [row | ends for row in correlate(weeks)])
    return dg.MaterializeResult(value=frame, metadata={"weeks": len(weeks), "lags": shown(frame, SHOWN_LAGS)})


@dg.asset_check(asset=LAGS_KEY, description="Each lag of 1 to 8 weeks has a correlation or a reason.")
def every_lag_is_answered(lag_correlations: Frame) -> dg.AssetCheckResult:
    """A lag that is left out would look as if nothing followed."""
    is_told = lag_correlations["correlation"].isna() == lag_correlations["reason"].notna()
    wrong = lag_correlations[~is_told.astype(bool)]
    lags = [int(lag) for lag in lag_correlations["lag_weeks"]]
    return dg.AssetCheckResult(
        passed=wrong.empty and lags == list(range(1, 9)), metadata={"lags": lags, "wrong": shown(wrong, SHOWN_LAGS)}
    )


@dg.asset_check(asset=LAGS_KEY, description="P-values are shares, and adjusting makes none smaller.")
def lag_p_values_are_sound(lag_correlations: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(lag_correlations)
