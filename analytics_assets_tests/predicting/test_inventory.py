"""The models there are, and why each answers or does not."""

from __future__ import annotations

import json

import pytest

from analytics_assets.predicting.inventory import OF_ISSUES, inventory
from analytics_assets_tests.predicting.stand_in import STAND_IN, version
from analytics_assets_tests.queries.predictor_tables import ISSUE_MODEL


def row_of(*versions):
    (row,) = inventory([STAND_IN], versions, [])
    return row


def test_a_model_without_a_version_is_there_and_says_so():
    row = row_of()
    assert (row["is_active"], row.get("model_version"), row["versions"]) == (False, None, 0)
    asked = "`analytics predictors failure_risk --retrain --yes` trains one, or says what is missing"
    assert row["reason"] == f"no version was trained yet: {asked}"
    (row,) = inventory([STAND_IN], [], [], {"failure_risk": "there are 12 runs with an outcome, 90 are needed"})
    assert row["reason"] == "no version was trained yet: there are 12 runs with an outcome, 90 are needed"


def test_the_champion_is_told_and_the_version_on_trial_beside_it():
    row = row_of(version(9, "retired"), version(10, "champion", brier=0.1), version(11, "shadow"))
    assert (row["model_version"], row["challenger_version"], row["is_active"]) == ("v10", "v11", True)
    assert json.loads(row["performance_metrics"]) == {"brier": 0.1}


def test_without_a_champion_the_newest_version_says_why():
    row = row_of(version(2, "withdrawn"), version(10, "unpublished", stage_reason="no better than the constant"))
    assert row["reason"] == "no version answers; v10 is unpublished: no better than the constant"


def test_a_champion_that_cannot_be_read_does_not_answer():
    row = row_of(version(1, "champion", problem="a file is gone"))
    assert (row["is_active"], row["model_version"]) == (False, "v1")
    assert row["reason"] == "v1 should answer, and cannot: a file is gone"


@pytest.mark.parametrize("model", OF_ISSUES)
def test_models_of_issues_are_among_them_without_files(model):
    (row,) = inventory([], [], [ISSUE_MODEL | {"model": model, "is_published": True}])
    assert row["model_purpose"] == OF_ISSUES[model][2]
    assert (row["id"], row["is_active"], row.get("model_artifact_path"), row.get("versions")) == (
        model,
        True,
        None,
        None,
    )
