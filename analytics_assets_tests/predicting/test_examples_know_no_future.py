"""Whatever comes after the start of a run, its features stay as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics_assets.predicting.examples import examples
from analytics_assets.predicting.surroundings import HOUR, Surroundings
from analytics_assets_tests.predicting.run_histories import MINUTE, a_run, history, surroundings, with_outcome

SAY_NOTHING_OF_OUTCOMES = [
    *("complexity_log", "task_count", "memory_limit_mb", "system_load", "tool_error_rate", "dependencies"),
    *("hour_sin", "hour_cos", "weekday", "hours_since_spec_change", "runs_since_spec_change"),
    *("hours_since_model_seen", "hours_since_deployment", "runs_last_hour", "hours_since_spec_run"),
]


def until(found, moment):
    which = found.started_at <= np.datetime64(moment, "us")
    return found.take(which).features


def another_future(runs, moment, rng):
    """The same past. Later runs are others, and what was not told by then is told otherwise, or never."""
    changed = []
    for run in runs:
        if run.started_at > moment:
            if rng.random() < 0.5:
                changed.append(a_run(rng, f"other-{run.run_id}", moment + int(rng.integers(1, 5000)) * MINUTE))
        elif run.told_at is None or run.told_at > moment or run.started_at == moment:
            other = with_outcome(rng, run)
            is_told = other.told_at is not None and other.told_at <= moment
            changed.append(replace(other, known_at=moment + 7 * MINUTE) if is_told else other)
        else:
            changed.append(run)
    return [changed[place] for place in rng.permutation(len(changed))]


def other_surroundings(around, moment, rng):
    over = {hour for hour in around.cpu if hour + HOUR <= moment}
    return Surroundings(
        cpu={hour: value if hour in over else float(rng.uniform(0, 100)) for hour, value in around.cpu.items()},
        tool_errors={hour: value for hour, value in around.tool_errors.items() if hour in over},
        changes=(*(at for at in around.changes if at <= moment), moment + MINUTE),
        dependencies={
            "spec-2": ((moment + MINUTE, 7),),
            **{
                spec: (*(one for one in told if one[0] <= moment), (moment + MINUTE, int(rng.integers(9))))
                for spec, told in around.dependencies.items()
            },
        },
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_future_may_be_any_other(seed):
    rng = np.random.default_rng(seed)
    runs, around = history(seed), surroundings(seed)
    moment = sorted(run.started_at for run in runs)[int(rng.integers(20, 140))]
    changed = examples(another_future(runs, moment, rng), other_surroundings(around, moment, rng))
    kept = until(examples(runs, around), moment)
    assert len(kept) >= 20
    pd.testing.assert_frame_equal(kept, until(changed, moment), check_exact=True)


def test_the_past_may_not_be_another():
    # The test above could not fail where features did not look at outcomes at all.
    runs = history(0)
    moment = sorted(run.started_at for run in runs)[100]
    turned = [
        replace(run, is_failed=None if run.is_failed is None else not run.is_failed)
        if run.told_at is not None and run.told_at < moment
        else run
        for run in runs
    ]
    before, after = until(examples(runs), moment), until(examples(turned), moment)
    assert (before["spec_failure_rate"] != after["spec_failure_rate"]).sum() > 50


@pytest.mark.parametrize("place", [0, 60, 149])
def test_the_label_of_a_run_is_not_among_its_features(place):
    runs = sorted(history(3), key=lambda run: run.place)
    told_at_once = replace(runs[place], known_at=runs[place].started_at)
    rows = []
    for is_failed in (True, False, None):
        own = replace(told_at_once, is_failed=is_failed, error_type="error-1", duration_seconds=1e6)
        rows.append(examples([*runs[:place], own, *runs[place + 1 :]]).features.iloc[[place]])
    pd.testing.assert_frame_equal(rows[0], rows[1], check_exact=True)
    pd.testing.assert_frame_equal(rows[0], rows[2], check_exact=True)


def test_noise_in_labels_changes_nothing_that_does_not_tell_of_outcomes():
    rng = np.random.default_rng(5)
    runs, around = history(5), surroundings(5)
    noisy = [replace(run, is_failed=bool(rng.random() < 0.5)) for run in runs]
    before, after = examples(runs, around).features, examples(noisy, around).features
    pd.testing.assert_frame_equal(before[SAY_NOTHING_OF_OUTCOMES], after[SAY_NOTHING_OF_OUTCOMES], check_exact=True)
    assert not before["failure_rate"].equals(after["failure_rate"])


def test_the_order_in_which_runs_are_given_changes_nothing():
    runs = history(6)
    pd.testing.assert_frame_equal(examples(runs).features, examples(runs[::-1]).features, check_exact=True)
