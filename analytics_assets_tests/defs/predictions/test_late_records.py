"""Records land late: what a version did not learn from is new to it, whenever it started."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analytics_assets.defs.predictions import prediction_accuracy
from analytics_assets.predicting.learnt import EARLY as ANSWERED_TOO_EARLY
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.warehouse.connection import connect
from analytics_assets_tests.defs.predictions.watching import Watched
from analytics_assets_tests.predicting.stand_in import STAND_IN, table

EARLY, LATE = table(200), table(40, since=200)


@pytest.fixture
def watched(warehouse, monkeypatch):
    """A warehouse that is held open."""
    monkeypatch.setitem(PURPOSES, "failure_risk", STAND_IN)
    monkeypatch.setattr(prediction_accuracy, "drawn_from", lambda *_: {})
    with connect(warehouse.settings):
        yield Watched(warehouse)


def early(watched):
    return [run for _, run in watched.execute(ANSWERED_TOO_EARLY)]


def test_records_that_land_late_are_predicted_though_one_run_that_was_learnt_from_ended_after_them(watched):
    trained_at = datetime(2026, 2, 1)
    long = EARLY.assign(known_at=EARLY["known_at"].where(EARLY["run_id"] != "r00199", datetime(2026, 1, 20)))
    watched.answers_with(long, trained_at=trained_at)
    assert LATE["known_at"].max() < datetime(2026, 1, 20)
    unended = {"r00201": None, "r00202": datetime(2026, 1, 20, 1)}
    late = LATE.assign(
        known_at=[unended.get(run, at) for run, at in zip(LATE["run_id"], LATE["known_at"], strict=True)]
    )
    watched.know(long, late)
    watched.ingested(long, trained_at - timedelta(hours=1))
    watched.ingested(late, trained_at + timedelta(hours=1))
    # Told before the training, withdrawn or told anew since: the version knows of them.
    watched.ingested(LATE.iloc[[1, 2, 3]], trained_at - timedelta(hours=1))
    assert watched.predict()["made_now"] == 37
    learnt = {*EARLY["run_id"], "r00201", "r00202", "r00203"}
    assert {row["subject_id"] for row in watched.predictions()} == set(LATE["run_id"]) - learnt
    assert {row["actual_value"] for row in watched.predictions()} == {0.0, 1.0}
    assert early(watched) == []
    watched.score()
    watched.watch()
    (status,) = (row for row in watched.rows("retraining_status") if row["model_name"] == "failure_risk")
    assert status["new_outcomes"] == 37
    watched.ingested(LATE.iloc[[9]], trained_at - timedelta(hours=1))
    assert early(watched) == ["r00209"]
