"""The probability that a run fails, known when it starts: voters, a calibrated answer, and what moved it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from analytics_assets.lib.judged_models import gained
from analytics_assets.lib.words import plural
from analytics_assets.predicting.calibration import Calibration, logit
from analytics_assets.predicting.encoding import ENCODED, Coded, TargetRates, cross_fitted, encoded_by, shuffled
from analytics_assets.predicting.parameters import typed
from analytics_assets.predicting.sequence import SequenceModel, is_available
from analytics_assets.predicting.splits import luck_shared, rolling_origins
from analytics_assets.predicting.voters import NEAR, FailureParameters, Voters
from analytics_assets.predicting_thresholds import CALIBRATION_LOOKS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Numbers = NDArray[np.float64]

FOREST_FILE, BOOSTED_FILE, REST_FILE = "forest.json", "boosted.json", "model.json"
ATTEMPTS = "attempts"
"""What the sequence model moves an answer by, beside the columns that the trees look at."""
TREES = 2
"""Voters that everybody has: their votes come first."""
FORMAT = 1
"""Of ``model.json``: a file of another number was written by another release."""
DEFAULTS = FailureParameters()


@dataclass(frozen=True)
class FailureModel:
    """A fitted model.

    ``voters`` is None where all runs that were learnt from ended alike: then the answer is a constant, and ``reason``
    says so. ``usual`` is the median of each feature over those runs, None where it was never known.
    """

    parameters: FailureParameters
    features: tuple[str, ...]
    n: int
    failures: int
    rates: TargetRates
    calibration: Calibration
    usual: Mapping[str, float | None]
    voters: Voters | None
    reason: str | None = None
    sequence: SequenceModel | None = None

    @classmethod
    def fit(cls, examples: Examples, parameters: FailureParameters = DEFAULTS) -> Self:
        """Learn from the examples that have an outcome. The same examples and parameters give the same model.

        The last two rolling origins within them, votes on runs that came after what the voters knew, tell what the vote
        is worth: whether it is calibrated, and whether the sequence model votes, where PyTorch is installed.

        Raises:
            ValueError: no example has an outcome.
        """
        known = _with_outcome(examples)
        if not len(known):
            raise ValueError("a model cannot learn from runs without an outcome")
        is_failed = np.asarray(known.is_failed, dtype=float)
        coded = Coded.of(known.categories)
        is_constant = is_failed.min() == is_failed.max()
        looks = [] if is_constant else _looks(known, coded, parameters)
        joins = _helps(looks)
        heard = slice(None if joins else TREES)
        return cls(
            parameters=parameters,
            features=tuple(known.features.columns),
            n=len(known),
            failures=int(is_failed.sum()),
            rates=TargetRates.fit(coded, is_failed, weight=parameters.encoding_weight),
            calibration=Calibration.proved([(one.votes[:, heard].mean(axis=1), one.is_failed) for one in looks]),
            usual=_usual(known.features),
            voters=None if is_constant else _voters(known, coded, is_failed, parameters),
            reason=_constant_reason(len(known), bool(is_failed[0])) if is_constant else None,
            sequence=SequenceModel.fit(known) if joins else None,
        )

    def predict(self, examples: Examples) -> Numbers:
        """Calibrated probability of failing, 0 to 1, of each example."""
        votes = self.votes(examples)
        return votes[:, 0] if self.voters is None else self.calibration.probabilities(votes.mean(axis=1))

    def votes(self, examples: Examples) -> Numbers:
        """What the forest, the boosted trees and the sequence model say, before they are put together.

        One row per run, two columns; three where the sequence model votes.
        """
        if self.voters is None:
            # As if one more run had ended in either way: of 40 successes nobody knows that nothing can fail.
            return np.full((len(examples), 2), (self.failures + 1) / (self.n + 2))
        votes = self.voters.votes(self._matrix(examples), self.parameters.threads)
        return votes if self.sequence is None else np.column_stack([votes, self.sequence.predict(examples)])

    def contributions(self, examples: Examples) -> pd.DataFrame:
        """What moved each answer: one row per example, one column per feature and encoding, in log-odds.

        A row sums to the calibrated log-odds less those of the mean vote. Encodings have the name of their category,
        as in ``ENCODED``; ``ATTEMPTS`` is what the sequence model adds, as a whole. All is 0 where the answer is a
        constant.
        """
        import pandas as pd

        columns = [*self.features, *ENCODED, *([ATTEMPTS] if self.sequence else [])]
        if self.voters is None:
            return pd.DataFrame(0.0, index=range(len(examples)), columns=columns)
        mean, moved = self.voters.moved(self._matrix(examples), self.parameters.threads)
        if self.sequence is not None:
            moved = np.column_stack([2 * moved, self.sequence.predict(examples) - mean]) / 3
        votes = mean + moved.sum(axis=1)
        change, total = logit(votes) - logit(mean), moved.sum(axis=1)
        near = np.abs(total) < NEAR
        scale = np.where(near, 1 / (mean * (1 - mean)), change / np.where(near, 1.0, total))
        return pd.DataFrame(moved * (self.calibration.slope * scale)[:, None], columns=columns)

    def importance(self) -> dict[str, float]:
        """Share of each feature and encoding in what the questions of the trees gained, the largest first; sums to 1.

        All 0 where the answer is a constant. Gain favours columns with many values; by how much a score worsens without
        a column is another question.
        """
        shares = dict.fromkeys((*self.features, *ENCODED), 0.0) if self.voters is None else self.voters.gains()
        return dict(sorted(shares.items(), key=lambda share: (-share[1], share[0])))

    def with_shuffled(self, encoding: str, order: NDArray[np.int64]) -> Self:
        """As ``Model.with_shuffled``."""
        return replace(self, rates=shuffled(self.rates, encoding, order))

    def lacking(self, examples: Examples) -> list[str]:
        """Features that were learnt from and that these examples do not have: they count as not known."""
        return [name for name in self.features if name not in examples.features]

    def save(self, folder: Path) -> None:
        """Write the model into a folder as JSON alone; the folder is made."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.voters is not None:
            (folder / FOREST_FILE).write_bytes(self.voters.forest.save_raw("json"))
            (folder / BOOSTED_FILE).write_bytes(self.voters.boosted.save_raw("json"))
        if self.sequence is not None:
            self.sequence.save(folder)
        rest = {
            "format": FORMAT,
            "parameters": asdict(self.parameters),
            "features": self.features,
            "n": self.n,
            "failures": self.failures,
            "rates": self.rates.as_json(),
            "calibration": asdict(self.calibration),
            "usual": dict(self.usual),
            "is_constant": self.voters is None,
            "has_sequence": self.sequence is not None,
            "reason": self.reason,
        }
        (folder / REST_FILE).write_text(json.dumps(rest, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote.

        Raises:
            OSError: a file is missing.
            ValueError: ``model.json`` is of another format.
        """
        rest = json.loads((folder / REST_FILE).read_text(encoding="utf-8"))
        if rest.get("format") != FORMAT:
            raise ValueError(f"{folder / REST_FILE} is of format {rest.get('format')}, not {FORMAT}")
        features = tuple(rest["features"])
        names = (*features, *ENCODED)
        return cls(
            parameters=parameters_from(rest["parameters"]),
            features=features,
            n=rest["n"],
            failures=rest["failures"],
            rates=TargetRates.from_json(rest["rates"]),
            calibration=Calibration(**rest["calibration"]),
            usual=rest["usual"],
            voters=None if rest["is_constant"] else Voters.load(folder / FOREST_FILE, folder / BOOSTED_FILE, names),
            reason=rest["reason"],
            sequence=SequenceModel.load(folder) if rest["has_sequence"] else None,
        )

    def _matrix(self, examples: Examples) -> Numbers:
        """Features in the order of those that were learnt from, then the encodings."""
        known = examples.features.reindex(columns=list(self.features)).to_numpy(dtype=float)
        return np.column_stack([known, self.rates.encoded(examples.categories)])


def parameters_from(stored: Mapping[str, Any]) -> FailureParameters:
    """Parameters as JSON keeps them; those that are not named are the usual ones, others are refused.

    Raises:
        ValueError: there is no parameter of that name.
    """
    return FailureParameters(**typed(stored, asdict(DEFAULTS)))


def _with_outcome(examples: Examples) -> Examples:
    return examples.take(~np.isnan(np.asarray(examples.is_failed, dtype=float)))


def _voters(known: Examples, coded: Coded, is_failed: Numbers, parameters: FailureParameters) -> Voters:
    """Both voters, grown on features and on encodings in which no run reads its own outcome."""
    told = cross_fitted(coded, is_failed, weight=parameters.encoding_weight, folds=parameters.encoding_folds)
    matrix = np.column_stack([known.features.to_numpy(dtype=float), told])
    return Voters.fit(matrix, is_failed, (*known.features.columns, *ENCODED), parameters)


class _Look(NamedTuple):
    """Votes on runs that the voters had not seen, how these ended, and which of them share their luck."""

    votes: Numbers
    is_failed: Numbers
    luck: list[str]


def _looks(known: Examples, coded: Coded, parameters: FailureParameters) -> list[_Look]:
    """Votes on runs that came after what was learnt from, as ``FailureModel.votes``; oldest first.

    With a third column where the sequence model could vote.
    """
    looks = []
    for split in rolling_origins(known, parameters.calibration_folds)[-int(CALIBRATION_LOOKS.value) :]:
        earlier, later = known.take(split.train), known.take(split.test)
        is_failed, of_earlier = np.asarray(earlier.is_failed, dtype=float), coded.take(split.train)
        if is_failed.min() == is_failed.max():
            continue
        told = encoded_by(of_earlier, is_failed, coded.take(split.test), weight=parameters.encoding_weight)
        voters = _voters(earlier, of_earlier, is_failed, parameters)
        matrix = np.column_stack([later.features.to_numpy(dtype=float), told])
        votes = voters.votes(matrix, parameters.threads)
        if is_available():
            votes = np.column_stack([votes, SequenceModel.fit(earlier).predict(later)])
        looks.append(_Look(votes, np.asarray(later.is_failed, dtype=float), luck_shared(later)))
    return looks


def _helps(looks: Sequence[_Look]) -> bool:
    """Whether the sequence model surely lowers the Brier score of the mean vote on the past."""
    if not looks or looks[0].votes.shape[1] == TREES:
        return False
    votes, outcomes = np.concatenate([one.votes for one in looks]), np.concatenate([one.is_failed for one in looks])
    without, joined = ((part.mean(axis=1) - outcomes) ** 2 for part in (votes[:, :TREES], votes))
    return gained(without, joined, [day for one in looks for day in one.luck]).low > 0


def _usual(features: pd.DataFrame) -> dict[str, float | None]:
    medians = features.replace([np.inf, -np.inf], np.nan).median()
    return {str(name): None if np.isnan(value) else float(value) for name, value in medians.items()}


def _constant_reason(n: int, all_failed: bool) -> str:
    ended = "failed" if all_failed else "succeeded"
    return f"all {plural(n, 'run')} that could be learnt from {ended}: there is nothing to tell failing runs by"
