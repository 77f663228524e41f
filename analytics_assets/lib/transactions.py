"""Things that were tried, as sets of ``field=value`` with their outcome: what rules are mined from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from analytics_assets.mining_thresholds import RULE_OUTCOMES, RULE_VALUES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

FAILED, SUCCESS = "failed", "success"
OTHER_OUTCOME = {FAILED: SUCCESS, SUCCESS: FAILED}


@dataclass(frozen=True)
class Transactions:
    """Transactions of one population in order of time.

    ``found`` has a row per transaction and a column per item of ``items``; ``outcomes`` says of each outcome which
    transactions have it. Of ``failed`` and ``success`` each transaction has one. ``left_out`` counts items that are
    too many to be asked.
    """

    population: str
    ids: tuple[str, ...]
    times: tuple[datetime, ...]
    items: tuple[str, ...]
    found: Flags
    outcomes: Mapping[str, Flags]
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of_rows(cls, population: str, rows: Iterable[Mapping[str, Any]], fields: Sequence[str]) -> Self:
        """Rows with ``id``, ``started_at``, ``is_failed``, ``reasons`` (a list of texts, or None) and the fields.

        A field that is NULL or empty is no item; one that is a list is one item per member. Of two items that always
        go together, that of the earlier field is named.
        """
        import numpy as np

        ordered = sorted(rows, key=lambda row: (row["started_at"], str(row["id"])))
        sets = [_items(row, fields) for row in ordered]
        frequent, left_out = _most_frequent(sets, int(RULE_VALUES.value))
        order = {field: place for place, field in enumerate(fields)}
        items = tuple(sorted(frequent, key=lambda item: (order[item.partition("=")[0]], item)))
        places = {item: place for place, item in enumerate(items)}
        found = np.zeros((len(ordered), len(items)), dtype=bool)
        for number, own in enumerate(sets):
            found[number, [places[item] for item in own if item in places]] = True
        failed = np.array([bool(row["is_failed"]) for row in ordered], dtype=bool)
        reasons = [{str(reason) for reason in row["reasons"] or () if reason} for row in ordered]
        named, _ = _most_frequent(reasons, int(RULE_OUTCOMES.value))
        asked = {name: np.array([name in own for own in reasons], dtype=bool) for name in named}
        outcomes = {FAILED: failed, SUCCESS: ~failed} | {k: v for k, v in asked.items() if k not in OTHER_OUTCOME}
        ids, times = (tuple(row[name] for row in ordered) for name in ("id", "started_at"))
        return cls(population, tuple(map(str, ids)), times, items, found, outcomes, left_out)


def _items(row: Mapping[str, Any], fields: Sequence[str]) -> set[str]:
    items = set()
    for field in fields:
        value = row.get(field)
        for one in value if isinstance(value, list) else (value,):
            if one is not None and one != "":
                items.add(f"{field}={one}")
    return items


def _most_frequent(sets: Sequence[set[str]], most: int) -> tuple[tuple[str, ...], int]:
    """The most frequent texts in order of the alphabet, and how many are left out."""
    from collections import Counter

    counts = Counter(text for own in sets for text in own)
    ranked = sorted(counts, key=lambda text: (-counts[text], text))
    return tuple(sorted(ranked[:most])), max(0, len(ranked) - most)
