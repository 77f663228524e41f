"""Spans, promises and money of one application."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analytics_assets.lib.applications import Application, Decision
from analytics_assets.lib.change_verdicts import Metric
from analytics_assets.lib.effectiveness import (
    after_span,
    baseline_span,
    expected_improvement,
    frozen_columns,
    money_saved,
    window_end,
)
from analytics_assets.lib.periods import Period, Run

DAY = timedelta(days=1)
APPLIED = datetime(2026, 3, 1)


def application(**spans):
    return Application(Decision("d", "sg-1", "applied", APPLIED), **spans)


def period(costs, days=30):
    """Runs with these costs; None is a failed run of cost 1."""
    runs = [Run(cost is not None, None, 1.0 if cost is None else cost, None) for cost in costs]
    return Period.of(runs, APPLIED - days * DAY, APPLIED)


def unpriced(runs):
    return Period.of([Run(True, None, None, None)] * runs, APPLIED - 30 * DAY, APPLIED)


def test_the_baseline_is_the_thirty_days_before():
    assert baseline_span(application(), APPLIED + DAY) == (APPLIED - 30 * DAY, APPLIED)


def test_the_baseline_begins_where_the_same_change_was_undone():
    again = application(free_since=APPLIED - 10 * DAY)
    assert baseline_span(again, APPLIED + DAY) == (APPLIED - 10 * DAY, APPLIED)
    long_ago = application(free_since=APPLIED - 70 * DAY)
    assert baseline_span(long_ago, APPLIED + DAY) == (APPLIED - 30 * DAY, APPLIED)


def test_the_baseline_ends_with_the_newest_run_where_that_is_before_the_decision():
    assert baseline_span(application(), APPLIED - DAY) == (APPLIED - 30 * DAY, APPLIED - DAY)
    assert baseline_span(application(), APPLIED - 40 * DAY) == (APPLIED - 30 * DAY, APPLIED - 30 * DAY)


@pytest.mark.parametrize(
    ("as_of", "undone", "days"),
    [(12, None, 12), (30, None, 30), (90, None, 30), (12, 5, 5), (90, 40, 30), (-3, None, 0)],
)
def test_what_counts_after_it_ends_at_the_undo_after_thirty_days_or_now(as_of, undone, days):
    one = application(undone_at=None if undone is None else APPLIED + undone * DAY)
    assert after_span(one, APPLIED + as_of * DAY) == (APPLIED, APPLIED + days * DAY)
    assert window_end(one) == APPLIED + min(30, undone or 30) * DAY


def promise(current=(0, 0), suggested=None, **figures):
    """A suggestion with failures and runs of its sides; one side where ``suggested`` is None."""
    (failures, runs), (other_failures, other_runs) = current, suggested or (None, None)
    rate = failures / runs if runs else None
    difference = other_failures / other_runs - rate if other_runs and rate is not None else None
    return {
        "current_runs": runs,
        "suggested_runs": other_runs,
        "current_rate": rate,
        "difference": difference,
        "expected_fewer_failures": figures.get("fewer"),
        "expected_saving_usd": figures.get("saving"),
    }


@pytest.mark.parametrize("days", [3, 10, 30])
@pytest.mark.parametrize(
    ("suggestion", "metric", "share"),
    [
        (promise((12, 30), (1, 10)), Metric.SUCCESS_RATE, 0.3),
        (promise((12, 30), (0, 0)), Metric.SUCCESS_RATE, 0.4),
        (promise((12, 30), (2, 2)), Metric.SUCCESS_RATE, 0.4),
        (promise((12, 30), (3, 3)), Metric.SUCCESS_RATE, None),
        (promise((0, 0), (1, 10)), Metric.SUCCESS_RATE, None),
        (promise((12, 30), fewer=6.0), Metric.SUCCESS_RATE, 0.2),
        (promise((12, 30), fewer=0.0), Metric.SUCCESS_RATE, None),
        (promise((12, 30)), Metric.SUCCESS_RATE, None),
        (promise((0, 0), fewer=3.0), Metric.SUCCESS_RATE, None),
        (promise(saving=5.0), Metric.COST_USD, 0.25),
        (promise(saving=30.0), Metric.COST_USD, 1.0),
        (promise(saving=-5.0), Metric.COST_USD, None),
        (promise(saving=5.0), Metric.INFRASTRUCTURE_COST_EUR, None),
    ],
)
def test_a_promise_is_a_share_of_its_own_runs_or_of_the_money_however_many_days_were_watched(
    suggestion, metric, share, days
):
    assert expected_improvement(suggestion, metric, period([2.0] * 10, days)) == (
        None if share is None else pytest.approx(share)
    )


def test_a_spec_ten_days_old_needs_as_many_runs_as_one_of_a_month():
    suggestion = promise((12, 30), (0, 0), fewer=12.0)
    for days in (10, 30):
        frozen = frozen_columns(
            application(),
            suggestion | {"confidence": 0.9, "level": "MED"},
            Metric.SUCCESS_RATE,
            period([None] * 12 + [1.0] * 18, days),
        )
        assert (frozen["expected_improvement"], frozen["needed_runs"]) == (pytest.approx(0.4), 15)


def test_of_unknown_costs_nothing_can_be_promised():
    assert expected_improvement(promise(saving=3.0), Metric.COST_USD, unpriced(9)) is None


def test_saved_is_the_difference_per_success_times_the_successes_since():
    before, after = period([2.0, 2.0, None]), period([1.0, 1.0, 1.0, None])
    saved, share = money_saved(before, after)
    assert saved == pytest.approx((5.0 / 2 - 4.0 / 3) * 3)
    assert share == pytest.approx(1 - (4.0 / 3) / (5.0 / 2))


def test_dearer_successes_are_a_loss_and_no_success_at_all_is_money_gone():
    assert money_saved(period([1.0]), period([3.0])) == (-2.0, -2.0)
    assert money_saved(period([1.0]), period([None, None])) == (-2.0, None)


@pytest.mark.parametrize(
    ("before", "after"), [(unpriced(5), period([1.0])), (period([1.0]), unpriced(5)), (period([None]), period([1.0]))]
)
def test_where_costs_are_not_known_nothing_is_said_to_be_saved(before, after):
    assert money_saved(before, after) == (None, None)
