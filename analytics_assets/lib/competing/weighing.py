"""Who forecasts: the weighted combination of the closest methods, one of them, or the seasonal naive forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.forecast_thresholds import CONTEST_ALONE, CONTEST_COMBINED, CONTEST_MIN_ORIGINS
from analytics_assets.lib.competing.backtest import Looks, is_beaten, relative_error, relative_errors
from analytics_assets.lib.competing.methods import NAIVE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WEIGHTED = "weighted"


@dataclass(frozen=True)
class Choice:
    """``weights`` are of the methods that forecast, and sum to 1; ``answers`` is what it would have said in the looks.

    ``combined`` is what the weighted combination would have said, None where there is none.
    """

    method: str
    weights: Mapping[str, float]
    reason: str
    answers: Floats | None = None
    combined: Floats | None = None


def weights(looks: Looks) -> dict[str, float]:
    """The closest methods that are no worse than the seasonal naive one, by the inverse of their squared errors.

    J. M. Bates, C. W. J. Granger, "The combination of forecasts", 1969, for errors that are not correlated: what
    correlations tell in a few looks is noise. Nothing can be closer than what was not wrong: then it is the naive one.
    """
    errors = relative_errors(looks)
    closest = [name for name in errors if name == NAIVE or is_beaten(looks, looks.answers[name])]
    closest = sorted(closest, key=lambda name: errors[name])[: int(CONTEST_COMBINED.value)]
    if not closest:
        return {NAIVE: 1.0}
    exact = [name for name in closest if errors[name] == 0]
    if exact:
        return {exact[0]: 1.0}
    parts = {name: errors[name] ** -2 for name in closest}
    return {name: part / sum(parts.values()) for name, part in parts.items()}


def combination(parts: Mapping[str, float], answers: Mapping[str, Floats]) -> Floats:
    """The weighted mean of the answers."""
    total: Floats = np.sum([share * answers[name] for name, share in parts.items()], axis=0)
    return total


def choose(looks: Looks | None) -> Choice:
    """Which method forecasts, and why.

    Each look judges the combination by weights from the other looks: else it would be judged by what it was made from.
    """
    if looks is None or len(looks) < CONTEST_MIN_ORIGINS.value:
        return Choice(NAIVE, {NAIVE: 1.0}, "the history is too short to compare methods")
    naive = looks.answers[NAIVE]
    errors = relative_errors(looks)
    if not errors:
        return Choice(NAIVE, {NAIVE: 1.0}, "the season before was repeated exactly: nothing can be closer", naive)
    parts = weights(looks)
    combined = np.stack([combination(weights(looks.without(n)), looks.only([n]).answers)[0] for n in range(len(looks))])
    error = relative_error(looks, combined)
    assert error is not None, "the bar was above 0"
    closest = min(errors, key=lambda name: errors[name])
    is_closer = is_beaten(looks, looks.answers[closest])
    if is_closer and errors[closest] < CONTEST_ALONE.value * error:
        return Choice(closest, {closest: 1.0}, _told(closest, errors[closest], looks), looks.answers[closest], combined)
    if parts == {NAIVE: 1.0} or not is_beaten(looks, combined):
        told = f"the combination was off by {100 * error:.0f} %; {_told(closest, errors[closest], looks)}"
        return Choice(NAIVE, {NAIVE: 1.0}, told, naive, combined)
    if len(parts) == 1:
        (alone,) = parts
        return Choice(alone, parts, _told(alone, errors[alone], looks), looks.answers[alone], combined)
    return Choice(WEIGHTED, parts, _told(WEIGHTED, error, looks), combined, combined)


def _told(name: str, error: float, looks: Looks) -> str:
    if name == NAIVE:
        return f"in {len(looks)} looks back no method was closer than seasonal naive"
    words = "the weighted combination" if name == WEIGHTED else name.replace("_", " ")
    return f"in {len(looks)} looks back {words} was off by {100 * error:.0f} % of what seasonal naive was"
