"""The framework's four key questions in plain words: what predicts long fixes, what recurs, what clusters?

Reads the tables of this stage; feeds the reviews that people read.
"""

import dagster as dg

from analytics_assets.defs.patterns.tables import CLOCK, FEATURES, FINDINGS, ISSUES, clock, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.warehouse.columns import WINDOW_END, Column
from analytics_assets.warehouse.connection import records

KEY = ["patterns", "issue_answers"]
COLUMNS = (
    Column("question_number", "BIGINT", "1 to 4, in the framework's order.", required=True),
    Column("question", "VARCHAR", "The question.", required=True),
    Column("method", "VARCHAR", "How it is answered.", required=True),
    Column("answer", "VARCHAR", "The answer with its number, or `not enough data: ...`.", required=True),
    Column(
        "value",
        "DOUBLE",
        "Its number: a ratio of times, a share that came back, a rank correlation, a confidence; NULL without one.",
    ),
    Column("n", "BIGINT", "Issues that it rests on; transactions of the last question.", required=True),
    Column("p_adjusted", "DOUBLE", "Adjusted p-value of it, or the least there is; NULL where nothing was tested."),
    Column("is_enough", "BOOLEAN", "Whether there is enough data to answer.", required=True),
    Column("is_significant", "BOOLEAN", "Whether what was found is more than chance; NULL without enough data."),
    *WINDOW_END,
)


@dg.asset(
    key=KEY,
    deps=[FEATURES, ISSUES, CLOCK],
    ins={
        "correlations": dg.AssetIn(key=["patterns", "correlations"]),
        "fix_time_regression": dg.AssetIn(key=["patterns", "fix_time_regression"]),
        "recurrence_tests": dg.AssetIn(key=["patterns", "recurrence_tests"]),
        "association_rules": dg.AssetIn(key=["patterns", "association_rules"]),
    },
    kinds={"python"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def issue_answers(
    correlations: Frame,
    fix_time_regression: Frame,
    recurrence_tests: Frame,
    association_rules: Frame,
    warehouse: WarehouseResource,
) -> dg.MaterializeResult[Frame]:
    """What causes what, in a sentence each with its number. One row per key question, four in all."""
    from analytics_assets.lib.associations import Baskets
    from analytics_assets.lib.issue_answers import issue_answers as answered
    from analytics_assets.lib.plain_rows import plain_rows
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        transactions = Baskets.of_rows(records(con, FINDINGS)).size
        ends = clock(con)
    rows = answered(
        correlations=plain_rows(correlations),
        regression=plain_rows(fix_time_regression),
        recurrence=plain_rows(recurrence_tests),
        rules=plain_rows(association_rules),
        transactions=transactions,
    )
    frame = frame_of(COLUMNS, [row | ends for row in rows])
    return dg.MaterializeResult(value=frame, metadata={"answers": shown(frame, ("question", "answer"))})


@dg.asset_check(asset=KEY, description="All four questions are answered, in order.")
def questions_are_answered(issue_answers: Frame) -> dg.AssetCheckResult:
    """Each has a sentence: what was found, that nothing is significant, or what is missing."""
    import pandas as pd

    numbers = [int(number) for number in issue_answers["question_number"]]
    has_words = issue_answers["answer"].fillna("").str.strip() != ""
    is_missing = issue_answers["answer"].fillna("").str.startswith("not enough data: ")
    says_so = is_missing == ~issue_answers["is_enough"].astype(bool)
    is_judged = issue_answers["is_significant"].notna() == issue_answers["is_enough"].astype(bool)
    wrong = issue_answers[~pd.Series(has_words & says_so & is_judged).astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty and numbers == [1, 2, 3, 4],
        metadata={"questions": numbers, "wrong": shown(wrong, ("question", "answer"))},
    )
