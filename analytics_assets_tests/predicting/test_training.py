"""One training: each model is fitted once, and is compared by days."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics_assets.predicting import artefacts
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.training import train
from analytics_assets.predicting.trials import same_split
from analytics_assets.settings import Settings
from analytics_assets_tests.predicting.stand_in import STAND_IN, Rates, judge, made, table, version

RUNS = made(table(200))


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setitem(PURPOSES, "failure_risk", STAND_IN)
    return Settings(data_dir=tmp_path)


def judged_by(**more):
    """The judgement of the stand-in with more fields."""
    return lambda examples, parameters: replace(judge(examples, parameters), **more)


def test_what_was_fitted_to_be_judged_is_not_fitted_again(settings):
    fitted = []

    def fit(examples, parameters):
        fitted.append(len(examples))
        return Rates.fit(examples, parameters)

    purpose = replace(STAND_IN, fit=fit, judge=judged_by(model=Rates(0.5, 0.5)))
    trained = train(settings, purpose, RUNS, version="v1", parameters={})
    assert fitted == [200]
    # The judged model answers all runs alike: whatever is shuffled, it does no worse.
    assert {impact.worse for impact in trained.impacts} == {0.0}


def test_a_challenger_is_compared_on_runs_new_to_both_with_those_of_a_day_as_one(settings, monkeypatch):
    days = []

    def compared(*given):
        days.append(given[3])
        return same_split(*given)

    monkeypatch.setattr("analytics_assets.predicting.training.same_split", compared)
    saved = artefacts.save(settings, Rates(0.5, 0.5), "failure_risk", "v1")
    champion = version(1, "champion", artifact_path=saved.path, artifact_sha256=saved.sha256)
    trained = train(settings, STAND_IN, RUNS, version="v2", parameters={}, champion=champion)
    assert trained.against.is_won
    assert days == [[str(run.started_at.date()) for run in RUNS.runs[141:]]]
