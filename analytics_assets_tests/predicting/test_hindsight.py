"""Whether kept features know the future: those of an honest sweep do not, and one that peeks is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics_assets.predicting.examples import examples
from analytics_assets.predicting.hindsight import known_otherwise
from analytics_assets_tests.predicting.run_histories import BEGIN, history, surroundings


def rows_of(found, places):
    values = found.features.astype(object).where(found.features.notna(), None).to_dict("records")
    return [{"run_id": found.runs[place].run_id, **values[place]} for place in places]


@pytest.mark.parametrize("seed", range(3))
def test_honest_features_are_known_as_they_are_kept(seed):
    runs, around = history(seed), surroundings(seed)
    assert known_otherwise(rows_of(examples(runs, around), range(0, 150, 30)), runs, around) == []


def test_features_that_know_each_outcome_at_its_start_are_found_out():
    runs, around = history(4), surroundings(4)
    peeking = examples([replace(run, known_at=run.started_at) for run in runs], around)
    wrong = known_otherwise(rows_of(peeking, [100]), runs, around)
    assert {"failure_rate", "active_runs"} <= {feature for _, feature, _, _ in wrong}


def test_features_that_know_the_load_of_the_hour_itself_are_found_out():
    runs, around = history(4), surroundings(4)
    (row,) = rows_of(examples(runs, around), [100])
    assert known_otherwise([row], runs, around) == []
    wrong = known_otherwise([row | {"system_load": 99.0}], runs, around)
    assert [(feature, kept) for _, feature, kept, _ in wrong] == [("system_load", 99.0)]


def test_features_that_know_what_was_told_later_of_a_task_are_found_out():
    runs, around = history(4), surroundings(4)
    place = next(n for n, run in enumerate(examples(runs).runs) if n > 50 and run.spec_id == "spec-0")
    as_told_last = {spec: ((BEGIN, told[-1][1] + 1),) for spec, told in around.dependencies.items()}
    peeking = examples(runs, replace(around, dependencies=as_told_last))
    wrong = known_otherwise(rows_of(peeking, [place]), runs, around)
    assert [feature for _, feature, _, _ in wrong] == ["dependencies"]


def test_a_run_that_is_gone_is_not_looked_at():
    found = examples(history(1))
    assert known_otherwise(rows_of(found, [3]), [], surroundings(1)) == []
