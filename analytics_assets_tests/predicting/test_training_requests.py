"""When a model is trained: first, when it is due, when a person asks; and when it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets.predicting.training_requests import ModelSoFar, TrainingRequest, due_now, may_be_asked
from analytics_assets_tests.predicting.stand_in import FIRST, training, version

NOW = FIRST + timedelta(days=30)
OLD = training(1, trained_at=NOW - timedelta(days=9))
CHAMPION = version(1, "champion", data_hash="hash 1")
DUE, NOT_DUE = {"is_due": True, "reason": "drift of 0.4"}, {"is_due": False, "reason": "not due: nothing changed"}
SENSOR = TrainingRequest(("failure_risk",), "due: drift of 0.4")
PERSON = TrainingRequest(("failure_risk",), "I want it", is_by_person=True)


def answer(request=None, data_hash="new", **past):
    given = {"newest": OLD, "champion": CHAMPION} | past
    request, model = request or TrainingRequest(), ModelSoFar(**given)
    return due_now("failure_risk", request, model, data_hash=data_hash, interval_hours=24, now=NOW)


def test_switched_off_nobody_trains_and_who_asked_for_another_model_does_not_mean_this_one():
    assert not may_be_asked("failure_risk", PERSON, is_enabled=False).is_yes
    assert "MODEL_TRAINING_ENABLED" in may_be_asked("failure_risk", PERSON, is_enabled=False).reason
    assert not may_be_asked("run_cost", SENSOR, is_enabled=True).is_yes
    assert may_be_asked("run_cost", TrainingRequest(), is_enabled=True).is_yes


def test_the_first_version_is_trained_without_being_asked_for():
    assert answer(newest=None, champion=None).is_yes


@pytest.mark.parametrize(
    ("asking", "past", "reason"),
    [
        (TrainingRequest(), {"status": DUE}, "drift of 0.4"),
        (SENSOR, {"status": NOT_DUE}, "due: drift of 0.4"),
        (PERSON, {"newest": training(1, trained_at=NOW)}, "I want it"),
        (TrainingRequest(), {"champion": None}, "no version answers"),
    ],
    ids=["due", "the sensor", "a person, at once", "nobody answers"],
)
def test_it_is_trained(asking, past, reason):
    found = answer(asking, **past)
    assert found.is_yes
    assert reason in found.reason


@pytest.mark.parametrize(
    ("asking", "past", "reason"),
    [
        (TrainingRequest(), {"status": NOT_DUE}, "not due"),
        (TrainingRequest(), {}, "nobody says that it is due"),
        (SENSOR, {"newest": training(1, trained_at=NOW - timedelta(hours=23))}, "24 h lie between two trainings"),
        (TrainingRequest(), {"champion": None, "status": NOT_DUE}, "not due"),
        (SENSOR, {"on_trial": version(2, "shadow", stage_since=NOW - timedelta(days=29))}, "v2 is on trial"),
    ],
    ids=["not due", "nobody knows", "too soon", "nobody answers and nothing is due", "on trial"],
)
def test_it_is_not_trained_and_says_why(asking, past, reason):
    found = answer(asking, **past)
    assert not found.is_yes
    assert reason in found.reason


def test_a_trial_goes_on_while_its_outcomes_come_and_gives_way_after_a_month_without_one():
    tried = version(2, "shadow", stage_since=NOW - timedelta(days=50))
    heard = NOW - timedelta(days=29)
    assert not answer(SENSOR, on_trial=tried, tried_at=heard).is_yes
    assert answer(PERSON, on_trial=tried, tried_at=heard).is_yes
    assert answer(SENSOR, on_trial=tried, tried_at=NOW - timedelta(days=31)).is_yes
    assert answer(SENSOR, on_trial=tried).is_yes


@pytest.mark.parametrize("asking", [TrainingRequest(), SENSOR, PERSON])
@pytest.mark.parametrize(
    "same", [{"champion": version(1, "champion", data_hash="new")}, {"newest": training(2, data_hash="new")}]
)
def test_the_same_data_teaches_nothing_whoever_asks(asking, same):
    found = answer(asking, status=DUE, **same)
    assert not found.is_yes
    assert "it learnt from the same data" in found.reason


def test_the_same_data_is_learnt_again_where_the_files_of_the_champion_are_broken():
    broken = {"champion": version(1, "champion", data_hash="new", problem="v1 is gone")}
    assert answer(PERSON, **broken).is_yes
    assert answer(SENSOR, **broken).is_yes
    too_soon = answer(SENSOR, newest=training(1, trained_at=NOW - timedelta(hours=23), data_hash="new"), **broken)
    assert "24 h lie between" in too_soon.reason
