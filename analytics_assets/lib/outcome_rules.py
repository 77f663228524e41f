"""Under which conditions do things fail, or succeed, more often than otherwise?

FP-Growth (J. Han, J. Pei and Y. Yin, "Mining frequent patterns without candidate generation", SIGMOD 2000) finds the
sets of up to three items that are frequent, whatever the outcome. Each set is compared within each of its contexts: the
transactions that have all of its items but one, with and without that one. So ``model=a`` of ``type=b`` is held against
other models of that type, and not against everything, where one hides behind the other (Simpson). What varies together,
as a spec always has its type, has no others to be compared with. P-values (``lib.rule_tests``) are adjusted over all
sets, contexts and outcomes of a population; ``lib.rule_pruning`` keeps the simplest rules that say it.

An experiment is a comparison that was planned: an arm against the other arms, adjusted among experiments only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from analytics_assets.lib.associations import frequent_sets
from analytics_assets.lib.rule_pruning import Candidate, told_rules
from analytics_assets.lib.rule_tests import Sides, by_span, spans_of
from analytics_assets.lib.significance import with_adjusted
from analytics_assets.lib.transactions import FAILED, SUCCESS, Transactions
from analytics_assets.mining_thresholds import (
    RULE_ITEMS,
    RULE_MIN_COUNT,
    RULE_MIN_SHARE,
    RULE_MIN_SIDE,
    RULE_SAMPLES,
    RULE_SETS,
    RULES_BESIDE,
)

NOTHING: frozenset[int] = frozenset()
"""The context of a single item: all transactions."""


def outcome_rules(transactions: Transactions) -> list[dict[str, Any]]:
    """One row per rule of a population: the significant ones, pruned; then the surest others that have one item.

    None of fewer than twenty transactions, or where all ended alike.
    """
    sets = item_sets(transactions)
    asked = _comparisons(sets)
    outcomes = [name for name in transactions.outcomes if name != SUCCESS]
    candidates = _in_best_context(_tested(transactions, sets, asked, outcomes))
    significant = [one for one in candidates if one.is_significant]
    kept = told_rules(transactions, significant, len(asked) * len(outcomes))
    rows = [_row(transactions, one) for one in kept]
    beside: list[dict[str, Any]] = []
    covers: set[tuple[str, bytes]] = set()
    for one in (one for one in candidates if len(one.items) == 1 and not one.is_significant):
        cover = (one.outcome, one.cover(transactions).tobytes())
        if cover not in covers and len(beside) < RULES_BESIDE.value:
            covers.add(cover)
            beside.append(_row(transactions, one))
    return rows + beside


def experiment_rules(transactions: Transactions) -> list[dict[str, Any]]:
    """One row per arm that does better than the other arms of its experiment, or would by chance.

    Args:
        transactions: items ``experiment_id=...`` and ``variant=...``.
    """
    experiments = [n for n, item in enumerate(transactions.items) if item.startswith("experiment_id=")]
    arms = [n for n, item in enumerate(transactions.items) if item.startswith("variant=")]
    sets = {NOTHING: len(transactions)}
    for one in (frozenset(s) for e in experiments for s in ((e,), *((e, arm) for arm in arms))):
        count = int(transactions.found[:, sorted(one)].all(axis=1).sum())
        if count:
            sets[one] = count
    asked = [
        (one, frozenset(one & set(experiments)))
        for one in sets
        if len(one) == 2  # noqa: PLR2004 - an experiment and an arm
    ]
    arms_of = {context: [one for one, other in asked if other == context] for _, context in asked}
    # Two arms are one comparison, seen from both sides.
    planned = [(one, c) for one, c in asked if len(arms_of[c]) > 2 or one == arms_of[c][0]]  # noqa: PLR2004 - see above
    candidates = _tested(transactions, sets, planned, (FAILED,))
    return [_row(transactions, _from_the_better(one, arms_of[one.context])) for one in candidates]


def item_sets(transactions: Transactions) -> dict[frozenset[int], int]:
    """How many transactions hold each set of up to three items, short and frequent ones first; the empty set too."""
    least = max(RULE_MIN_SIDE.value, RULE_MIN_SHARE.value * len(transactions))
    found = frequent_sets(transactions.found, least, most=int(RULE_ITEMS.value)) if len(transactions) > least else {}
    # Cut by length first: every context of a set that stays, stays.
    ranked = sorted(found, key=lambda one: (len(one), -found[one], sorted(one)))
    return {NOTHING: len(transactions)} | {one: found[one] for one in ranked[: int(RULE_SETS.value)]}


def _comparisons(sets: Mapping[frozenset[int], int]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Every set with each of its contexts that has ten others or more."""
    return [
        (one, one - {item})
        for one, count in sets.items()
        for item in sorted(one)
        if sets[one - {item}] - count >= RULE_MIN_SIDE.value
    ]


def _in_best_context(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The surest of each set and outcome."""
    best: dict[tuple[frozenset[int], str], Candidate] = {}
    for one in candidates:
        best.setdefault((one.items, one.outcome), one)
    return list(best.values())


def _tested(
    transactions: Transactions,
    sets: Mapping[frozenset[int], int],
    asked: Sequence[tuple[frozenset[int], frozenset[int]]],
    outcomes: Sequence[str],
) -> list[Candidate]:
    """The comparisons that are rules, surest first; p-values are adjusted over all that were asked."""
    import numpy as np

    if not asked:
        return []
    spans, places = spans_of(transactions.times), {one: n for n, one in enumerate(sets)}
    masks = np.array([transactions.found[:, sorted(one)].all(axis=1) for one in sets])
    sizes = by_span(masks, spans)
    own = np.array([places[one] for one, _ in asked])
    within = np.array([places[context] for _, context in asked])
    tested: list[Candidate] = []
    for name in outcomes:
        is_hit = transactions.outcomes[name]
        hits = by_span(masks[:, is_hit], spans[is_hit])
        sides = Sides(hits[own], sizes[own], hits[within] - hits[own], sizes[within] - sizes[own])
        totals = np.array(sides.totals).T
        for (one, context), p, counts in zip(asked, sides.p_values(), totals.tolist(), strict=True):
            hit, size, other_hit, others = counts
            tested.append(Candidate(one, context, name, hit, size, other_hit, others, float(p)))
    adjusted = with_adjusted([{} for _ in tested], [one.p_value for one in tested])
    turned = [replace(one, p_adjusted=told["p_adjusted"]).turned() for one, told in zip(tested, adjusted, strict=True)]
    rules = [one for one in turned if one.hits >= RULE_MIN_COUNT.value and one.rate > one.other_rate]
    return sorted(rules, key=lambda one: (one.p_value, len(one.items), sorted(one.items), one.outcome))


def _from_the_better(one: Candidate, arms: Sequence[frozenset[int]]) -> Candidate:
    """Of two arms the one that succeeds more often: that the other fails more often is the same finding."""
    if one.outcome != FAILED or len(arms) != 2:  # noqa: PLR2004 - of more arms each is held against all others
        return one
    (other,) = (arm for arm in arms if arm != one.items)
    return replace(
        one,
        items=other,
        outcome=SUCCESS,
        hits=one.others - one.other_hits,
        size=one.others,
        other_hits=one.size - one.hits,
        others=one.size,
    )


def _row(transactions: Transactions, one: Candidate) -> dict[str, Any]:
    import numpy as np

    is_hit = transactions.outcomes[one.outcome]
    outcome_count, size = int(is_hit.sum()), len(transactions)
    newest = np.flatnonzero(one.cover(transactions) & is_hit)[::-1][: int(RULE_SAMPLES.value)]
    return {
        "population": transactions.population,
        "antecedent": json.dumps(sorted(transactions.items[item] for item in one.items)),
        "context": json.dumps(sorted(transactions.items[item] for item in one.context)),
        "outcome": one.outcome,
        "transactions": size,
        "antecedent_count": one.size,
        "outcome_count": outcome_count,
        "both_count": one.hits,
        "others_count": one.others,
        "others_outcome_count": one.other_hits,
        "support": one.hits / size,
        "confidence": one.rate,
        "lift": one.rate * size / outcome_count,
        "rate_others": one.other_rate,
        "risk_difference": one.rate - one.other_rate,
        "p_value": one.p_value,
        "p_adjusted": one.p_adjusted,
        "is_significant": one.is_significant,
        "sample_ids": json.dumps([transactions.ids[place] for place in newest]),
        "last_observed_at": transactions.times[newest[0]],
    }
