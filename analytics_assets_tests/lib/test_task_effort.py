"""Overruns of estimates, and attempts beyond what is usual."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics_assets.lib.task_effort import effort_overruns, median_interval, usual_attempts_exceeded


def tasks(seed=1, n=120, *, factor=1.0, tag="debt", tag_factor=1.0):
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(n):
        tags = [tag] if place % 4 == 0 else ["other", "other"]
        spent = 60 * factor * (tag_factor if tags == [tag] else 1.0) * np.exp(rng.normal(0, 0.3))
        rows.append(
            {
                "id": str(place),
                "ended_at": datetime(2026, 1, 1) + timedelta(hours=place),
                "estimated_effort_minutes": 60.0,
                "actual_effort_minutes": float(spent),
                "tags": tags,
                "project_id": "ab"[place % 2],
                "assigned_to": None,
            }
        )
    return rows


def groups(rows):
    return [(row["field"], row["value"]) for row in rows]


def test_tasks_that_take_what_was_estimated_are_no_overrun():
    assert sum(bool(effort_overruns(tasks(seed))) for seed in range(12)) <= 2


def test_where_all_overrun_no_tag_is_told():
    rows = effort_overruns(tasks(factor=1.5))
    assert groups(rows) == [("", "all tasks")]
    assert rows[0]["ratio_low"] < 1.5 < rows[0]["ratio_high"]


def test_a_tag_that_overruns_more_than_the_others_is_told_with_its_newest_tasks_first():
    rows = effort_overruns(tasks(tag_factor=2.0))
    assert ("tags", "debt") in groups(rows)
    assert not {("tags", "other"), ("project_id", "b")} & set(groups(rows))
    (row,) = (row for row in rows if row["value"] == "debt")
    assert row["task_ids"][:2] == ["116", "112"]
    assert row["tasks"] == 30
    assert row["ratio"] > 1.5 > row["ratio_others"]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        tasks(n=1),
        [task | {"estimated_effort_minutes": None} for task in tasks(factor=3)],
        [task | {"estimated_effort_minutes": 0.0} for task in tasks(factor=3)],
        [task | {"actual_effort_minutes": float("nan")} for task in tasks(factor=3)],
        [task | {"actual_effort_minutes": 60.0} for task in tasks()],
    ],
    ids=["no task", "one task", "no estimate", "an estimate of 0", "no time", "as estimated"],
)
def test_where_nothing_is_known_nothing_is_told(rows):
    assert effort_overruns(rows) == []


def test_the_interval_of_a_median_holds_it_nineteen_times_of_twenty():
    rng = np.random.default_rng(0)
    holds = []
    for _ in range(400):
        low, high = median_interval(rng.exponential(size=25))
        holds.append(low <= np.log(2) <= high)
    assert 0.93 <= np.mean(holds) <= 0.99
    assert median_interval([3.0]) == (3.0, 3.0)


@pytest.mark.parametrize("spread", [None, 2.0], ids=["Poisson", "wider than that"])
def test_attempts_as_often_as_is_usual_are_not_told(spread):
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(40):
        rate = 1.2 if spread is None else rng.gamma(spread, 1.2 / spread, 300)
        attempts = 1 + rng.poisson(rate, 300)
        found += bool(usual_attempts_exceeded({str(n): int(count) for n, count in enumerate(attempts)}))
    assert found <= 5


def test_a_task_that_is_tried_again_and_again_is_told():
    rng = np.random.default_rng(0)
    attempts = {str(n): int(count) for n, count in enumerate(1 + rng.poisson(1.0, 200))} | {"stuck": 14}
    (row,) = usual_attempts_exceeded(attempts)
    assert (row["task_id"], row["attempts"]) == ("stuck", 14)
    assert 1.8 < row["usual"] < 2.4


@pytest.mark.parametrize("attempts", [{}, {"a": 9}, {str(n): 1 for n in range(50)}, {str(n): 3 for n in range(50)}])
def test_of_no_task_one_task_or_equal_ones_none_stands_out(attempts):
    assert usual_attempts_exceeded(attempts) == []
