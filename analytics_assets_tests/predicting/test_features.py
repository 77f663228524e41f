"""What is told of features, and frames brought into their order."""

from __future__ import annotations

import pandas as pd

from analytics_assets.predicting.contextual import CONTEXTUAL, contextual
from analytics_assets.predicting.features import FEATURES, NAMES, aligned
from analytics_assets.predicting.historical import HISTORICAL, historical
from analytics_assets.predicting.history import History
from analytics_assets.predicting.surroundings import Surroundings
from analytics_assets.predicting.temporal import TEMPORAL, temporal
from analytics_assets_tests.predicting.run_histories import history


def test_every_feature_has_a_name_of_its_own_and_is_told_in_words():
    assert len(set(NAMES)) == len(FEATURES)
    for feature in FEATURES:
        assert feature.meaning.endswith(".")
        assert all((feature.unit, feature.logic, feature.rising, feature.falling))
        assert feature.rising != feature.falling


def test_what_is_computed_is_what_is_told():
    run, past, around = history(1)[0], History([]), Surroundings()
    assert historical(past, run).keys() == {feature.name for feature in HISTORICAL}
    assert contextual(past, run, around, 0.5).keys() == {feature.name for feature in CONTEXTUAL}
    assert temporal(past, run, around, 0.5).keys() == {feature.name for feature in TEMPORAL}


def test_each_group_of_the_framework_has_features():
    assert {feature.group for feature in FEATURES} == {"historical", "contextual", "temporal"}


def test_a_column_that_disappears_is_not_known_and_said():
    frame = pd.DataFrame({name: [1.0] for name in NAMES}).drop(columns=["task_count"])
    found, notes = aligned(frame)
    assert list(found.columns) == list(NAMES)
    assert found["task_count"].isna().all()
    assert found.drop(columns="task_count").notna().all(axis=None)
    assert notes == ("1 feature missing, taken as not known: task_count.",)


def test_a_column_that_nobody_knows_is_left_out_and_said():
    found, notes = aligned(pd.DataFrame({"b": [1], "a": [None], "moon": ["full"]}), ("a", "b"))
    assert list(found.columns) == ["a", "b"]
    assert found["b"].tolist() == [1.0]
    assert notes == ("1 column that the model does not know, left out: moon.",)


def test_nothing_is_said_of_a_frame_as_it_should_be():
    assert aligned(pd.DataFrame({name: [0.0] for name in NAMES}))[1] == ()
