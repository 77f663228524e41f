"""Two versions on the same runs: better, worse, or not surely either."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from analytics_assets.predicting.trials import live_scores, on_trial, same_split

CHAMPION, TRIED = "failure_risk/v1", "failure_risk/v2"
ONE_DAY = defaultdict(lambda: "2026-02-01")


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
    losses = {CHAMPION: by_run([0.1] * 20), TRIED: by_run([0.3] * 20, first=15)}
    found = live_scores(losses, CHAMPION, ONE_DAY)
    assert (found[TRIED].n, found[TRIED].score) == (5, pytest.approx(0.3))
    assert found[TRIED].champion_score == pytest.approx(0.1)
    assert (found[CHAMPION].n, found[CHAMPION].champion_score) == (20, None)


def test_without_a_champion_or_a_common_run_there_is_nothing_to_compare_with():
    losses = {TRIED: by_run([0.3] * 20)}
    assert live_scores(losses, None, ONE_DAY) == {}
    assert set(live_scores({CHAMPION: by_run([0.1], first=99), **losses}, CHAMPION, ONE_DAY)) == {CHAMPION}


def test_a_canary_that_is_far_worse_is_surely_worse_from_the_tenth_run_on():
    far = {CHAMPION: by_run(noise(0, 10)), TRIED: by_run(noise(0, 10) + 0.5)}
    assert live_scores(far, CHAMPION, ONE_DAY)[TRIED].is_surely_worse
    nine = {key: dict(list(runs.items())[:9]) for key, runs in far.items()}
    assert not live_scores(nine, CHAMPION, ONE_DAY)[TRIED].is_surely_worse


def canary(one, other):
    """How a trial as a canary ends, looked at after each outcome from the tenth on, and after how many."""
    for n in range(10, 31):
        live = live_scores({CHAMPION: by_run(other[:n]), TRIED: by_run(one[:n])}, CHAMPION, ONE_DAY)[TRIED]
        if (verdict := on_trial("canary", live)) is not None:
            return verdict, n
    raise AssertionError("thirty outcomes decide")


def brier(seed, off):
    """Squared errors of two versions on thirty runs: one that is off by so much, and one that is off by 0.1."""
    draw = np.random.default_rng(seed)
    chance = draw.beta(1, 3, 30)
    failed = draw.random(30) < chance
    return ((np.clip(chance + draw.normal(0, wide, 30), 0, 1) - failed) ** 2 for wide in (off, 0.1))


def test_a_canary_that_is_worse_is_seldom_promoted_and_one_as_good_is_seldom_stopped_before_the_end():
    worse = [canary(*brier(seed, 0.35)) for seed in range(20)]
    assert sum(is_promoted for is_promoted, _ in worse) <= 4
    alike = [canary(*brier(seed, 0.1)) for seed in range(40)]
    assert sum(n < 30 for _, n in alike) <= 5


def test_a_version_that_won_on_one_day_alone_has_not_surely_won():
    losses, champion = noise(0, 60), noise(1, 60)
    losses[:20] = 0
    days = ["lucky"] * 20 + ["second"] * 20 + ["third"] * 20
    alone, by_day = same_split(CHAMPION, losses, champion), same_split(CHAMPION, losses, champion, days)
    assert (alone.is_won, by_day.is_won) == (True, False)
