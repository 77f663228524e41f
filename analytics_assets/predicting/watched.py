"""What is known of each model in use: its examples before and since, its newest errors, and where it stands.

Read from the warehouse by a connection; what is decided by it is in ``drift`` and ``retraining``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analytics_assets.lib.words import percent
from analytics_assets.predicting.artefacts import version_number
from analytics_assets.predicting.drift import OUTCOME, Drift, Sample, concept_drift, data_drift, decided, worst
from analytics_assets.predicting.learnt import LEARNT
from analytics_assets.predicting.retraining import Standing
from analytics_assets.predicting.runs import CATEGORIES
from analytics_assets.predicting.stages import CHAMPION, champion_of, on_trial_of
from analytics_assets.predicting.training_requests import lasting_trial
from analytics_assets.predicting_thresholds import BAND, DRIFT_REFERENCE, LIVE_LEAST, ROLLING_OUTCOMES
from analytics_assets.warehouse.connection import count
from analytics_assets.warehouse.frames import columns_of, earlier_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = Mapping[str, Any]
STAGE = "predictions"
KNOWN = {
    "failure_risk": "is_failed is not null",
    "run_duration": "is_failed is not null and duration_seconds > 0",
    "run_cost": "is_failed is not null and llm_cost_usd > 0",
}
"""When the outcome that a model learns from is known."""
REFERENCE = f"""
    select * from (
        select * from predictions.run_features where {{known}} and run_id in ({LEARNT})
        order by started_at desc, run_id desc limit $most
    ) order by started_at, run_id
"""
CURRENT = f"select * from predictions.run_features where run_id not in ({LEARNT}) order by started_at, run_id"
ERRORS = """
    select tracked.error_magnitude, tracked.error_type
    from predictions.prediction_accuracy_tracking as tracked
    inner join predictions.model_predictions as predictions on tracked.prediction_id = predictions.id
    where tracked.model_id = $version and predictions.subject_type = 'run'
    order by predictions.run_started_at desc, predictions.subject_id desc
    limit $most
"""


# Runs that were recorded late change the number of the examples before, those that are recorded anew the errors.
EXAMINED = f"""
    select
        count(*), count(*) filter (where run_id not in ({LEARNT})), max(started_at),
        (select count(*) from predictions.prediction_accuracy_tracking where model_id = $version),
        (select round(sum(error_magnitude), 9) from predictions.prediction_accuracy_tracking where model_id = $version)
    from predictions.run_features
"""


@dataclass(frozen=True)
class Test:
    """How a version did on its time split: mean loss, that of the simplest answer, runs, and right answers.

    ``hit_rate``: share of right calls; of a quantity the share within its bands.
    """

    loss: float | None
    naive_loss: float | None
    n: int
    hit_rate: float | None

    @classmethod
    def of(cls, version: Row, metrics: Iterable[Row], loss: str) -> Test:
        """From ``model_performance_metrics``; ``loss`` is brier or pinball."""
        from analytics_assets.predicting.purposes import BARS

        own = [row for row in metrics if row["model_id"] == version["id"] and row["evaluation_dataset"] == "time_split"]
        losses = [row for row in own if row["metric_name"] == loss and row["metric_value"] is not None]
        naive = [
            row["metric_value"] - row["benchmark_comparison"]
            for row in losses
            if row["baseline"] in BARS and row["benchmark_comparison"] is not None
        ]
        hits = next((row for row in own if row["metric_name"] in ("accuracy", "coverage")), None)
        return cls(
            losses[0]["metric_value"] if losses else None,
            max(naive, default=None),
            int(json.loads(losses[0]["evaluation_context"]).get("n", 0)) if losses else 0,
            hits["metric_value"] if hits else None,
        )


def champions(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    """The versions whose answers count, one per model at most."""
    return [row for row in earlier_rows(con, STAGE, "model_versions") if row["stage"] == CHAMPION]


def loss_of(model_name: str) -> str:
    """Name of the mean loss of a model: brier of probabilities, pinball of quantiles."""
    return "brier" if model_name == "failure_risk" else "pinball"


def examined(con: DuckDBPyConnection, champion: Row) -> str:
    """What there is to look at of a version: where it is as it was, so is every comparison."""
    row = con.execute(EXAMINED, {"version": champion["id"]} | _trained(champion)).fetchone()
    return f"{champion['id']}: " + ", ".join("-" if part is None else str(part) for part in row or ())


def drift_of(con: DuckDBPyConnection, champion: Row, metrics: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of ``drift_reports`` of one version, without the columns that say when."""
    from analytics_assets.predicting.compared import left_out

    name, trained = str(champion["model_name"]), _trained(champion)
    reference = _sample(con, REFERENCE.format(known=KNOWN[name]), trained | {"most": int(DRIFT_REFERENCE.value)})
    current = _sample(con, CURRENT, trained)
    loss = loss_of(name)
    test = Test.of(champion, metrics, loss)
    errors = [row[0] for row in _errors(con, champion["id"])]
    found = decided(
        [
            concept_drift(
                errors, test_loss=test.loss, test_n=test.n, naive_loss=test.naive_loss, measure=f"rolling_{loss}"
            ),
            *data_drift(reference, current, left_out(current.span)),
        ]
    )
    spans = {"reference_span": _span(reference), "current_span": _span(current)}
    return [_row(champion, one, spans) for one in found]


def standing_of(
    con: DuckDBPyConnection, name: str, drifts: Iterable[Row], metrics: Iterable[Row], *, now: datetime
) -> tuple[Standing, int]:
    """Where a model stands, and on how many outcomes in use its hit rate rests (0: its test). ``now`` is naive UTC."""
    versions = [row for row in earlier_rows(con, STAGE, "model_versions") if row["model_name"] == name]
    trainings = [row for row in earlier_rows(con, STAGE, "model_training_data") if row["model_name"] == name]
    outcomes = _outcomes(con, name, None)
    newest = max(trainings, key=lambda row: version_number(row["version"]), default=None)
    if newest is None:
        return Standing(model_name=name, outcomes=outcomes), 0
    champion, on_trial = champion_of(versions, name), on_trial_of(versions, name)
    drifted = worst([row for row in drifts if champion and row["model_name"] == name])
    test = Test.of(champion or newest, metrics, loss_of(name))
    hits = _hits(name, _errors(con, champion["id"]) if champion else [], test)
    return Standing(
        model_name=name,
        version=(champion or newest)["version"],
        is_champion=champion is not None,
        trained_at=newest["trained_at"],
        outcomes=outcomes,
        new_outcomes=_outcomes(con, name, newest),
        learnt_from=newest["sample_count"],
        hit_rate=hits.rate,
        hit_rate_in_words=hits.in_words,
        test_hit_rate=test.hit_rate,
        promised=hits.promised,
        drift_score=drifted["drift_score"] if drifted else None,
        drifted=_named(drifted["feature_name"]) if drifted else None,
        predictions=_predictions(con, name, newest["trained_at"]),
        on_trial=lasting_trial(on_trial, _tried_at(con, on_trial["id"]), now) if on_trial else None,
    ), hits.n


def _named(feature: str) -> str:
    return "its errors" if feature == OUTCOME else feature


class _Hits(NamedTuple):
    """Share of outcomes that were said right, what is promised, the outcomes in use it rests on, and it in words."""

    rate: float | None
    promised: float
    n: int = 0
    in_words: str = ""


def _hits(name: str, errors: list[tuple[float, str]], test: Test) -> _Hits:
    is_live = len(errors) >= LIVE_LEAST.value
    is_probability = name == "failure_risk"
    hit, promised = ("none", 1.0) if is_probability else ("within", BAND.value)
    rate = sum(kind == hit for _, kind in errors) / len(errors) if is_live else test.hit_rate
    if rate is None:
        return _Hits(None, promised)
    of = f"the newest {len(errors)} outcomes" if is_live else "its test"
    words = f"right in {percent(rate)} of {of}"
    if not is_probability:
        words = f"its bands hold {percent(rate)} of {of}, of the {percent(promised)} that they promise"
    return _Hits(rate, promised, len(errors) if is_live else 0, words)


def _tried_at(con: DuckDBPyConnection, version_id: str) -> datetime | None:
    """When the newest outcome of a trial was known."""
    if not columns_of(con, STAGE, "prediction_accuracy_tracking"):
        return None
    statement = "select max(measured_at) from predictions.prediction_accuracy_tracking where model_id = ?"
    row = con.execute(statement, [version_id]).fetchone()
    return row[0] if row else None


def _sample(con: DuckDBPyConnection, statement: str, parameters: Mapping[str, object]) -> Sample:
    """Rows of ``run_features`` as they are compared; what the table lacks is not compared."""
    from analytics_assets.predicting.features import NAMES

    columns = con.execute(statement, parameters).fetchnumpy()
    numbers = {name: _floats(columns[name]) for name in NAMES if name in columns}
    categories = {
        name: [None if one is None or one is np.ma.masked else str(one) for one in columns[name].tolist()]
        for name in CATEGORIES
        if name in columns
    }
    return Sample(columns["started_at"].astype("datetime64[us]").tolist(), numbers, categories)


def _floats(column: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """NULL as NaN: DuckDB masks it."""
    return np.ma.filled(np.ma.asarray(column, dtype=float), np.nan)


def _errors(con: DuckDBPyConnection, version_id: str) -> list[tuple[float, str]]:
    """The newest in use, the newest first."""
    if not columns_of(con, STAGE, "prediction_accuracy_tracking") or not columns_of(con, STAGE, "model_predictions"):
        return []
    found = con.execute(ERRORS, {"version": version_id, "most": int(ROLLING_OUTCOMES.value)})
    return [(float(error), str(kind)) for error, kind in found.fetchall()]


def _trained(version: Row) -> dict[str, Any]:
    """By what is known which runs a version learnt from."""
    return {name: version[name] for name in ("trained_at", "trained_until")}


def _outcomes(con: DuckDBPyConnection, name: str, new_to: Row | None) -> int:
    """Outcomes that can be learnt from; those that are new to a training only, where one is given."""
    learnt = "" if new_to is None else f" and run_id not in ({LEARNT})"
    statement = f"select count(*) from predictions.run_features where known_at is not null and {KNOWN[name]}{learnt}"
    row = con.execute(statement, {} if new_to is None else _trained(new_to)).fetchone()
    return int(row[0]) if row else 0


def _predictions(con: DuckDBPyConnection, name: str, since: datetime) -> int:
    if not columns_of(con, STAGE, "model_predictions"):
        return 0
    statement = (
        "select count(*) from predictions.model_predictions "
        "where model_name = ? and role = ? and prediction_timestamp > ?"
    )
    return count(con, statement, name, CHAMPION, since)


def _span(sample: Sample) -> str | None:
    if not sample.started_at:
        return None
    return f"{min(sample.started_at):%Y-%m-%d %H:%M} to {max(sample.started_at):%Y-%m-%d %H:%M}"


def _row(champion: Row, one: Drift, spans: Mapping[str, str | None]) -> dict[str, Any]:
    own = {} if one.drift_type == "concept" else dict(spans)
    return {"model_name": champion["model_name"], "version": champion["version"], **asdict(one), **own}
