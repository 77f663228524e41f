"""A search is made once a week of a model that answers and is kept; what it accepts is what the next training takes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from analytics_assets.defs.predictions.parameter_tuning import COLUMNS, accepted_parameters_are_better
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.tuning_rounds import SPACES, tune_model, tuning_round
from analytics_assets.warehouse.frames import frame_of
from analytics_assets_tests.predicting.run_worlds import small_world

NOW = datetime(2026, 3, 9, 12)
CHAMPION = {"failure_risk": {"trained_at": NOW - timedelta(days=8)}}
BRIEF = {"trials": 2, "seconds": 60.0}


@pytest.fixture(scope="module")
def runs():
    return small_world(3, 240)


@pytest.fixture(scope="module")
def found(runs):
    return tuning_round(runs, [], CHAMPION, now=NOW, **BRIEF)


def test_a_model_that_answers_is_searched_over_from_what_is_in_use(found):
    (row,) = found.rows
    assert (row["model_name"], row["tuned_at"], row["trials"]) == ("failure_risk", NOW, 2)
    assert json.loads(row["previous_parameters"]) == dict(PURPOSES["failure_risk"].parameters)
    for name, span in SPACES["failure_risk"].items():
        assert span.low <= json.loads(row["tuned_parameters"])[name] <= span.high
    assert found.said == {"failure_risk": row["reason"]}


def test_within_a_week_it_is_not_searched_again(runs, found):
    later = tuning_round(runs, found.rows, CHAMPION, now=NOW + timedelta(days=6), **BRIEF)
    assert later.rows == []
    assert later.said == {"failure_risk": "not before 2026-03-16 12:00 UTC: a week lies between two searches"}


def test_before_a_version_answers_there_is_nothing_to_improve_on(runs):
    assert "nothing to improve on" in tuning_round(runs, [], {}, now=NOW, **BRIEF).said["failure_risk"]


def test_who_asks_gets_one_at_once_and_a_model_without_a_space_is_refused(runs, found):
    assert tuning_round(runs, found.rows, {}, now=NOW, asked=["failure_risk"], **BRIEF).rows
    with pytest.raises(ValueError, match="nothing can be tuned of run_cost"):
        tuning_round(runs, [], {}, now=NOW, asked=["run_cost"], **BRIEF)


def test_what_was_accepted_last_is_where_the_next_search_begins(runs, found):
    accepted = found.rows[0] | {"is_accepted": True, "tuned_parameters": json.dumps({"forest_depth": 3})}
    later = tuning_round(runs, [accepted], CHAMPION, now=NOW + timedelta(days=8), **BRIEF)
    assert json.loads(later.rows[0]["previous_parameters"])["forest_depth"] == 3


def test_twelve_runs_are_not_enough():
    said = tune_model(PURPOSES["failure_risk"], small_world(1, 12), {}, **BRIEF)
    assert said == "not enough runs to judge a model: 12 runs with an outcome, 90 needed"


def test_accepted_parameters_that_later_data_does_not_bear_out_are_named(found):
    row = {column.name: None for column in COLUMNS} | found.rows[0]
    good = row | {"id": "good", "is_accepted": True, "held_back_previous": 0.20, "held_back_tuned": 0.19}
    assert accepted_parameters_are_better(parameter_tuning=frame_of(COLUMNS, [good])).passed
    verdict = accepted_parameters_are_better(
        parameter_tuning=frame_of(COLUMNS, [good, good | {"id": "bad", "held_back_tuned": 0.199}])
    )
    assert not verdict.passed
    assert verdict.metadata["wrong"].value == ["bad"]
