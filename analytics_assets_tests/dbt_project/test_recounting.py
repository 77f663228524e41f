"""However records arrive, are changed and are purged, the summaries say what a plain count in Python says."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2026, 1, 5)
# Those that count records; the others only read them.
SUMMARIES = ("--select", "summaries", "--exclude", "hourly_signals", "metric_signals", "weekly_issues")
VIEWS = ("--select", "staging")


def _time(moment):
    return moment.isoformat() + "Z"


def _moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _some(rng, *values):
    return rng.choice([None, *values])


def executions(rng, count):
    # Quarters add up without rounding, so sums in any order are equal.
    return [
        {
            "execution_id": f"e{n}",
            "agent_id": _some(rng, "a", "b"),
            "tool_name": rng.choice(["grep", "edit", "it's"]),
            "started_at": _time(START + timedelta(minutes=rng.randrange(3 * 24 * 60))),
            "success": rng.random() < 0.7,
            "duration_seconds": _some(rng, 0.25, 1.5, 3.0),
            "cost_usd": _some(rng, 0.25, 0.5, 2.0),
            "cost_source": _some(rng, "provider", "computed", "estimated"),
            "tokens_used": _some(rng, 1, 10, 100),
            "browser_used": _some(rng, True, False),
            "human_effort_level": _some(rng, "LOW", "MEDIUM", "HIGH"),
            "error_type": _some(rng, "Timeout", "Refused"),
        }
        for n in range(count)
    ]


def runs(rng, count):
    made = []
    for n in range(count):
        start = START + timedelta(minutes=rng.randrange(3 * 24 * 60))
        made.append(
            {
                "run_id": f"r{n}",
                "spec_id": "s",
                "spec_type": _some(rng, "x", "y"),
                "model": _some(rng, "m"),
                "started_at": _time(start),
                "completed_at": _time(start + timedelta(seconds=90)),
                "duration_seconds": _some(rng, 10.5),
                "status": rng.choice(["running", "success", "failed", "error", "timeout", "cancelled", "skipped"]),
                "llm_cost_usd": _some(rng, 0.25, 0.5),
                "cost_source": _some(rng, "provider", "estimated"),
                "output_tokens": _some(rng, 5, 50),
                "attempts": _some(rng, 1, 2),
                "memory_peak_mb": _some(rng, 100.0, 200.0),
                "updated_at": _time(start + timedelta(days=1)),
            }
        )
    return made


def metrics(rng, count):
    return [
        {
            "metric_name": rng.choice(["cpu", "memory"]),
            "metric_value": rng.randrange(200) / 2,
            "metric_unit": "percent",
            "metric_tags": _some(rng, {"component": "x"}),
            "collected_at": _time(START + timedelta(seconds=n * 400)),
            "source_system": "s",
        }
        for n in range(count)
    ]


def events(rng, count):
    return [
        {
            "id": f"v{n}",
            "event_type": rng.choice(["deployment", "sync"]),
            "source_system": "s",
            "target_system": _some(rng, "t"),
            "occurred_at": _time(START + timedelta(minutes=rng.randrange(3 * 24 * 60))),
            "processing_duration_ms": _some(rng, 1.0, 2.5),
            "status": rng.choice(["success", "failure", "partial"]),
        }
        for n in range(count)
    ]


def _total(values):
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _count(values):
    return sum(value is not None for value in values)


def _tool_usage(found):
    def cost(source):
        return _total(r["cost_usd"] for r in found if r["cost_source"] == source)

    failed = [r for r in found if not r["success"]]
    return {
        "executions": len(found),
        "successful_executions": len(found) - len(failed),
        "failed_executions": len(failed),
        "timed_executions": _count(r["duration_seconds"] for r in found),
        "duration_seconds": _total(r["duration_seconds"] for r in found),
        "failed_duration_seconds": _total(r["duration_seconds"] for r in failed),
        "priced_executions": _count(r["cost_usd"] for r in found),
        "cost_usd": _total(r["cost_usd"] for r in found),
        "provider_cost_usd": cost("provider"),
        "computed_cost_usd": cost("computed"),
        "estimated_cost_usd": cost("estimated"),
        "unstated_cost_usd": cost(None),
        "failed_cost_usd": _total(r["cost_usd"] for r in failed),
        "token_counted_executions": _count(r["tokens_used"] for r in found),
        "tokens_used": _total(r["tokens_used"] for r in found),
        "browser_executions": sum(r["browser_used"] is True for r in found),
        "low_effort_executions": sum(r["human_effort_level"] == "LOW" for r in found),
        "medium_effort_executions": sum(r["human_effort_level"] == "MEDIUM" for r in found),
        "high_effort_executions": sum(r["human_effort_level"] == "HIGH" for r in found),
        "first_started_at": min(_moment(r["started_at"]) for r in found),
        "last_started_at": max(_moment(r["started_at"]) for r in found),
    }


def _tool_errors(found):
    return {
        "failed_executions": len(found),
        "first_started_at": min(_moment(r["started_at"]) for r in found),
        "last_started_at": max(_moment(r["started_at"]) for r in found),
    }


def _runs(found):
    def status(word):
        return sum(r["status"] == word for r in found)

    # All runs have both times, so all have a duration: stated, or 90 seconds.
    return {
        "runs": len(found),
        "finished_runs": len(found) - status("running"),
        "running_runs": status("running"),
        "successful_runs": status("success"),
        "failed_runs": status("failed"),
        "error_runs": status("error"),
        "timeout_runs": status("timeout"),
        "cancelled_runs": status("cancelled"),
        "skipped_runs": status("skipped"),
        "timed_runs": len(found),
        "duration_seconds": sum(90.0 if r["duration_seconds"] is None else r["duration_seconds"] for r in found),
        "priced_runs": _count(r["llm_cost_usd"] for r in found),
        "llm_cost_usd": _total(r["llm_cost_usd"] for r in found),
        "provider_llm_cost_usd": _total(r["llm_cost_usd"] for r in found if r["cost_source"] == "provider"),
        "unstated_llm_cost_usd": _total(r["llm_cost_usd"] for r in found if r["cost_source"] is None),
        "output_tokens": _total(r["output_tokens"] for r in found),
        "attempts": _total(r["attempts"] for r in found),
        "memory_peak_mb": max((r["memory_peak_mb"] for r in found if r["memory_peak_mb"] is not None), default=None),
        "iterations": None,
    }


def _metrics(found):
    values = [r["metric_value"] for r in found]
    return {
        "metric_unit": "percent",
        "samples": len(values),
        "metric_value_sum": sum(values),
        "metric_value_min": min(values),
        "metric_value_max": max(values),
        "metric_value_sum_squares": sum(value * value for value in values),
        "first_collected_at": min(_moment(r["collected_at"]) for r in found),
        "last_collected_at": max(_moment(r["collected_at"]) for r in found),
    }


def _events(found):
    times = [r["processing_duration_ms"] for r in found]
    return {
        "events": len(found),
        "successful_events": sum(r["status"] == "success" for r in found),
        "failed_events": sum(r["status"] == "failure" for r in found),
        "partial_events": sum(r["status"] == "partial" for r in found),
        "timed_events": _count(times),
        "processing_duration_ms": _total(times),
        "max_processing_duration_ms": max((t for t in times if t is not None), default=None),
    }


def _tags(record):
    return '{"component":"x"}' if record["metric_tags"] else None


KINDS = {
    "executions": (executions, "started_at"),
    "runs": (runs, "started_at"),
    "metrics": (metrics, "collected_at"),
    "events": (events, "occurred_at"),
}
TABLES = {
    "tool_usage": ("executions", _tool_usage, ("agent_id", "tool_name")),
    "tool_errors": ("executions", _tool_errors, ("tool_name", "error_type")),
    "runs": ("runs", _runs, ("spec_type", "model")),
    "metrics": ("metrics", _metrics, ("metric_name", "source_system", "metric_tags")),
    "events": ("events", _events, ("event_type", "source_system", "target_system")),
}
"""Name of an hourly and a daily table: kind, measures, and what its rows are told apart by besides the period."""


def expected(table, records, period):
    """Key of the row -> its measures, counted one by one."""
    kind, measure, keys = TABLES[table]
    groups = defaultdict(list)
    for record in records:
        if table == "tool_errors" and record["success"]:
            continue
        moment = _moment(record[KINDS[kind][1]])
        start = moment.replace(minute=0, second=0, microsecond=0) if period == "hour" else moment.date()
        named = [_tags(record) if name == "metric_tags" else record[name] for name in keys]
        groups[start, *named].append(record)
    return {key: measure(found) for key, found in groups.items()}


def summarised(refresh, table, period, measures):
    """The same of the warehouse."""
    keys = TABLES[table][2]
    rows = refresh.rows(f"select * from summaries.{'hourly' if period == 'hour' else 'daily'}_{table}")
    found = {(row[period], *(row[k] for k in keys)): {m: row[m] for m in measures} for row in rows}
    assert len(found) == len(rows), "a key occurs twice"
    return found


def assert_counted(refresh, kind, records, periods=("hour", "day")):
    for table in (name for name, (of, *_) in TABLES.items() if of == kind):
        for period in periods:
            right = expected(table, records, period)
            measures = next(iter(right.values()))
            assert summarised(refresh, table, period, measures) == right


def _of_last_two_days(kind, records):
    """The records whose hours are never closed: windows of 24 hours are read from them."""
    time = KINDS[kind][1]
    newest = max(_moment(record[time]) for record in records).date()
    return [record for record in records if _moment(record[time]).date() >= newest - timedelta(days=1)]


def _later(days):
    return datetime.now(UTC).replace(tzinfo=None) + timedelta(days=days)


@pytest.fixture
def records():
    """Records of every kind with summaries."""
    rng = random.Random(11)
    return {kind: make(rng, 300) for kind, (make, _) in KINDS.items()}


def test_records_in_any_order_late_changed_and_purged_are_counted_once(refresh, records):
    rng = random.Random(3)
    for found in records.values():
        rng.shuffle(found)
    late = {kind: found[-25:] for kind, found in records.items()}
    for kind, found in records.items():
        refresh.land(kind, found[:150])
    refresh.ingest()
    refresh.build(*VIEWS)
    refresh.build(*SUMMARIES)
    # Half of what comes now was there already.
    for kind, found in records.items():
        refresh.land(kind, found[75:275])
    refresh.ingest()
    refresh.build(*SUMMARIES)
    for kind, found in records.items():
        assert_counted(refresh, kind, found[:275])
    # Runs move to another hour and day, and one hour loses its only run.
    moved = [
        {**run, "started_at": _time(_moment(run["started_at"]) + timedelta(hours=hours)), "status": "success"}
        | {"updated_at": "2026-02-01T00:00:00Z", "completed_at": run["completed_at"], "duration_seconds": 10.5}
        for run, hours in zip(records["runs"][:20], [1, 30] * 10, strict=True)
    ]
    records["runs"][:20] = moved
    refresh.take("runs", moved)
    refresh.build(*SUMMARIES)
    assert_counted(refresh, "runs", records["runs"][:275])

    refresh.purge(_later(2))
    refresh.purge(_later(40))
    assert refresh.row("select count(*) as left_over from raw.executions_slim")["left_over"] == 0
    for kind, found in late.items():
        refresh.land(kind, found)
    refresh.ingest()
    refresh.build(*SUMMARIES)
    for kind, found in records.items():
        assert_counted(refresh, kind, found)
    refresh.build(*SUMMARIES, "--full-refresh")
    for kind, found in records.items():
        assert_counted(refresh, kind, found)

    refresh.purge(_later(150))
    refresh.purge(_later(220))
    open_days = {kind: _of_last_two_days(kind, found) for kind, found in records.items()}
    for kind, found in open_days.items():
        assert_counted(refresh, kind, found, ["hour"])
    closed = [record for record in records["events"] if record not in open_days["events"]]
    again = [{**record, "id": f"again-{record['id']}"} for record in closed[:5]]
    refresh.take("events", again)
    refresh.build(*SUMMARIES)
    assert_counted(refresh, "events", open_days["events"] + again, ["hour"])
    assert_counted(refresh, "events", records["events"] + again, ["day"])
    refresh.build(*SUMMARIES, "--full-refresh")
    for kind, found in records.items():
        assert_counted(refresh, kind, found + (again if kind == "events" else []), ["day"])


def test_a_refresh_that_touches_nothing_changes_nothing(refresh, records):
    refresh.take("executions", records["executions"])
    refresh.build(*VIEWS)
    refresh.build(*SUMMARIES)
    before = refresh.rows("select * from summaries.hourly_tool_usage order by all")
    # A row that only a recount would heal shows that nothing was recounted.
    refresh.rows("update summaries.hourly_tool_usage set executions = executions + 1000")
    refresh.build(*SUMMARIES)
    after = refresh.rows("select * from summaries.hourly_tool_usage order by all")
    assert [row["executions"] - 1000 for row in after] == [row["executions"] for row in before]


def test_only_the_touched_hours_are_recounted(refresh, records):
    refresh.take("executions", records["executions"])
    refresh.build(*VIEWS)
    refresh.build(*SUMMARIES)
    refresh.rows("update summaries.hourly_tool_usage set executions = -1")
    refresh.take("executions", [{**records["executions"][0], "execution_id": "new"}])
    refresh.build(*SUMMARIES)
    hour = _moment(records["executions"][0]["started_at"]).replace(minute=0)
    healed = refresh.rows("select distinct hour from summaries.hourly_tool_usage where executions > 0")
    assert healed == [{"hour": hour}]


def test_a_measure_that_sealed_rows_lack_is_not_known_for_them(refresh, records):
    refresh.take("events", records["events"])
    refresh.build(*VIEWS)
    refresh.build(*SUMMARIES)
    refresh.purge(_later(40))
    refresh.rows("alter table sealed.hourly_events drop column timed_events")
    refresh.build(*SUMMARIES, "--full-refresh")
    assert refresh.row("select sum(events) as n, max(timed_events) as timed from summaries.hourly_events") == {
        "n": 300,
        "timed": None,
    }
