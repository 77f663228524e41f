"""Which items follow one another in many sequences: PrefixSpan, and loops.

PrefixSpan (J. Pei and others, "Mining sequential patterns by pattern-growth", IEEE TKDE 16 (2004), 1424-1440) grows
patterns item by item and looks only at what is left of each sequence after the first match. Ours takes the most
frequent pattern first, so that its cost is bounded by the number of patterns and what it leaves out is the least
frequent. It is our own because the package of that name is unmaintained and comes as source only.

A pattern is a subsequence: its items come in this order, with others between them. A loop is one item some times in a
row.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, groupby

Pattern = tuple[str, ...]


def frequent_sequences(
    sequences: Sequence[Sequence[str]], least: float, *, longest: int, most: int
) -> dict[Pattern, list[int]]:
    """The places of the sequences that hold each pattern, the most frequent patterns first.

    Args:
        sequences: items in order.
        least: sequences that a pattern must be in.
        longest: items of a pattern.
        most: patterns at most; of equally frequent ones, the shorter and earlier are in.

    >>> frequent_sequences(["abc", "acb", "b"], 2, longest=3, most=9)
    {('b',): [0, 1, 2], ('a',): [0, 1], ('c',): [0, 1], ('a', 'b'): [0, 1], ('a', 'c'): [0, 1]}
    """
    order = count()
    # The rest of a sequence begins after the first match of the pattern so far.
    waiting: list[tuple[int, int, Pattern, int, list[tuple[int, int]]]]
    waiting = [(-len(sequences), 0, (), next(order), [(place, 0) for place in range(len(sequences))])]
    found: dict[Pattern, list[int]] = {}
    while waiting and len(found) < most:
        _, _, pattern, _, rests = heapq.heappop(waiting)
        if pattern:
            found[pattern] = [place for place, _ in rests]
        if len(pattern) < longest:
            for item, after in _extensions(sequences, rests).items():
                if len(after) >= least:
                    longer = (*pattern, item)
                    heapq.heappush(waiting, (-len(after), len(longer), longer, next(order), after))
    return found


def loops(sequences: Sequence[Sequence[str]], least: float, *, most_repeats: int) -> dict[Pattern, list[int]]:
    """The places of the sequences that hold an item twice or more in a row, by item and repeats.

    >>> loops(["aab", "aaa", "aba"], 1, most_repeats=4)
    {('a', 'a'): [0, 1], ('a', 'a', 'a'): [1]}
    """
    found: dict[Pattern, list[int]] = {}
    for place, sequence in enumerate(sequences):
        for item, repeats in sorted(_longest_runs(sequence).items()):
            for times in range(2, min(repeats, most_repeats) + 1):
                found.setdefault((item,) * times, []).append(place)
    return {pattern: found[pattern] for pattern in sorted(found) if len(found[pattern]) >= least}


def expected_share(
    pattern: Pattern, shares: Mapping[str, float], lengths: Mapping[int, int], *, in_a_row: bool
) -> float:
    """Share of sequences that hold a pattern if every item is drawn on its own, 0 to 1.

    Exact: the chance that a pattern is complete after n draws, over the lengths n that there are.

    Args:
        pattern: items in order.
        shares: how often each item is drawn, 0 to 1.
        lengths: number of sequences by their length.
        in_a_row: whether the items follow one another directly, as those of a loop.

    >>> expected_share(("a", "b"), {"a": 0.5, "b": 0.5}, {2: 10}, in_a_row=False)
    0.25
    >>> round(expected_share(("a", "a"), {"a": 0.5, "b": 0.5}, {3: 1}, in_a_row=True), 4)
    0.375
    """
    # states[n]: the chance that the first n items are matched so far; the last state is never left.
    states = [1.0] + [0.0] * len(pattern)
    total, drawn, share = sum(lengths.values()), 0, 0.0
    for length in sorted(lengths):
        while drawn < length:
            states = _after_a_draw(states, [shares[item] for item in pattern], in_a_row)
            drawn += 1
        share += states[-1] * lengths[length] / total
    return share


def _after_a_draw(states: Sequence[float], chances: Sequence[float], in_a_row: bool) -> list[float]:
    after = [0.0] * len(states)
    after[-1] = states[-1]
    for matched, chance in enumerate(chances):
        after[matched + 1] += states[matched] * chance
        after[0 if in_a_row else matched] += states[matched] * (1 - chance)
    return after


def _extensions(
    sequences: Sequence[Sequence[str]], rests: Iterable[tuple[int, int]]
) -> dict[str, list[tuple[int, int]]]:
    """By item that comes next somewhere: the sequences where it does, and what is left of them."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, start in rests:
        sequence = sequences[place]
        seen = set()
        for position in range(start, len(sequence)):
            item = sequence[position]
            if item not in seen:
                seen.add(item)
                found.setdefault(item, []).append((place, position + 1))
    return found


def _longest_runs(sequence: Sequence[str]) -> Counter[str]:
    runs: Counter[str] = Counter()
    for item, group in groupby(sequence):
        runs[item] = max(runs[item], sum(1 for _ in group))
    return runs
