"""One training: judged on the past, fitted on all that is known, kept as files, compared with the version in use."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.predicting import artefacts
from analytics_assets.predicting.artefacts import Artefact, ArtefactError
from analytics_assets.predicting.purpose import Judgement, Metric, Model, Parameters, Purpose
from analytics_assets.predicting.teaching import data_hash, quality, taught
from analytics_assets.predicting.trials import SameSplit, same_split
from analytics_assets.predicting_thresholds import PERMUTATION_SEED, PERMUTED_RUNS, TRIAL_OUTCOMES
from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from analytics_assets.predicting.examples import Examples

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Impact:
    """What one feature is to a version.

    Args:
        name: of the feature or category.
        importance: its share of what the model knows; None where the model does not use it.
        correlation: Pearson's, with the target; None of a category, and where one of the two is constant.
        worse: by how much the mean loss of the test part grows when the column is shuffled; None: not measured.
    """

    name: str
    importance: float | None
    correlation: float | None
    worse: float | None


@dataclass(frozen=True)
class Trained:
    """A version that is ready to be taken into the tables. ``examples`` are those it learnt from."""

    purpose: Purpose
    version: str
    parameters: Parameters
    judgement: Judgement
    artefact: Artefact
    data_hash: str
    quality: Mapping[str, Any]
    examples: Examples
    impacts: tuple[Impact, ...]
    against: SameSplit | None
    seconds: float

    @property
    def trained_until(self) -> datetime:
        """The newest outcome that it learnt from."""
        return moment(self.examples.known_at.max())

    @property
    def metrics(self) -> Iterator[Metric]:
        """Those of the judgement, and how it did against the champion."""
        yield from self.judgement.metrics
        one = self.against
        if one is not None:
            told = {"n": one.n, "is_won": one.is_won, "is_lost": one.is_lost, "verdict": one.in_words}
            yield Metric("same_split", self.purpose.loss, one.score, "loss", told, one.champion_id, one.champion_score)


def train(
    settings: Settings,
    purpose: Purpose,
    examples: Examples,
    *,
    version: str,
    parameters: Parameters,
    champion: Row | None = None,
) -> Trained | str:
    """Train a version and write its files; a sentence where there is not enough to learn from.

    Args:
        settings: where files go.
        purpose: what to predict.
        examples: all there are, also those without an outcome.
        version: the new one's name.
        parameters: as the purpose knows them.
        champion: row of the version in use.

    Raises:
        ArtefactError: the files of the version are there already.
    """
    began = time.perf_counter()
    target = purpose.targets(examples)
    known = examples.take(taught(examples, target))
    judgement = purpose.judge(known, parameters)
    if isinstance(judgement, str):
        return judgement
    parameters = judgement.parameters
    model = purpose.fit(known, parameters)
    artefact = artefacts.save(settings, model, purpose.name, version)
    earlier = _Earlier(purpose, known, parameters)
    return Trained(
        purpose,
        version,
        parameters,
        judgement,
        artefact,
        data_hash(known, purpose.targets(known)),
        quality(examples, target),
        known,
        tuple(_impacts(earlier, model, judgement.split_at)),
        _compare(settings, earlier, judgement.split_at, champion),
        time.perf_counter() - began,
    )


class _Earlier:
    """Models of the same kind that know no more than some moment; each is fitted once."""

    def __init__(self, purpose: Purpose, known: Examples, parameters: Parameters) -> None:
        self.purpose, self.known = purpose, known
        self._parameters = parameters
        self._fitted: dict[datetime, Model] = {}

    def model(self, moment: datetime) -> Model:
        if moment not in self._fitted:
            learnt = self.known.take(self.known.known_before(moment))
            self._fitted[moment] = self.purpose.fit(learnt, self._parameters)
        return self._fitted[moment]


def _compare(settings: Settings, earlier: _Earlier, split_at: datetime, champion: Row | None) -> SameSplit | None:
    """The champion as it is against a challenger that knows no more than the moment from which both are tested.

    None without a champion whose files can be read, and where fewer than thirty runs are new to both.
    """
    if champion is None:
        return None
    since = max(split_at, champion["trained_until"])
    tested = earlier.known.take(earlier.known.started_at > np.datetime64(since, "us"))
    if len(tested) < TRIAL_OUTCOMES.value:
        return None
    purpose = earlier.purpose
    try:
        old = artefacts.load(settings, purpose.name, champion["artifact_path"], champion["artifact_sha256"])
    except ArtefactError:
        # Its own check and the doctor say so: there is nothing to compare with.
        return None
    return same_split(champion["id"], purpose.losses(earlier.model(since), tested), purpose.losses(old, tested))


def _impacts(earlier: _Earlier, model: Model, split_at: datetime) -> Iterator[Impact]:
    """Each feature by what the kept model makes of it, and by what it is worth to one that had not seen the test."""
    known, importance = earlier.known, dict(model.importance())
    target = earlier.purpose.targets(known)
    worse = dict(_worse(earlier, split_at))
    for name in (str(column) for column in known.features.columns):
        told = correlation(known.features[name].to_numpy(dtype=float), target)
        yield Impact(name, importance.pop(name, None), told, worse.get(name))
    for name in (str(column) for column in known.categories.columns):
        yield Impact(name, importance.pop(name, None), None, worse.get(name))
    # What the model makes of several categories together.
    for name, share in importance.items():
        yield Impact(name, share, None, None)


def _worse(earlier: _Earlier, split_at: datetime) -> Iterator[tuple[str, float]]:
    """By how much the mean loss of the test part grows when one column of it is shuffled (L. Breiman, 2001)."""
    purpose = earlier.purpose
    after = earlier.known.take(earlier.known.started_at >= np.datetime64(split_at, "us"))
    tested = after.take(np.arange(len(after))[-int(PERMUTED_RUNS.value) :])
    if not len(tested):
        return
    model = earlier.model(split_at)
    base = float(purpose.losses(model, tested).mean())
    order = np.random.default_rng(int(PERMUTATION_SEED.value)).permutation(len(tested))
    for part in ("features", "categories"):
        frame = getattr(tested, part)
        for name in frame.columns:
            shuffled = frame.assign(**{str(name): frame[name].to_numpy()[order]})
            yield str(name), float(purpose.losses(model, replace(tested, **{part: shuffled})).mean()) - base


def correlation(values: Any, target: Any) -> float | None:
    """Pearson's, over the examples in which both are known; None below three, and where one does not vary.

    >>> import numpy as np
    >>> correlation(np.array([1.0, 2.0, np.nan, 3.0]), np.array([2.0, 4.0, 0.0, 6.0]))
    1.0
    """
    both = ~np.isnan(values) & ~np.isnan(target)
    one, other = values[both], target[both]
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:  # noqa: PLR2004 - two points always correlate fully
        return None
    return float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))


def moment(at: np.datetime64) -> datetime:
    """A moment of numpy as Python's, naive UTC."""
    plain: datetime = at.astype("datetime64[us]").item()
    return plain
