"""What is told of features."""

from __future__ import annotations

from analytics_assets.predicting.contextual import CONTEXTUAL, contextual
from analytics_assets.predicting.features import FEATURES, NAMES
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
