"""A model is trained again where 003's criteria hold, and not for ever for one that cannot be met."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analytics_assets.predicting.retraining import Ask, Refresh, Standing, advice_due, asked_for, judged

NOW = datetime(2026, 3, 10, 12)
FINE = {
    "model_name": "failure_risk",
    "version": "v3",
    "is_champion": True,
    "trained_at": NOW - timedelta(days=2),
    "outcomes": 900,
    "new_outcomes": 120,
    "learnt_from": 780,
    "hit_rate": 0.86,
    "hit_rate_in_words": "right in 86 % of the newest 100 outcomes",
    "test_hit_rate": 0.85,
    "predictions": 130,
}


def verdict(**changed):
    standing = Standing(**(FINE | changed))
    return judged(standing, min_accuracy=0.8, interval_hours=24, now=NOW)


def test_a_model_that_does_well_is_not_due_and_says_how_it_does():
    found = verdict()
    assert not found.is_due
    assert found.reason == (
        "not due: trained 2.0 days ago, 130 answers since, right in 86 % of the newest 100 outcomes, no drift"
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"hit_rate": 0.72, "hit_rate_in_words": "right in 72 % of the newest 100 outcomes"},
            "due: right in 72 % of the newest 100 outcomes (under 80 %)",
        ),
        ({"drift_score": 0.41, "drifted": "model"}, "due: model drifted by 0.41 (over 0.3)"),
        ({"trained_at": NOW - timedelta(days=7, hours=5)}, "due: trained 7.2 days ago (over 7)"),
        ({"predictions": 10_001}, "due: 10,001 answers since (over 10,000)"),
    ],
    ids=["hit_rate", "drift", "age", "volume"],
)
def test_each_criterion_is_enough_and_is_named_with_its_numbers(changed, reason):
    found = verdict(**changed)
    assert found.is_due
    assert found.reason == reason


def test_all_criteria_that_hold_are_named():
    assert verdict(predictions=20_000, drift_score=0.5, drifted="model").reason == (
        "due: model drifted by 0.50 (over 0.3); 20,000 answers since (over 10,000)"
    )


@pytest.mark.parametrize(
    "changed",
    [{"drift_score": 0.3, "drifted": "model"}, {"hit_rate": 0.8}, {"trained_at": NOW - timedelta(days=7)}],
)
def test_at_the_limit_nothing_is_due(changed):
    assert not verdict(**changed).is_due


def test_nothing_is_due_where_nothing_new_is_known():
    found = verdict(new_outcomes=0, drift_score=0.9, drifted="model", predictions=50_000)
    assert found == verdict(new_outcomes=0)
    assert found.reason == "not due: no outcome is known that the last training did not know"


def test_two_trainings_lie_a_day_apart_whatever_holds():
    found = verdict(trained_at=NOW - timedelta(hours=5), drift_score=0.9, drifted="model")
    assert not found.is_due
    assert found.reason == (
        "not yet due: model drifted by 0.90 (over 0.3); "
        "the last training was at 2026-03-10 07:00 UTC, the next may be at 2026-03-11 07:00 UTC"
    )


def test_a_bar_that_no_version_reached_asks_again_only_after_half_as_many_outcomes():
    poor = {"hit_rate": 0.7, "hit_rate_in_words": "right in 70 % of the newest 100 outcomes", "test_hit_rate": 0.71}
    few, many = verdict(**poor, new_outcomes=389), verdict(**poor, new_outcomes=390)
    assert not few.is_due
    assert "its test had not reached 80 % either" in few.reason
    assert many.reason == (
        "due: right in 70 % of the newest 100 outcomes (under 80 %), "
        "and 390 outcomes came since to the 780 it learnt from"
    )


def test_while_a_challenger_is_on_trial_nothing_asks_for_a_training():
    trial = "v4 is on trial since 2026-03-09 12:00 UTC"
    all_hold = {"hit_rate": 0.5, "drift_score": 0.9, "drifted": "model", "predictions": 20_000}
    found = verdict(**all_hold, trained_at=NOW - timedelta(days=8), on_trial=trial)
    assert (found.is_due, found.reason) == (False, f"not due: {trial}")
    assert verdict(**all_hold, trained_at=NOW - timedelta(days=8)).reason.count(";") == 3


def test_a_band_is_asked_for_the_share_of_what_it_promises():
    bands = {"promised": 0.8, "test_hit_rate": 0.8, "hit_rate_in_words": "its bands hold as much"}
    assert verdict(**bands, hit_rate=0.63).reason == "due: its bands hold as much (under 64 %)"
    assert not verdict(**bands, hit_rate=0.65).is_due


def test_a_first_training_waits_for_enough_outcomes():
    assert judged(
        Standing(model_name="run_cost", outcomes=59), min_accuracy=0.8, interval_hours=24, now=NOW
    ).reason == ("not due: 59 outcomes known, 60 needed for a first training")
    assert judged(Standing(model_name="run_cost", outcomes=60), min_accuracy=0.8, interval_hours=24, now=NOW).is_due


def test_a_model_without_a_champion_is_tried_again_with_more_to_learn_from():
    idle = {"is_champion": False, "hit_rate": 0.5, "drift_score": 0.9, "drifted": "model"}
    assert not verdict(**idle, new_outcomes=100).is_due
    assert "no version answers" in verdict(**idle, new_outcomes=400).reason


def row(name, *, is_due, version="v1", trained_at=NOW):
    reason = "due: trained 9.0 days ago (over 7)" if is_due else "not due: no drift"
    return {"model_name": name, "version": version, "is_due": is_due, "reason": reason, "trained_at": trained_at}


def test_the_sensor_asks_once_for_all_models_that_are_due():
    rows = [row("run_cost", is_due=True), row("run_duration", is_due=False), row("failure_risk", is_due=True)]
    found = asked_for(rows, is_enabled=True, now=NOW)
    assert isinstance(found, Ask)
    assert found.models == ("failure_risk", "run_cost")
    assert found.reason == (
        "failure_risk v1 is due: trained 9.0 days ago (over 7); run_cost v1 is due: trained 9.0 days ago (over 7)"
    )
    assert asked_for(rows, is_enabled=True, now=NOW + timedelta(hours=11)).key == found.key
    assert asked_for(rows, is_enabled=True, now=NOW + timedelta(days=1)).key != found.key
    again = [row("failure_risk", is_due=True, trained_at=NOW - timedelta(days=40))]
    assert asked_for(again, is_enabled=True, now=NOW).key != asked_for(rows[2:], is_enabled=True, now=NOW).key


@pytest.mark.parametrize(
    ("rows", "is_enabled", "reason"),
    [
        (
            [row("failure_risk", is_due=True)],
            False,
            "ANALYTICS_MODEL_TRAINING_ENABLED is off: models are trained by hand only",
        ),
        ([], True, "no model was looked at yet"),
        ([row("failure_risk", is_due=False)], True, "failure_risk is not due: no drift"),
    ],
)
def test_where_nothing_is_asked_for_the_sensor_says_why(rows, is_enabled, reason):
    assert asked_for(rows, is_enabled=is_enabled, now=NOW) == reason


def advice(made, taken, *, is_enabled=True, hours=6):
    return advice_due(made, taken, is_enabled=is_enabled, interval_hours=hours, now=NOW)


def test_advice_is_made_anew_when_it_is_old_and_records_came():
    made, taken = NOW - timedelta(hours=7), NOW - timedelta(hours=1)
    found = advice(made, taken)
    assert isinstance(found, Refresh)
    assert found.reason == "recommendations are 7.0 hours old (over 6), and records came since"
    assert found.key == advice_due(made, taken, is_enabled=True, interval_hours=6, now=NOW + timedelta(hours=4)).key
    assert found.key != advice_due(made, taken, is_enabled=True, interval_hours=6, now=NOW + timedelta(hours=6)).key


@pytest.mark.parametrize(
    ("made", "taken", "options", "reason"),
    [
        (NOW, NOW, {"is_enabled": False}, "ANALYTICS_RECOMMENDATION_GENERATION_ENABLED is off"),
        (None, NOW, {}, "never made"),
        (NOW - timedelta(hours=9), NOW - timedelta(hours=10), {}, "nothing was taken in since"),
        (NOW - timedelta(hours=9), None, {}, "nothing was taken in since"),
        (NOW - timedelta(hours=5), NOW, {}, "they are 5.0 hours old, 6 are allowed"),
        (NOW - timedelta(hours=7), NOW, {"hours": 8}, "they are 7.0 hours old, 8 are allowed"),
    ],
)
def test_where_advice_stands_the_sensor_says_why(made, taken, options, reason):
    assert reason in advice(made, taken, **options)
