"""When a model is trained: first, when it is due, when a person asks; and when it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets.predicting.calls import Call, Past, asked, whether
from analytics_assets_tests.predicting.stand_in import FIRST, training, version

NOW = FIRST + timedelta(days=30)
OLD = training(1, trained_at=NOW - timedelta(days=9))
CHAMPION = version(1, "champion", data_hash="hash 1")
DUE, NOT_DUE = {"is_due": True, "reason": "drift of 0.4"}, {"is_due": False, "reason": "not due: nothing changed"}
SENSOR = Call(("failure_risk",), "due: drift of 0.4")
PERSON = Call(("failure_risk",), "I want it", is_by_person=True)


def answer(call=None, data_hash="new", **past):
    given = {"newest": OLD, "champion": CHAMPION} | past
    return whether("failure_risk", call or Call(), Past(**given), data_hash=data_hash, interval_hours=24, now=NOW)


def test_switched_off_nobody_trains_and_who_asked_for_another_model_does_not_mean_this_one():
    assert not asked("failure_risk", PERSON, is_enabled=False).is_yes
    assert "MODEL_TRAINING_ENABLED" in asked("failure_risk", PERSON, is_enabled=False).reason
    assert not asked("run_cost", SENSOR, is_enabled=True).is_yes
    assert asked("run_cost", Call(), is_enabled=True).is_yes


def test_the_first_version_is_trained_without_being_asked_for():
    assert answer(newest=None, champion=None).is_yes


@pytest.mark.parametrize(
    ("call", "past", "reason"),
    [
        (Call(), {"status": DUE}, "drift of 0.4"),
        (SENSOR, {"status": NOT_DUE}, "due: drift of 0.4"),
        (PERSON, {"newest": training(1, trained_at=NOW)}, "I want it"),
        (Call(), {"champion": None}, "no version answers"),
    ],
    ids=["due", "the sensor", "a person, at once", "nobody answers"],
)
def test_it_is_trained(call, past, reason):
    found = answer(call, **past)
    assert found.is_yes
    assert reason in found.reason


@pytest.mark.parametrize(
    ("call", "past", "reason"),
    [
        (Call(), {"status": NOT_DUE}, "not due"),
        (Call(), {}, "nobody says that it is due"),
        (SENSOR, {"newest": training(1, trained_at=NOW - timedelta(hours=23))}, "24 h lie between two trainings"),
        (Call(), {"champion": None, "status": NOT_DUE}, "not due"),
        (SENSOR, {"on_trial": version(2, "shadow", stage_since=NOW - timedelta(days=6))}, "v2 is on trial"),
    ],
    ids=["not due", "nobody knows", "too soon", "nobody answers and nothing is due", "on trial"],
)
def test_it_is_not_trained_and_says_why(call, past, reason):
    found = answer(call, **past)
    assert not found.is_yes
    assert reason in found.reason


def test_a_trial_of_over_a_week_gives_way():
    assert answer(SENSOR, on_trial=version(2, "shadow", stage_since=NOW - timedelta(days=8))).is_yes


@pytest.mark.parametrize("call", [Call(), SENSOR, PERSON])
@pytest.mark.parametrize(
    "same", [{"champion": version(1, "champion", data_hash="new")}, {"newest": training(2, data_hash="new")}]
)
def test_the_same_data_teaches_nothing_whoever_asks(call, same):
    found = answer(call, status=DUE, **same)
    assert not found.is_yes
    assert "it learnt from the same data" in found.reason
