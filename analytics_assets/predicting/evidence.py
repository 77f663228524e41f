"""What the registry decides by, read from the warehouse: trainings, losses in use, decisions; and the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from analytics_assets.predicting.artefacts import problem
from analytics_assets.predicting.registry import Evidence
from analytics_assets.predicting.stages import ANSWERING, champions
from analytics_assets.predicting.training_rows import main_scores, same_splits
from analytics_assets.predicting.trials import Live, live_scores
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import records
from analytics_assets.warehouse.frames import earlier_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = Mapping[str, Any]
STAGE = "predictions"
DECISIONS = """
    select decision_id, subject_id, decision, decided_at, decided_by, notes
    from staging.stg_decisions where subject_type = 'model'
    order by decided_at, decision_id
"""
# What was asked by a person who then did not run it has no outcome; a run has one, and is compared by its id.
LOSSES = """
    select
        tracked.model_name, tracked.model_id, predictions.subject_id, tracked.error_magnitude,
        cast(predictions.run_started_at as date) as day
    from predictions.prediction_accuracy_tracking as tracked
    inner join predictions.model_predictions as predictions on tracked.prediction_id = predictions.id
    where predictions.subject_type = 'run' and tracked.error_magnitude is not null
"""


def gathered(
    con: DuckDBPyConnection, settings: Settings, versions: Sequence[dict[str, Any]], *, now: datetime
) -> Evidence:
    """Everything that decides on versions; tables that are not there yet say nothing."""
    trained = earlier_rows(con, STAGE, "model_training_data")
    metrics = earlier_rows(con, STAGE, "model_performance_metrics")

    @cache
    def problem_of(path: str, sha256: str) -> str | None:
        return problem(settings, path, sha256)

    return Evidence(
        trained=trained,
        now=now,
        strategy=settings.model_deployment,
        decisions=_rows(con, DECISIONS),
        same_split=same_splits(metrics),
        live=_live(con, versions),
        scores=main_scores(metrics),
        problem=lambda row: problem_of(row["artifact_path"], row["artifact_sha256"]),
    )


def unbeaten(version: Row, metrics: Iterable[Row]) -> Iterator[str]:
    """The baselines that a version does not beat on the time split, each in a sentence; and that it has no figures."""
    own = [
        row
        for row in metrics
        if row["model_id"] == version["id"]
        and row["evaluation_dataset"] == "time_split"
        and row["baseline"] is not None
    ]
    compared = [row for row in own if row["metric_name"] in ("brier", "auc", "pinball") and _is_bar(row["baseline"])]
    if not compared:
        yield "it was never held against a baseline"
    for row in compared:
        less = row["benchmark_comparison"]
        is_better = less is not None and (less < 0 if row["metric_type"] == "loss" else less > 0)
        if not is_better:
            yield f"its {row['metric_name']} is no better than that of {row['baseline']}"


def _is_bar(baseline: str) -> bool:
    from analytics_assets.predicting.purposes import BARS

    return baseline in BARS


def _live(con: DuckDBPyConnection, versions: Sequence[dict[str, Any]]) -> dict[str, Live]:
    """Of versions that answer or are on trial."""
    days: dict[str, object] = {}
    losses: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    answering = {row["id"] for row in versions if row["stage"] in ANSWERING}
    for row in _rows(con, LOSSES):
        if row["model_id"] in answering:
            losses[row["model_name"]][row["model_id"]][row["subject_id"]] = row["error_magnitude"]
            days[row["subject_id"]] = row["day"]
    answers = champions(versions)
    found: dict[str, Live] = {}
    for name, by_version in losses.items():
        found |= live_scores(by_version, answers[name]["id"] if name in answers else None, days)
    return found


def _rows(con: DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """The rows of tables that may not be there yet."""
    try:
        return records(con, sql)
    except duckdb.CatalogException:
        return []
