"""Which model to take for the next run, from what the models did so far.

Only candidates that can be compared belong in one choice: the models of one spec, or of one type of specs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics_assets.lib.posterior import probability_lower
from analytics_assets.lib.words import money
from analytics_assets.thresholds import LEVEL_MED_CONFIDENCE, NOT_WORSE_BY, SUGGEST_MIN_RUNS


@dataclass(frozen=True)
class Candidate:
    """A model with its runs in one scope. ``cost_per_success_usd`` is None where it was not measured."""

    model: str
    runs: int
    successes: int
    cost_per_success_usd: float | None = None

    @property
    def success_rate(self) -> float:
        """Share of the runs that succeeded, 0 to 1; there is at least one run."""
        return self.successes / self.runs


class Choice(NamedTuple):
    """The model that was chosen and why, in a sentence with its numbers."""

    chosen: Candidate
    reason: str


def choose_model(candidates: Sequence[Candidate]) -> Choice | None:
    """The cheapest per success of the models that succeed as often as the best; None where all have too few runs.

    The best is the one with the highest success rate among those with 10 runs or more. A model is as good where it
    fails at most 5 points more often with a probability of 0.75: what ``cheaper_model`` asks of a suggestion. Where
    the cost of the best one is not known, nothing can be said to be cheaper, and the best one it is.

    >>> choose_model([Candidate("a", 200, 180, 0.30), Candidate("b", 200, 176, 0.10)]).chosen.model
    'b'
    >>> choose_model([Candidate("a", 9, 9)]) is None
    True
    """
    enough = [c for c in candidates if c.runs >= SUGGEST_MIN_RUNS.value]
    if not enough:
        return None
    best = min(enough, key=lambda c: (-c.success_rate, -c.runs, c.model))
    if len(enough) == 1:
        return Choice(best, f"It is the only model with {SUGGEST_MIN_RUNS.value:.0f} runs or more: {_rate(best)}.")
    peers = [c for c in enough if c is best or _not_worse(best, c) >= LEVEL_MED_CONFIDENCE.value]
    cheapest = _cheapest(best, peers)
    if cheapest is not best:
        return Choice(cheapest, _cheaper(cheapest, best))
    return Choice(best, _ahead(best, enough, peers))


def _not_worse(best: Candidate, other: Candidate) -> float:
    """P(the other one fails at most a margin more often)."""
    return probability_lower(
        best.runs - best.successes, best.runs, other.runs - other.successes, other.runs, NOT_WORSE_BY.value
    )


def _cheapest(best: Candidate, peers: Sequence[Candidate]) -> Candidate:
    if best.cost_per_success_usd is None:
        return best
    priced = [(cost, -c.success_rate, c.model, c) for c in peers if (cost := c.cost_per_success_usd) is not None]
    return min(priced, key=lambda known: known[:3])[-1]


def _cheaper(chosen: Candidate, best: Candidate) -> str:
    return (
        f"A success costs {_usd(chosen)}, and {_rate(chosen)}; with {best.model} it costs {_usd(best)}, and "
        f"{_rate(best)}. That it fails at most {100 * NOT_WORSE_BY.value:.0f} points more often is "
        f"{100 * _not_worse(best, chosen):.0f} % likely."
    )


def _ahead(best: Candidate, enough: Sequence[Candidate], peers: Sequence[Candidate]) -> str:
    others = [c for c in enough if c is not best]
    told = [c for c in others if c not in peers]
    said = [f"It has the best success rate: {_rate(best)}"]
    if told:
        next_best = max(told, key=lambda c: (c.success_rate, c.runs))
        said.append(f"{next_best.model} is not known to be as good: {_rate(next_best)}")
    tied = [c for c in others if c in peers]
    if tied and best.cost_per_success_usd is None:
        said.append(f"{_names(tied)} may be as good, and what a success costs with {best.model} is not known")
    elif tied:
        said.append(f"{_names(tied)} may be as good, but not known to be cheaper: a success costs {_usd(best)} here")
    return "; ".join(said) + "."


def _names(candidates: Sequence[Candidate]) -> str:
    return " and ".join(sorted(c.model for c in candidates))


def _rate(candidate: Candidate) -> str:
    return f"{candidate.successes} of {candidate.runs} runs succeeded ({100 * candidate.success_rate:.0f} %)"


def _usd(candidate: Candidate) -> str:
    assert candidate.cost_per_success_usd is not None, "compared by their costs"
    return money(candidate.cost_per_success_usd)
