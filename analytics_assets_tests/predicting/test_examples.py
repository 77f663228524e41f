"""Examples: their rows, what may be learnt from when, and runs that are only thought of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics_assets.predicting.examples import CATEGORIES, Run, examples, with_candidate, with_candidates
from analytics_assets.predicting.features import NAMES
from analytics_assets_tests.predicting.run_histories import BEGIN, MINUTE, history, surroundings

HOUR = timedelta(hours=1)


def ended(name, start, minutes, *, is_failed, spec="spec", model="model", **more):
    known_at = None if minutes is None else BEGIN + start + minutes * MINUTE
    return Run(
        run_id=name,
        spec_id=spec,
        model=model,
        started_at=BEGIN + start,
        known_at=known_at,
        is_failed=is_failed,
        **more,
    )


def test_no_runs_are_no_rows_with_all_columns():
    found = examples([])
    assert len(found) == 0
    assert list(found.features.columns) == list(NAMES)
    assert list(found.categories.columns) == list(CATEGORIES)
    assert set(map(str, found.features.dtypes)) == {"float64"}
    assert len(found.started_at) == len(found.is_failed) == len(found.known_before(BEGIN)) == 0
    assert len(found.take([])) == 0


def test_the_first_run_knows_of_nothing():
    found = examples([ended("one", HOUR, 5, is_failed=True)])
    row = found.features.iloc[0]
    assert row["failure_rate"] == row["spec_failure_rate"] == row["model_spec_failure_rate"] == 0.5
    assert row["model_spec_runs"] == row["spec_failure_streak"] == row["active_runs"] == 0
    unknown = ("recent_spec_failure_rate", "hours_since_spec_run", "spec_log_seconds", "spec_error_types")
    assert row[list(unknown)].isna().all()
    assert row["hours_since_model_seen"] == 0
    assert row["hour_cos"] == pytest.approx(np.cos(np.pi / 12))


def test_runs_of_which_nothing_is_known_are_rows_too():
    bare = [Run(run_id=f"run-{number}", spec_id="spec", started_at=BEGIN + number * HOUR) for number in range(30)]
    found = examples(bare)
    assert found.features["model_spec_runs"].isna().all()
    assert set(found.features["failure_rate"]) == {0.5}
    assert np.isnan(found.is_failed).all()
    assert np.isnat(found.known_at).all()
    assert not found.known_before(BEGIN + 900 * HOUR).any()


def test_figures_that_are_none_are_not_known():
    odd = {"complexity": float("inf"), "duration_seconds": -5.0, "llm_cost_usd": float("nan"), "memory_peak_mb": 5.0}
    runs = [ended(f"run-{n}", n * HOUR, 5, is_failed=True, memory_limit_mb=0.0, **odd) for n in range(3)]
    last = examples(runs).features.iloc[-1]
    names = ["complexity_log", "spec_log_seconds", "spec_seconds_trend", "model_spec_log_cost", "spec_memory_used"]
    assert last[names].isna().all()
    assert not np.isinf(examples(runs).features.to_numpy()).any()


def test_an_outcome_of_this_very_moment_is_known_and_one_of_the_next_is_not():
    early = [ended("a", 0 * HOUR, 60, is_failed=True), ended("b", 0 * HOUR, 61, is_failed=True)]
    last = examples([*early, ended("c", HOUR, 5, is_failed=False)]).features.iloc[-1]
    assert last["model_spec_runs"] == 1
    assert last["active_runs"] == 1


def test_runs_of_one_moment_know_nothing_of_one_another():
    both = [ended("a", HOUR, 0, is_failed=True), ended("b", HOUR, 0, is_failed=True)]
    found = examples(both)
    pd.testing.assert_series_equal(found.features.iloc[0], found.features.iloc[1], check_names=False)
    assert found.features["model_spec_runs"].tolist() == [0, 0]
    assert [run.run_id for run in found.runs] == ["a", "b"]


def test_an_end_before_the_start_is_told_at_the_start():
    odd = ended("odd", HOUR, -600, is_failed=True)
    found = examples([ended("a", 0 * HOUR, 5, is_failed=False), odd, ended("c", 2 * HOUR, 5, is_failed=False)])
    assert found.known_at[1] == found.started_at[1]
    assert found.features["spec_failure_streak"].tolist() == [0, 0, 1]


def test_an_end_that_lies_ahead_is_known_when_it_comes():
    runs = [ended("a", 0 * HOUR, 60 * 24 * 365, is_failed=True), ended("b", HOUR, 5, is_failed=True)]
    assert examples(runs).features["model_spec_runs"].tolist() == [0, 0]


def test_a_run_whose_end_was_never_told_is_at_work_for_a_day():
    lost = ended("lost", 0 * HOUR, None, is_failed=None)
    later = [ended(f"run-{hours:02}", hours * HOUR, 1, is_failed=False) for hours in (1, 24, 25, 40)]
    assert examples([lost, *later]).features["active_runs"].tolist() == [0, 1, 1, 0, 0]


def test_a_model_never_seen_has_the_rates_of_its_parents():
    runs = [ended(f"run-{n:02}", n * HOUR, 5, is_failed=n % 2 == 0) for n in range(40)]
    row = with_candidate(runs, replace(runs[-1], run_id="new", model="brand-new", started_at=BEGIN + 50 * HOUR))
    values = row.features.iloc[0]
    assert values["model_failure_rate"] == values["failure_rate"]
    assert values["model_spec_failure_rate"] == pytest.approx(values["spec_failure_rate"])
    assert values["model_spec_runs"] == values["hours_since_model_seen"] == 0
    assert np.isnan(values["recent_model_failure_rate"])


def test_rows_are_taken_by_mask_and_by_number():
    found = examples(history(1))
    mask = found.is_failed == 1
    assert found.take(mask).runs == found.take(np.flatnonzero(mask)).runs
    assert found.take([5, 2]).runs == (found.runs[5], found.runs[2])
    assert found.take(mask).features.index.tolist() == list(range(mask.sum()))
    assert found.take([2]).features.iloc[0].equals(found.features.iloc[2])
    assert (found.take(mask).is_failed == 1).all()


def test_only_outcomes_told_by_then_may_be_learnt_from():
    runs = [
        ended("told", 0 * HOUR, 5, is_failed=True),
        ended("late", 0 * HOUR, 120, is_failed=True),
        ended("cancelled", 0 * HOUR, 5, is_failed=None),
        ended("silent", 0 * HOUR, None, is_failed=True),
    ]
    found = examples(runs)
    known = found.known_before(BEGIN + HOUR)
    assert [run.run_id for run, is_known in zip(found.runs, known, strict=True) if is_known] == ["told"]
    assert not examples([ended("at once", 0 * HOUR, 0, is_failed=True)]).known_before(BEGIN).any()


def test_a_run_that_is_thought_of_is_what_it_would_be_as_a_run():
    runs, around = history(2), surroundings(2)
    own = max(runs, key=lambda run: run.place)
    earlier = [run for run in runs if run.run_id != own.run_id]
    alone = with_candidate(earlier, own.as_known_at(own.started_at), around)
    pd.testing.assert_series_equal(
        alone.features.iloc[0], examples(runs, around).features.iloc[-1], check_names=False, check_exact=True
    )


def test_runs_that_are_thought_of_know_nothing_of_one_another():
    runs = history(2)
    thought = [replace(runs[0], run_id=f"thought-{n}", started_at=BEGIN + (300 + n) * HOUR) for n in range(3)]
    together = with_candidates(runs, thought).features
    for number, one in enumerate(thought):
        assert with_candidate(runs, one).features.iloc[0].equals(together.iloc[number])
