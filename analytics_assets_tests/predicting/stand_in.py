"""A model so small that a test sees through it: the rate of failures among simple and among complex runs.

And runs that it can learn from: complex ones fail, until the world turns round.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from analytics_assets.predicting.examples import Examples
from analytics_assets.predicting.failure_purpose import PURPOSE, targets
from analytics_assets.predicting.purpose import Judgement, Metric, Purpose
from analytics_assets.predicting.runs import CATEGORIES
from analytics_assets.predicting.stored import OF_RUN, stored_examples
from analytics_assets.predicting_thresholds import TRIAL_OUTCOMES

FIRST = datetime(2026, 1, 5)
LOOKS_AT, OTHER = "complexity_log", "task_count"


@dataclass(frozen=True)
class Rates:
    """Share of failures among simple and among complex runs."""

    simple: float
    complex: float

    @classmethod
    def fit(cls, examples: Examples, _: Mapping[str, Any]) -> Self:
        is_complex = examples.features[LOOKS_AT].to_numpy() > 1
        failed = examples.is_failed
        return cls(*((failed[part].sum() + 1) / (part.sum() + 2) for part in (~is_complex, is_complex)))

    def predict(self, examples: Examples) -> Any:
        return np.where(examples.features[LOOKS_AT].to_numpy() > 1, self.complex, self.simple)

    def importance(self) -> dict[str, float]:
        return {LOOKS_AT: 1.0}

    def with_shuffled(self, _encoding: str, _order: Any) -> Self:
        return self

    def lacking(self, examples: Examples) -> list[str]:
        return [] if LOOKS_AT in examples.features else [LOOKS_AT]

    def save(self, folder: Path) -> None:
        (folder / "rates.json").write_text(json.dumps([self.simple, self.complex]))

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls(*json.loads((folder / "rates.json").read_text()))


def losses(model: Any, examples: Examples) -> Any:
    return (model.predict(examples) - examples.is_failed) ** 2


def judge(examples: Examples, parameters: Mapping[str, Any]) -> Judgement | str:
    """Against the constant, on the last 30 %."""
    if len(examples) < 2 * TRIAL_OUTCOMES.value:
        return f"only {len(examples)} runs"
    at = examples.started_at[int(0.7 * len(examples))].item()
    learnt = examples.take(examples.known_before(at))
    tested = examples.take(examples.started_at >= np.datetime64(at, "us"))
    brier = float(losses(Rates.fit(learnt, {}), tested).mean())
    constant = float(((learnt.is_failed.mean() - tested.is_failed) ** 2).mean())
    metrics = tuple(
        Metric("time_split", name, value, kind, {"n": len(tested)}, baseline, against)
        for baseline in ("constant", "model_x_spec_type")
        for name, value, kind, against in (("brier", brier, "loss", constant), ("auc", 0.9, "score", 0.5))
    )
    matrix = Metric("time_split", "confusion_matrix", 9.0, "matrix", {"points": {"tp": 3, "fp": 2, "tn": 4, "fn": 0}})
    is_better = brier < constant
    verdict = f"Brier score {brier:.3f} against {constant:.3f}"
    figures = {"brier": brier, "auc": 0.9, "accuracy": 0.8}
    return Judgement(at, "rates", parameters, is_better, verdict, figures, (*metrics, matrix), len(tested), 0)


STAND_IN: Purpose = replace(
    PURPOSE, parameters={"weight": 1}, targets=targets, fit=Rates.fit, judge=judge, losses=losses, load=Rates.load
)


def table(
    count: int, *, turned: bool = False, since: int = 0, sure: float = 0.9, decided_by: str = LOOKS_AT
) -> pd.DataFrame:
    """Rows of ``predictions.run_features``: a run each hour, known after ten minutes.

    Complex runs fail in ``sure`` of the cases and simple ones in the rest; turned, it is the other way round.
    Decided by OTHER, those of many tasks fail, and complexity is nothing to it.
    """
    draw = random.Random(since)
    rows = []
    for number in range(since, since + count):
        at = FIRST + timedelta(hours=number)
        shape = {name: 2.0 if draw.random() < 0.5 else 0.0 for name in (LOOKS_AT, OTHER)}
        is_failed = (draw.random() < sure) == ((shape[decided_by] > 1) != turned)
        row = dict.fromkeys(CATEGORIES, "a") | dict.fromkeys(OF_RUN) | {"run_id": f"r{number:05}", "started_at": at}
        row |= {"known_at": at + timedelta(minutes=10), "is_failed": is_failed} | shape
        row |= {"status": "failed" if is_failed else "success", "duration_seconds": 600.0, "llm_cost_usd": 0.5}
        rows.append(row)
    return pd.DataFrame(rows)


def made(*tables: pd.DataFrame) -> Examples:
    """The examples of these rows."""
    return stored_examples(pd.concat(tables))


def version(number: int, stage: str, **fields: Any) -> dict[str, Any]:
    """A row of ``predictions.model_versions``."""
    name = fields.pop("model_name", "failure_risk")
    at = FIRST + timedelta(days=number)
    return {
        "id": f"{name}/v{number}",
        "model_name": name,
        "version": f"v{number}",
        "stage": stage,
        "stage_since": at,
        "stage_reason": "as it was",
        "trained_at": at,
        "trained_until": at,
        "algorithm_name": "rates",
        "parameters": "{}",
        "data_hash": f"hash {number}",
        "artifact_path": f"{name}/v{number}",
        "artifact_sha256": f"{number}",
        "is_better_than_baselines": True,
        "predecessor": None,
        "promoted_at": at if stage in ("champion", "retired") else None,
        "retired_at": None,
        "decision_id": None,
        "decided_at": None,
        "artifact_removed_at": None,
        "problem": None,
    } | fields


def training(number: int, **fields: Any) -> dict[str, Any]:
    """A row of ``predictions.model_training_data``, as far as the registry looks at it."""
    row = version(number, "") | {"model_id": f"failure_risk/v{number}", "verdict": "better than both", "reason": "due"}
    return {name: value for name, value in row.items() if not name.startswith("stage")} | fields


def stages(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Stage by version."""
    return {row["version"]: row["stage"] for row in rows}
