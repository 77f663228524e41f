"""Which hours of which signals were not as usual, and who says so?

Reads the hours of all signals; feeds the patterns of metrics and of performance.
"""

from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.defs.patterns.signal_tables import HOURLY, IS_WORSE, SIGNAL, recent_hours
from analytics_assets.defs.patterns.tables import none_wrong, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.detector_thresholds import HIGH_BY_CHANCE
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["patterns", "anomalies"]
COLUMNS = (
    Column("id", "VARCHAR", "Key: of the signal, the direction and the first hour.", required=True),
    *SIGNAL,
    Column("starts_at", "TIMESTAMP", "First anomalous hour, UTC.", required=True),
    Column("ends_at", "TIMESTAMP", "End of the last one, UTC; NULL while it lasts."),
    Column("hours", "BIGINT", "Anomalous hours; up to two usual ones may lie between them.", required=True),
    Column("is_ongoing", "BOOLEAN", "Whether the newest hour of the signal is one of them.", required=True),
    Column("peak_at", "TIMESTAMP", "Hour that is farthest beyond its band, UTC.", required=True),
    Column("value", "DOUBLE", "Value of that hour.", required=True),
    Column("expected", "DOUBLE", "What would have been usual then.", required=True),
    Column(
        "lower",
        "DOUBLE",
        "Least usual value: of the season's band at ANALYTICS_ANOMALY_DETECTION_SENSITIVITY, else a limit; NULL where "
        "only more is unusual.",
    ),
    Column("upper", "DOUBLE", "Largest usual value, likewise; NULL where only less is unusual."),
    Column("direction", "VARCHAR", "above or below.", required=True),
    Column("score", "DOUBLE", "How far beyond, in thresholds of the detector; 1 is the threshold.", required=True),
    Column(
        "expected_by_chance",
        "DOUBLE",
        "Values as rare as its rarest that chance makes among all judged hours; many usual values that sum up to a "
        "change have none that is rare. At least 1 of a mean that rests on one or two records.",
        required=True,
    ),
    Column("detectors", "VARCHAR", "Detectors that agree, as a JSON list.", required=True),
    Column("families", "VARCHAR", "Families of these, as a JSON list: one is no two witnesses.", required=True),
    Column("detectors_asked", "VARCHAR", "Detectors that judged it, as a JSON list.", required=True),
    Column(
        "severity",
        "VARCHAR",
        "LOW, MEDIUM, or HIGH: two families agree, and expected_by_chance is at most 0.05.",
        required=True,
    ),
    IS_WORSE,
    Column("samples", "BIGINT", "Records behind the value of the peak."),
    Column("reason", "VARCHAR", "What was measured, what is usual and who says so, in words.", required=True),
    *RECORDS_END,
)
SHOWN = ("signal", "starts_at", "severity", "is_ongoing", "reason")


@dg.asset(
    key=KEY,
    deps=[HOURLY],
    kinds={"python"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def anomalies(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Episodes of two weeks in which a signal was not as usual, the worst first. One row per signal and episode.

    A point is judged by what came before it. Before an episode is HIGH, detectors of two families must agree and chance
    must seldom make as much; slow ones are asked of the 10 worst of which no two families agree yet.
    """
    from analytics_assets.lib.detectors import FAST, SECOND
    from analytics_assets.lib.signal_anomalies import anomalies as seek
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        hours = recent_hours(con, warehouse.settings.pattern_signals)
    found = seek(hours.signals, FAST, SECOND, coverage=warehouse.settings.anomaly_detection_sensitivity)
    frame = frame_of(COLUMNS, found.rows)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            **hours.told,
            "judged_hours": found.judged_hours,
            "second_opinions": found.asked,
            "anomalies": shown(frame, SHOWN),
            **drawn("patterns.anomalies", frame),
        },
    )


@dg.asset_check(asset=KEY, description="The value of each anomaly lies outside its band.")
def anomalies_lie_outside_their_band(anomalies: Frame) -> dg.AssetCheckResult:
    """One that lies inside would send a person to look at what is usual."""
    is_above = anomalies["direction"] == "above"
    is_outside = (anomalies["value"] > anomalies["upper"]).where(is_above, anomalies["value"] < anomalies["lower"])
    return _verdict(anomalies, ~is_outside.fillna(value=False).astype(bool), ("signal", "value", "lower", "upper"))


@dg.asset_check(asset=KEY, description="What lasts has no end, and reaches to the end of the window.")
def ongoing_anomalies_reach_the_end(anomalies: Frame) -> dg.AssetCheckResult:
    """A signal that fell silent does not say that its anomaly lasts."""
    has_no_end = anomalies["ends_at"].isna()
    reaches = (anomalies["peak_at"] <= anomalies["as_of"]) & (anomalies["starts_at"] <= anomalies["as_of"])
    is_wrong = (has_no_end != anomalies["is_ongoing"].astype(bool)) | ~reaches
    return _verdict(anomalies, is_wrong, ("signal", "starts_at", "ends_at", "is_ongoing", "as_of"))


@dg.asset_check(asset=KEY, description="Episodes of a signal share no hour.")
def episodes_do_not_overlap(anomalies: Frame) -> dg.AssetCheckResult:
    """An hour in two episodes would be told as two things that happened."""
    from analytics_assets.lib.anomaly_episodes import overlaps
    from analytics_assets.lib.plain_rows import plain_rows

    wrong = overlaps(plain_rows(anomalies))
    return _verdict(anomalies, anomalies["signal"].isin(wrong), ("signal", "starts_at", "ends_at"))


@dg.asset_check(asset=KEY, description="Detectors of two families agree on what is HIGH, and chance seldom makes it.")
def high_anomalies_have_two_families(anomalies: Frame) -> dg.AssetCheckResult:
    """Two detectors that compare a point with the same thing err together."""
    import json

    is_alone = anomalies["families"].map(lambda text: len(set(json.loads(text))) == 1)
    is_wrong = (anomalies["severity"] == "HIGH") & (is_alone | (anomalies["expected_by_chance"] > HIGH_BY_CHANCE.value))
    return _verdict(anomalies, is_wrong.astype(bool), ("signal", "starts_at", "families", "expected_by_chance"))


def _verdict(anomalies: Frame, is_wrong: "Series", names: tuple[str, ...]) -> dg.AssetCheckResult:
    wrong = anomalies[is_wrong]
    return none_wrong("anomalies", anomalies, wrong, names)


if TYPE_CHECKING:
    from pandas import Series
