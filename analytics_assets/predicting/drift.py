"""Is what is asked today like what the model learnt from, and does it err as little as it did when it was judged?

Data drift holds a model's examples against those since, feature by feature. Concept drift holds the loss of its newest
answers against the loss of its test. All p-values of a model are adjusted together (Benjamini-Hochberg), and drift is
both: beyond chance, and over 003's 0.3.

What moves by nature is not compared: counts grow, clocks go on, and a rate as of a start settles with every run behind
it. Had it drifted for a reason, the answers would err, and that is concept drift.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import erfc, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.lib.effects import adjusted_p_values
from analytics_assets.lib.significance import is_significant, p_in_words
from analytics_assets.lib.words import percent, plural
from analytics_assets.predicting import distances
from analytics_assets.predicting.distances import Moved
from analytics_assets.predicting_thresholds import DRIFT_LEAST, DRIFT_SCORE, DRIFT_SPAN, LIVE_LEAST

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

DATA, CONCEPT, OUTCOME = "data", "concept", "(outcome)"
ROLLING = "rolling_brier", "rolling_pinball"
UNKNOWN = "(unknown)"


@dataclass(frozen=True, slots=True)
class Drift:
    """One comparison; what could not be compared has no test, and ``reason`` says why."""

    feature_name: str
    drift_type: str
    reference_n: int
    current_n: int
    reason: str
    test: str | None = None
    statistic: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    drift_score: float | None = None
    is_drifted: bool | None = None


@dataclass(frozen=True)
class Sample:
    """Examples in the order of time: numbers (NaN: not known) and categories (None: not known) by their names."""

    started_at: Sequence[datetime]
    numbers: Mapping[str, NDArray[np.float64]]
    categories: Mapping[str, Sequence[str | None]]

    def __len__(self) -> int:
        return len(self.started_at)

    @property
    def span(self) -> timedelta:
        """From the first to the last."""
        return max(self.started_at) - min(self.started_at) if self.started_at else timedelta(0)


def data_drift(reference: Sample, current: Sample, left_out: Mapping[str, str]) -> list[Drift]:
    """One comparison per number and category of the reference, in its order.

    Args:
        reference: what the model learnt from.
        current: what started since.
        left_out: features that are not compared, and why.
    """
    short = _too_little(reference, current)
    found = []
    for name, values in reference.numbers.items():
        sizes = (name, DATA, len(reference), len(current))
        why = short or left_out.get(name)
        now = current.numbers.get(name, np.full(len(current), np.nan))
        found.append(Drift(*sizes, f"not compared: {why}") if why else _numbers(name, values, now))
    for name, names in reference.categories.items():
        sizes = (name, DATA, len(reference), len(current))
        why = short or left_out.get(name)
        present = current.categories.get(name, [None] * len(current))
        found.append(Drift(*sizes, f"not compared: {why}") if why else _categories(name, names, present))
    return found


def concept_drift(
    losses: ArrayLike, *, test_loss: float | None, test_n: int, naive_loss: float | None, measure: str
) -> Drift:
    """The newest losses against the mean loss of the test.

    The score is the part of what the model is better than the naive answer by that is gone: 1 where it is no better.
    Runs of one burst go wrong together: as in the comparison of features, what they share is taken off their number.

    Args:
        losses: of the newest answers whose outcome is known, in the order of time, either way.
        test_loss: mean loss on the time split.
        test_n: examples of the time split.
        naive_loss: of the naive answer on the time split.
        measure: one of ``ROLLING``.
    """
    values = np.asarray(losses, dtype=float)
    n = len(values)
    if n < LIVE_LEAST.value or test_loss is None or naive_loss is None or test_n < 1:
        missing = f"{plural(n, 'outcome')} of {LIVE_LEAST.value:.0f}" if n < LIVE_LEAST.value else "no score of a test"
        return Drift(OUTCOME, CONCEPT, test_n, n, f"not compared: {missing}")
    mean, deviation = float(values.mean()), float(values.std(ddof=1))
    worth = distances.worth_of(values)
    error = deviation * sqrt((1 / n + 1 / test_n) / worth)
    lost = mean - test_loss
    # Every loss alike has no spread: any distance is then beyond chance, and none is none.
    p_value = 0.5 * erfc(lost / error / sqrt(2)) if error > 0 else float(lost <= 0)
    skill = naive_loss - test_loss
    score = min(1.0, max(0.0, lost / skill)) if skill > 0 else float(lost > 0)
    half = 1.96 * deviation / sqrt(n * worth)
    interval = f"{mean:.3f} ({mean - half:.3f} to {mean + half:.3f})"
    reason = f"mean loss of the newest {n} answers {interval}, {test_loss:.3f} when it was judged"
    return Drift(OUTCOME, CONCEPT, test_n, n, reason, measure, mean, p_value, None, score)


def decided(found: Sequence[Drift]) -> list[Drift]:
    """With adjusted p-values over all that were compared, and what is drift."""
    adjusted = adjusted_p_values([one.p_value for one in found])
    return [_decided(one, p_adjusted) for one, p_adjusted in zip(found, adjusted, strict=True)]


def worst(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Of rows of ``drift_reports``, what drifted most; None where nothing did."""
    return max((row for row in found if row["is_drifted"]), key=lambda row: float(row["drift_score"]), default=None)


def _decided(one: Drift, p_adjusted: float | None) -> Drift:
    if p_adjusted is None or one.drift_score is None:
        return one
    is_drifted = bool(is_significant(p_adjusted)) and one.drift_score > DRIFT_SCORE.value
    tells = f"{one.reason}; {'drift' if is_drifted else 'no drift'} (p {p_in_words(p_adjusted)})"
    return replace(one, p_adjusted=p_adjusted, is_drifted=is_drifted, reason=tells)


def _too_little(reference: Sample, current: Sample) -> str | None:
    least = int(DRIFT_LEAST.value)
    for sample, which in ((reference, "to learn from"), (current, "since")):
        if len(sample) < least:
            return f"{plural(len(sample), 'example')} {which}, {least} needed"
    days = current.span / timedelta(days=1)
    return f"the runs since are of {days:.1f} days, {DRIFT_SPAN.value:.0f} needed" if days < DRIFT_SPAN.value else None


def _numbers(name: str, reference: NDArray[np.float64], current: NDArray[np.float64]) -> Drift:
    before, after = (values[np.isfinite(values)] for values in (reference, current))
    if min(len(before), len(after)) < DRIFT_LEAST.value:
        # A column that vanished has no values to compare; that they are gone is what moved.
        return _presence(name, reference, current)
    moved = distances.numbers_moved(before, after)
    reason = f"median {np.median(before):.4g} before, {np.median(after):.4g} now"
    return _drift(name, len(before), len(after), moved, reason)


def _presence(name: str, reference: NDArray[np.float64], current: NDArray[np.float64]) -> Drift:
    known = [["known" if np.isfinite(value) else None for value in values] for values in (reference, current)]
    moved = distances.categories_moved(*known)
    if moved is None:
        return Drift(name, DATA, len(reference), len(current), "not compared: it is hardly known on either side")
    shares = [percent(float(np.isfinite(values).mean())) for values in (reference, current)]
    return _drift(name, len(reference), len(current), moved, f"known of {shares[0]} before, of {shares[1]} now")


def _categories(name: str, reference: Sequence[str | None], current: Sequence[str | None]) -> Drift:
    moved = distances.categories_moved(reference, current)
    if moved is None:
        return Drift(name, DATA, len(reference), len(current), "not compared: one category, or each too rare")
    return _drift(name, len(reference), len(current), moved, _most_moved(reference, current))


def _most_moved(reference: Sequence[str | None], current: Sequence[str | None]) -> str:
    from collections import Counter

    before, after = Counter(reference), Counter(current)

    def change(category: str | None) -> float:
        return after[category] / len(current) - before[category] / len(reference)

    most = max(sorted(before | after, key=str), key=lambda category: abs(change(category)))
    shares = percent(before[most] / len(reference)), percent(after[most] / len(current))
    return f"{UNKNOWN if most is None else most} {shares[0]} before, {shares[1]} now"


def _drift(name: str, reference_n: int, current_n: int, moved: Moved, reason: str) -> Drift:
    return Drift(
        name,
        DATA,
        reference_n,
        current_n,
        reason,
        moved.test,
        moved.statistic,
        moved.p_value,
        None,
        moved.distance,
    )
