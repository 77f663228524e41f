"""Chart of alerts: how many began each day, of which type and how severe. See ``lib.charts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics_assets.lib.charts import BAD, MUTED, NothingToDrawError, Spec, specification
from analytics_assets.lib.signal_charts import AMBER

if TYPE_CHECKING:
    import pandas as pd

DAYS = 14
COLOURS = {"critical": "#7b1e2b", "high": BAD, "medium": AMBER, "low": MUTED}
TYPES = {
    "performance": "performance",
    "error_rate": "error rate",
    "resource_usage": "resources",
    "pattern_deviation": "patterns",
}


def alerts_by_day(alerts: pd.DataFrame) -> Spec:
    """Alerts of the last two weeks by the day on which they began, a row per type, coloured by severity."""
    import pandas as pd

    ends = alerts["as_of"].max()
    if alerts.empty or pd.isna(ends):
        raise NothingToDrawError("there is no alert")
    last = ends.normalize()
    days = alerts["first_seen_at"].dt.normalize()
    shown = alerts.assign(day=days)[days > last - pd.Timedelta(days=DAYS)]
    if shown.empty:
        raise NothingToDrawError("no alert began in two weeks")
    counted = shown.groupby(["day", "alert_type", "severity"]).size().reset_index(name="alerts")
    rows = counted.assign(
        type=counted["alert_type"].map(TYPES), order=counted["severity"].map(list(COLOURS).index).astype(int)
    )[["day", "type", "severity", "order", "alerts"]]
    most = int(counted.groupby(["day", "alert_type"])["alerts"].sum().max())
    lasting = int(alerts["state"].isin(["open", "acknowledged"]).sum())
    scale: dict[str, Any] = {"domain": list(COLOURS), "range": list(COLOURS.values())}
    span = [day.strftime("%Y-%m-%d") for day in (last - pd.Timedelta(days=DAYS - 1), last + pd.Timedelta(days=1))]
    return specification(
        rows,
        "What went wrong, and how badly?",
        f"alerts by the day on which they began: {len(shown)} in two weeks, {lasting} last",
        mark={"type": "bar", "width": 14},
        encoding={
            "x": {
                "field": "day",
                "type": "temporal",
                "title": None,
                "scale": {"domain": span},
                "axis": {"format": "%d %b", "tickCount": {"interval": "day", "step": 3}},
            },
            "y": {
                "field": "alerts",
                "type": "quantitative",
                "title": None,
                "axis": {"values": [0, most], "format": "d"},
            },
            "row": {
                "field": "type",
                "type": "nominal",
                "sort": list(TYPES.values()),
                "title": None,
                "header": {"labelAngle": 0, "labelAlign": "left"},
            },
            "color": {"field": "severity", "type": "nominal", "title": None, "scale": scale},
            "order": {"field": "order"},
            "tooltip": [{"field": name} for name in ("day", "type", "severity", "alerts")],
        },
        height=50,
    )
