"""When a refresh is asked for: once for all that arrived, and again, later and later, for what it did not deal with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics_assets.warehouse import touched
from analytics_assets.warehouse.arrivals import Ask, RefreshRun, Wait, decide, plan

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def arrived(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a")])
    return plan(inbox.settings)


def ended(arrived, attempt: int, *, seconds_ago: float) -> RefreshRun:
    return RefreshRun(arrived.state, attempt, is_waiting=False, ended_at=NOW - timedelta(seconds=seconds_ago))


def test_nothing_new_is_a_reason_to_wait(inbox):
    assert decide(plan(inbox.settings), [], NOW) == Wait("nothing new in the inbox")


def test_what_landed_is_asked_for_at_once(arrived):
    verdict = decide(arrived, [], NOW)
    assert isinstance(verdict, Ask)
    assert (verdict.state, verdict.attempt) == (arrived.state, 0)
    assert "a.jsonl" in verdict.reason


def test_a_refresh_in_the_queue_will_see_it_too(arrived):
    verdict = decide(arrived, [RefreshRun("other", 0, is_waiting=True, ended_at=None)], NOW)
    assert isinstance(verdict, Wait)
    assert "waits to start" in verdict.reason


def test_a_refresh_of_the_same_state_that_runs_is_waited_for(arrived):
    running = RefreshRun(arrived.state, 0, is_waiting=False, ended_at=None)
    assert isinstance(decide(arrived, [running], NOW), Wait)


def test_a_running_refresh_of_something_else_does_not_hold_it_up(arrived):
    assert isinstance(decide(arrived, [RefreshRun("other", 0, is_waiting=False, ended_at=None)], NOW), Ask)


@pytest.mark.parametrize(("tries", "seconds"), [(1, 30), (2, 60), (3, 120), (12, 3600)])
def test_what_was_not_dealt_with_is_tried_again_later_and_later(arrived, tries, seconds):
    def after(waited):
        return decide(arrived, [ended(arrived, n, seconds_ago=waited) for n in range(tries)], NOW)

    assert isinstance(after(seconds - 1), Wait)
    assert after(seconds + 1) == Ask(arrived.state, tries, arrived.reason)


def test_kinds_that_a_broken_refresh_left_unpublished_are_asked_for_without_a_file(inbox):
    touched.mark_intent(inbox.settings, {"runs"})
    verdict = decide(plan(inbox.settings), [], NOW)
    assert isinstance(verdict, Ask)
    assert "before it published runs" in verdict.reason


def test_a_refresh_that_has_begun_is_not_asked_for_twice(inbox, arrived):
    """It notes its kinds as unpublished when it begins, and its file is new until it has published."""
    running = RefreshRun(arrived.state, 0, is_waiting=False, ended_at=None)
    touched.mark_intent(inbox.settings, {"executions"})
    begun = plan(inbox.settings)
    assert begun.unpublished == {"executions"}
    assert isinstance(decide(begun, [running], NOW), Wait)


def test_what_is_unpublished_is_not_asked_for_while_any_refresh_runs(inbox):
    touched.mark_intent(inbox.settings, {"runs"})
    running = RefreshRun("other", 0, is_waiting=False, ended_at=None)
    assert "has not published yet" in decide(plan(inbox.settings), [running], NOW).reason


def test_another_file_is_another_state_with_tries_of_its_own(inbox, execution, arrived):
    inbox.land("executions/b.jsonl", [execution("b")])
    both = plan(inbox.settings)
    assert both.state != arrived.state
    assert isinstance(decide(both, [ended(arrived, 0, seconds_ago=1)], NOW), Ask)


def test_a_state_that_comes_back_after_long_gets_a_new_key_and_no_delay(arrived):
    months_ago = [ended(arrived, n, seconds_ago=90 * 86_400) for n in (0, 4)]
    assert decide(arrived, months_ago, NOW) == Ask(arrived.state, 5, arrived.reason)
