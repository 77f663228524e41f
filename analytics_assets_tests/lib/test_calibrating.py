"""Stated confidences against what held."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from analytics_assets.lib.calibrating import Outcome, Tally, applied_outcomes, binned, opinion


def said(confidence, held, of):
    """``held`` of ``of`` suggestions stated with this confidence held."""
    return [Outcome(confidence, number < held) for number in range(of)]


def test_bins_are_tenths_above_one_half_with_their_lower_edges():
    rows = binned("backtest", [Outcome(c, True) for c in (0.0, 0.49, 0.5, 0.6, 0.79, 0.8, 0.9, 1.0)])
    assert [(row["confidence_from"], row["confidence_to"], row["n"]) for row in rows] == [
        (0.0, 0.5, 2),
        (0.5, 0.6, 1),
        (0.6, 0.7, 1),
        (0.7, 0.8, 1),
        (0.8, 0.9, 1),
        (0.9, 1.0, 2),
    ]
    assert {row["source"] for row in rows} == {"backtest"}


def test_an_empty_bin_was_not_measured():
    row = binned("verdicts", [])[0]
    assert (row["n"], row["held"]) == (0, 0)
    assert [row[name] for name in ("held_share", "held_share_low", "mean_confidence", "brier", "is_calibrated")] == [
        None
    ] * 5


def test_a_bin_is_the_counted_share_with_its_wilson_interval_and_brier_score():
    tally = Tally.of([*said(0.8, 7, 10), *said(0.9, 9, 10)])
    assert (tally.n, tally.held, tally.held_share) == (20, 16, 0.8)
    assert tally.mean_confidence == pytest.approx(0.85)
    assert tally.brier == pytest.approx((7 * 0.04 + 3 * 0.64 + 9 * 0.01 + 1 * 0.81) / 20)
    assert tally.interval == pytest.approx((0.5840, 0.9193), abs=1e-4)


@pytest.mark.parametrize(
    ("held", "of", "is_calibrated", "words"),
    [
        (9, 9, None, "too few"),
        (17, 20, True, "taken at its word"),
        (8, 20, False, "promises more than it holds"),
        (120, 120, False, "holds more than it promises"),
    ],
)
def test_a_confidence_outside_of_what_held_is_told_and_which_way(held, of, is_calibrated, words):
    tally = Tally.of(said(0.85, held, of))
    assert tally.is_calibrated is is_calibrated
    assert words in opinion(tally)


def test_who_states_the_truth_is_found_calibrated_about_nineteen_times_in_twenty():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(300):
        stated = rng.uniform(0.5, 1.0, 200)
        rows = binned("backtest", [Outcome(float(c), bool(rng.random() < c)) for c in stated])
        found += [row["is_calibrated"] for row in rows if row["is_calibrated"] is not None]
    assert 0.92 <= np.mean(found) <= 0.98


def test_who_overstates_by_a_fifth_is_found_out():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(100):
        outcomes = [Outcome(0.95, bool(rng.random() < 0.75)) for _ in range(60)]
        found.append(Tally.of(outcomes).is_calibrated)
    assert np.mean(found) <= 0.1


def applied(before, after, metric="success_rate", **fields):
    """An application with (successes, runs) of its sides."""
    row = {"confidence": 0.85, "metric": metric, "is_final": True}
    row |= {"baseline_successes": before[0], "baseline_runs": before[1]}
    return row | {"after_successes": after[0], "after_runs": after[1]} | fields


@pytest.mark.parametrize(
    ("metric", "before", "after", "held"),
    [
        ("success_rate", (10, 20), (11, 20), True),
        ("success_rate", (10, 20), (9, 20), False),
        ("success_rate", (10, 20), (10, 20), False),
        ("cost_usd", (90, 100), (87, 100), True),
        ("cost_usd", (90, 100), (80, 100), False),
        ("infrastructure_cost_eur", (90, 100), (87, 100), True),
        ("infrastructure_cost_eur", (90, 100), (80, 100), False),
    ],
)
def test_an_application_holds_by_its_direction_whether_or_not_chance_could_do_it(metric, before, after, held):
    assert applied_outcomes([applied(before, after, metric)]) == [Outcome(0.85, held)]


@pytest.mark.parametrize("metric", ["success_rate", "cost_usd"])
def test_a_direction_is_what_random_draws_of_both_shares_say_it_is(metric):
    rng = np.random.default_rng(5)
    for before, after in rng.integers(20, 80, (40, 2)):
        draws = [beta.rvs(1 + 80 - good, 1 + good, size=20_000, random_state=rng) for good in (before, after)]
        likely = np.mean(draws[1] < draws[0] + (0.0 if metric == "success_rate" else 0.05))
        if abs(likely - 0.5) > 0.02:
            (outcome,) = applied_outcomes([applied((before, 80), (after, 80), metric)])
            assert outcome.held == (likely > 0.5)


def test_what_is_not_final_or_has_few_runs_on_a_side_tells_nothing():
    rows = [
        applied((5, 10), (9, 10)),
        applied((5, 10), (9, 10), is_final=False),
        applied((5, 9), (9, 10)),
        applied((5, 10), (9, 9)),
        applied((0, 0), (0, 0)),
    ]
    assert applied_outcomes(rows) == [Outcome(0.85, True)]


def test_who_states_a_true_probability_of_a_direction_is_calibrated_by_what_was_applied():
    # Verdicts would not show it: on 60 runs a side fifteen points more are seldom significant.
    rng = np.random.default_rng(6)
    rows = []
    for _ in range(300):
        better = rng.random() < 0.8
        before, after = rng.binomial(60, 0.6), rng.binomial(60, 0.75 if better else 0.45)
        rows.append(applied((int(before), 60), (int(after), 60), confidence=0.8))
    assert Tally.of(applied_outcomes(rows)).is_calibrated
