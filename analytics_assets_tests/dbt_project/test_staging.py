"""Staging: where windows end, what counts, and what an empty warehouse makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

NOON = datetime(2026, 1, 30, 12)


@pytest.fixture
def execution():
    """Makes an execution; one of a tool and a time."""

    def make(tool, moment, **fields):
        record = {"execution_id": f"{tool} {moment}", "tool_name": tool, "started_at": moment.isoformat() + "Z"}
        return record | {"success": True} | fields

    return make


def _by(refresh, table, key):
    return {row[key]: row for row in refresh.rows(f"select * from {table}")}


def test_an_empty_warehouse_builds_and_knows_nothing(refresh):
    refresh.ingest()
    refresh.build("--exclude-resource-type", "unit_test", command="build")
    usage = refresh.row("select * from kpis.usage_and_costs")
    assert usage["total_tasks_24h"] == 0
    assert usage["execution_costs_usd_24h"] is None
    assert usage["as_of"] is None


def test_windows_end_at_the_overridden_moment(refresh, execution):
    refresh.take("executions", [execution("grep", NOON - timedelta(days=n)) for n in range(3)])
    refresh.build("--select", "stg_as_of", as_of=(NOON - timedelta(days=1)).isoformat())
    clock = refresh.row("select * from staging.stg_as_of")
    assert (clock["as_of"], clock["newest_event_at"]) == (NOON - timedelta(days=1), NOON)
    assert clock["is_overridden"]


def test_an_overridden_moment_is_never_later_than_the_clock(refresh, execution):
    refresh.take("executions", [execution("grep", NOON)])
    refresh.build("--select", "stg_as_of", as_of="2999-01-01T00:00:00")
    clock = refresh.row("select * from staging.stg_as_of")
    assert abs(clock["as_of"] - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=5)
    assert not clock["is_stale"]


def test_each_kind_has_its_own_end(refresh, execution):
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    refresh.take("executions", [execution("grep", NOON)])
    run = {"run_id": "r", "spec_id": "s", "started_at": now.isoformat() + "Z", "status": "success"}
    refresh.take("runs", [run])
    refresh.build("--select", "stg_as_of")
    kinds = _by(refresh, "staging.stg_as_of", "kind")
    assert {kind: (row["as_of"], row["is_stale"]) for kind, row in kinds.items()} == {
        "executions": (NOON, True),
        "runs": (now, False),
    }


def test_a_run_without_a_stated_duration_lasts_from_start_to_end(refresh):
    start = {"spec_id": "s", "status": "success", "started_at": "2026-01-30T12:00:00Z"}
    ended = {"completed_at": "2026-01-30T12:00:01.500Z"}
    refresh.take(
        "runs",
        [
            {"run_id": "derived", **start, **ended},
            {"run_id": "stated", **start, **ended, "duration_seconds": 7},
            {"run_id": "open", **start},
        ],
    )
    refresh.build("--select", "stg_runs")
    durations = {row["run_id"]: row["duration_seconds"] for row in refresh.rows("select * from staging.stg_runs")}
    assert durations == {"derived": 1.5, "stated": 7.0, "open": None}


def test_slim_executions_are_staged_beside_full_ones(refresh, execution):
    refresh.take("executions", [execution("grep", NOON, success=False, error_type="E", error_message="boom")])
    refresh.purge(datetime.now(UTC).replace(tzinfo=None) + timedelta(days=2))
    refresh.take("executions", [execution("sed", NOON, success=False, error_type="E", error_message="boom")])
    refresh.build("--select", "stg_executions")
    staged = _by(refresh, "staging.stg_executions", "tool_name")
    assert [(staged[t]["error_type"], staged[t]["error_message"]) for t in ("grep", "sed")] == [
        ("E", None),
        ("E", "boom"),
    ]
