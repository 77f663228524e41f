"""Which models predict, and the versions of one."""

from __future__ import annotations

import pytest

from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.predictors import UnknownPredictorError, get_predictor, get_predictors
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets_tests.queries.predictor_tables import MATRIX, publish_predictors


@pytest.fixture
def snapshot(settings):
    publish_predictors(settings)
    with open_snapshot(settings) as current:
        yield current


def test_models_of_runs_come_first_each_with_the_version_that_answers(snapshot):
    found = get_predictors(snapshot)
    assert [row["id"] for row in found] == ["failure_risk", "run_cost", "run_duration", "fix_time"]
    assert [row["model_version"] for row in found] == ["v2", None, None, None]
    assert [row["versions"] for row in found] == [3, 0, 0, None]
    assert found[0]["performance_metrics"]["brier"] == 0.14


def test_one_has_its_versions_newest_first_with_what_they_learnt_and_what_they_called(snapshot):
    found = get_predictor("failure_risk", snapshot)
    assert found["model"]["model_version"] == "v2"
    assert [row["version"] for row in found["versions"]] == ["v3", "v2", "v1"]
    assert [row["confusion_matrix"] for row in found["versions"]] == [None, MATRIX, None]
    assert [row["sample_count"] for row in found["versions"]] == [300, 200, 100]


def test_a_model_of_issues_has_no_versions(snapshot):
    assert get_predictor("fix_time", snapshot)["versions"] == []


def test_a_mistyped_name_gets_the_close_one_and_a_strange_one_the_list(snapshot):
    with pytest.raises(UnknownPredictorError, match=r"did you mean failure_risk\?"):
        get_predictor("failure-risk", snapshot)
    with pytest.raises(UnknownPredictorError, match="there are failure_risk, run_cost"):
        get_predictor("zzz", snapshot)


def test_before_the_first_refresh_it_says_what_to_do(publisher, settings):
    publisher.publish("create table t as select 1")
    with open_snapshot(settings) as current, pytest.raises(NotAnsweredYetError, match="analytics refresh"):
        get_predictors(current)
