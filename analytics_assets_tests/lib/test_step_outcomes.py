"""Flaky and failing steps: called where they stand out, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.lib.bottlenecks import judged_rows, step_rows
from analytics_assets.lib.pipeline_steps import pipeline_of
from analytics_assets_tests.lib.pipeline_worlds import World


def called(rows, flag):
    return [name for name, row in rows.items() if row[flag]]


@pytest.mark.parametrize("kind", [{}, {"tried_again": True}, {"commits_per_day": 1}], ids=str)
def test_steps_that_fail_at_random_alike_are_neither_flaky_nor_failing(kind):
    worlds = [World(seed=seed, fails=0.25, per_day=8, **kind).rows() for seed in range(5)]
    assert sum(bool(called(rows, "is_flaky")) for rows in worlds) <= 1
    assert sum(bool(called(rows, "is_failing")) for rows in worlds) <= 1
    # Each of them has both outcomes on many commits all the same, and that is told.
    assert np.mean([row["flaky_rate"] for rows in worlds for row in rows.values()]) > 0.05


def test_a_step_that_fails_on_its_own_is_flaky_and_found():
    for seed in range(3):
        rows = World(seed=seed, flaky={"unit_tests": 0.12}).rows()
        assert called(rows, "is_flaky") == ["unit_tests"]
        found = rows["unit_tests"]
        assert found["flaky_rate_low"] <= found["flaky_rate"] <= found["flaky_rate_high"]
        assert found["flaky_commits"] > 2 * found["flaky_expected"]


def test_a_step_whose_code_is_broken_is_failing_and_not_flaky():
    for seed in range(3):
        rows = World(seed=seed, broken={"unit_tests": 0.25}).rows()
        assert "unit_tests" in called(rows, "is_failing")
        assert called(rows, "is_flaky") == []


def test_commits_with_both_outcomes_are_those_of_the_records():
    world = World(seed=3, flaky={"lint": 0.2})
    executions, steps = world.frames()
    joined = steps.merge(executions, left_on="pipeline_id", right_on="id")
    lint = joined[(joined["step_name"] == "lint") & (joined["failures"] + joined["successes"] > 0)]
    outcomes = lint.groupby("head_sha")["failures"].agg(["sum", "count"])
    tried_again = outcomes[outcomes["count"] > 1]
    both = tried_again[(tried_again["sum"] > 0) & (tried_again["sum"] < tried_again["count"])]
    row = world.rows()["lint"]
    assert (row["flaky_commits"], row["retried_commits"]) == (len(both), len(tried_again))
    assert row["flaky_failures"] == both["sum"].sum()
    assert (row["judged"], row["failures"]) == (len(lint), lint["failures"].sum())
    assert row["failing_commits"] == (outcomes["sum"] > 0).sum()


def test_without_commits_nothing_is_tried_again_and_failures_are_still_compared():
    executions, steps = World(seed=3, flaky={"lint": 0.3}).frames()
    executions["head_sha"] = None
    rows = {row["step_name"]: row for row in judged_rows(step_rows(pipeline_of("ci", executions, steps)))}
    assert {row["retried_commits"] for row in rows.values()} == {0}
    assert {row["is_flaky"] for row in rows.values()} == {None}
    assert called(rows, "is_failing") == ["lint"]


def test_a_step_that_is_tried_again_within_an_execution_has_both_outcomes_and_did_not_fail():
    executions, steps = World(seed=3, fails=0.0).frames()
    again = steps.index[(steps["step_name"] == "lint")][::5]
    steps.loc[again, "failures"] = 1
    row = {row["step_name"]: row for row in judged_rows(step_rows(pipeline_of("ci", executions, steps)))}["lint"]
    assert row["failures"] == 0
    assert row["flaky_failures"] == len(again)
    assert row["is_flaky"]


@pytest.mark.parametrize("status", ["cancelled", "running", "a word of theirs"])
def test_what_is_not_judged_is_no_failure(status):
    executions, steps = World(seed=3, fails=0.0).frames()
    steps.loc[steps["step_name"] == "package", "successes"] = 0
    executions["status"] = status
    row = {row["step_name"]: row for row in judged_rows(step_rows(pipeline_of("ci", executions, steps)))}["package"]
    assert (row["judged"], row["failures"], row["failure_rate"]) == (0, 0, None)
    assert row["executions"] == len(executions)
