"""What holds of how tools, runs, pipelines, procedures and integrations perform.

Reads what was found of all signals, and their hours; feeds the store of patterns and the opportunities.
"""

import dagster as dg

from analytics_assets.defs.patterns.signal_tables import (
    FOUND,
    HOURLY,
    LEADS_KEY,
    SHIFTS_KEY,
    found_of,
    groundless,
    note_signals,
    recent_hours,
)
from analytics_assets.defs.patterns.tables import none_wrong, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["patterns", "performance_patterns"]
SOURCE = ".".join(KEY)
COLUMNS = (
    *OBSERVED,
    Column("affected_components", "VARCHAR", "Components it affects, as a JSON list.", required=True),
    Column("pattern_signature", "VARCHAR", "Its figures, as a JSON object.", required=True),
    Column("trend_analysis", "VARCHAR", "Trend of the signal, as a JSON object; NULL where it was not asked."),
    Column(
        "impact_severity",
        "VARCHAR",
        "low, medium, high or critical: significance_score x confidence_score in quarters; low where it is for the "
        "better, medium at most where that is not known, or an anomaly is over.",
        required=True,
    ),
    Column(
        "prediction_accuracy",
        "DOUBLE",
        "How true the expected band of the signal is: 1 where it held the stated share of the hours of two weeks "
        "(ANALYTICS_ANOMALY_DETECTION_SENSITIVITY), less by how far the share was off; NULL where none was expected.",
    ),
    *RECORDS_END,
)
SHOWN = ("pattern_type", "pattern_name", "confidence_score", "impact_severity", "prediction_accuracy")


@dg.asset(
    key=KEY,
    deps=[HOURLY, SHIFTS_KEY, LEADS_KEY],
    kinds={"python"},
    pool="warehouse",
    tags={"module": "M4"},
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def performance_patterns(anomalies: Frame, trends: Frame, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What holds of performance now, the surest and largest first. One row per signal, or pair of signals, and type.

    Lasting changes are those of the last scheduled run: one is a degradation or an improvement while the signal is
    nearer to after it than to before.
    """
    from analytics_assets.lib.detectors import SeasonalDeviation
    from analytics_assets.lib.pattern_rows import performance_rows
    from analytics_assets.lib.signal_anomalies import prediction_accuracy, within_band
    from analytics_assets.lib.signal_patterns import signal_patterns
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        hours = recent_hours(con, warehouse.settings.pattern_signals)
        tables = found_of(con, anomalies, trends)
        note_signals(con, SOURCE, hours, tables, is_metric=False)
    found = signal_patterns(tables, hours.signals, warehouse.settings.alert_thresholds, is_metric=False)
    stated = warehouse.settings.anomaly_detection_sensitivity
    rows = performance_rows(
        found,
        tables,
        hours.signals,
        lambda signal: prediction_accuracy(within_band(signal, SeasonalDeviation(), stated), stated),
    )
    frame = frame_of(COLUMNS, rows)
    return dg.MaterializeResult(value=frame, metadata={**hours.told, "patterns": shown(frame, SHOWN)})


@dg.asset_check(
    asset=KEY,
    additional_deps=[SHIFTS_KEY, LEADS_KEY, *FOUND],
    description="Each pattern is made of a row that is there.",
)
def performance_patterns_have_grounds(performance_patterns: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """One whose row is gone would be told on nobody's word."""
    with warehouse.get_connection() as con:
        wrong = groundless(con, performance_patterns)
    return none_wrong("patterns", performance_patterns, wrong, SHOWN)


@dg.asset_check(asset=KEY, description="A signal has one pattern of a type, and what is better is no trouble.")
def performance_patterns_are_one_of_a_type(performance_patterns: Frame) -> dg.AssetCheckResult:
    """The store knows a pattern by its id: two of one id would overwrite each other's history."""
    is_wrong = performance_patterns["id"].duplicated(keep=False) | (
        (performance_patterns["pattern_type"] == "improvement") & (performance_patterns["impact_severity"] != "low")
    )
    wrong = performance_patterns[is_wrong.astype(bool)]
    return none_wrong("patterns", performance_patterns, wrong, SHOWN)
