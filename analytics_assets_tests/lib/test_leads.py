"""Which signal moves first?"""

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.tsa.stattools import grangercausalitytests

from analytics_assets.lib.autoregression import autoregression, innovations
from analytics_assets.lib.effects import adjusted_p_values
from analytics_assets.lib.granger import granger_p
from analytics_assets.lib.leads import comparable, correlations_at, leads, plain
from analytics_assets.lib.signal_grid import Grid, grid_of, without_season
from analytics_assets_tests.lib import event_worlds
from analytics_assets_tests.lib.event_worlds import START


def significant(grid):
    found = leads(grid.rows(comparable(grid)))
    return [
        lead for lead, p in zip(found, adjusted_p_values([lead.p_value for lead in found]), strict=True) if p < 0.05
    ]


@pytest.mark.parametrize("lag", [1, 3, 20])
def test_a_planted_lead_is_found_at_its_lag_and_no_other(lag):
    for seed in range(4):
        (lead,) = significant(event_worlds.signals(seed, lag=lag))
        assert (lead.leader, lead.follower, lead.lag_hours) == ("metric/api/s0", "metric/api/s1", lag)
        assert lead.correlation > 0.75


@pytest.mark.parametrize(
    "world",
    [
        {"memory": 0.0},
        {"memory": 0.9},
        {"memory": 1.0},
        {"kind": "counts"},
        {"kind": "busy hours vary more"},
        {"kind": "bursts"},
        {"kind": "gaps"},
        {"memory": 0.9, "hours": 400},
    ],
    ids=["white noise", "memory", "random walks", "counts", "busy hours", "bursts", "gaps", "17 days"],
)
def test_signals_that_share_nothing_but_their_season_hardly_ever_lead(world):
    worlds = sum(bool(significant(event_worlds.signals(seed, **world))) for seed in range(5))
    assert worlds <= 1  # benchmarks/RESULTS.md


def test_a_lead_in_a_wandering_series_with_gaps_is_found():
    grid = event_worlds.signals(1, memory=1.0, lag=5)
    values = grid.values.copy()
    values[:, ::13] = np.nan
    assert [lead.lag_hours for lead in significant(replace(grid, values=values))] == [5]


def test_two_figures_of_one_thing_are_not_compared():
    grid = event_worlds.signals(1, rows=3, lag=3)
    pairs = {(lead.leader, lead.follower) for lead in leads(grid, ["tool/a", "tool/a", None])}
    assert len(pairs) == 2
    assert all(grid.names[2] in pair for pair in pairs)


def test_what_never_varies_or_is_too_short_is_not_compared():
    grid = event_worlds.signals(1, rows=5)
    values = grid.values.copy()
    values[0] = 3.0
    values[1, 300:] = np.nan
    values[2] = np.nan
    values[3] = np.where(np.arange(values.shape[1]) == 9, 5.0, 1.0)
    assert comparable(replace(grid, values=values)) == [4]


@pytest.mark.parametrize("samples", [[], [("a", START, 1.0)], [("a", START, None), ("b", START, float("nan"))]])
def test_without_hours_there_is_no_lead(samples):
    grid = grid_of(samples)
    assert comparable(grid) == []
    assert leads(grid.rows([])) == []


def test_a_correlation_pairs_the_follower_with_the_leader_so_many_hours_before():
    grid = event_worlds.signals(2, lag=3)
    first, second = plain(grid)[:2]
    (found,) = correlations_at(first, second, [3])
    assert found == pytest.approx(np.corrcoef(first[:-3], second[3:])[0, 1])
    assert correlations_at(first, second, [-3]) == correlations_at(second, first, [3])


def test_innovations_of_an_autoregression_have_its_weight_and_no_memory():
    row = event_worlds.remembering(np.random.default_rng(0), 1, 4_000, 0.8)[0]
    weights = autoregression(row, 24)
    assert weights[0] == pytest.approx(0.8, abs=0.05)
    new = innovations(row, weights)[len(weights) :]
    assert abs(np.corrcoef(new[1:], new[:-1])[0, 1]) < 0.05


def test_what_is_usual_at_an_hour_of_the_week_is_taken_out():
    season = event_worlds.season_of(720)
    grid = Grid(("a",), START, 3_600, 5 + 3 * season[None, :])
    assert np.std(without_season(grid)) < 0.05 * np.std(grid.values)


def test_granger_agrees_with_statsmodels_where_nothing_is_missing():
    values = event_worlds.remembering(np.random.default_rng(3), 2, 600, 0.5)
    wanted = grangercausalitytests(values[::-1].T, [2])[2][0]["ssr_ftest"][1]
    assert granger_p(values[1], values[0], 2) is not None
    forward = grangercausalitytests(np.array([values[0], values[1]]).T, [2])[2][0]["ssr_ftest"][1]
    assert granger_p(values[1], values[0], 2) == pytest.approx(forward)
    assert granger_p(values[0], values[1], 2) == pytest.approx(wanted)


def test_granger_finds_a_lead_and_refuses_what_is_too_short():
    left = plain(event_worlds.signals(1, lag=3))
    assert granger_p(left[0], left[1], 3) < 1e-6
    assert granger_p(left[0][:300], left[1][:300], 3) is None
    with pytest.raises(ValueError, match="1 to 24"):
        granger_p(left[0], left[1], 0)
