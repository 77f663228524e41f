"""Which of many significant rules are said: the fewest and shortest that leave nothing unsaid.

One cause makes many rules significant: whatever goes with it (a spec's type, its size, its only model) fails more often
too, and what does not go with it succeeds more often. So the surest rule is taken, its transactions are taken out, and
another rule stays only where it is still as sure on the rest, or says more inside than the one that holds it. At the
end a wide rule goes where the narrow ones that were taken leave nothing of it.

Many versions of one truth make the adjustment of p-values generous, and pruning leaves one of them beside all that is
false. So what counts is how many rules are told (E. Katsevich, C. Sabatti and M. Bogomolov, "Filtering the rejection
set while preserving false discovery rate control", JASA 118 (2023), 165-176): a rule is told where its p-value is below
0.05 times the rules that are told, by all comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from analytics_assets.lib.rule_tests import Sides, by_span, differs, spans_of
from analytics_assets.lib.significance import is_significant, with_adjusted
from analytics_assets.lib.transactions import FAILED, OTHER_OUTCOME, SUCCESS, Transactions
from analytics_assets.mining_thresholds import RULE_MIN_COUNT
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Candidate:
    """A set of items within a context (all of its items but one), how often it has the outcome, and the others there.

    ``hits`` of ``size`` transactions, ``other_hits`` of ``others``.
    """

    items: frozenset[int]
    context: frozenset[int]
    outcome: str
    hits: int
    size: int
    other_hits: int
    others: int
    p_value: float
    p_adjusted: float | None = None

    @property
    def rate(self) -> float:
        """Share of its transactions with the outcome."""
        return self.hits / self.size if self.size else 0.0

    @property
    def other_rate(self) -> float:
        """Share of the others with the outcome."""
        return self.other_hits / self.others if self.others else 0.0

    @property
    def is_significant(self) -> bool:
        """Whether chance alone seldom makes it, of all that was asked."""
        return bool(is_significant(self.p_adjusted))

    def turned(self) -> Self:
        """What fails less often than others succeeds more often."""
        if self.outcome != FAILED or self.rate >= self.other_rate:
            return self
        return replace(self, outcome=SUCCESS, hits=self.size - self.hits, other_hits=self.others - self.other_hits)

    def cover(self, transactions: Transactions) -> Flags:
        """The transactions that have all of its items."""
        return _having(transactions, self.items)


def told_rules(transactions: Transactions, rules: Sequence[Candidate], comparisons: int) -> list[Candidate]:
    """The rules that say something that no other says and are still significant among as many, surest first.

    Args:
        transactions: what they were mined from.
        rules: the significant ones, surest first.
        comparisons: all that were asked at once.
    """
    asked = list(rules)
    while asked:
        kept = pruned(transactions, asked)
        limit = SIGNIFICANT.value * len(kept) / comparisons
        sure = [rule for rule in asked if rule.p_value < limit]
        if len(sure) == len(asked):
            least, adjusted = 1.0, []
            for rank in range(len(kept), 0, -1):
                least = min(least, kept[rank - 1].p_value * comparisons / rank)
                adjusted.append(replace(kept[rank - 1], p_adjusted=least))
            return adjusted[::-1]
        asked = sure
    return []


def pruned(transactions: Transactions, rules: Sequence[Candidate]) -> list[Candidate]:
    """The rules that say something that no other says, surest first.

    Args:
        transactions: what they were mined from.
        rules: the significant ones, surest first.
    """
    told = [rule for rule in rules if len(rule.items) == 1] + _more_than_their_parts(transactions, rules)
    told.sort(key=lambda rule: (rule.p_value, len(rule.items), sorted(rule.items), rule.outcome))
    kept: list[Candidate] = []
    # That things fail, and why, are questions of their own.
    for question in dict.fromkeys(_question(rule) for rule in told):
        asked = [rule for rule in told if _question(rule) == question]
        if asked:
            kept.extend(_Pruning(transactions, asked[-1].p_value).kept(asked))
    return sorted(kept, key=lambda rule: (rule.p_value, len(rule.items), rule.outcome))


def _question(rule: Candidate) -> str:
    return FAILED if rule.outcome in OTHER_OUTCOME else rule.outcome


def _more_than_their_parts(transactions: Transactions, rules: Sequence[Candidate]) -> list[Candidate]:
    """Longer rules whose last item does something else where one of the other items is not."""
    longer = [rule for rule in rules if len(rule.items) > 1]
    p_values = []
    for rule in longer:
        is_hit, has_item = transactions.outcomes[rule.outcome], _having(transactions, rule.items - rule.context)
        own = (rule.hits, rule.size, rule.other_hits, rule.others)
        unlike = []
        for item in rule.context:
            elsewhere = _having(transactions, rule.context - {item}) & ~transactions.found[:, item]
            sides = (elsewhere & has_item, elsewhere & ~has_item)
            inside, others = ((int((side & is_hit).sum()), int(side.sum())) for side in sides)
            unlike.append(differs(own, (*inside, *others)))
        p_values.append(max(unlike))
    adjusted = with_adjusted([{} for _ in longer], p_values)
    return [rule for rule, told in zip(longer, adjusted, strict=True) if told["is_significant"]]


class _Pruning:
    """The rules of one question. A rule must be as sure on what others leave of it as any must be: ``limit``."""

    def __init__(self, transactions: Transactions, limit: float) -> None:
        self.transactions, self.limit = transactions, limit
        self.spans = spans_of(transactions.times)

    def kept(self, rules: Sequence[Candidate]) -> list[Candidate]:
        """Those that say something of their own."""
        taken: list[tuple[Candidate, Flags]] = []
        for rule in rules:
            cover = rule.cover(self.transactions)
            if self._is_news(rule, cover, taken):
                taken.append((rule, cover))
        # The widest first: what narrow ones leave nothing of is gone before they are asked what they say beside it.
        for rule, cover in sorted(taken, key=lambda one: -int(one[1].sum())):
            others = [one for one in taken if one[0] is not rule]
            if not self._is_news(rule, cover, others):
                taken = others
        return [rule for rule, _ in taken]

    def _is_news(self, rule: Candidate, cover: Flags, taken: Sequence[tuple[Candidate, Flags]]) -> bool:
        """Whether it holds outside of the narrower and other rules, and inside of each wider one."""
        import numpy as np

        context = _having(self.transactions, rule.context)
        is_left: Flags = np.ones(len(cover), dtype=bool)
        for _, other in taken:
            if (cover & ~other).any():
                is_left = is_left & ~other
        if not is_left.all() and not self._holds(rule, cover & is_left, context & is_left):
            return False
        wider = [(other_rule, other) for other_rule, other in taken if not (cover & ~other).any()]
        return all(self._says_more(rule, cover, is_left, one) for one in wider)

    def _says_more(self, rule: Candidate, cover: Flags, is_left: Flags, wider: tuple[Candidate, Flags]) -> bool:
        """Whether a rule says more than a wider one whose transactions hold all of its own, on what is left of both."""
        other_rule, other = wider
        if not (other & ~cover).any():
            return False
        context = _having(self.transactions, rule.context)
        if (context & other & is_left & ~cover).any():
            return self._holds(rule, cover & is_left, context & other & is_left)
        # All that the wider rule has of the context is the rule: is the wider one's effect another one elsewhere?
        elsewhere = _having(self.transactions, other_rule.context) & is_left & ~context
        hits = self._hits(rule)
        sides = (elsewhere & other, elsewhere & ~other)
        inside, others = ((int((side & hits).sum()), int(side.sum())) for side in sides)
        if not inside[1] or not others[1]:
            return True
        return differs((rule.hits, rule.size, rule.other_hits, rule.others), (*inside, *others)) <= self.limit

    def _hits(self, rule: Candidate) -> Flags:
        return self.transactions.outcomes[rule.outcome]

    def _holds(self, rule: Candidate, cover: Flags, context: Flags) -> bool:
        sides = [cover, context & ~cover]
        hits = self._hits(rule)
        size, others = (self._by_span(side) for side in sides)
        inside_hits, others_hits = (self._by_span(side & hits) for side in sides)
        if inside_hits.sum() < RULE_MIN_COUNT.value or not others.sum():
            return False
        is_higher = inside_hits.sum() / size.sum() > others_hits.sum() / others.sum()
        return bool(is_higher and Sides(inside_hits, size, others_hits, others).p_values()[0] <= self.limit)

    def _by_span(self, side: Flags) -> Counts:
        return by_span(side[None], self.spans)


def _having(transactions: Transactions, items: frozenset[int]) -> Flags:
    import numpy as np

    return np.asarray(transactions.found[:, sorted(items)].all(axis=1), dtype=np.bool_)
