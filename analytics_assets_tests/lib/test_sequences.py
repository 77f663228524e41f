"""Frequent sequences and loops: counts, chance, planted loops."""

from __future__ import annotations

import json
import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_assets.lib.sequence_rules import Sequences, recounted, sequence_rules
from analytics_assets.lib.sequences import expected_share, frequent_sequences, loops
from analytics_assets_tests.lib import mining_worlds

LISTS = st.lists(st.text("abc", max_size=6), max_size=7)


def significant(rows):
    return [row for row in sequence_rules(Sequences.of_rows("tools", rows)) if row["is_significant"]]


def holds(sequence, pattern):
    rest = iter(sequence)
    return all(item in rest for item in pattern)


@settings(max_examples=60, deadline=None)
@given(LISTS, st.integers(1, 3))
def test_counts_equal_those_of_every_pattern_tried_one_by_one(sequences, least):
    wanted = {}
    for length in (1, 2, 3):
        for pattern in product("abc", repeat=length):
            places = [place for place, sequence in enumerate(sequences) if holds(sequence, pattern)]
            if len(places) >= least:
                wanted[pattern] = places
    assert frequent_sequences(sequences, least, longest=3, most=10**6) == wanted


@settings(max_examples=30, deadline=None)
@given(LISTS, st.integers(1, 8))
def test_with_a_bound_the_most_frequent_patterns_are_found(sequences, most):
    every = frequent_sequences(sequences, 1, longest=3, most=10**6)
    found = frequent_sequences(sequences, 1, longest=3, most=most)
    sizes = sorted((len(places) for places in every.values()), reverse=True)
    assert sorted((len(places) for places in found.values()), reverse=True) == sizes[:most]


@settings(max_examples=30, deadline=None)
@given(LISTS)
def test_loops_equal_those_that_a_regular_expression_finds(sequences):
    found = loops(sequences, 1, most_repeats=3)
    for item, times in product("abc", (2, 3)):
        wanted = [place for place, sequence in enumerate(sequences) if re.search(item * times, sequence)]
        assert found.get((item,) * times, []) == wanted


@pytest.mark.parametrize(
    ("pattern", "in_a_row"), [("ab", False), ("aa", False), ("aba", False), ("aa", True), ("aaa", True)]
)
def test_the_expected_share_is_that_of_all_sequences_there_can_be(pattern, in_a_row):
    shares = {"a": 0.6, "b": 0.4}
    wanted = 0.0
    for sequence in product("ab", repeat=5):
        chance = np.prod([shares[item] for item in sequence])
        wanted += chance * (pattern in "".join(sequence) if in_a_row else holds(sequence, pattern))
    assert expected_share(tuple(pattern), shares, {5: 3}, in_a_row=in_a_row) == pytest.approx(wanted)


@pytest.mark.parametrize("longer", [False, True])
def test_without_an_effect_hardly_a_world_has_a_sequence(longer):
    worlds = sum(bool(significant(mining_worlds.tasks(seed, 600, longer=longer))) for seed in range(4))
    assert worlds <= 1  # benchmarks/RESULTS.md


def test_a_planted_loop_is_told_once_and_nothing_beside_it():
    (row,) = significant(mining_worlds.tasks(0, stuck=0.05))
    assert set(json.loads(row["sequence"])) == {"c"}
    assert row["is_in_a_row"]
    assert row["failure_rate"] > 0.5 > row["failure_rate_others"]
    assert row["lift"] > 2


def test_rows_recount_and_samples_hold_their_sequence():
    rows = mining_worlds.tasks(0, stuck=0.05)
    sequences = Sequences.of_rows("tools", rows)
    by_id = {row["id"]: row["items"] for row in rows}
    for row in sequence_rules(sequences):
        pattern = json.loads(row["sequence"])
        counted = recounted(sequences, pattern, in_a_row=row["is_in_a_row"])
        assert counted == (row["support_count"], row["failing_support_count"])
        assert all(holds(by_id[sample], pattern) for sample in json.loads(row["sample_ids"]))


def test_what_success_goes_with_is_not_told():
    rows = [
        row | {"items": [*row["items"], *([] if row["is_failed"] else ["review"])]} for row in mining_worlds.tasks(1)
    ]
    assert significant(rows) == []


@pytest.mark.parametrize(
    "rows",
    [
        [],
        mining_worlds.tasks(1, 1),
        [row | {"is_failed": True} for row in mining_worlds.tasks(1, 200)],
        [row | {"items": ["a"]} for row in mining_worlds.tasks(1, 200)],
        [row | {"items": []} for row in mining_worlds.tasks(1, 200)],
        [row | {"items": [f"{row['id']}-{n}" for n in range(3)]} for row in mining_worlds.tasks(1, 200)],
    ],
    ids=["no task", "one task", "all fail", "one tool", "no call", "each tool once"],
)
def test_where_nothing_can_be_compared_nothing_is_significant(rows):
    assert significant(rows) == []


def test_a_long_task_counts_with_its_first_fifty_calls():
    sequences = Sequences.of_rows("tools", [row | {"items": ["x", "y"] * 5_000} for row in mining_worlds.tasks(1, 25)])
    assert {len(items) for items in sequences.items} == {50}
