"""Which figures of issues go together?

Reads the features of issues; feeds the answers to the framework's key questions.
"""

from itertools import combinations

import dagster as dg

from analytics_assets.defs.patterns.tables import (
    CLOCK,
    FEATURES,
    TESTED,
    clock,
    newest_issues,
    p_values_verdict,
    shown,
)
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import WINDOW_END, Column

KEY = ["patterns", "correlations"]
COLUMNS = (
    Column("variable_a", "VARCHAR", "One figure of an issue; time spent and days open of fixed issues.", required=True),
    Column(
        "variable_b",
        "VARCHAR",
        "The other one; recurrence_count is the recurrences of issues ever fixed, priority_p0 1 for a critical one.",
        required=True,
    ),
    Column("n", "BIGINT", "Issues in which both are known.", required=True),
    Column("correlation", "DOUBLE", "Pearson's, -1 to 1; NULL where nothing can be said."),
    Column("correlation_low", "DOUBLE", "Lower end of its 95 % interval (Fisher's z)."),
    Column("correlation_high", "DOUBLE", "Upper end of its 95 % interval."),
    Column("rank_correlation", "DOUBLE", "Spearman's, -1 to 1: one odd issue does not decide it. p_value is of it."),
    *TESTED,
    Column("expected_sign", "VARCHAR", "positive or negative, of the framework's expected findings; NULL otherwise."),
    Column("agrees", "BOOLEAN", "Whether a significant rank correlation has the expected sign; NULL otherwise."),
    Column("reason", "VARCHAR", "Why figures are NULL. Of what is computed from the other, p_adjusted is."),
    *WINDOW_END,
)
SHOWN = ("variable_a", "variable_b", "n", "rank_correlation", "p_adjusted", "expected_sign", "agrees")


@dg.asset(
    key=KEY,
    deps=[FEATURES, CLOCK],
    kinds={"python", "scipy"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def correlations(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Which figures of issues go together. One row per pair of variables, each pair once.

    Pairs of which one is computed from the other go together by construction: they are in no comparison.
    """
    from analytics_assets.lib.correlating import correlations as correlate
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        issues, ends = newest_issues(con), clock(con)
    frame = frame_of(COLUMNS, [row | ends for row in correlate(issues)])
    strongest = frame.dropna(subset=["p_adjusted"]).sort_values("rank_correlation", key=abs, ascending=False)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "strongest": shown(strongest, SHOWN),
            "significant": int(frame["is_significant"].sum()),
            **drawn(".".join(KEY), frame),
        },
    )


@dg.asset_check(asset=KEY, description="Every pair of variables has one row.")
def pairs_are_complete(correlations: Frame) -> dg.AssetCheckResult:
    """A pair that is missing, or there in both orders, would leave a hole in the matrix or contradict itself."""
    from analytics_assets.lib.correlating import VARIABLES

    pairs = [frozenset(pair) for pair in zip(correlations["variable_a"], correlations["variable_b"], strict=True)]
    wanted = [frozenset(pair) for pair in combinations(VARIABLES, 2)]
    missing = [" and ".join(sorted(pair)) for pair in wanted if pairs.count(pair) != 1]
    return dg.AssetCheckResult(
        passed=not missing and len(pairs) == len(wanted),
        metadata={"pairs": len(pairs), "not_once": missing[:EXAMPLES]},
    )


@dg.asset_check(asset=KEY, description="Correlations are within -1 to 1 and within their intervals.")
def correlations_within_their_intervals(correlations: Frame) -> dg.AssetCheckResult:
    """A correlation outside of its own interval is a fault of the computation."""
    known = correlations.dropna(subset=["correlation"])
    value, rounding = known["correlation"], 1e-9
    is_inside = value.between(known["correlation_low"] - rounding, known["correlation_high"] + rounding)
    outside = known[~(is_inside & value.between(-1, 1) & known["rank_correlation"].between(-1, 1)).astype(bool)]
    names = ("variable_a", "variable_b", "correlation_low", "correlation", "correlation_high")
    return dg.AssetCheckResult(
        passed=outside.empty, metadata={"correlations": len(known), "outside": shown(outside, names)}
    )


@dg.asset_check(asset=KEY, description="P-values are shares, and adjusting makes none smaller.")
def correlation_p_values_are_sound(correlations: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(correlations)
