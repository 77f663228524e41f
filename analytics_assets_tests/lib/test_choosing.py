"""Which model is taken, on cells made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.lib.choosing import Candidate, choose_model

GOOD = Candidate("good", 200, 180, 0.30)


def chosen(*candidates):
    choice = choose_model(candidates)
    return choice and choice.chosen.model


def test_without_ten_runs_of_a_model_nothing_is_chosen():
    assert choose_model([]) is None
    assert choose_model([Candidate("a", 9, 9, 0.01), Candidate("b", 9, 0, 0.01)]) is None
    assert chosen(Candidate("a", 10, 1, 0.01)) == "a"


def test_a_model_with_too_few_runs_is_not_chosen_however_well_it_did():
    assert chosen(GOOD, Candidate("lucky", 9, 9, 0.01)) == "good"


def test_the_only_one_with_runs_enough_is_told_to_be_that():
    assert choose_model([GOOD]).reason == (
        "It is the only model with 10 runs or more: 180 of 200 runs succeeded (90 %)."
    )


def test_one_that_succeeds_less_often_is_not_chosen_however_cheap():
    choice = choose_model([Candidate("cheap", 200, 120, 0.01), GOOD])
    assert choice.chosen.model == "good"
    assert "cheap is not known to be as good: 120 of 200 runs succeeded (60 %)" in choice.reason


def test_few_runs_that_might_hide_a_difference_are_no_proof_of_equality():
    # 23 of 63 against 24 of 48: the 95 % interval of the difference holds 0, and 13 points are the better guess.
    assert chosen(Candidate("dear", 48, 24, 0.15), Candidate("cheap", 63, 23, 0.06)) == "dear"


def test_of_those_that_are_as_good_the_cheapest_per_success_is_chosen_with_its_numbers():
    choice = choose_model([GOOD, Candidate("like", 200, 176, 0.10)])
    assert choice.chosen.model == "like"
    rng = np.random.default_rng(1)
    likely = (rng.beta(25, 177, 400_000) < rng.beta(21, 181, 400_000) + 0.05).mean()
    assert choice.reason == (
        "A success costs $0.1, and 176 of 200 runs succeeded (88 %); with good it costs $0.3, and 180 of 200 runs "
        f"succeeded (90 %). That it fails at most 5 points more often is {100 * likely:.0f} % likely."
    )


def test_the_best_stays_where_it_is_the_cheapest_of_its_peers():
    choice = choose_model([GOOD, Candidate("dear", 200, 179, 0.90)])
    assert choice.chosen.model == "good"
    assert "dear may be as good, but not known to be cheaper" in choice.reason


@pytest.mark.parametrize(
    ("best", "other"),
    [
        (Candidate("best", 200, 180, None), Candidate("priced", 200, 179, 0.01)),
        (Candidate("best", 200, 180, 0.3), Candidate("unpriced", 200, 179, None)),
    ],
)
def test_what_has_no_known_cost_is_neither_cheaper_nor_dearer(best, other):
    assert chosen(best, other) == "best"


def test_a_cost_of_nothing_is_a_known_cost():
    assert chosen(GOOD, Candidate("free", 200, 178, 0.0)) == "free"


def test_equals_are_told_apart_by_their_runs_and_then_by_name():
    assert chosen(Candidate("b", 20, 18), Candidate("a", 20, 18)) == "a"
    assert chosen(Candidate("a", 20, 18), Candidate("b", 40, 36)) == "b"


def test_the_order_of_the_candidates_does_not_matter():
    candidates = [GOOD, Candidate("x", 90, 80, 0.2), Candidate("y", 30, 12, 0.01), Candidate("z", 12, 10, None)]
    assert chosen(*candidates) == chosen(*reversed(candidates)) == "x"
