"""How long, how much: three quantiles of a run's quantity before it starts, moved to where they held on later runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from analytics_assets.lib.words import plural
from analytics_assets.predicting.encoding import shuffled
from analytics_assets.predicting.performance_inputs import Inputs, logarithms
from analytics_assets.predicting.quantile_bands import banded, pinball_losses
from analytics_assets.predicting.quantile_looks import QuantileLook, Raw, off_by
from analytics_assets.predicting.quantile_regressors import PerformanceParameters, load_regressor, parameters_from
from analytics_assets.predicting.splits import rolling_origins
from analytics_assets.predicting_thresholds import BAND_LOOKS, PERFORMANCE_SEED, QUANTITY_PERMUTED_RUNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Array = NDArray[np.float64]

MODEL, FORMAT = "model.json", 1


@dataclass(frozen=True)
class QuantileModel:
    """Quantiles of ``parameters.target`` of runs that have not started.

    Args:
        parameters: how it was learnt.
        raw: what was learnt.
        moved: what each quantile is moved by, in logarithms.
        learnt_n: runs it learnt from.
        moved_n: later runs that say how far the quantiles are moved.
    """

    parameters: PerformanceParameters
    raw: Raw
    moved: Array
    learnt_n: int
    moved_n: int
    shares: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def fit(cls, examples: Examples, parameters: PerformanceParameters) -> Self:
        """Learn from all examples that count, see ``logarithms``.

        The quantiles are moved by the last two looks back: what was known before each is learnt from, the runs up to
        the next one tell by how much the quantiles are off. Older ones tell of a model that knew less.

        Raises:
            ValueError: too few count, and the message says how many.
        """
        counted, values = that_count(examples, parameters.target)
        splits = rolling_origins(counted)[-int(BAND_LOOKS.value) :]
        looks = [QuantileLook.back(counted, values, split, {parameters.algorithm: parameters}) for split in splits]
        off = off_by(looks, values, np.ones(len(values), dtype=bool), parameters.algorithm)
        if off is None:
            raise ValueError(
                f"not enough runs to predict {parameters.target}: {plural(len(counted), 'run')} with a value above 0, "
                "and of those too few that earlier ones can predict"
            )
        inputs, table = Inputs.fit(counted, values)
        raw = Raw.fit(inputs, table, values, parameters)
        shares = _shares(raw, off.by, table, values)
        return cls(parameters, raw, off.by, len(counted), off.n, shares)

    def predict(self, examples: Examples) -> Array:
        """The 10 %, 50 % and 90 % quantiles of each example: (n, 3), rising, in seconds or USD.

        None is beyond what was ever seen. A feature that vanished is not known, a name never seen is that of its kind.
        """
        return np.exp(self.logarithms(examples))

    def logarithms(self, examples: Examples) -> Array:
        """As ``predict``, in logarithms."""
        if not len(examples):
            return np.empty((0, len(self.moved)))
        return banded(self.raw.regressor.raw(self.raw.inputs.of(examples)), self.moved, self.raw.span)

    def losses(self, examples: Examples) -> Array:
        """Pinball loss in logarithms of each example that counts, in their order; 0.1 is some 10 % off."""
        counted, values = that_count(examples, self.parameters.target)
        return pinball_losses(values, self.logarithms(counted))

    def importance(self) -> dict[str, float]:
        """By feature or encoding, the share of what is lost when its values are shuffled over the newest runs.

        All are 0 where nothing is lost. Of two that tell the same each seems worth little.
        """
        return dict(self.shares)

    def with_shuffled(self, encoding: str, order: NDArray[np.int64]) -> Self:
        """As ``Model.with_shuffled``."""
        inputs = replace(self.raw.inputs, ranks=shuffled(self.raw.inputs.ranks, encoding, order))
        return replace(self, raw=replace(self.raw, inputs=inputs))

    def lacking(self, examples: Examples) -> list[str]:
        """Features that were learnt from and that these examples do not have: they count as not known."""
        return [name for name in self.raw.inputs.columns if name not in examples.features]

    def save(self, folder: Path) -> None:
        """Write the model's files into a folder; it is made."""
        folder.mkdir(parents=True, exist_ok=True)
        self.raw.regressor.save(folder)
        written = {
            "format": FORMAT,
            "parameters": asdict(self.parameters),
            "inputs": self.raw.inputs.as_json(),
            "span": list(self.raw.span),
            "moved": self.moved.tolist(),
            "learnt_n": self.learnt_n,
            "moved_n": self.moved_n,
            "importance": dict(self.shares),
        }
        (folder / MODEL).write_text(json.dumps(written, indent=1, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What ``save`` wrote; nothing is executed.

        Raises:
            ValueError: a file is not of such a model, or of another format.
            OSError: a file cannot be read.
        """
        written: dict[str, Any] = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        if written.get("format") != FORMAT:
            raise ValueError(f"{folder / MODEL} is of format {written.get('format')}, not {FORMAT}")
        parameters = parameters_from(written["parameters"])
        low, high = written["span"]
        raw = Raw(Inputs.from_json(written["inputs"]), load_regressor(parameters.algorithm, folder), (low, high))
        moved = np.array(written["moved"], dtype=float)
        return cls(parameters, raw, moved, written["learnt_n"], written["moved_n"], written["importance"])


def that_count(examples: Examples, target: str) -> tuple[Examples, Array]:
    """The examples whose quantity counts, see ``logarithms``, and their logarithms."""
    values = logarithms(examples, target)
    known = ~np.isnan(values)
    return examples.take(known), values[known]


def _shares(raw: Raw, moved: Array, table: Array, values: Array) -> dict[str, float]:
    newest = slice(-int(QUANTITY_PERMUTED_RUNS.value), None)
    table, values = table[newest], values[newest]

    def loss(of: Array) -> float:
        return float(pinball_losses(values, banded(raw.regressor.raw(of), moved, raw.span)).mean())

    rng = np.random.default_rng(int(PERFORMANCE_SEED.value))
    usual, worse = loss(table), {}
    for place, name in enumerate(raw.inputs.names):
        shuffled = table.copy()
        shuffled[:, place] = rng.permutation(shuffled[:, place])
        worse[name] = max(loss(shuffled) - usual, 0.0)
    whole = sum(worse.values())
    return {name: one / whole if whole > 0 else 0.0 for name, one in worse.items()}
