"""The examples as ``predictions.run_features`` keeps them, for those who fit, compare and watch models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.predicting.runs import CATEGORIES, Run

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

    from analytics_assets.predicting.examples import Examples

OF_RUN = ("status", "known_at", "is_failed", "duration_seconds", "llm_cost_usd")


def stored_examples(rows: pd.DataFrame, past: Iterable[Run] = ()) -> Examples:
    """One example per row of the table, in the order of (started_at, run_id).

    A feature that the table lacks is not known (NaN), as is a category: it was made before they were told.

    Args:
        rows: of the table, all or some.
        past: runs that they may look back on besides themselves, see ``looked_back_on``.
    """
    import pandas as pd

    from analytics_assets.predicting.examples import Examples
    from analytics_assets.predicting.features import NAMES

    ordered = rows.sort_values(["started_at", "run_id"], ignore_index=True)
    told = ["run_id", "started_at", *CATEGORIES, *OF_RUN]
    plain = ordered.reindex(columns=told).astype(object)
    plain = plain.where(plain.notna(), None)
    runs = tuple(_run(row) for row in plain.to_dict("records"))
    own = {run.run_id for run in runs}
    others = [run for run in past if run.run_id not in own]
    return Examples(
        runs=runs,
        features=pd.DataFrame({name: _numbers(ordered, name) for name in NAMES}, index=ordered.index, dtype=float),
        categories=plain[list(CATEGORIES)],
        past=tuple(sorted((*runs, *others), key=lambda run: run.place)) if others else None,
    )


def looked_back_on(con: DuckDBPyConnection) -> list[Run]:
    """All runs that are kept, also those before the table: a model of sequences reads the last attempts at a spec.

    None where PyTorch is not installed: all else that is known of the past is in the features.
    """
    from analytics_assets.predicting.reading import read_runs
    from analytics_assets.predicting.sequence import is_available
    from analytics_assets.warehouse.connection import records

    return read_runs(partial(records, con)) if is_available() else []


def _run(row: Mapping[Any, Any]) -> Run:
    """As it was recorded, with times of Python's own."""
    moments = {name: None if row[name] is None else row[name].to_pydatetime() for name in ("started_at", "known_at")}
    return Run(**{**row, **moments})


def _numbers(rows: pd.DataFrame, name: str) -> Any:
    return rows[name].to_numpy(dtype=float, na_value=np.nan) if name in rows else np.nan
