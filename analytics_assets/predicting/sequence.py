"""Does the order of the last attempts say more than their rates? A small LSTM, for those who install PyTorch.

It reads the last attempts at a run's spec, oldest first, and what is known of the run itself. It is fitted, judged and
kept like the two voters that everybody has, and joins them only where that surely lowers the loss on the past.

S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory", 1997.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from analytics_assets.predicting.attempts import attempts
from analytics_assets.predicting_thresholds import (
    SEQUENCE_BATCH,
    SEQUENCE_EPOCHS,
    SEQUENCE_PATIENCE,
    SEQUENCE_RATE,
    SEQUENCE_SEED,
    SEQUENCE_UNITS,
    SEQUENCE_WATCHED_SHARE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Array = NDArray[np.float64]

SEQUENCE_FILE = "sequence.json"
OWN = (
    *("failure_rate", "spec_type_failure_rate", "spec_failure_rate", "model_failure_rate"),
    *("model_spec_type_failure_rate", "model_spec_failure_rate", "spec_and_model_log_odds", "complexity_log"),
)
"""Features of the run itself that the network sees beside the attempts; the trees see the rest."""


def is_available() -> bool:
    """Whether PyTorch is installed: it is optional."""
    return find_spec("torch") is not None


@dataclass(frozen=True)
class Scale:
    """Inputs as deviations from their mean in the training; what is not known is the mean."""

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, values: Array) -> Self:
        """Of the last axis; a column that is not known at all, or never changes, says nothing."""
        flat = values.reshape(-1, values.shape[-1])
        is_known = ~np.isnan(flat)
        n = np.maximum(is_known.sum(axis=0), 1)
        mean = np.where(is_known, flat, 0).sum(axis=0) / n
        spread = np.sqrt((np.where(is_known, flat - mean, 0) ** 2).sum(axis=0) / n)
        return cls(mean, np.where(spread > 0, spread, np.inf))

    def of_inputs(self, values: Array) -> Array:
        """Scaled, with 0 where not known."""
        scaled: Array = np.nan_to_num((values - self.mean) / self.deviation)
        return scaled

    def as_json(self) -> dict[str, list[float | None]]:
        """As JSON has it; a column that says nothing has no deviation there."""
        return {
            "mean": self.mean.tolist(),
            "deviation": [None if np.isinf(one) else one for one in self.deviation.tolist()],
        }

    @classmethod
    def from_json(cls, written: Mapping[str, list[float | None]]) -> Self:
        """What ``as_json`` gave."""
        deviation = [np.inf if one is None else one for one in written["deviation"]]
        return cls(np.array(written["mean"], dtype=float), np.array(deviation, dtype=float))


class SequenceModel:
    """Probability of failure from the last attempts.

    Args:
        weights: by name, as PyTorch names them.
        attempts: scale of what is known of an attempt.
        own: scale of what is known of the run itself.
    """

    def __init__(self, weights: dict[str, Array], attempts: Scale, own: Scale) -> None:
        self.weights, self.attempts, self.own = weights, attempts, own

    @classmethod
    def fit(cls, examples: Examples) -> Self:
        """Fit on runs with an outcome, in the order of time; the newest part says when to stop.

        Raises:
            ModuleNotFoundError: PyTorch is not installed.
        """
        import torch

        last, own = _inputs(examples)
        scales = Scale.of(last), Scale.of(own)
        inputs = [
            torch.tensor(part, dtype=torch.float32)
            for part in (scales[0].of_inputs(last), scales[1].of_inputs(own), examples.is_failed)
        ]
        watched_from = int(len(examples) * (1 - SEQUENCE_WATCHED_SHARE.value))
        with _alone():
            best = _train(_network(last.shape[-1], own.shape[-1]), inputs, watched_from=watched_from)
        return cls({name: values.numpy().astype(float) for name, values in best.items()}, *scales)

    def predict(self, examples: Examples) -> Array:
        """Probability of failure of each run."""
        import torch

        network = _network(len(self.attempts.mean), len(self.own.mean))
        network.load_state_dict({name: torch.tensor(values) for name, values in self.weights.items()})
        network.eval()
        last, own = _inputs(examples)
        with torch.no_grad():
            scaled = self.attempts.of_inputs(last), self.own.of_inputs(own)
            logit = _logits(network, *(torch.tensor(part, dtype=torch.float32) for part in scaled))
            answer: Array = torch.sigmoid(logit).numpy().astype(float)
        return answer

    def save(self, folder: Path) -> None:
        """Numbers as JSON: nothing that is executed when it is read."""
        written = {
            "weights": {name: values.tolist() for name, values in self.weights.items()},
            "attempts": self.attempts.as_json(),
            "own": self.own.as_json(),
        }
        (folder / SEQUENCE_FILE).write_text(json.dumps(written, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What ``save`` wrote.

        Raises:
            OSError: the file is missing.
            ValueError: PyTorch is not installed here.
        """
        if not is_available():
            raise ValueError("one of its voters needs PyTorch: install analytics-assets[sequence]")
        written = json.loads((folder / SEQUENCE_FILE).read_text(encoding="utf-8"))
        weights = {name: np.array(values, dtype=float) for name, values in written["weights"].items()}
        return cls(weights, Scale.from_json(written["attempts"]), Scale.from_json(written["own"]))


@contextmanager
def _alone() -> Iterator[None]:
    """The same random numbers each time, on one thread, and nothing of it left for whoever else uses PyTorch here."""
    import torch

    threads = torch.get_num_threads()
    # More threads than one make a network of this size slower.
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(int(SEQUENCE_SEED.value))
            yield
    finally:
        torch.set_num_threads(threads)


def _inputs(examples: Examples) -> tuple[Array, Array]:
    past = examples.runs if examples.past is None else examples.past
    own = examples.features.reindex(columns=list(OWN)).to_numpy(dtype=float)
    return attempts(past, examples.runs), own


def _network(per_attempt: int, own: int) -> Any:
    import torch

    units = int(SEQUENCE_UNITS.value)
    memory = torch.nn.LSTM(per_attempt, units, batch_first=True)
    return torch.nn.ModuleDict({"memory": memory, "answer": torch.nn.Linear(units + own, 1)})


def _logits(network: Any, attempts: Any, own: Any) -> Any:
    """Log-odds of failure: what is remembered of the attempts beside what is known of the run."""
    import torch

    _, (last, _) = network["memory"](attempts)
    return network["answer"](torch.cat([last[-1], own], dim=1)).squeeze(1)


def _train(network: Any, inputs: list[Any], *, watched_from: int) -> dict[str, Any]:
    """The weights of the epoch with the least loss on the newest part, which no step follows."""
    import torch

    loss_of = torch.nn.BCEWithLogitsLoss()
    steps = torch.optim.AdamW(network.parameters(), lr=SEQUENCE_RATE.value)
    learnt, watched = [part[:watched_from] for part in inputs], [part[watched_from:] for part in inputs]
    best, least, worse = {name: one.clone() for name, one in network.state_dict().items()}, float("inf"), 0
    for _ in range(int(SEQUENCE_EPOCHS.value)):
        for batch in torch.randperm(len(learnt[0])).split(int(SEQUENCE_BATCH.value)):
            steps.zero_grad()
            loss_of(_logits(network, learnt[0][batch], learnt[1][batch]), learnt[2][batch]).backward()
            steps.step()
        with torch.no_grad():
            loss = float(loss_of(_logits(network, *watched[:2]), watched[2]))
        if loss < least:
            best, least, worse = {name: one.clone() for name, one in network.state_dict().items()}, loss, 0
        else:
            worse += 1
        if worse >= SEQUENCE_PATIENCE.value:
            break
    return best
