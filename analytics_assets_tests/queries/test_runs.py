"""Which runs are listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from analytics_assets.queries.runs import get_runs
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets_tests.queries.published import AS_OF, publish


def run(key, days_ago, **fields):
    return {
        "run_id": key,
        "spec_id": "s",
        "status": "success",
        "started_at": AS_OF - timedelta(days=days_ago),
    } | fields


@pytest.fixture
def asked(settings):
    publish(
        settings,
        {
            "staging.stg_runs": [
                run("now", 0),
                run("other", 1, spec_id="t"),
                run("failed", 2, status="failed", failure_reason="oom"),
                run("week", 7),
                run("month", 30, model=None),
            ]
        },
    )

    def ask(spec_id=None, **conditions):
        with open_snapshot(settings) as snapshot:
            return [row["run_id"] for row in get_runs(spec_id, **conditions, snapshot=snapshot)]

    return ask


def test_without_a_condition_every_run_comes_the_newest_first(asked):
    assert asked() == ["now", "other", "failed", "week", "month"]
    assert asked(limit=2) == ["now", "other"]
    assert asked(limit=0) == []


def test_conditions_hold_together(asked):
    assert asked("s") == ["now", "failed", "week", "month"]
    assert asked("s", status="failed") == ["failed"]
    assert asked("t", status="failed") == []


def test_the_last_days_end_with_the_newest_run_and_leave_out_their_start(asked):
    assert asked(last_days=7) == ["now", "other", "failed"]
    assert asked(last_days=8) == ["now", "other", "failed", "week"]


def test_a_range_has_its_start_and_not_its_end(asked):
    assert asked(start=AS_OF - timedelta(days=7), end=AS_OF - timedelta(days=1)) == ["failed", "week"]


def test_a_range_with_a_zone_is_the_same_moment(asked):
    start = (AS_OF - timedelta(days=7)).replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=9)))
    assert asked(start=start, end=datetime(2026, 2, 15, 12, tzinfo=UTC)) == ["failed", "week"]


def test_a_row_says_what_a_person_asks_of_a_run_and_null_is_none(settings):
    publish(settings, {"staging.stg_runs": [run("a", 0)]})
    with open_snapshot(settings) as snapshot:
        (row,) = get_runs(snapshot=snapshot)
    assert row["started_at"] == "2026-02-16T12:00:00Z"
    assert row["llm_cost_usd"] is None
    assert {"model", "failure_reason", "duration_seconds", "memory_limit", "memory_peak_mb"} <= row.keys()
