"""What a stretch of time held."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analytics_assets.lib.periods import Period, Run

START, END = datetime(2026, 3, 1), datetime(2026, 3, 31)
RUNS = [
    Run(True, 10.0, 1.0, None),
    Run(False, 30.0, 3.0, None),
    Run(True, 20.0, None, None),
]


def test_what_is_not_measured_is_in_no_figure():
    period = Period.of(RUNS, START, END)
    assert (period.runs, period.successes, period.success_rate) == (3, 2, pytest.approx(2 / 3))
    assert (period.priced_runs, period.priced_successes, period.total_cost_usd) == (2, 1, 4.0)
    assert period.median("duration_seconds") == 20.0
    assert period.median("cost_usd") == 2.0
    assert period.median("infrastructure_cost_eur") is None


def test_a_success_costs_what_the_failures_cost_too():
    assert Period.of(RUNS, START, END).cost_per_success_usd == 4.0
    assert Period.of(RUNS[1:2], START, END).cost_per_success_usd is None
    assert Period.of(RUNS[2:], START, END).cost_per_success_usd is None


def test_no_run_has_no_rate_and_no_cost_and_not_a_rate_of_zero():
    period = Period.of([], START, END)
    assert (period.runs, period.success_rate, period.total_cost_usd, period.median("cost_usd")) == (0, None, None, None)


@pytest.mark.parametrize(
    ("first_run_at", "days"),
    [
        (None, 30),
        (START - timedelta(days=50), 30),
        (START + timedelta(days=20), 10),
        (END - timedelta(hours=1), 1),
    ],
    ids=["not known", "long before", "within", "an hour ago"],
)
def test_days_before_the_first_run_are_no_days_without_runs(first_run_at, days):
    assert Period.of(RUNS, START, END, first_run_at).days == days


def test_a_period_that_is_written_down_is_read_again():
    period = Period.of(RUNS, START, END)
    assert Period.from_columns("baseline", period.columns("baseline")) == period
