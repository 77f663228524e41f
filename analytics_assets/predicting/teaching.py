"""What a training learns from: is it the same as before, and how good is it?"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.predicting_thresholds import QUALITY_CLASS_SHARE, QUALITY_DAYS, QUALITY_VALUES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Targets = NDArray[np.float64]

SECONDS_A_DAY = 86_400


def taught(examples: Examples, target: Targets) -> NDArray[np.bool_]:
    """Which examples can be learnt from: their outcome is known, and when it was."""
    known: NDArray[np.bool_] = ~np.isnan(target) & ~np.isnat(examples.known_at)
    return known


def data_hash(examples: Examples, target: Targets) -> str:
    """SHA-256 over what is learnt from, in the order of (started_at, run_id).

    Over the names of the columns, then the features and the target as little-endian doubles (every NaN the same, -0 as
    0), the categories as JSON, and the moments of start and outcome as microseconds. Equal data has an equal hash on
    every machine; a row, a value or a column more, less or changed has another one.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps([list(examples.features.columns), list(examples.categories.columns)]).encode())
    for numbers in (examples.features.to_numpy(dtype=float), target):
        plain = np.where(np.isnan(numbers), np.nan, numbers) + 0.0
        digest.update(np.ascontiguousarray(plain, dtype="<f8").tobytes())
    named = examples.categories.astype(object).where(examples.categories.notna(), None).to_numpy().tolist()
    digest.update(json.dumps([[run.run_id for run in examples.runs], named], ensure_ascii=False).encode())
    for moments in (examples.started_at, examples.known_at):
        digest.update(np.ascontiguousarray(moments.astype("datetime64[us]").astype("<i8")).tobytes())
    return digest.hexdigest()


def quality(examples: Examples, target: Targets) -> dict[str, Any]:
    """``score`` (0..1): the mean of four shares, which stand beside it.

    ``known_cells``: of the features' cells, those that are known. ``known_outcomes``: of all runs, those with a target.
    ``span``: days from first to last start over 28, at most 1. ``balance``: of a yes or no, the share of the rarer
    answer over 10 %; of a quantity, its distinct values over 30; at most 1.
    """
    is_taught = taught(examples, target)
    n = int(is_taught.sum())
    if not n:
        return {"score": 0.0, "runs": len(examples), "known_outcomes": 0.0}
    cells = examples.features.to_numpy(dtype=float)[is_taught]
    starts = examples.started_at[is_taught]
    days = float((starts.max() - starts.min()) / np.timedelta64(SECONDS_A_DAY, "s"))
    parts = {
        "known_cells": float((~np.isnan(cells)).mean()) if cells.size else 0.0,
        "known_outcomes": n / len(examples),
        "span": min(1.0, days / QUALITY_DAYS.value),
        "balance": _balance(target[is_taught]),
    }
    return {"score": float(np.mean(list(parts.values()))), "runs": len(examples), "days": days, **parts}


def _balance(target: Targets) -> float:
    values = np.unique(target)
    if set(values.tolist()) <= {0.0, 1.0}:
        return min(1.0, float(min(target.mean(), 1 - target.mean())) / QUALITY_CLASS_SHARE.value)
    return min(1.0, len(values) / QUALITY_VALUES.value)
