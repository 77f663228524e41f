"""Names as numbers: the smoothed rate at which runs of a name fail, so that a name seen twice is not believed.

A name is drawn to what is around it: a spec to its type, a pair to what its two halves say together, all others to the
rate of all. So is a name that is not known, or was never seen. Rates of the runs that are learnt from are cross-fitted:
each is told by the other parts of time, or the model would read a run's own outcome out of it (the idea is D.
Micci-Barreca's, "A preprocessing scheme for high-cardinality categorical attributes", 2001).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from analytics_assets.predicting.calibration import logit, sigmoid

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Codes = NDArray[np.int64]

UNSEEN = -1
"""Code of a name that is not known or was not learnt."""
ENCODED: dict[str, tuple[str, ...]] = {
    "spec_type": ("spec_type",),
    "spec_id": ("spec_id",),
    "model": ("model",),
    "agent_id": ("agent_id",),
    "project_id": ("project_id",),
    "memory_limit": ("memory_limit",),
    "cpu_limit": ("cpu_limit",),
    "model_x_spec_type": ("model", "spec_type"),
    "model_x_spec_id": ("model", "spec_id"),
}
"""Each encoding with the categories it is made of, parents before their children."""
PARENTS = {"spec_id": "spec_type"}

Key = tuple[str, ...]


@dataclass(frozen=True)
class Coded:
    """The names of runs as numbers: for each encoding the code of each run, and the names in the order of codes."""

    codes: Mapping[str, Codes]
    keys: Mapping[str, Sequence[Key]]

    @classmethod
    def of(cls, categories: pd.DataFrame) -> Self:
        """One row per run; a column that is missing is a category that is not known."""
        codes, keys = {}, {}
        for name in ENCODED:
            places: dict[Key, int] = {}
            rows = _keys(categories, name)
            found = [UNSEEN if key is None else places.setdefault(key, len(places)) for key in rows]
            codes[name], keys[name] = np.array(found, dtype=np.int64), list(places)
        return cls(codes, keys)

    def take(self, which: NDArray[Any]) -> Coded:
        """Some of the runs: by a mask, or by their numbers."""
        return Coded({name: code[which] for name, code in self.codes.items()}, self.keys)

    def __len__(self) -> int:
        return len(next(iter(self.codes.values())))


@dataclass(frozen=True)
class TargetRates:
    """Rates of failing that were learnt: ``rate`` of all runs, ``tables`` of each name in each encoding."""

    rate: float
    tables: Mapping[str, Mapping[Key, float]]

    @classmethod
    def fit(cls, coded: Coded, is_failed: Numbers, *, weight: float) -> Self:
        """Learn the rates.

        Args:
            coded: names of the runs.
            is_failed: 1 where the run failed, 0 where not.
            weight: so many runs count as much as what is around a name.
        """
        rate, rates = _learnt(coded, is_failed, weight)
        tables = {
            name: {
                key: rate_of_key
                for key, rate_of_key in zip(coded.keys[name], rates[name].tolist(), strict=True)
                if not math.isnan(rate_of_key)
            }
            for name in ENCODED
        }
        return cls(rate, tables)

    def encoded(self, categories: pd.DataFrame) -> Numbers:
        """One row per run, one column per encoding in the order of ``ENCODED``; a name that is new as its parent."""
        codes, rates = {}, {}
        for name in ENCODED:
            table = self.tables.get(name, {})
            places = {key: place for place, key in enumerate(table)}
            rows = _keys(categories, name)
            found = [UNSEEN if key is None else places.get(key, UNSEEN) for key in rows]
            codes[name], rates[name] = np.array(found, dtype=np.int64), np.array([*table.values()], dtype=float)
        return _encoded(codes, self.rate, rates)

    def as_json(self) -> dict[str, Any]:
        """What ``from_json`` reads: each table as rows of names and rate."""
        tables = {name: [[*key, rate] for key, rate in table.items()] for name, table in self.tables.items()}
        return {"rate": self.rate, "tables": tables}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The inverse of ``as_json``."""
        tables = {name: {tuple(row[:-1]): float(row[-1]) for row in rows} for name, rows in stored["tables"].items()}
        return cls(float(stored["rate"]), tables)


@dataclass(frozen=True)
class ShuffledRates(TargetRates):
    """Rates that tell one encoding of each row as that of another row, and all others as they are."""

    name: str
    order: NDArray[np.int64]

    def encoded(self, categories: pd.DataFrame) -> Numbers:
        """As ``TargetRates.encoded``, of exactly as many rows as ``order`` has."""
        found, place = super().encoded(categories), list(ENCODED).index(self.name)
        found[:, place] = found[self.order, place]
        return found


def logic(name: str, mean: str) -> str:
    """How an encoding is computed, in a sentence; ``mean`` is what it is the mean of.

    >>> logic("spec_id", "Share of failures").split(";")[0]
    'Share of failures per spec_id among the runs learnt from, drawn to that of its spec_type where these are few'
    """
    parts = ENCODED[name]
    around = "that of all runs"
    if len(parts) > 1:
        around = f"what {' and '.join(parts)} say together"
    elif name in PARENTS:
        around = f"that of its {PARENTS[name]}"
    return (
        f"{mean} per {' and '.join(parts)} among the runs learnt from, drawn to {around} where these are few; a run "
        "that is learnt from is told by the other parts of time."
    )


def shuffled(rates: TargetRates, name: str, order: NDArray[np.int64]) -> ShuffledRates:
    """The same rates with the encoding ``name`` in this order of rows."""
    return ShuffledRates(rates.rate, rates.tables, name, order)


def encoded_by(learnt: Coded, is_failed: Numbers, asked: Coded, *, weight: float) -> Numbers:
    """What ``TargetRates.encoded`` says of the asked runs, where both are parts of the same ``Coded``."""
    rate, rates = _learnt(learnt, is_failed, weight)
    return _encoded(asked.codes, rate, rates)


def cross_fitted(coded: Coded, is_failed: Numbers, *, weight: float, folds: int) -> Numbers:
    """As ``TargetRates.encoded``, of the runs that are learnt from: each part of time is told by the other parts.

    Args:
        coded: names of the runs, in the order of time.
        is_failed: 1 where the run failed, 0 where not.
        weight: as in ``TargetRates.fit``.
        folds: number of parts; with fewer runs than parts each run is one.
    """
    found = np.empty((len(coded), len(ENCODED)))
    for part in np.array_split(np.arange(len(coded)), folds):
        others = np.ones(len(coded), dtype=bool)
        others[part] = False
        found[part] = encoded_by(coded.take(others), is_failed[others], coded.take(part), weight=weight)
    return found


def _keys(categories: pd.DataFrame, name: str) -> list[Key | None]:
    """The names of each row; None where one is not known."""
    columns = [_texts(categories, column) for column in ENCODED[name]]
    rows = zip(*columns, strict=True)
    return [None if None in row else cast("Key", row) for row in rows]


def _texts(categories: pd.DataFrame, column: str) -> Sequence[str | None]:
    if column not in categories:
        return [None] * len(categories)
    return [value if isinstance(value, str) else None for value in categories[column].tolist()]


def _learnt(coded: Coded, is_failed: Numbers, weight: float) -> tuple[float, dict[str, Numbers]]:
    """The rate of all, and that of each code: NaN of one without a run."""
    rate = float(is_failed.mean()) if len(is_failed) else 0.5
    rates: dict[str, Numbers] = {}
    known: dict[str, Numbers] = {}
    for name, code in coded.codes.items():
        size, seen = len(coded.keys[name]), code != UNSEEN
        prior = _prior(name, known, rate, len(code))
        runs = np.bincount(code[seen], minlength=size).astype(float)
        failures = np.bincount(code[seen], is_failed[seen], minlength=size)
        around = np.bincount(code[seen], prior[seen], minlength=size)
        with np.errstate(invalid="ignore"):
            rates[name] = (failures + weight * around / runs) / (runs + weight)
        known[name] = _of_codes(code, rates[name], prior)
    return rate, rates


def _encoded(codes: Mapping[str, Codes], rate: float, rates: Mapping[str, Numbers]) -> Numbers:
    known: dict[str, Numbers] = {}
    for name, code in codes.items():
        known[name] = _of_codes(code, rates[name], _prior(name, known, rate, len(code)))
    return np.column_stack([known[name] for name in ENCODED])


def _of_codes(code: Codes, rates: Numbers, prior: Numbers) -> Numbers:
    """The rate of each row's code; what is around it where the code was not learnt."""
    if not len(rates):
        return prior
    found = np.where(code == UNSEEN, np.nan, rates[code])
    return np.where(np.isnan(found), prior, found)


def _prior(name: str, known: Mapping[str, Numbers], rate: float, rows: int) -> Numbers:
    """What is around a name, for each row."""
    parts = ENCODED[name]
    if len(parts) > 1:
        return sigmoid(sum((logit(known[part]) for part in parts), start=-logit(np.full(rows, rate))))
    return known[PARENTS[name]] if name in PARENTS else np.full(rows, rate)
