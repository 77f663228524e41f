"""Drift is found where it was planted, and not where time alone goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics_assets.predicting.compared import CLOCKS, FADING, GIVEN, LOAD, left_out
from analytics_assets.predicting.drift import Sample, concept_drift, data_drift, decided, worst
from analytics_assets.predicting.examples import Run, examples
from analytics_assets.predicting.features import BY_NAME

START = datetime(2026, 1, 5)
MODELS = ("small", "middle", "large")
WEEK = timedelta(days=7)


def history(seed, count=1800, *, from_run=1200, **change):
    """Runs of twelve specs, a hundred a day, by day more than by night; from a run on with a change."""
    rng = np.random.default_rng(seed)
    rates = rng.beta(2, 6, 12)
    hours = np.sort(rng.uniform(0, 24 * count / 100, 4 * count))
    hours = hours[(hours % 24 >= 7) & (hours % 24 < 19) | (rng.uniform(size=len(hours)) < 0.2)]
    hours = hours[np.sort(rng.choice(len(hours), count, replace=False))]
    made = []
    for number, hour in enumerate(hours.tolist()):
        spec, is_changed = int(rng.integers(12)), number >= from_run
        risk = change.get("risk", rates[spec]) if is_changed else rates[spec]
        model = change["model"] if is_changed and "model" in change and rng.random() < 0.8 else rng.choice(MODELS)
        at = START + timedelta(hours=hour)
        made.append(
            Run(
                run_id=f"r{number:05}",
                spec_id=f"spec-{spec}",
                spec_type=f"type-{spec % 3}",
                model=str(model),
                agent_id=f"agent-{rng.integers(4)}",
                complexity=float(spec) + (change.get("complexity", 0) if is_changed else 0),
                started_at=at,
                known_at=at + timedelta(minutes=20),
                is_failed=bool(rng.random() < risk),
                duration_seconds=1200.0,
            )
        )
    return made


def sample(runs):
    return Sample(
        [run.started_at for run in runs.runs],
        {name: values.to_numpy() for name, values in runs.features.items()},
        {name: values.tolist() for name, values in runs.categories.items()},
    )


def compared(found, since=200):
    reference, current = sample(found.take(np.arange(1200))), sample(found.take(np.arange(1200, 1200 + since)))
    return decided(data_drift(reference, current, left_out(current.span)))


UNCHANGED, ANOTHER_MODEL = examples(history(0)), examples(history(1, model="new"))


def drifted(found):
    return {one.feature_name for one in found if one.is_drifted}


def test_nothing_drifts_where_nothing_changes():
    assert [since for since in (80, 200, 600) if drifted(compared(UNCHANGED, since))] == []


@pytest.mark.slow
def test_less_than_one_model_in_twenty_drifts_by_chance():
    found = [examples(history(seed)) for seed in range(40)]
    wrong = [bool(drifted(compared(one, since))) for one in found for since in (80, 200, 600)]
    assert sum(wrong) / len(wrong) < 0.05


@pytest.mark.parametrize(
    ("change", "name"),
    [({"complexity": 12}, "complexity_log"), ({"risk": 0.8}, "recent_spec_failure_rate")],
    ids=["larger specs", "failures"],
)
def test_what_was_planted_is_found(change, name):
    found = compared(examples(history(1, **change)))
    assert name in drifted(found)
    row = next(one for one in found if one.feature_name == name)
    assert row.drift_score > 0.3
    assert row.p_adjusted < 0.05
    assert "drift (p" in row.reason


def test_a_new_model_is_named_in_the_reason():
    (row,) = (one for one in compared(ANOTHER_MODEL) if one.feature_name == "model")
    assert row.reason.startswith("new 0 % before, 77 % now; drift")


def test_what_moves_by_nature_is_listed_and_not_compared():
    found = {one.feature_name: one for one in compared(UNCHANGED)}
    assert set(found) >= set(BY_NAME)
    assert found["model_spec_runs"].reason == "not compared: it counts on"
    assert found["hour_sin"].reason == "not compared: it goes with the clock"
    assert found["spec_failure_rate"].reason == "not compared: it is of all runs before, and settles with each"
    assert "load has its week" in found["active_runs"].reason
    assert found["active_runs"].drift_score is None


def test_every_name_that_is_compared_or_goes_with_the_clock_is_a_feature():
    assert set(BY_NAME) >= GIVEN | LOAD | FADING | CLOCKS
    assert set(left_out(WEEK)) == set(BY_NAME) - GIVEN - LOAD - FADING
    assert set(left_out(timedelta(days=2))) == set(BY_NAME) - GIVEN - FADING


def plain(n, days=10.0, value=0.0):
    at = [START + timedelta(days=days * number / max(n, 1)) for number in range(n)]
    numbers = np.random.default_rng(n).normal(value, 1, n)
    return Sample(at, {"x": numbers}, {"model": ["a" if number % 2 else "b" for number in range(n)]})


@pytest.mark.parametrize(
    ("reference", "current", "reason"),
    [
        (plain(0), plain(80), "0 examples to learn from, 50 needed"),
        (plain(300), plain(0), "0 examples since, 50 needed"),
        (plain(300), plain(1), "1 example since, 50 needed"),
        (plain(300), plain(49), "49 examples since, 50 needed"),
        (plain(300), plain(90, days=0.4), "the runs since are of 0.4 days, 1 needed"),
    ],
)
def test_too_little_is_not_compared_and_says_so(reference, current, reason):
    found = decided(data_drift(reference, current, {}))
    assert [one.reason for one in found] == [f"not compared: {reason}"] * 2
    assert {one.is_drifted for one in found} == {None}


def test_a_column_that_vanished_has_drifted_and_one_that_was_never_known_has_not():
    reference, current = plain(300), plain(90)
    gone = replace(current, numbers={}, categories={})
    by_name = {one.feature_name: one for one in decided(data_drift(reference, gone, {}))}
    assert by_name["x"].is_drifted
    assert by_name["x"].reason.startswith("known of 100 % before, of 0 % now")
    assert by_name["model"].is_drifted
    assert "(unknown) 0 % before, 100 % now" in by_name["model"].reason
    never = [replace(one, numbers={"x": np.full(len(one), np.nan)}) for one in (reference, current)]
    assert data_drift(*never, {})[0].reason == "not compared: it is hardly known on either side"


def errors(seed, risk_error, n=100):
    """Squared errors of probabilities that are off by so much."""
    rng = np.random.default_rng(seed)
    stated = rng.beta(2, 4, n)
    happened = rng.uniform(size=n) < np.clip(stated + risk_error, 0, 1)
    return (stated - happened) ** 2


TEST = float(np.mean(errors(999, 0, 20_000)))


def test_concept_drift_is_found_in_errors_and_seldom_by_chance():
    judged = {"test_loss": TEST, "test_n": 600, "naive_loss": TEST + 0.03, "measure": "rolling_brier"}
    by_chance = [decided([concept_drift(errors(seed, 0), **judged)])[0].is_drifted for seed in range(200)]
    planted = [decided([concept_drift(errors(seed, 0.5), **judged)])[0].is_drifted for seed in range(50)]
    assert sum(by_chance) <= 16
    assert sum(planted) >= 48


@pytest.mark.parametrize("length", [5, 15])
def test_errors_that_come_in_bursts_are_seldom_drift_by_chance(length):
    judged = {"test_loss": TEST, "test_n": 600, "naive_loss": TEST + 0.03, "measure": "rolling_brier"}

    def is_drifted(seed, risk_error):
        losses = np.repeat(errors(seed, risk_error, 1 + 100 // length), length)[seed % length :][:100]
        return decided([concept_drift(losses, **judged)])[0].is_drifted

    assert sum(is_drifted(seed, 0) for seed in range(200)) <= 16
    assert sum(is_drifted(seed, 0.6) for seed in range(50)) >= 25


def test_the_score_of_concept_drift_is_the_part_of_the_advantage_that_is_gone():
    losses = [0.1, 0.2, 0.3] * 20
    half = concept_drift(losses, test_loss=0.1, test_n=1000, naive_loss=0.3, measure="rolling_pinball")
    assert half.drift_score == pytest.approx(0.5)
    assert half.reason.startswith("mean loss of the newest 60 answers 0.200 (0.179 to 0.221), 0.100 when it was judged")
    better = concept_drift(losses, test_loss=0.4, test_n=1000, naive_loss=0.5, measure="rolling_pinball")
    assert better.drift_score == 0
    assert better.p_value > 0.99


@pytest.mark.parametrize(
    ("losses", "test_loss", "reason"),
    [([0.1] * 29, 0.1, "29 outcomes of 30"), ([], 0.1, "0 outcomes of 30"), ([0.1] * 40, None, "no score of a test")],
)
def test_errors_that_cannot_be_compared_say_why(losses, test_loss, reason):
    found = concept_drift(losses, test_loss=test_loss, test_n=100, naive_loss=0.2, measure="rolling_brier")
    assert found.reason == f"not compared: {reason}"
    assert found.drift_score is None


def test_errors_without_spread_are_compared_all_the_same():
    same = concept_drift([0.1] * 40, test_loss=0.1, test_n=100, naive_loss=0.2, measure="rolling_brier")
    worse = concept_drift([0.3] * 40, test_loss=0.1, test_n=100, naive_loss=0.2, measure="rolling_brier")
    assert (same.p_value, worse.p_value) == (1, 0)
    assert worse.drift_score == 1


def test_the_worst_is_that_which_drifted_most():
    rows = [
        {"feature_name": "a", "is_drifted": True, "drift_score": 0.4},
        {"feature_name": "b", "is_drifted": True, "drift_score": 0.6},
        {"feature_name": "c", "is_drifted": False, "drift_score": 0.9},
        {"feature_name": "d", "is_drifted": None, "drift_score": None},
    ]
    assert worst(rows)["feature_name"] == "b"
    assert worst(rows[2:]) is None
