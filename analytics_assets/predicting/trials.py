"""Which of two versions is better? On runs that neither learnt from, and on those that came since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.lib.judged_models import gained
from analytics_assets.lib.words import plural
from analytics_assets.predicting.stages import CANARY
from analytics_assets.predicting_thresholds import CANARY_FIRST_LOOK, CANARY_TRIES, TRIAL_OUTCOMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Losses = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SameSplit:
    """A challenger against the champion on runs that neither had learnt from; mean losses, less is better.

    ``is_won`` and ``is_lost`` are by more than chance: the one-sided 95 % interval of the difference is beyond 0.
    """

    champion_id: str
    n: int
    score: float
    champion_score: float
    is_won: bool
    is_lost: bool

    @property
    def in_words(self) -> str:
        """The verdict as a sentence goes on."""
        told = f"than {self.champion_id.split('/')[-1]} on {plural(self.n, 'run')} that neither learnt from"
        figures = f"({self.score:.4g}, {self.champion_score:.4g})"
        if self.is_won:
            return f"errs less {told} {figures}"
        return f"errs more {told} {figures}" if self.is_lost else f"errs no surely less or more {told} {figures}"


@dataclass(frozen=True, slots=True)
class Live:
    """Mean losses in use, of the runs that both a version and the champion answered; the champion's own has no rival.

    ``is_surely_worse``: than the champion, with the 5 % shared by the looks after each outcome.
    """

    n: int
    score: float
    champion_id: str | None = None
    champion_score: float | None = None
    is_surely_worse: bool = False


def same_split(
    champion_id: str, losses: Losses, champion_losses: Losses, days: Sequence[str] | None = None
) -> SameSplit | None:
    """Compare the losses of the same runs; None where there are fewer than thirty.

    Args:
        champion_id: of the version in use.
        losses: the challenger's.
        champion_losses: of the same runs.
        days: of each run: those of a day share their luck, see ``splits.luck_shared``.
    """
    if len(losses) < TRIAL_OUTCOMES.value:
        return None
    return SameSplit(
        champion_id,
        len(losses),
        float(losses.mean()),
        float(champion_losses.mean()),
        is_won=gained(champion_losses, losses, days).low > 0,
        is_lost=gained(losses, champion_losses, days).low > 0,
    )


def live_scores(
    losses: Mapping[str, Mapping[str, float]], champion_id: str | None, days: Mapping[str, object]
) -> dict[str, Live]:
    """How versions of one model do in use.

    Args:
        losses: by id of the version: the loss of each run that it answered and whose outcome is known, by run.
        champion_id: whose answers count; None where nobody's do.
        days: on which each run started.
    """
    champion = losses.get(champion_id, {}) if champion_id else {}
    found = {}
    for version, own in losses.items():
        if version == champion_id:
            found[version] = Live(len(own), float(np.mean(list(own.values()))))
            continue
        runs = sorted(own.keys() & champion.keys())
        if not runs:
            continue
        one, other = (np.array([each[run] for run in runs], dtype=float) for each in (own, champion))
        found[version] = Live(
            len(runs),
            float(one.mean()),
            champion_id,
            float(other.mean()),
            _is_surely_worse(one, other, [days[run] for run in runs]),
        )
    return found


def _is_surely_worse(losses: Losses, champion_losses: Losses, days: Sequence[object]) -> bool:
    """With the runs of a day as one, where there are ten days; of fewer, nothing would ever be sure.

    Then it may stop too soon, which costs a trial; too late would cost wrong answers.
    """
    if len(losses) < CANARY_FIRST_LOOK.value:
        return False
    groups = days if len(set(days)) >= CANARY_FIRST_LOOK.value else None
    return gained(losses, champion_losses, groups, tries=int(CANARY_TRIES.value)).low > 0


def on_trial(stage: str, live: Live) -> bool | None:
    """Whether a version on trial is promoted (True), rejected (False), or tried on (None).

    >>> on_trial("shadow", Live(30, 0.2, "m/v1", 0.21)), on_trial("shadow", Live(29, 0.2, "m/v1", 0.21))
    (True, None)
    >>> worse, hardly = Live(12, 0.4, "m/v1", 0.2, is_surely_worse=True), Live(30, 0.21, "m/v1", 0.2)
    >>> on_trial("canary", worse), on_trial("canary", hardly)
    (False, False)
    """
    if stage == CANARY and live.is_surely_worse:
        return False
    if live.champion_score is None or live.n < TRIAL_OUTCOMES.value:
        return None
    return live.score < live.champion_score


def in_short(live: Live, champion: str) -> str:
    """What a trial showed, as a sentence goes on."""
    assert live.champion_score is not None, "a trial is against the champion"
    word = "less" if live.score < live.champion_score else "no less"
    surely = ", surely" if live.is_surely_worse else ""
    return (
        f"erred {word} than {champion} on the same {plural(live.n, 'run')} "
        f"({live.score:.4g}, {live.champion_score:.4g}{surely})"
    )
