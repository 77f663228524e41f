"""Runs whose durations and costs are known in truth: what a spec takes with a model, what is run, and chance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analytics_assets.predicting.examples import CATEGORIES, Examples, Run

BEGIN = datetime(2026, 3, 2)
SPREAD = 0.3
"""Standard deviation of the logarithm that nothing explains."""


def quantities(seed: int, runs: int = 400, *, size_matters: bool, specs: int = 4) -> Examples:
    """Runs of 40 minutes' distance; ``size_matters``: ten times the size takes nine times as long, and costs it."""
    rng = np.random.default_rng(seed)
    spec, model = rng.integers(0, specs, runs), rng.integers(0, 2, runs)
    size = rng.uniform(0, 2.3, runs)
    base = 5 + 0.5 * spec + 0.4 * model + (0.95 * (size - 1.15) if size_matters else 0)
    seconds = np.exp(base + rng.normal(0, SPREAD, runs))
    dollars = np.exp(base - 8 + rng.normal(0, SPREAD, runs))
    rows = [
        run_of(number, f"spec-{spec[number]}", f"model-{model[number]}", float(seconds[number]), float(dollars[number]))
        for number in range(runs)
    ]
    return examples_of(rows, size=size, other=rng.normal(size=runs))


def run_of(
    number: int, spec: str, model: str | None, seconds: float | None, dollars: float | None = None, **more: Any
) -> Run:
    """The run of this number; its end is known half an hour after its start."""
    started = BEGIN + timedelta(minutes=40 * number)
    known: dict[str, Any] = {"known_at": started + timedelta(minutes=30), "is_failed": number % 5 == 0}
    return Run(
        run_id=f"run-{number:05}",
        spec_id=spec,
        spec_type="build",
        model=model,
        started_at=started,
        duration_seconds=seconds,
        llm_cost_usd=dollars,
        **(known | more),
    )


def examples_of(runs: list[Run], **features: Any) -> Examples:
    """These runs with these features; without any, one that is never known."""
    table = {name: np.asarray(values, dtype=float) for name, values in features.items()}
    frame = pd.DataFrame(table or {"size": np.full(len(runs), np.nan)}, index=range(len(runs)), dtype="float64")
    names = {name: pd.Series([getattr(run, name) for run in runs], dtype="object") for name in CATEGORIES}
    return Examples(tuple(runs), frame, pd.DataFrame(names))
