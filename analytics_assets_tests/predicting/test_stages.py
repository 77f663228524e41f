"""Which version of a model answers, and which is tried."""

from __future__ import annotations

from analytics_assets.predicting.stages import champion_of, champions, on_trial_of
from analytics_assets_tests.predicting.stand_in import version

OTHER = version(4, "shadow", model_name="run_cost")
ROWS = [version(1, "retired"), version(2, "champion"), version(3, "canary"), OTHER]


def test_champions_and_challengers_are_found_by_the_name_of_their_model():
    assert champions(ROWS) == {"failure_risk": ROWS[1]}
    assert (champion_of(ROWS, "failure_risk"), on_trial_of(ROWS, "failure_risk")) == (ROWS[1], ROWS[2])
    assert (champion_of(ROWS, "run_cost"), on_trial_of(ROWS, "run_cost")) == (None, OTHER)
