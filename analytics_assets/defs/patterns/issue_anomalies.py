"""Which fixed issues are unlike the others, and in what?

Reads the features of issues; feeds the insights of each optimization run.
"""

import dagster as dg

from analytics_assets.defs.patterns.tables import CLOCK, FEATURES, clock, newest_issues, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.issue_thresholds import ANOMALY_DEVIATIONS, ANOMALY_MIN
from analytics_assets.metadata import column_schema
from analytics_assets.warehouse.columns import WINDOW_END, Column

KEY = ["patterns", "issue_anomalies"]
COLUMNS = (
    Column("id", "VARCHAR", "Issue.", required=True),
    Column("issue", "VARCHAR", "What is wrong.", required=True),
    Column("category", "VARCHAR", "Part of the system.", required=True),
    Column("priority", "BIGINT", "0 critical to 3 low.", required=True),
    Column("time_spent_minutes", "DOUBLE", "Time that the fix took.", required=True),
    Column("complexity_score", "DOUBLE", "Complexity; NULL where nothing is known of it."),
    Column("files_affected_count", "BIGINT", "Files it touches; NULL where they are not known."),
    Column("isolation_score", "DOUBLE", "How easily it is set apart from the others, 0 to 1.", required=True),
    Column(
        "feature",
        "VARCHAR",
        "Figure that deviates most: time_spent_minutes (against all), minutes_for_complexity (against those of its "
        "complexity), complexity_score or files_affected_count.",
        required=True,
    ),
    Column("value", "DOUBLE", "Its value.", required=True),
    Column("usual_value", "DOUBLE", "What is usual, in the unit of the value.", required=True),
    Column("deviation", "DOUBLE", "Robust standard deviations between them, of logarithms.", required=True),
    Column("reason", "VARCHAR", "What deviates and how far, in words.", required=True),
    Column("examined", "BIGINT", "Fixed issues with a time, which were judged.", required=True),
    *WINDOW_END,
)
SHOWN = ("id", "category", "priority", "reason", "isolation_score")


@dg.asset(
    key=KEY,
    deps=[FEATURES, CLOCK],
    kinds={"python", "scikitlearn"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def issue_anomalies(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Fixes that took unusually long or short, or touched unusually much, the farthest first. One row per issue.

    An Isolation Forest and a robust deviation agree on each. Fewer than 30 fixed issues with a time are not judged.
    """
    from analytics_assets.lib.outliers import examined_issues
    from analytics_assets.lib.outliers import issue_anomalies as seek
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        issues, ends = newest_issues(con), clock(con)
    examined = len(examined_issues(issues))
    frame = frame_of(COLUMNS, [row | ends for row in seek(issues)])
    few = f"not enough data: fewer than {ANOMALY_MIN.value:.0f} fixed issues with a time"
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "examined": examined,
            "judged": "yes" if examined >= ANOMALY_MIN.value else few,
            "anomalies": shown(frame, SHOWN),
        },
    )


@dg.asset_check(asset=KEY, description="Each anomaly says what deviates, and that is beyond the limit.")
def anomalies_have_reasons(issue_anomalies: Frame) -> dg.AssetCheckResult:
    """An anomaly that nobody can explain is not worth a look."""
    has_reason = issue_anomalies["reason"].fillna("").str.strip() != ""
    is_far = issue_anomalies["deviation"].abs() > ANOMALY_DEVIATIONS.value
    wrong = issue_anomalies[~(has_reason & is_far).fillna(value=False).astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={
            "anomalies": len(issue_anomalies),
            "without": shown(wrong, ("id", "feature", "deviation", "reason")),
            "limit": ANOMALY_DEVIATIONS.value,
            "why": ANOMALY_DEVIATIONS.why,
        },
    )


@dg.asset_check(asset=KEY, additional_deps=[FEATURES], description="Only fixed issues with a time are anomalous.")
def anomalies_are_fixed_issues(issue_anomalies: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """The time of an open issue is only what it came to so far: it deviates from nothing."""
    with warehouse.get_connection() as con:
        fixed = con.execute("select id from kpis.issue_features where status = 'FIXED' and time_spent_minutes > 0")
        known = {key for (key,) in fixed.fetchall()}
    wrong = issue_anomalies[~issue_anomalies["id"].isin(known)]
    return dg.AssetCheckResult(
        passed=wrong.empty, metadata={"anomalies": len(issue_anomalies), "not_fixed": shown(wrong, ("id", "reason"))}
    )
