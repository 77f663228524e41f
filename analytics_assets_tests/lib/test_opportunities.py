"""What becomes of an opportunity, and what it counts for."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from analytics_assets.lib.lost_work import Gain, Work
from analytics_assets.lib.opportunities import Opportunity, advance
from analytics_assets.suggesting.lifecycle import Decision

NOW = datetime(2026, 3, 1)
ONE = Opportunity(
    opportunity_type="cost",
    category="resource",
    subject="model of impl",
    component="impl",
    improvement=0.5,
    effort="medium",
    effort_reason="it must be written",
    text="Do it.",
    confidence=0.8,
    source="profiles.cost_efficiency",
    record_kinds=("runs",),
    evidence_sql="select 1",
)


def decided(what, at=NOW, key=ONE.id):
    return Decision(key, what, at, "anna", "because")


def after(steps, start=()):
    """The row after several analyses a day apart; a step is whether it is said, and the decisions so far."""
    rows = list(start)
    for day, (is_said, decisions) in enumerate(steps):
        rows = advance(rows, [ONE] if is_said else [], decisions, now=NOW + timedelta(days=day))
    return rows


def test_it_is_identified_once_and_keeps_its_date():
    (row,) = after([(True, []), (True, []), (True, [])])
    assert (row["status"], row["identified_at"]) == ("identified", NOW)


def test_priority_is_improvement_times_confidence_times_feasibility():
    assert ONE.row()["priority_score"] == pytest.approx(100 * 0.5 * 0.8 * 0.7)
    assert ONE.row()["potential_improvement"] == 50


def test_the_key_stays_while_the_numbers_move():
    assert replace(ONE, improvement=0.9, text="Do it now.", confidence=0.1).id == ONE.id
    assert replace(ONE, subject="model of bugfix").id != ONE.id


def test_applied_is_in_progress_and_completed_when_it_holds_no_more():
    applied = [decided("applied")]
    (row,) = after([(True, []), (True, applied)])
    assert row["status"] == "in_progress"
    (row,) = after([(True, []), (True, applied), (False, applied), (False, applied)])
    assert (row["status"], row["ended_at"]) == ("completed", NOW + timedelta(days=2))


def test_rejected_is_dismissed_and_taken_back_is_open_again():
    rejected = [decided("rejected")]
    (row,) = after([(True, rejected)])
    assert (row["status"], row["decision_notes"]) == ("dismissed", "because")
    (row,) = after([(True, rejected), (True, [*rejected, decided("undone", NOW + timedelta(hours=1))])])
    assert row["status"] == "identified"


def test_what_nobody_decided_on_and_holds_no_more_is_gone():
    assert after([(True, []), (False, [])]) == []


def test_what_returns_after_it_was_completed_is_decided_on_anew():
    applied = [decided("applied")]
    (row,) = after([(True, applied), (False, applied), (True, applied)])
    assert (row["status"], row["reopened_at"], row["identified_at"]) == ("identified", NOW + timedelta(days=2), NOW)
    (row,) = after([(True, applied), (False, applied), (True, applied), (True, applied)])
    assert row["status"] == "identified"


def test_of_a_source_that_cannot_be_asked_everything_stands():
    before = after([(True, [])])
    (row,) = advance(before, [], [], now=NOW, silent=frozenset({ONE.source}))
    assert row["status"] == "identified"


def test_what_ended_long_ago_is_forgotten():
    applied = [decided("applied")]
    before = after([(True, applied), (False, applied)])
    assert advance(before, [], applied, now=NOW + timedelta(days=92)) == []


SIGNALS = [
    {"component_kind": "tool", "component": "grep", "metric_type": metric, "unit": unit, "total": total, "samples": n}
    for metric, unit, total, n in (
        ("response_time", "s", 7_200.0, 100),
        ("error_rate", "share", 20.0, 100),
        ("cost", "USD", 14.0, 50),
        ("throughput", "executions", 100.0, 100),
    )
]


def test_a_week_is_counted_as_thirty_days_of_it():
    part = Work.of(SIGNALS).part("tool", "grep")
    month = 30 / 7
    assert part.seconds == pytest.approx(7_200 * month)
    assert part.mean_seconds == 72
    assert part.failed_hours == pytest.approx(20 * month * 72 / 3600)


def test_a_share_of_a_figure_is_that_share_of_its_hours_or_money():
    work = Work.of(SIGNALS)
    assert work.gain("tool", "grep", "response_time", 0.5).hours == pytest.approx(30 / 7)
    assert work.gain("tool", "grep", "error_rate", 0.5).hours == pytest.approx(10 * 30 / 7 * 72 / 3600)
    assert work.gain("tool", "grep", "cost", 0.5) == Gain(usd=pytest.approx(30.0))
    assert work.gain("tool", "sed", "cost", 0.5) == Gain()


def test_milliseconds_are_thousandths_and_what_is_not_timed_has_no_hours():
    row = {"component_kind": "integration", "component": "a>b/x", "metric_type": "response_time", "unit": "ms"}
    assert Work.of([row | {"total": 7e6, "samples": 7}]).part("integration", "a>b/x").seconds == pytest.approx(30_000)
    untimed = Work.of([SIGNALS[1]])
    assert untimed.gain("tool", "grep", "error_rate", 0.5) == Gain()
    assert untimed.failed_hours == 0


def test_money_is_hours_only_by_what_an_hour_of_runs_costs():
    assert Work.of(SIGNALS).in_hours(Gain(usd=10)) is None
    runs = [row | {"component_kind": "runs", "component": "impl"} for row in SIGNALS]
    assert Work.of(runs).in_hours(Gain(usd=14)) == pytest.approx(2.0)
    assert Work.of(runs).in_hours(Gain(hours=1, usd=14)) == 1
    assert Work.of(runs).in_hours(Gain()) is None
