"""What applied changes were worth all in all: from the measured outcomes to rows and their checks."""

from __future__ import annotations

import pytest

from analytics_assets.defs.outcomes.effectiveness import recommendation_effectiveness
from analytics_assets.defs.outcomes.improvement_effectiveness import (
    effectiveness_is_the_mean_of_what_is_known,
    every_application_is_weighed,
    improvement_effectiveness,
)


@pytest.fixture
def weighed(history):
    """Computes both tables anew."""

    def compute():
        history.written(recommendation_effectiveness, warehouse=history.warehouse)
        return history.written(improvement_effectiveness, warehouse=history.warehouse)

    return compute


@pytest.fixture
def raised(history):
    """Memory was raised on day 40: half of 60 runs failed before, none of 60 since, in half of the time."""
    history.runs(0, 40, 80, 40)
    history.runs(40, 70, 60, 60, duration_seconds=30.0)
    history.decide(40, "applied")
    history.now(70)
    return history


def test_a_planted_change_is_weighed_by_its_own_thirty_days_and_the_checks_hold_it(raised, weighed):
    frame = weighed()
    (row,) = frame.to_dict("records")
    assert (row["id"], row["recommendation_id"], row["verdict"]) == ("applied-sg-1-40", "sg-1", "worked")
    assert row["performance_improvement"] == row["reliability_improvement"] == pytest.approx(0.5)
    assert row["efficiency_improvement"] == pytest.approx(0.5)
    assert (row["effectiveness_score"], row["known_weight"]) == (pytest.approx(0.5), pytest.approx(0.9))
    assert row["roi"] == pytest.approx(0.5)
    assert row["lessons_learned"].startswith("memory_raise on etl worked")
    assert every_application_is_weighed(frame, raised.warehouse).passed
    assert effectiveness_is_the_mean_of_what_is_known(frame).passed
    assert not every_application_is_weighed(frame.head(0), raised.warehouse).passed
    assert not effectiveness_is_the_mean_of_what_is_known(frame.assign(effectiveness_score=0.9)).passed
    assert not effectiveness_is_the_mean_of_what_is_known(frame.assign(effectiveness_score=None)).passed
    assert not effectiveness_is_the_mean_of_what_is_known(frame.assign(user_satisfaction_improvement=0.0)).passed
    assert not effectiveness_is_the_mean_of_what_is_known(frame.assign(reliability_improvement=1.5)).passed


def test_a_confirmation_after_it_counts(raised, weighed):
    raised.decide(60, "confirmed")
    (row,) = weighed().to_dict("records")
    assert (row["user_satisfaction_improvement"], row["effectiveness_score"]) == (1.0, pytest.approx(0.55))


def test_nothing_applied_is_an_empty_table_that_passes(history, weighed):
    history.runs(0, 40, 80, 40)
    history.now(40)
    frame = weighed()
    assert frame.empty
    assert every_application_is_weighed(frame, history.warehouse).passed
    assert effectiveness_is_the_mean_of_what_is_known(frame).passed
