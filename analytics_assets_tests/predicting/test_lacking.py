"""Why nothing can be learnt yet: as the runs in the warehouse have it."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from analytics_assets.predicting.lacking import missing
from analytics_assets.predicting.splits import time_split
from analytics_assets.settings import Settings
from analytics_assets_tests.predicting.stand_in import made, table

NAMES = ("failure_risk", "run_duration", "run_cost")


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path)


def told(settings, runs: pd.DataFrame | None) -> list[str | None]:
    with duckdb.connect() as con:
        con.execute("create schema predictions")
        if runs is not None:
            con.register("runs", runs)
            con.execute("create table predictions.run_features as select * from runs")
        found = missing(con, settings)
    return [found.get(name) for name in NAMES]


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "there is no run"), (1, "there is 1 run"), (12, "there are 12 runs"), (89, "there are 89 runs"), (90, None)],
)
def test_too_few_runs_are_told_with_how_many_there_are_and_how_many_are_needed(settings, count, words):
    runs = table(120)
    runs["is_failed"] = runs["is_failed"].astype(object).where(runs.index < count, None)
    assert told(settings, runs)[0] == (f"{words} with an outcome, 90 are needed" if words else None)
    assert ("90 needed" in str(time_split(made(runs)))) == (words is not None), "who trains says so too"


def test_runs_without_a_cost_are_told_as_such(settings):
    free = table(120).assign(llm_cost_usd=0.0)
    assert told(settings, free) == [None, None, "none of 120 runs with an outcome has a cost above 0, 90 are needed"]
    free.loc[:4, "llm_cost_usd"] = 0.5
    assert told(settings, free)[2] == "5 of 120 runs with an outcome have a cost above 0, 90 are needed"


def test_without_a_table_or_switched_off_it_says_so(settings):
    assert set(told(settings, None)) == {"there is no run to learn from"}
    off = settings.model_copy(update={"model_training_enabled": False})
    assert all("ANALYTICS_MODEL_TRAINING_ENABLED" in str(one) for one in told(off, table(3)))
