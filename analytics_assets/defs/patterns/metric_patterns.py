"""What holds of the metrics that systems report: anomalies, trends, lasting changes, limits and leads.

Reads what was found of all signals, and their last day; feeds the store of patterns.
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

KEY = ["patterns", "metric_patterns"]
SOURCE = ".".join(KEY)
COLUMNS = (
    *OBSERVED,
    Column("metric_names", "VARCHAR", "Metrics it is about, as a JSON list.", required=True),
    Column("pattern_signature", "VARCHAR", "Its figures, as a JSON object.", required=True),
    Column(
        "anomaly_score", "DOUBLE", "How far it is from what is usual, 0 to 1: 0.5 at the threshold of its detector."
    ),
    Column("trend_direction", "VARCHAR", "Trend of the metric, whatever the pattern says; NULL where it is not known."),
    Column("prediction_horizon", "DOUBLE", "Hours ahead: until a trend is at its limit, or the lag of a lead."),
    *RECORDS_END,
)
SHOWN = ("pattern_type", "pattern_name", "confidence_score", "significance_score")


@dg.asset(
    key=KEY,
    deps=[HOURLY, SHIFTS_KEY, LEADS_KEY],
    kinds={"python"},
    pool="warehouse",
    tags={"module": "M3"},
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def metric_patterns(anomalies: Frame, trends: Frame, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What holds of metrics now, the surest and largest first. One row per signal, or pair of signals, and type.

    Lasting changes and leads are those of the last scheduled run: a change holds while the metric is nearer to after
    it than to before.
    """
    from analytics_assets.lib.pattern_rows import metric_rows
    from analytics_assets.lib.signal_patterns import signal_patterns
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        # All hours: one that is beyond its limit may be so for weeks.
        hours = recent_hours(con, warehouse.settings.pattern_signals)
        tables = found_of(con, anomalies, trends)
        note_signals(con, SOURCE, hours, tables, is_metric=True)
    found = signal_patterns(tables, hours.signals, warehouse.settings.alert_thresholds, is_metric=True)
    frame = frame_of(COLUMNS, metric_rows(found, tables, hours.signals))
    return dg.MaterializeResult(value=frame, metadata={**hours.told, "patterns": shown(frame, SHOWN)})


@dg.asset_check(
    asset=KEY,
    additional_deps=[SHIFTS_KEY, LEADS_KEY, *FOUND],
    description="Each pattern is made of a row that is there.",
)
def metric_patterns_have_grounds(metric_patterns: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """One whose row is gone would be told on nobody's word."""
    with warehouse.get_connection() as con:
        wrong = groundless(con, metric_patterns)
    return none_wrong("patterns", metric_patterns, wrong, SHOWN)


@dg.asset_check(asset=KEY, description="A metric has one pattern of a type, and horizons lie ahead.")
def metric_patterns_are_one_of_a_type(metric_patterns: Frame) -> dg.AssetCheckResult:
    """The store knows a pattern by its id: two of one id would overwrite each other's history."""
    is_wrong = metric_patterns["id"].duplicated(keep=False) | (metric_patterns["prediction_horizon"] < 0)
    wrong = metric_patterns[is_wrong.fillna(value=False).astype(bool)]
    return none_wrong("patterns", metric_patterns, wrong, SHOWN)
