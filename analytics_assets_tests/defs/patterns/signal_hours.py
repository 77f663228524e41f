"""A warehouse with the hours of signals, as the view of the stage before gives them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics_assets_tests.defs.patterns.conftest import insert
from analytics_assets_tests.lib import signal_worlds

COLUMNS = {
    "hour": "timestamp",
    "signal": "varchar",
    "component_kind": "varchar",
    "component": "varchar",
    "metric_type": "varchar",
    "unit": "varchar",
    "value": "double",
    "samples": "bigint",
    "is_rate": "boolean",
    "worse": "varchar",
    "is_complete": "boolean",
    "as_of": "timestamp",
    "is_stale": "boolean",
}


def measure(tracker, signals):
    """Fill the hours with these signals; the newest hour goes on."""
    listed = [_rows(signal) for signal in signals if len(signal.series)]
    with tracker.warehouse.get_connection() as con:
        kinds = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        con.execute(f"create table if not exists summaries.hourly_signals ({kinds})")
        if listed:
            insert(con, "summaries.hourly_signals", pd.concat(listed), list(COLUMNS))
    return tracker


def _rows(signal):
    series = signal.series
    return pd.DataFrame(
        {
            "hour": series.times.astype("datetime64[us]"),
            "value": series.values,
            "samples": np.ones(len(series)) if series.samples is None else series.samples,
            "is_complete": series.times < np.datetime64(signal_worlds.AS_OF.replace(minute=0)),
        }
    ).assign(**signal.key, **signal.ends, is_rate=series.is_rate, worse=series.worse)


def planted():
    """A latency with a burst, a disk that fills, a tool that degraded, and nothing in five others."""
    burst = signal_worlds.seasonal(1)
    burst[-100:-96] += 90
    filling = 50 + 0.5 * np.arange(signal_worlds.HOURS) / 24 + signal_worlds.seasonal(2, level=0, swing=0, noise=0.2)
    changed = signal_worlds.calls(3, after=0.3, changed=signal_worlds.HOURS - 240)
    return [
        signal_worlds.metric(burst),
        signal_worlds.metric(filling, "disk", unit="percent"),
        signal_worlds.error_rate(*changed),
        *signal_worlds.noise(range(10, 15)),
    ]
