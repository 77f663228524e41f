"""Two versions on the same runs: better, worse, or not surely either."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.predicting.trials import live_scores, same_split

CHAMPION = "failure_risk/v1"


def noise(seed, n=40, mean=0.2):
    return np.random.default_rng(seed).exponential(mean, n)


def test_under_thirty_runs_say_nothing():
    assert same_split(CHAMPION, noise(0, 29), noise(1, 29)) is None


def test_a_version_that_errs_half_as_much_surely_wins_and_the_other_way_round_loses():
    base = noise(0)
    won, lost = same_split(CHAMPION, base / 2, base), same_split(CHAMPION, base * 2, base)
    assert (won.is_won, won.is_lost, lost.is_won, lost.is_lost) == (True, False, False, True)
    assert won.in_words.startswith("errs less than v1 on 40 runs")


def test_of_two_that_differ_by_chance_few_win_or_lose():
    verdicts = [same_split(CHAMPION, noise(2 * seed), noise(2 * seed + 1)) for seed in range(60)]
    assert sum(one.is_won for one in verdicts) <= 8
    assert sum(one.is_lost for one in verdicts) <= 8


def by_run(losses, first=0):
    return {f"r{first + number}": float(loss) for number, loss in enumerate(losses)}


def test_only_runs_that_both_answered_are_compared():
    losses = {CHAMPION: by_run([0.1] * 20), "failure_risk/v2": by_run([0.3] * 20, first=15)}
    found = live_scores(losses, CHAMPION)
    assert (found["failure_risk/v2"].n, found["failure_risk/v2"].score) == (5, pytest.approx(0.3))
    assert found["failure_risk/v2"].champion_score == pytest.approx(0.1)
    assert (found[CHAMPION].n, found[CHAMPION].champion_score) == (20, None)


def test_without_a_champion_or_a_common_run_there_is_nothing_to_compare_with():
    losses = {"failure_risk/v2": by_run([0.3] * 20)}
    assert live_scores(losses, None) == {}
    assert set(live_scores({CHAMPION: by_run([0.1], first=99), **losses}, CHAMPION)) == {CHAMPION}


def test_a_canary_that_is_far_worse_is_surely_worse_from_the_tenth_run_on():
    far = {CHAMPION: by_run(noise(0, 10)), "failure_risk/v2": by_run(noise(0, 10) + 0.5)}
    assert live_scores(far, CHAMPION)["failure_risk/v2"].is_surely_worse
    nine = {key: dict(list(runs.items())[:9]) for key, runs in far.items()}
    assert not live_scores(nine, CHAMPION)["failure_risk/v2"].is_surely_worse


def test_a_canary_as_good_as_the_champion_is_seldom_stopped_though_it_is_looked_at_after_each_run():
    stopped = 0
    for seed in range(40):
        one, other = noise(3 * seed, 30), noise(3 * seed + 1, 30)
        looks = (
            live_scores({CHAMPION: by_run(other[:n]), "failure_risk/v2": by_run(one[:n])}, CHAMPION)
            for n in range(10, 31, 4)
        )
        stopped += any(look["failure_risk/v2"].is_surely_worse for look in looks)
    assert stopped <= 4
