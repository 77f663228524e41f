"""What a training learns from: its hash and its quality."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics_assets.predicting.teaching import data_hash, quality, taught
from analytics_assets_tests.predicting.stand_in import LOOKS_AT, made, table

RUNS = table(40)


def hash_of(rows):
    examples = made(rows)
    return data_hash(examples, examples.is_failed)


def test_equal_data_has_an_equal_hash_in_whatever_order_it_was_stored():
    assert hash_of(RUNS) == hash_of(RUNS.sample(frac=1, random_state=0)) == hash_of(table(40))


@pytest.mark.parametrize(
    "change",
    [
        {"is_failed": ~RUNS["is_failed"].astype(bool)},
        {LOOKS_AT: RUNS[LOOKS_AT] + 1e-9},
        {"model": "b"},
        {"model": None},
        {"known_at": RUNS["known_at"] + pd.Timedelta("1us")},
        {"run_id": "x" + RUNS["run_id"]},
    ],
    ids=["outcome", "feature", "category", "unknown category", "time", "name"],
)
def test_whatever_changes_changes_it(change):
    assert hash_of(RUNS.assign(**change)) != hash_of(RUNS)


def test_a_row_more_or_less_changes_it():
    assert len({hash_of(RUNS), hash_of(RUNS[1:]), hash_of(table(41))}) == 3


def test_zero_is_zero_and_nan_is_nan_whatever_their_bits():
    odd = np.frombuffer(np.array([0x7FF8000000000001], dtype="<u8").tobytes(), dtype="<f8")[0]
    assert hash_of(RUNS.assign(**{LOOKS_AT: -0.0})) == hash_of(RUNS.assign(**{LOOKS_AT: 0.0}))
    assert hash_of(RUNS.assign(**{LOOKS_AT: odd})) == hash_of(RUNS.assign(**{LOOKS_AT: np.nan}))


def test_only_runs_whose_outcome_and_its_time_are_known_are_learnt_from():
    rows = RUNS[:9].astype({"is_failed": "boolean"})
    rows.loc[5:6, "is_failed"] = None
    rows.loc[7:8, "known_at"] = None
    examples = made(rows)
    assert taught(examples, examples.is_failed).tolist() == [True] * 5 + [False] * 4


def test_quality_is_the_mean_of_its_parts():
    examples = made(RUNS.assign(is_failed=[None] * 10 + list(RUNS["is_failed"][10:])))
    found = quality(examples, examples.is_failed)
    parts = [found[name] for name in ("known_cells", "known_outcomes", "span", "balance")]
    assert found["score"] == pytest.approx(sum(parts) / 4)
    assert found["known_outcomes"] == 0.75
    assert found["span"] == pytest.approx(29 / 24 / 28)
    assert found["known_cells"] == pytest.approx(2 / examples.features.shape[1])


def test_a_rare_outcome_costs_quality_and_a_constant_one_a_whole_part():
    def balance(share):
        examples = made(RUNS.assign(is_failed=[number < share * 40 for number in range(40)]))
        return quality(examples, examples.is_failed)["balance"]

    assert (balance(0), balance(0.05), balance(0.1), balance(1)) == (0, pytest.approx(0.5), 1, 0)


def test_of_a_quantity_the_balance_is_how_many_values_it_has():
    examples = made(RUNS)
    assert quality(examples, np.arange(40.0))["balance"] == 1
    assert quality(examples, np.full(40, 7.0))["balance"] == pytest.approx(1 / 30)


def test_nothing_known_has_no_quality():
    examples = made(RUNS.assign(is_failed=None))
    assert quality(examples, examples.is_failed) == {"score": 0.0, "runs": 40, "known_outcomes": 0.0}
