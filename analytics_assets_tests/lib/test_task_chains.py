"""Chains of open tasks that wait for one another."""

from __future__ import annotations

from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_assets.lib.task_chains import Chain, blocked_chains

PAIRS = st.sets(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), max_size=7)


def test_the_longest_chain_is_that_of_most_minutes_not_of_most_tasks():
    remaining = {"a": 10.0, "b": 10.0, "c": 10.0, "big": 100.0, "end": 5.0}
    found = blocked_chains(remaining, [("b", "a"), ("c", "b"), ("end", "c"), ("end", "big")])
    assert found.chains == (Chain(("big", "end"), 105.0, 0),)


def test_what_is_done_blocks_nobody():
    assert blocked_chains({"open": 5.0}, [("open", "done"), ("done", "open")]).chains == ()


def test_a_task_without_an_estimate_is_in_the_chain_and_told():
    found = blocked_chains({"a": None, "b": 20.0, "c": None}, [("b", "a"), ("c", "b")])
    assert found.chains == (Chain(("a", "b", "c"), 20.0, 2),)
    assert blocked_chains({"a": None, "b": None}, [("b", "a")]).chains == (Chain(("a", "b"), None, 2),)


def test_a_circle_is_told_and_not_followed():
    remaining = dict.fromkeys("abcdef", 1.0)
    found = blocked_chains(remaining, [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("e", "d"), ("f", "f")])
    assert sorted(map(sorted, found.circles)) == [["a", "b", "c"], ["f"]]
    assert found.chains == (Chain(("d", "e"), 2.0, 0),)


def test_of_many_chains_the_ten_longest_are_told():
    remaining = {f"{side}{n}": float(n) for n in range(300) for side in "ab"}
    found = blocked_chains(remaining, [(f"b{n}", f"a{n}") for n in range(300)])
    assert [chain.minutes for chain in found.chains] == [2.0 * n for n in range(299, 289, -1)]


def test_a_chain_of_thousands_is_no_recursion():
    remaining = {str(n): 1.0 for n in range(2_000)}
    (chain,) = blocked_chains(remaining, [(str(n + 1), str(n)) for n in range(1_999)]).chains
    assert (len(chain.tasks), chain.minutes) == (2_000, 2_000.0)


@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_the_longest_chain_is_that_of_all_orders_tried_one_by_one(pairs):
    remaining = {task: float(2**place) for place, task in enumerate("abcde")}
    found = blocked_chains(remaining, pairs)
    if found.circles:
        return
    orders = (order for size in range(2, 6) for order in permutations("abcde", size))
    chains = [order for order in orders if all((b, a) in pairs for a, b in pairwise(order))]
    wanted = max((sum(remaining[task] for task in order) for order in chains), default=None)
    assert (found.chains[0].minutes if found.chains else None) == wanted
