"""What predicts long fixes, and what comes back after its fix?

Reads the features of issues; feeds the answers to the framework's key questions.
"""

import dagster as dg

from analytics_assets.defs.patterns.tables import (
    CLOCK,
    FEATURES,
    REASON,
    TESTED,
    clock,
    newest_issues,
    none_wrong,
    p_values_verdict,
    shown,
)
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.warehouse.columns import WINDOW_END, Column

REGRESSION_KEY = ["patterns", "fix_time_regression"]
RECURRENCE_KEY = ["patterns", "recurrence_tests"]
REGRESSION = (
    Column("term", "VARCHAR", "complexity_score, or a category or priority.", required=True),
    Column("reference", "VARCHAR", "Level that it is compared with, the most frequent; NULL of complexity."),
    Column("coefficient", "DOUBLE", "Difference of the natural logarithm of minutes, per point or to the reference."),
    Column("ratio", "DOUBLE", "Times as long as a fix takes with one more point, or compared with the reference."),
    Column("ratio_low", "DOUBLE", "Lower end of its 95 % interval, by HC3 errors."),
    Column("ratio_high", "DOUBLE", "Upper end of its 95 % interval."),
    *TESTED,
    Column("n", "BIGINT", "Fixed issues with a time and a complexity.", required=True),
    Column("r_squared", "DOUBLE", "Share of the variance of the logarithm that all terms explain, 0 to 1."),
    REASON,
    *WINDOW_END,
)
RECURRENCE = (
    Column("variable", "VARCHAR", "category, root_cause_id or subcategory.", required=True),
    Column(
        "n", "BIGINT", "Issues ever fixed that have a value of which something tells whether fixes last.", required=True
    ),
    Column("values", "BIGINT", "Values compared; those of fewer than 5 issues are one.", required=True),
    Column("chi_square", "DOUBLE", "Statistic of came back against did not, by value; NULL where none was computed."),
    Column("degrees_of_freedom", "BIGINT", "Values less one."),
    Column("method", "VARCHAR", "chi-square; where an expected count is below 5, Fisher or permutation."),
    *TESTED,
    Column("cramers_v", "DOUBLE", "Strength of the difference, 0 to 1."),
    Column("cramers_v_corrected", "DOUBLE", "The same without what chance adds to it (Bergsma)."),
    Column("highest_value", "VARCHAR", "Value that is farthest above the others; NULL where none is above."),
    Column("highest_rate", "DOUBLE", "Share of its issues that came back, 0 to 1."),
    Column("highest_low", "DOUBLE", "Lower end of its 95 % Wilson interval."),
    Column("highest_high", "DOUBLE", "Upper end of its 95 % Wilson interval."),
    Column("highest_n", "BIGINT", "Its issues ever fixed."),
    Column("highest_residual", "DOUBLE", "Standard errors above what all coming back alike would give (Haberman)."),
    Column("overall_rate", "DOUBLE", "Share of all issues ever fixed that came back, 0 to 1; NULL of none."),
    Column("ever_fixed", "BIGINT", "These issues; 0 where nothing tells whether a fix lasts.", required=True),
    REASON,
    *WINDOW_END,
)
SHOWN_TERMS = ("term", "reference", "ratio", "ratio_low", "ratio_high", "p_adjusted", "n", "reason")
SHOWN_TESTS = (
    *("variable", "n", "p_adjusted", "highest_value", "highest_rate", "highest_n"),
    *("overall_rate", "ever_fixed", "reason"),
)


@dg.asset(
    key=REGRESSION_KEY,
    deps=[FEATURES, CLOCK],
    kinds={"python", "statsmodels"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(REGRESSION)},
)
def fix_time_regression(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What predicts long fix times: logarithm of minutes on category, complexity and priority. One row per term."""
    from analytics_assets.lib.regression import fix_time_regression as regress
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        issues, ends = newest_issues(con), clock(con)
    frame = frame_of(REGRESSION, [row | ends for row in regress(issues)])
    return dg.MaterializeResult(value=frame, metadata={"terms": shown(frame, SHOWN_TERMS)})


@dg.asset_check(asset=REGRESSION_KEY, description="Each term has a ratio within its interval, or a reason.")
def terms_have_ratios_or_reasons(fix_time_regression: Frame) -> dg.AssetCheckResult:
    """A term with neither says nothing; one with both contradicts itself."""
    ratio = fix_time_regression["ratio"]
    is_inside = ratio.between(fix_time_regression["ratio_low"], fix_time_regression["ratio_high"]).fillna(value=False)
    is_told = ratio.isna() == fix_time_regression["reason"].notna()
    wrong = fix_time_regression[~(is_told & (is_inside | ratio.isna())).astype(bool)]
    return none_wrong("terms", fix_time_regression, wrong, SHOWN_TERMS)


@dg.asset_check(asset=REGRESSION_KEY, description="P-values are shares, and adjusting makes none smaller.")
def term_p_values_are_sound(fix_time_regression: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(fix_time_regression)


@dg.asset(
    key=RECURRENCE_KEY,
    deps=[FEATURES, CLOCK],
    kinds={"python", "scipy"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(RECURRENCE)},
)
def recurrence_tests(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Whether some come back more often than others, of issues that were ever fixed. One row per variable."""
    from analytics_assets.lib.recurrence import recurrence_tests as compare
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        issues, ends = newest_issues(con), clock(con)
    frame = frame_of(RECURRENCE, [row | ends for row in compare(issues)])
    return dg.MaterializeResult(value=frame, metadata={"tests": shown(frame, SHOWN_TESTS)})


@dg.asset_check(asset=RECURRENCE_KEY, description="Each variable is tested, or says why it is not.")
def every_variable_is_answered(recurrence_tests: Frame) -> dg.AssetCheckResult:
    """A variable that is left out would look as if nothing recurred."""
    from analytics_assets.lib.recurrence import VARIABLES

    is_told = recurrence_tests["p_value"].isna() == recurrence_tests["reason"].notna()
    wrong = recurrence_tests[~is_told.astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty and sorted(recurrence_tests["variable"]) == sorted(VARIABLES),
        metadata={"variables": sorted(recurrence_tests["variable"]), "wrong": shown(wrong, SHOWN_TESTS)},
    )


@dg.asset_check(asset=RECURRENCE_KEY, description="P-values are shares, and adjusting makes none smaller.")
def recurrence_p_values_are_sound(recurrence_tests: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(recurrence_tests)
