"""Which root causes go together: where one is found in a file, is another found there in the same sprint?

A transaction is the root causes of the issues of one sprint (else of one ISO week) that touch one file. Transactions
are not independent: an issue in three files is in three of them, and a busy file, folder or sprint collects every
cause. Fisher's test knows nothing of that: of 100 worlds in which causes fall at random it finds rules in 40, and in
all 100 where each folder has causes of its own. So what counts is a permutation test that asks the same (given how
often each cause is found, are both together more often than by chance?) and keeps what depends on what: the causes
change places among the issues of one sprint and folder, and every issue keeps its files. It finds rules in 0 and in 3
of these worlds, a planted one in 64 of 100 worlds of 300 issues, and 6 others among the 134 that are significant there
(``issue_patterns`` in benchmarks/RESULTS.md). Fisher's p-value is given beside it.

Rules have one cause on each side. A set of three that holds a pair which goes together always looks as if it did too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING, Any, Self

from analytics_assets.issue_thresholds import (
    PERMUTATIONS,
    PERMUTATIONS_CLOSE,
    RULE_MIN_TOGETHER,
    RULE_MIN_TRANSACTIONS,
)
from analytics_assets.lib.significance import with_adjusted
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED = 0
CLOSE = 5
"""Permutations that reach a count: a pair that 5 of the first 999 reach is settled as chance (p above 0.005)."""
SPRINT, WEEK = "sprint and file", "week and file"


@dataclass(frozen=True)
class Finding:
    """An issue as the rules see it: its cause, the sprint or week it is of, and its files."""

    cause: str | None
    sprint: str
    has_sprint: bool
    files: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self | None:
        """An issue with its files; None of one that names no file or has no time.

        Args:
            row: ``root_cause_id``, ``sprint``, ``first_seen`` (a date or a time) and ``files_affected`` (a list).
        """
        files = tuple(sorted({file for file in row["files_affected"] or () if file}))
        seen: date | None = row["first_seen"]
        if not files or (not row["sprint"] and seen is None):
            return None
        return cls(row["root_cause_id"] or None, row["sprint"] or _week(seen), bool(row["sprint"]), files)

    @property
    def place(self) -> tuple[str, str]:
        """Its sprint and the folder of its first file: causes are compared with what is found there and then."""
        return self.sprint, self.files[0].rpartition("/")[0]


@dataclass(frozen=True)
class Baskets:
    """Transactions over the traced findings: of each file entry its transaction and its finding."""

    findings: Sequence[Finding]
    causes: tuple[str, ...]
    transaction: NDArray[np.int64]
    finding: NDArray[np.int64]
    size: int

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Self:
        """Put findings into transactions; those without a root cause are no part of any."""
        import numpy as np

        traced = [finding for finding in findings if finding.cause]
        causes = tuple(sorted({finding.cause for finding in traced if finding.cause}))
        keys: dict[Hashable, int] = {}
        entries = [
            (keys.setdefault((finding.sprint, file), len(keys)), place)
            for place, finding in enumerate(traced)
            for file in finding.files
        ]
        pairs = np.array(entries, dtype=np.int64).reshape(-1, 2)
        return cls(traced, causes, pairs[:, 0], pairs[:, 1], len(keys))

    @classmethod
    def of_rows(cls, rows: Iterable[Mapping[Any, Any]]) -> Self:
        """Put rows of issues, as ``Finding.of`` takes them, into transactions."""
        findings = [Finding.of(row) for row in rows]
        return cls.of([finding for finding in findings if finding])

    def numbers_of_causes(self) -> NDArray[np.int64]:
        """The cause of each finding, by its place in ``causes``."""
        import numpy as np

        places = {cause: place for place, cause in enumerate(self.causes)}
        return np.array([places[finding.cause] for finding in self.findings if finding.cause], dtype=np.int64)

    def matrix(self, causes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Transactions by causes: what is found where, when the findings have these causes."""
        import numpy as np

        found = np.zeros((self.size, len(self.causes)), dtype=bool)
        found[self.transaction, causes[self.finding]] = True
        return found

    @property
    def name(self) -> str:
        """What a transaction is, for most findings."""
        of_sprints = sum(finding.has_sprint for finding in self.findings)
        return SPRINT if 2 * of_sprints >= len(self.findings) else WEEK


def association_rules(baskets: Baskets) -> list[dict[str, Any]]:
    """One row per rule between two root causes that are found together three times or more, surest first.

    None at all below 30 transactions: what is not in the table was then not judged.
    """
    if baskets.size < RULE_MIN_TRANSACTIONS.value:
        return []
    causes = baskets.numbers_of_causes()
    counts = frequent_sets(baskets.matrix(causes), RULE_MIN_TOGETHER.value, most=2)
    together = [tuple(sorted(found)) for found in counts if len(found) == 2]  # noqa: PLR2004 - one cause a side
    chance = _permutation_p_values(baskets, causes, {pair: counts[frozenset(pair)] for pair in together})
    rows: list[dict[str, Any]] = []
    for a, b in sorted(rule for pair in together for rule in permutations(pair)):
        both, of_a, of_b = (counts[frozenset(one)] for one in ((a, b), (a,), (b,)))
        rows.append(
            {
                "antecedent": baskets.causes[a],
                "consequent": baskets.causes[b],
                "transactions": baskets.size,
                "antecedent_count": of_a,
                "consequent_count": of_b,
                "both_count": both,
                "support": both / baskets.size,
                "confidence": both / of_a,
                "lift": both * baskets.size / (of_a * of_b),
                "p_value": chance[min(a, b), max(a, b)],
                "fisher_p_value": _fisher(both, of_a, of_b, baskets.size),
                "transaction": baskets.name,
            }
        )
    adjusted = with_adjusted(rows, [row["p_value"] for row in rows])
    return sorted(adjusted, key=lambda row: (row["p_adjusted"], -row["lift"], -row["confidence"]))


def frequent_sets(found: NDArray[np.bool_], least: float, most: int) -> dict[frozenset[int], int]:
    """How many rows hold each set of up to ``most`` columns, of the sets in ``least`` rows or more (FP-Growth)."""
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth

    if not found.size:
        return {}
    # Half a row less: a share is rounded, and a set of exactly the least number of rows is in.
    share = (least - 0.5) / len(found)
    sets = fpgrowth(pd.DataFrame(found), min_support=share, max_len=most)
    return {frozenset(items): round(support * len(found)) for support, items in sets.to_numpy()}


def _permutation_p_values(
    baskets: Baskets, causes: NDArray[np.int64], observed: Mapping[tuple[int, ...], int]
) -> dict[tuple[int, ...], float]:
    """How often a pair is together as often, when causes change places among the findings of a sprint and folder."""
    import numpy as np

    if not observed:
        return {}
    pairs, rng = np.array(list(observed)), np.random.default_rng(SEED)
    counts, times = np.array(list(observed.values())), int(PERMUTATIONS.value)
    reached = _times_reached(baskets, causes, pairs, counts, rng, times)
    p_values = (1 + reached) / (1 + times)
    close = np.flatnonzero(reached < CLOSE)
    if len(pairs) / (1 + times) >= SIGNIFICANT.value and len(close):
        # Of so many comparisons none could be significant: what is close is looked at more closely.
        more = int(PERMUTATIONS_CLOSE.value) - times
        again = _times_reached(baskets, causes, pairs[close], counts[close], rng, more)
        p_values[close] = (1 + reached[close] + again) / (1 + times + more)
    return {pair: float(p_value) for pair, p_value in zip(observed, p_values, strict=True)}


def _times_reached(
    baskets: Baskets,
    causes: NDArray[np.int64],
    pairs: NDArray[np.int64],
    counts: NDArray[np.int64],
    rng: np.random.Generator,
    times: int,
) -> NDArray[np.int64]:
    """In how many permutations each pair is together as often as its count."""
    import numpy as np

    numbers: dict[Hashable, int] = {}
    strata = np.array([numbers.setdefault(finding.place, len(numbers)) for finding in baskets.findings])
    places = np.argsort(strata, kind="stable")
    used, renumbered = np.unique(pairs, return_inverse=True)
    first, second = renumbered.reshape(pairs.shape).T
    reached = np.zeros(len(pairs), dtype=np.int64)
    moved = causes.copy()
    for _ in range(times):
        moved[places] = causes[np.lexsort((rng.random(len(causes)), strata))]
        found = baskets.matrix(moved)[:, used].astype(np.float32)
        reached += (found.T @ found)[first, second] >= counts
    return reached


def _fisher(both: int, of_a: int, of_b: int, size: int) -> float:
    """Fisher's exact test, one-sided: as many or more together, if transactions were independent."""
    from scipy.stats import hypergeom

    return float(min(1.0, hypergeom.sf(both - 1, size, of_a, of_b)))


def _week(seen: date | None) -> str:
    assert seen is not None, "a finding without a sprint has a time"
    week = seen.isocalendar()
    return f"{week.year}-W{week.week:02d}"
