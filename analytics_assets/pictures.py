"""Which assets are better looked at than read, and what is drawn of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

CHARTS = {
    "summaries.hourly_executions": "executions_per_hour",
    "profiles.tool_profiles": "success_rates",
    "forecasts.capacity_forecasts": "capacity",
}
"""Asset to the function of ``lib.charts`` that draws its table."""


def drawn(asset: str, frame: pd.DataFrame) -> dict[str, dg.MarkdownMetadataValue]:
    """The chart of an asset as metadata; nothing for an asset that has none, or no rows to draw."""
    if asset not in CHARTS or frame.empty:
        return {}
    from analytics_assets.lib import charts

    try:
        shown = charts.markdown(getattr(charts, CHARTS[asset])(frame))
    except ValueError as error:
        # The numbers are right without their picture: they are published, and the picture's place says what is wrong.
        shown = f"The chart could not be drawn: {str(error).strip().splitlines()[0]}"
    return {"chart": dg.MetadataValue.md(shown)}


def drawn_from(con: DuckDBPyConnection, asset: str) -> dict[str, dg.MarkdownMetadataValue]:
    """The chart of an asset's table as it is now."""
    if asset not in CHARTS:
        return {}
    return drawn(asset, con.execute(f"select * from {asset}").df())
