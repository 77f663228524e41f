"""Which sequences of tasks and tools go with failure, and which are more frequent than chance.

Long sequences hold more patterns, and they may fail more often for what made them long; on a bad day everything fails.
So a pattern is compared with sequences of about its length in the same span of time (N. Mantel and W. Haenszel, JNCI 22
(1959), 719-748), and Fisher's test over all must agree. P-values are adjusted over all patterns of a population, and
those that say nothing beside another one are pruned, as rules are. A pattern that is frequent only because its items
are has a lift of 1 against items that are drawn one by one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from analytics_assets.lib.rule_pruning import Candidate, told_rules
from analytics_assets.lib.rule_tests import fisher, spans_of
from analytics_assets.lib.sequences import Pattern, expected_share, frequent_sequences, loops
from analytics_assets.lib.significance import with_adjusted
from analytics_assets.lib.transactions import FAILED, SUCCESS, Transactions
from analytics_assets.mining_thresholds import (
    LOOP_REPEATS,
    RULE_MIN_SIDE,
    RULE_SAMPLES,
    SEQUENCE_ITEMS,
    SEQUENCE_LENGTH,
    SEQUENCE_LIFT,
    SEQUENCE_MIN_COUNT,
    SEQUENCE_PATTERNS,
    SEQUENCES_BESIDE,
)

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Sequences:
    """Sequences of one population in order of time, with what became of each."""

    population: str
    ids: tuple[str, ...]
    times: tuple[datetime, ...]
    items: tuple[tuple[str, ...], ...]
    failed: Flags

    @classmethod
    def of_rows(cls, population: str, rows: Iterable[Mapping[str, Any]]) -> Self:
        """Rows with ``id``, ``started_at``, ``is_failed`` and ``items``, a list of texts.

        Of a long one the first fifty count.
        """
        import numpy as np

        ordered = sorted((row for row in rows if row["items"]), key=lambda row: (row["started_at"], str(row["id"])))
        most = int(SEQUENCE_ITEMS.value)
        return cls(
            population,
            tuple(str(row["id"]) for row in ordered),
            tuple(row["started_at"] for row in ordered),
            tuple(tuple(map(str, row["items"][:most])) for row in ordered),
            np.array([bool(row["is_failed"]) for row in ordered], dtype=bool),
        )


def sequence_rules(sequences: Sequences) -> list[dict[str, Any]]:
    """One row per pattern: those that failure goes with, surest first, then those most frequent beyond chance.

    None where no pattern is in twenty sequences.
    """
    found = _patterns(sequences)
    if not found:
        return []
    held = _held(len(sequences.items), found.values())
    p_values = _p_values(sequences, held)
    tested = with_adjusted([{"p_value": p} for p in p_values], p_values)
    lengths = Counter(map(len, sequences.items))
    drawn = Counter(item for items in sequences.items for item in items)
    shares = {item: number / drawn.total() for item, number in drawn.items()}
    rows = [
        _row(sequences, pattern, is_loop, held[place], told)
        | {
            "lift": len(found[pattern, is_loop])
            / len(sequences.items)
            / expected_share(pattern, shares, lengths, in_a_row=is_loop)
        }
        for place, ((pattern, is_loop), told) in enumerate(zip(found, tested, strict=True))
    ]
    kept = _kept(sequences, rows, held)
    beside = [row for row in rows if not row["is_significant"] and row["length"] > 1]
    beside = [row for row in beside if row["lift"] >= SEQUENCE_LIFT.value]
    beside.sort(key=lambda row: (-row["support_count"] * (1 - 1 / row["lift"]), row["sequence"]))
    told = [rows[place] | {"p_adjusted": p_adjusted} for place, p_adjusted in kept.items()]
    return told + beside[: int(SEQUENCES_BESIDE.value)]


def _patterns(sequences: Sequences) -> dict[tuple[Pattern, bool], list[int]]:
    """By pattern and whether it is a loop, the sequences that hold it."""
    least = SEQUENCE_MIN_COUNT.value
    found = frequent_sequences(
        sequences.items, least, longest=int(SEQUENCE_LENGTH.value), most=int(SEQUENCE_PATTERNS.value)
    )
    repeated = loops(sequences.items, least, most_repeats=int(LOOP_REPEATS.value))
    return {(pattern, False): places for pattern, places in found.items()} | {
        (pattern, True): places for pattern, places in repeated.items()
    }


def _held(size: int, places: Iterable[Sequence[int]]) -> Flags:
    import numpy as np

    listed = list(places)
    held = np.zeros((len(listed), size), dtype=bool)
    for number, own in enumerate(listed):
        held[number, own] = True
    return held


def _p_values(sequences: Sequences, held: Flags) -> list[float]:
    """How often chance alone makes the failures with each pattern as unlike those without it, two-sided."""
    import numpy as np
    from scipy.stats import norm

    _, strata = np.unique(
        np.column_stack([_length_bins(sequences.items), spans_of(sequences.times)]), axis=0, return_inverse=True
    )
    is_of = np.eye(strata.max() + 1)[strata.ravel()]
    size, failed = is_of.sum(axis=0), sequences.failed @ is_of
    own, hits = held @ is_of, (held & sequences.failed) @ is_of
    expected = own * failed / size
    variance = own * (size - own) * failed * (size - failed) / np.maximum(size**2 * (size - 1), 1)
    # The correction for continuity of Mantel and Haenszel: counts are whole.
    apart = np.maximum(np.abs((hits - expected).sum(axis=1)) - 0.5, 0.0)
    spread = np.sqrt(variance.sum(axis=1))
    stratified = 2 * norm.sf(np.where(spread > 0, apart / np.where(spread > 0, spread, 1.0), 0.0))
    n, k = held.sum(axis=1), (held & sequences.failed).sum(axis=1)
    others, other_hits = len(sequences.items) - n, sequences.failed.sum() - k
    exact = fisher(k, n, other_hits, others)
    more = k / n - other_hits / np.maximum(others, 1)
    # Where both point another way, what is seen over all is made by length or time.
    agrees = np.sign(more) == np.sign((hits - expected).sum(axis=1))
    asked = agrees & (others >= RULE_MIN_SIDE.value)
    return [float(p) for p in np.where(asked, np.maximum(stratified, exact), 1.0)]


def _length_bins(items: Sequence[Sequence[str]]) -> Counts:
    """The length, of long ones about: 1 to 8 as they are, then by doublings."""
    import numpy as np

    lengths = np.array([len(own) for own in items])
    return np.where(lengths <= 8, lengths, 6 + np.log2(np.maximum(lengths, 1)).astype(np.int64))  # noqa: PLR2004 - see above


def _row(sequences: Sequences, pattern: Pattern, is_loop: bool, held: Flags, told: Mapping[str, Any]) -> dict[str, Any]:
    import numpy as np

    support, failing = int(held.sum()), int((held & sequences.failed).sum())
    others = len(held) - support
    is_worse = failing * others > support * (int(sequences.failed.sum()) - failing)
    shown = np.flatnonzero(held & (sequences.failed == is_worse))[::-1][: int(RULE_SAMPLES.value)]
    return {
        "population": sequences.population,
        "sequence": json.dumps(list(pattern)),
        "is_in_a_row": is_loop,
        "length": len(pattern),
        "support_count": support,
        "sequences": len(held),
        "support": support / len(held),
        "failing_support_count": failing,
        "failure_rate": failing / support,
        "failure_rate_others": (int(sequences.failed.sum()) - failing) / others if others else None,
        **told,
        "sample_ids": json.dumps([sequences.ids[place] for place in shown]),
        "last_observed_at": sequences.times[int(np.flatnonzero(held)[-1])],
    }


def _is_worse(row: Mapping[str, Any]) -> bool:
    return row["failure_rate_others"] is not None and row["failure_rate"] > row["failure_rate_others"]


def _kept(sequences: Sequences, rows: Sequence[Mapping[str, Any]], held: Flags) -> dict[int, float | None]:
    """The places of the patterns that failure goes with and that say something of their own, with the adjusted p.

    They are pruned as rules of one item each. What success goes with is left out: where work ends at its failure, all
    that would have come later seems to go with success.
    """
    significant = sorted(
        (place for place, row in enumerate(rows) if row["is_significant"] and _is_worse(row)),
        key=lambda place: (rows[place]["p_value"], rows[place]["length"], rows[place]["sequence"]),
    )
    rules = Transactions(
        sequences.population,
        sequences.ids,
        sequences.times,
        tuple(str(place) for place in significant),
        held[significant].T,
        {FAILED: sequences.failed, SUCCESS: ~sequences.failed},
    )
    total, failing = len(sequences.items), int(sequences.failed.sum())
    candidates = []
    for number, place in enumerate(significant):
        hits, size = rows[place]["failing_support_count"], rows[place]["support_count"]
        sides = (hits, size, failing - hits, total - size)
        p_values = {"p_value": rows[place]["p_value"], "p_adjusted": rows[place]["p_adjusted"]}
        candidates.append(Candidate(frozenset({number}), frozenset(), FAILED, *sides, **p_values).turned())
    told = told_rules(rules, candidates, len(rows))
    return {significant[next(iter(rule.items))]: rule.p_adjusted for rule in told}


def recounted(sequences: Sequences, pattern: Sequence[str], *, in_a_row: bool) -> tuple[int, int]:
    """How many sequences hold a pattern, and how many of these failed, by a regular expression."""
    import re

    between = "" if in_a_row else "(?:[^\0]*\0)*?"
    seen = re.compile("\0" + between.join(re.escape(item) + "\0" for item in pattern))
    if not in_a_row:
        seen = re.compile("\0(?:[^\0]*\0)*?" + between.join(re.escape(item) + "\0" for item in pattern))
    texts = ("\0" + "".join(f"{item}\0" for item in items) for items in sequences.items)
    holds = [bool(seen.search(text)) for text in texts]
    both = zip(holds, sequences.failed.tolist(), strict=True)
    return sum(holds), sum(held and failed for held, failed in both)
