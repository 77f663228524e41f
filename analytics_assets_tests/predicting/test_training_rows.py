"""What each input is to a version: the same thing stands behind both figures, and its text says how it is made."""

import json
from datetime import datetime

import pytest

from analytics_assets.predicting.encoding import ENCODED
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.training import train
from analytics_assets.predicting.training_rows import rows_of
from analytics_assets.settings import Settings
from analytics_assets_tests.predicting.run_worlds import small_world

NOW = datetime(2026, 7, 1)
LIGHT = {"forest_trees": 20, "boosted_rounds": 20}


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    purpose = PURPOSES["failure_risk"]
    trained = train(settings, purpose, small_world(2, 240), version="v1", parameters={**purpose.parameters, **LIGHT})
    return {row["feature_name"]: row for row in rows_of(trained, reason="due", now=NOW).features}


def test_each_encoding_has_its_share_and_what_it_costs_to_shuffle_it_alone(features):
    for name in ENCODED:
        assert features[name]["feature_importance"] is not None
        assert json.loads(features[name]["performance_impact"])["worse_by"] is not None
    known = {name: json.loads(features[name]["performance_impact"])["worse_by"] for name in ENCODED}
    assert known["model_x_spec_id"] > 0.001
    assert known["agent_id"] == known["project_id"] == 0


def test_the_text_says_what_an_encoding_is_drawn_to(features):
    told = {
        name: features[name]["transformation_logic"].split(", drawn to ")[1].split(" where ")[0] for name in ENCODED
    }
    assert told["spec_id"] == "that of its spec_type"
    assert told["model_x_spec_id"] == "what model and spec_id say together"
    assert {told[name] for name in ("model", "spec_type", "cpu_limit")} == {"that of all runs"}
    assert features["model"]["transformation_logic"].startswith(
        "Share of failures per model among the runs learnt from"
    )
