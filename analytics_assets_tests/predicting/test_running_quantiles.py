"""The simple answer to how long a run takes, against a slow computation of its own."""

import math
from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.predicting.performance_inputs import logarithms
from analytics_assets.predicting.quantile_bands import QUANTILES
from analytics_assets.predicting.running_quantiles import running_quantiles
from analytics_assets.predicting_thresholds import NAIVE_QUANTILES_PRIOR
from analytics_assets_tests.predicting.quantity_worlds import examples_of, quantities, run_of


def test_it_is_what_a_filter_of_the_past_gives() -> None:
    examples = quantities(0, 80, size_matters=True)
    values = logarithms(examples, "duration_seconds")
    found = running_quantiles(examples, values)
    for row, run in enumerate(examples.runs):
        known = [
            (other, value)
            for other, value in zip(examples.runs, values, strict=True)
            if other.known_at is not None and other.known_at <= run.started_at
        ]
        expected = [np.nan] * 3
        for chosen in (
            [value for _, value in known],
            [value for other, value in known if other.spec_id == run.spec_id],
            [value for other, value in known if (other.spec_id, other.model) == (run.spec_id, run.model)],
        ):
            if chosen:
                own = len(chosen) / (len(chosen) + NAIVE_QUANTILES_PRIOR.value) if not np.isnan(expected[0]) else 1.0
                drawn = zip(np.quantile(chosen, QUANTILES), expected, strict=True)
                expected = [own * mine + (1 - own) * around if own < 1 else mine for mine, around in drawn]
        assert found[row].tolist() == pytest.approx(expected, nan_ok=True)


def test_a_run_whose_end_is_not_known_is_nobodys_history() -> None:
    runs = [run_of(0, "a", "m", 100.0, known_at=None), run_of(1, "a", "m", 900.0), run_of(2, "a", "m", 50.0)]
    found = running_quantiles(examples_of(runs), np.log([100.0, 900.0, 50.0]))
    assert np.isnan(found[:2]).all()
    assert found[2].tolist() == pytest.approx([math.log(900)] * 3)


def test_an_end_at_the_very_moment_of_a_start_is_known() -> None:
    first = run_of(0, "a", "m", 100.0)
    second = run_of(1, "a", "m", 1.0)
    late = run_of(0, "a", "m", 100.0, known_at=second.started_at)
    after = run_of(0, "a", "m", 100.0, known_at=second.started_at + timedelta(microseconds=1))
    values = np.log([100.0, 1.0])
    assert not np.isnan(running_quantiles(examples_of([first, second]), values)[1]).any()
    assert not np.isnan(running_quantiles(examples_of([late, second]), values)[1]).any()
    assert np.isnan(running_quantiles(examples_of([after, second]), values)[1]).all()
