"""Names as rates: drawn to what is around them, cross-fitted, and nothing of a run's own outcome in them."""

import json

import numpy as np
import pandas as pd
import pytest

from analytics_assets.predicting.encoding import ENCODED, Coded, TargetRates, cross_fitted, encoded_by

WEIGHT = 10.0
PLACE = {name: place for place, name in enumerate(ENCODED)}


def frame(specs, models, types=None):
    rows = len(specs)
    others = ("agent_id", "project_id", "memory_limit", "cpu_limit")
    columns = {"spec_id": specs, "model": models, "spec_type": types or ["kind"] * rows}
    return pd.DataFrame(columns | {name: [None] * rows for name in others}, dtype=object)


def test_a_rate_is_drawn_to_its_kind_as_an_independent_computation_has_it():
    rng = np.random.default_rng(0)
    specs = [f"s{n}" for n in rng.integers(0, 6, 400)]
    types = ["even" if int(spec[1:]) % 2 == 0 else "odd" for spec in specs]
    models = [f"m{n}" for n in rng.integers(0, 3, 400)]
    categories, is_failed = frame(specs, models, types), rng.integers(0, 2, 400).astype(float)
    got = TargetRates.fit(Coded.of(categories), is_failed, weight=WEIGHT).encoded(categories)

    table = categories.assign(y=is_failed)
    rate = table.y.mean()
    of_type = table.groupby("spec_type").y.agg(lambda y: (y.sum() + WEIGHT * rate) / (len(y) + WEIGHT))
    grouped = table.groupby("spec_id")
    of_spec = (grouped.y.sum() + WEIGHT * grouped.spec_type.first().map(of_type)) / (grouped.size() + WEIGHT)
    assert got[:, PLACE["spec_type"]] == pytest.approx(table.spec_type.map(of_type).to_numpy())
    assert got[:, PLACE["spec_id"]] == pytest.approx(table.spec_id.map(of_spec).to_numpy())


def test_a_name_seen_twice_is_hardly_believed_and_one_seen_often_is():
    categories = frame(["often"] * 200 + ["twice"] * 2, ["m"] * 202)
    is_failed = np.array([0.0] * 100 + [1.0] * 100 + [1.0, 1.0])
    rates = TargetRates.fit(Coded.of(categories), is_failed, weight=WEIGHT)
    often, twice = rates.encoded(frame(["often", "twice"], ["m", "m"]))[:, PLACE["spec_id"]]
    assert abs(often - 0.5) < 0.01
    assert 0.5 < twice < 0.6


def test_a_new_spec_is_as_its_type_and_a_new_pair_as_its_halves_together():
    specs, models = ["a"] * 100 + ["b"] * 100, (["good", "bad"] * 100)
    is_failed = np.array([0.0 if model == "good" else 1.0 for model in models])
    rates = TargetRates.fit(Coded.of(frame(specs, models, ["x"] * 100 + ["y"] * 100)), is_failed, weight=WEIGHT)
    new = rates.encoded(frame(["new", "new"], ["good", "bad"], ["x", "x"]))
    assert new[:, PLACE["spec_id"]] == pytest.approx(new[:, PLACE["spec_type"]])
    pairs = new[:, PLACE["model_x_spec_id"]]
    assert pairs[0] < 0.2
    assert pairs[1] > 0.8


def test_what_is_not_known_is_as_all_runs_also_where_a_column_is_missing():
    categories = frame(["a"] * 50 + ["b"] * 50, ["m"] * 100)
    is_failed = np.array([0.0] * 50 + [1.0] * 50)
    rates = TargetRates.fit(Coded.of(categories), is_failed, weight=WEIGHT)
    assert rates.encoded(frame([None], [None], [None]))[0] == pytest.approx(0.5)
    assert rates.encoded(pd.DataFrame(index=range(2)))[1] == pytest.approx(0.5)


def test_no_run_reads_its_own_outcome_out_of_its_rate():
    rng = np.random.default_rng(1)
    coded = Coded.of(frame([f"s{n}" for n in range(100)], ["m"] * 100))
    is_failed = rng.integers(0, 2, 100).astype(float)
    told = cross_fitted(coded, is_failed, weight=WEIGHT, folds=5)
    turned = is_failed.copy()
    turned[7] = 1 - turned[7]
    again = cross_fitted(coded, turned, weight=WEIGHT, folds=5)
    assert (told[:20] == again[:20]).all(), "the part of time that run 7 is in"
    assert (told[20:] != again[20:]).any()


def test_rates_of_outcomes_that_no_name_tells_do_not_tell_them_either():
    leaks, honest = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        coded = Coded.of(frame([f"s{n}" for n in rng.integers(0, 60, 300)], ["m"] * 300))
        is_failed = rng.integers(0, 2, 300).astype(float)
        own = encoded_by(coded, is_failed, coded, weight=WEIGHT)[:, PLACE["spec_id"]]
        crossed = cross_fitted(coded, is_failed, weight=WEIGHT, folds=5)[:, PLACE["spec_id"]]
        leaks.append(np.corrcoef(own, is_failed)[0, 1])
        honest.append(np.corrcoef(crossed, is_failed)[0, 1])
    assert np.mean(leaks) > 0.3
    assert np.mean(honest) < 0.05


def test_rates_survive_json_with_any_characters():
    odd = ["a\x1fb", "a", "ü\n", '"', ""]
    categories = frame(odd * 10, ["b\x1f", "\x1fb"] * 25)
    rates = TargetRates.fit(Coded.of(categories), np.tile([0.0, 1.0], 25), weight=WEIGHT)
    again = TargetRates.from_json(json.loads(json.dumps(rates.as_json())))
    assert again == rates
    assert (again.encoded(categories) == rates.encoded(categories)).all()
