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
from analytics_assets.predicting.encoding import ENCODED
from analytics_assets.predicting.purpose import Judgement, Metric, Model, Parameters, Purpose
from analytics_assets.predicting.splits import luck_shared, moment
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
        name: of the feature, or of the encoding of categories.
        importance: its share of what the model knows; None where the model does not use it.
        correlation: Pearson's, with the target; None of an encoding, and where one of the two is constant.
        worse: by how much the mean loss of the test part grows when it alone is shuffled; None: not measured.
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
    earlier = _Earlier(purpose, known, judgement)
    return Trained(
        purpose,
        version,
        parameters,
        judgement,
        artefact,
        data_hash(known, purpose.targets(known)),
        quality(examples, target),
        known,
        tuple(_impacts(earlier, model)),
        _compare(settings, earlier, champion),
        time.perf_counter() - began,
    )


class _Earlier:
    """Models of the same kind that know no more than some moment; each is fitted once, that of the judgement before."""

    def __init__(self, purpose: Purpose, known: Examples, judgement: Judgement) -> None:
        self.purpose, self.known, self.judgement = purpose, known, judgement
        self._fitted: dict[datetime, Model] = {}
        if judgement.model is not None:
            self._fitted[judgement.split_at] = judgement.model

    def model(self, moment: datetime) -> Model:
        if moment not in self._fitted:
            learnt = self.known.take(self.known.known_before(moment))
            self._fitted[moment] = self.purpose.fit(learnt, self.judgement.parameters)
        return self._fitted[moment]


def _compare(settings: Settings, earlier: _Earlier, champion: Row | None) -> SameSplit | None:
    """The champion as it is against a challenger that knows no more than the moment from which both are tested.

    None without a champion whose files can be read, and where fewer than thirty runs are new to both.
    """
    if champion is None:
        return None
    since = max(earlier.judgement.split_at, champion["trained_until"])
    tested = earlier.known.take(earlier.known.started_at > np.datetime64(since, "us"))
    if len(tested) < TRIAL_OUTCOMES.value:
        return None
    purpose = earlier.purpose
    try:
        old = artefacts.load(settings, purpose.name, champion["artifact_path"], champion["artifact_sha256"])
    except ArtefactError:
        # Its own check and the doctor say so: there is nothing to compare with.
        return None
    return same_split(
        champion["id"],
        purpose.losses(earlier.model(since), tested),
        purpose.losses(old, tested),
        luck_shared(tested),
    )


def _impacts(earlier: _Earlier, model: Model) -> Iterator[Impact]:
    """Each feature by what the kept model makes of it, and by what it is worth to one that had not seen the test."""
    known, importance = earlier.known, dict(model.importance())
    target = earlier.purpose.targets(known)
    worse = dict(_worse(earlier))
    for name in (str(column) for column in known.features.columns):
        told = correlation(known.features[name].to_numpy(dtype=float), target)
        yield Impact(name, importance.pop(name, None), told, worse.get(name))
    for name in ENCODED:
        yield Impact(name, importance.get(name), None, worse.get(name))


def _worse(earlier: _Earlier) -> Iterator[tuple[str, float]]:
    """By how much the mean loss of the test part grows when one feature or encoding is shuffled (L. Breiman, 2001)."""
    purpose, split_at = earlier.purpose, earlier.judgement.split_at
    after = earlier.known.take(earlier.known.started_at >= np.datetime64(split_at, "us"))
    tested = after.take(np.arange(len(after))[-int(PERMUTED_RUNS.value) :])
    if not len(tested):
        return
    model = earlier.model(split_at)
    base = float(purpose.losses(model, tested).mean())
    order = np.random.default_rng(int(PERMUTATION_SEED.value)).permutation(len(tested))
    for name in (str(column) for column in tested.features.columns):
        column = tested.features[name].to_numpy()[order]
        shuffled = replace(tested, features=tested.features.assign(**{name: column}))
        yield name, float(purpose.losses(model, shuffled).mean()) - base
    for name in ENCODED:
        yield name, float(purpose.losses(model.with_shuffled(name, order), tested).mean()) - base


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
