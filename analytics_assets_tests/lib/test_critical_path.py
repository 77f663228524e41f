"""Schedules of steps against paths that are listed one by one, and needs that cannot be used."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from analytics_assets.lib.critical_path import declared_needs, in_order, observed_paths, simulated_paths

STEPS = ["checkout", "install", "lint", "unit", "integration", "package"]
NEEDS = {
    "checkout": (),
    "install": ("checkout",),
    **dict.fromkeys(("lint", "unit", "integration"), ("install",)),
    "package": ("lint", "unit", "integration"),
}


def longest(seconds, needs, through=None):
    """The longest chain, found by listing all of them."""

    def chains(step):
        yield from ([step, *rest] for name in needs[step] for rest in chains(name))
        yield [step]

    totals = [
        sum(seconds[name] for name in chain)
        for step in needs
        for chain in chains(step)
        if through is None or through in chain
    ]
    return max(totals)


def test_steps_that_need_the_same_run_beside_each_other():
    paths = simulated_paths(np.array([[8.0, 40, 25, 120, 200, 30]]), STEPS, NEEDS)
    assert paths.total.tolist() == [278]
    assert paths.starts[0].tolist() == [0, 8, 48, 48, 48, 248]
    assert paths.slack[0].tolist() == [0, 0, 175, 80, 0, 0]


@pytest.mark.parametrize("seed", range(20))
def test_a_random_graph_has_the_longest_of_all_its_chains(seed):
    rng = np.random.default_rng(seed)
    names = [f"s{place}" for place in range(7)]
    shuffled = list(rng.permutation(names))
    needs = {name: tuple(other for other in shuffled[: shuffled.index(name)] if rng.random() < 0.4) for name in names}
    seconds = rng.exponential(10, (3, 7))
    paths = simulated_paths(seconds, names, needs)
    for row, total, slack in zip(seconds, paths.total, paths.slack, strict=True):
        of = dict(zip(names, row, strict=True))
        assert total == pytest.approx(longest(of, needs))
        assert list(slack) == pytest.approx([total - longest(of, needs, name) for name in names])


def test_in_order_is_the_sum_and_all_are_critical():
    paths = simulated_paths(np.array([[1.0, 2, 3]]), ["a", "b", "c"], in_order(["a", "b", "c"]))
    assert paths.total.tolist() == [6]
    assert paths.slack.tolist() == [[0, 0, 0]]


def test_a_step_that_did_not_run_takes_no_time_and_keeps_the_order_of_the_others():
    chain = {"a": (), "b": ("a",), "c": ("b",)}
    paths = simulated_paths(np.array([[5.0, np.nan, 7.0]]), ["a", "b", "c"], chain)
    assert paths.total.tolist() == [12]


class TestAsTheyRan:
    def test_a_step_beside_a_longer_one_has_slack(self):
        paths = observed_paths(np.array([[0.0, 10, 10, 60]]), np.array([[10.0, 60, 30, 70]]))
        assert paths.total.tolist() == [70]
        assert paths.slack.tolist() == [[0, 0, 30, 0]]

    def test_columns_need_not_stand_in_the_order_of_time(self):
        starts, ends = np.array([[0.0, 10, 10, 60]]), np.array([[10.0, 60, 30, 70]])
        for order in itertools.permutations(range(4)):
            columns = list(order)
            assert observed_paths(starts[:, columns], ends[:, columns]).slack[0].tolist() == [
                [0, 0, 30, 0][place] for place in columns
            ]

    def test_gaps_are_no_part_of_the_path(self):
        paths = observed_paths(np.array([[0.0, 100.0]]), np.array([[10.0, 130.0]]))
        assert paths.total.tolist() == [40]

    def test_clocks_of_whole_seconds_do_not_make_steps_run_beside_each_other(self):
        assert observed_paths(np.array([[0.0, 9.5]]), np.array([[10.0, 20.0]])).total.tolist() == [20.5]

    def test_steps_without_times_are_on_no_path(self):
        paths = observed_paths(np.array([[0.0, np.nan]]), np.array([[10.0, np.nan]]))
        assert paths.total.tolist() == [10]
        assert np.isnan(paths.slack[0, 1])

    @pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
    def test_nothing_has_no_length(self, shape):
        assert observed_paths(np.zeros(shape), np.zeros(shape)).total.tolist() == [0.0] * shape[0]


class TestDeclaredNeeds:
    def test_they_are_read(self):
        needs = declared_needs('{"runner": "x", "needs": {"b": ["a"], "c": []}}', ["a", "b", "c"])
        assert (needs.source, needs.earlier, needs.notes) == ("declared", {"a": (), "b": ("a",), "c": ()}, ())

    @pytest.mark.parametrize("configuration", [None, "", "no json", "[]", "{}", '{"needs": []}', '{"needs": {}}'])
    def test_without_them_nothing_may_run_beside_another_step_and_it_is_said_how_to_declare(self, configuration):
        needs = declared_needs(configuration, ["a", "b"])
        assert (needs.source, needs.earlier) == ("none", None)
        assert '"needs": {"step": ["step it waits for"]}' in needs.notes[0]

    @pytest.mark.parametrize(
        ("declared", "circle"),
        [
            ('{"a": ["a"]}', "a needs a"),
            ('{"a": ["b"], "b": ["a"]}', "a needs b needs a"),
            ('{"a": [], "b": ["c"], "c": ["b"]}', "b needs c needs b"),
        ],
    )
    def test_a_circle_is_named_and_nothing_of_it_is_used(self, declared, circle):
        needs = declared_needs(f'{{"needs": {declared}}}', ["a", "b", "c"])
        assert needs.source == "none"
        assert needs.notes[0] == f"the declared needs go in a circle: {circle}"

    def test_what_nobody_has_seen_leaves_a_step_in_its_place(self):
        needs = declared_needs('{"needs": {"b": [], "c": ["gone"], "old": ["a"]}}', ["a", "b", "c"])
        assert needs.earlier == {"a": (), "b": (), "c": ("a", "b")}
        assert needs.notes == (
            "old has needs, but no execution has such a step",
            "c keeps its place: no execution has gone, which it needs",
        )

    @pytest.mark.parametrize("asked", ["null", "3", "[1]", '{"a": 1}'])
    def test_needs_that_are_no_names_leave_a_step_in_its_place(self, asked):
        needs = declared_needs(f'{{"needs": {{"c": {asked}, "b": "a"}}}}', ["a", "b", "c"])
        assert needs.earlier == {"a": (), "b": ("a",), "c": ("a", "b")}
        assert needs.notes[0].startswith("c keeps its place: ")

    def test_two_hundred_steps_in_a_chain_are_no_crash(self):
        names = [f"s{place}" for place in range(200)]
        chained = ", ".join(f'"{later}": ["{one}"]' for one, later in itertools.pairwise(names))
        assert declared_needs(f'{{"needs": {{{chained}}}}}', names).earlier["s199"] == ("s198",)
