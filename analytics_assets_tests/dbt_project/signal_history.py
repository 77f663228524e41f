"""A month of work and measurements, and every signal of it counted record by record: the models are held against it."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

END = datetime(2026, 1, 31, 10, 30)
"""The newest record of each kind: the hour of 10:00 goes on."""
LAST_HOUR = datetime(2026, 1, 31, 10)
HOUR = timedelta(hours=1)
DAYS = 31
MODELS = ("--select", "+performance_analytics", "+resource_usage", "+pipeline_profiles")
MODELS = (*MODELS, "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")

Row = dict[str, Any]
Hourly = dict[tuple[str, datetime], tuple[float, int]]


def hour_of(age: int) -> datetime:
    """The hour that lies so many before the last one."""
    return LAST_HOUR - age * HOUR


def text(moment: datetime) -> str:
    """A time as records have it."""
    return moment.isoformat() + "Z"


def records(seed: int) -> dict[str, list[Row]]:
    """Records of each kind; the newest of each is at END."""
    rng = random.Random(seed)
    makers: dict[str, tuple[Callable[[random.Random, int, datetime], Row], int]] = {
        "executions": (_execution, 900),
        "runs": (_run, 400),
        "procedure_calls": (_call, 300),
        "pipelines": (_pipeline, 300),
        "events": (_event, 400),
    }
    made = {
        kind: [make(rng, n, END if n == 0 else _moment(rng)) for n in range(count)]
        for kind, (make, count) in makers.items()
    }
    made["executions"] += [_execution(rng, f"{tool} {age}", hour_of(age), tool) for tool, age in _called_now_and_then()]
    return made | {"metrics": list(metrics(rng))}


def _called_now_and_then() -> Iterator[tuple[str, int]]:
    """Tools and ages of hours: one that stopped, one that is called just often enough to be missed, and one not."""
    yield from (("stopped", age) for age in range(40, 160))
    yield from (("seldom", age) for age in range(1, 201, 2))
    yield from (("too seldom", age) for age in range(1, 199, 2))


def _moment(rng: random.Random) -> datetime:
    return END - timedelta(seconds=rng.randrange(1, DAYS * 86_400))


def _execution(rng: random.Random, n: int | str, at: datetime, tool: str | None = None) -> Row:
    return {
        "execution_id": f"e{n}",
        "agent_id": rng.choice(["one", "two"]),
        "tool_name": tool or rng.choice(["grep", "it's"]),
        "started_at": text(at),
        "success": rng.random() < 0.8,
        "duration_seconds": rng.choice([None, rng.uniform(1, 9)]),
        "cost_usd": rng.choice([None, 0.0, 0.5]),
    }


def _run(rng: random.Random, n: int, at: datetime) -> Row:
    return {
        "run_id": f"r{n}",
        "spec_id": "s",
        "spec_type": rng.choice([None, "feature"]),
        "model": rng.choice(["large", "small"]),
        "status": rng.choice(["success", "success", "failed", "error", "timeout", "running", "cancelled", "skipped"]),
        "started_at": text(at),
        "duration_seconds": rng.choice([None, rng.uniform(60, 900)]),
        "llm_cost_usd": rng.choice([None, rng.uniform(0, 2)]),
    }


def _call(rng: random.Random, n: int, at: datetime) -> Row:
    return {
        "call_id": f"c{n}",
        "satellite_id": rng.choice(["github", "gitlab"]),
        "procedure_id": "github/PROC-1",
        "started_at": text(at),
        "duration_seconds": rng.choice([None, rng.uniform(1, 99)]),
        "status": rng.choice(["success", "success", "failure", "aborted"]),
    }


def _pipeline(rng: random.Random, n: int, at: datetime) -> Row:
    status = rng.choice(["success", "success", "failed", "error", "timeout", "running", "cancelled", "skipped"])
    ended = rng.choice([None, at + timedelta(seconds=rng.randrange(10, 999)), at - HOUR])
    return {
        "id": f"p{n}",
        "pipeline_name": "ci",
        "started_at": text(at),
        "completed_at": text(ended) if ended else None,
        "status": status,
        "trigger_type": "manual",
        "configuration_version": rng.choice([None, "1"]) if at < END - timedelta(days=9) else "2",
        "configuration": rng.choice([None, {"runner": n}]),
        "queued_seconds": rng.choice([None, rng.uniform(0, 60)]),
        "steps": [
            {"step_name": f"s{place}", "step_order": place, "status": rng.choice(["success", "failed", "skipped"])}
            for place in range(rng.randrange(4))
        ],
    }


def _event(rng: random.Random, n: int, at: datetime) -> Row:
    return {
        "id": f"v{n}",
        "event_type": "push",
        "source_system": "git",
        "target_system": rng.choice([None, "ci"]),
        "occurred_at": text(at),
        "processing_duration_ms": rng.choice([None, rng.uniform(1, 500)]),
        "status": rng.choice(["success", "failure", "partial"]),
    }


def sample(
    name: str, value: float, at: datetime, *, source: str = "probe", unit: str | None = "ms", **tags: str
) -> Row:
    """One sample of a metric."""
    return {
        "metric_name": name,
        "metric_value": value,
        "metric_unit": unit,
        "metric_tags": tags or None,
        "collected_at": text(at),
        "source_system": source,
    }


def metrics(rng: random.Random) -> Iterator[Row]:
    """One metric for each thing that may befall one, on the component api; each hour has one sample or a few."""
    yield sample("latency", rng.uniform(50, 99), END, component="api")
    ages = {
        "latency": [age for age in range(DAYS * 24) if rng.random() < 0.8],
        "silent": range(30, 720),
        "new": range(10),
        "young": range(5 * 24),
        "two weeks": range(15 * 24),
        "hardly two weeks": range(15 * 24 - 1),
        "flat": range(720),
        "zero": range(24, 720),
        "rare": range(3, 720, 100),
    }
    for name, hours in ages.items():
        for age in hours:
            for minute in rng.sample(range(29), rng.randrange(1, 4)):
                # The last day of one is slower, by more than chance makes.
                more = 60.0 if name == "latency" and age < 24 else 0.0
                value = {"flat": 3.0, "zero": 0.0}.get(name, rng.uniform(50, 99) + more)
                yield sample(name, value, hour_of(age) + timedelta(minutes=minute), component="api")
    yield sample("zero", 1.0, hour_of(1), component="api")
    yield from _odd()


def _odd() -> Iterator[Row]:
    """Names, tags, units and sources that are not those of every day; and values beyond all numbers."""
    for age, unit, value in ((9, "mb", 1000.0), (8, "mb", 1000.0), (7, "mb", 1000.0), (5, "gb", 1.0), (4, "gb", 1.0)):
        yield sample("resized", value, hour_of(age), unit=unit, component="odd")
    for minute, unit in enumerate(("mb", "gb")):
        yield sample("resized", 1.0, hour_of(6) + timedelta(minutes=minute), unit=unit, component="odd")
        yield sample("huge", 1.7e308, hour_of(6) + timedelta(minutes=minute), component="odd")
    for value, zone, source, unit in ((1.0, "a", "probe", None), (2.0, "b", "scope", "ms")):
        yield sample("zoned", value, hour_of(3), component="odd", zone=zone)
        yield sample("watched", value, hour_of(3), component="odd", source=source)
        yield sample("unitless", value, hour_of(int(value)), component="odd", unit=unit)
    for name in ('free text, ünï\'s "x"', "cache_hit_rate", "error_success_rate", "slashed/name"):
        yield sample(name, 1.0, hour_of(3), component="odd")
    yield sample("name", 1.0, hour_of(2), component="odd/slashed")
    yield sample("untagged", 1.0, hour_of(3), source="host-1")
    yield from _resources()


def _resources() -> Iterator[Row]:
    """Use of resources by the component db, and what is told of their capacity."""
    for age, percent in ((50, 10.0), (30, 20.0), (29, 30.0), (7, 40.0), (6, 60.0)):
        for minute, more in ((0, -5.0), (9, 5.0)):
            at = hour_of(age) + timedelta(minutes=minute)
            yield sample("cpu", percent + more, at, unit="percent", component="db")
    for age, cores in ((40, 8.0), (10, 16.0)):
        yield sample("cpu_capacity", cores, hour_of(age), unit="cores", component="db")
    for device, percent, capacity in (("sda", 10.0, 100.0), ("sdb", 30.0, 100.0)):
        for age in (5, 4):
            told = capacity * (2 if age == 4 and device == "sdb" else 1)
            yield sample("disk", percent, hour_of(age), unit="percent", component="db", device=device)
            yield sample("disk_capacity", told, hour_of(age), unit="gb", component="db", device=device)
    yield sample("memory", 50.0, hour_of(5), unit="percent", component="db")
    yield sample("cpu", 0.5, hour_of(5), unit="share", component="other")


def counted(rows: dict[str, list[Row]]) -> Hourly:
    """Signal and hour -> value and samples of all work, and of the metrics of the component api."""
    found: Hourly = {}
    for row in (*_of_tools(rows), *_of_runs(rows), *_of_calls(rows), *_of_pipelines(rows), *_of_events(rows)):
        found.update(_measured(*row))
    ours = [row for row in rows["metrics"] if (row["metric_tags"] or {}).get("component") == "api"]
    for (name, hour), samples in _by_hour(ours, "metric_name", "collected_at").items():
        values = [row["metric_value"] for row in samples]
        found[f"metric/api/{name}", hour] = (sum(values) / len(values), len(values))
    kept = {(signal, hour): value for (signal, hour), value in found.items() if hour > END - timedelta(days=30)}
    return kept | _silent_hours(kept)


def _silent_hours(found: Hourly) -> Hourly:
    """Of every count that has a hundred hours: those from its first to the last one that is over without a record."""
    counts: dict[str, set[datetime]] = defaultdict(set)
    for signal, hour in found:
        if signal.endswith("/throughput"):
            counts[signal].add(hour)
    return {
        (signal, hour_of(age)): (0, 0)
        for signal, hours in counts.items()
        if len(hours) >= 100
        for age in range(1, 720)
        if min(hours) < hour_of(age) and hour_of(age) not in hours
    }


def _by_hour(rows: Iterable[Row], name: str, time: str) -> dict[tuple[str, datetime], list[Row]]:
    found = defaultdict(list)
    for row in rows:
        at = datetime.fromisoformat(row[time]).replace(tzinfo=None)
        found[row[name] or "(none)", at.replace(minute=0, second=0)].append(row)
    return dict(found)


Counted = tuple[str, datetime, list[bool], list[float], list[float], bool]
"""Component with its kind, hour, whether each record failed, known durations, known costs, whether records count."""


def _known(rows: list[Row], column: str) -> list[float]:
    return [row[column] for row in rows if row[column] is not None]


def _of_tools(rows: dict[str, list[Row]]) -> Iterator[Counted]:
    for (tool, hour), calls in _by_hour(rows["executions"], "tool_name", "started_at").items():
        failed = [not call["success"] for call in calls]
        yield f"tool/{tool}", hour, failed, _known(calls, "duration_seconds"), _known(calls, "cost_usd"), True


def _of_runs(rows: dict[str, list[Row]]) -> Iterator[Counted]:
    for (spec, hour), runs in _by_hour(rows["runs"], "spec_type", "started_at").items():
        judged = [run for run in runs if run["status"] in {"success", "failed", "error", "timeout"}]
        failed = [run["status"] != "success" for run in judged]
        yield f"runs/{spec}", hour, failed, _known(runs, "duration_seconds"), _known(runs, "llm_cost_usd"), False


def _of_calls(rows: dict[str, list[Row]]) -> Iterator[Counted]:
    for (name, hour), calls in _by_hour(rows["procedure_calls"], "procedure_id", "started_at").items():
        failed = [call["status"] != "success" for call in calls]
        yield f"procedure/{name}", hour, failed, _known(calls, "duration_seconds"), [], False


def _of_pipelines(rows: dict[str, list[Row]]) -> Iterator[Counted]:
    for (name, hour), executed in _by_hour(rows["pipelines"], "pipeline_name", "started_at").items():
        judged = [row for row in executed if row["status"] in {"success", "failed", "error", "timeout"}]
        done = [row for row in judged if row["status"] == "success"]
        yield f"pipeline/{name}", hour, [row["status"] != "success" for row in judged], seconds(done), [], False


def seconds(executed: list[Row]) -> list[float]:
    """Durations of pipelines that ended after they began."""
    spans = [
        (datetime.fromisoformat(row["completed_at"]) - datetime.fromisoformat(row["started_at"])).total_seconds()
        for row in executed
        if row["completed_at"]
    ]
    return [span for span in spans if span >= 0]


def _of_events(rows: dict[str, list[Row]]) -> Iterator[Counted]:
    for (target, hour), events in _by_hour(rows["events"], "target_system", "occurred_at").items():
        failed = [event["status"] == "failure" for event in events]
        yield f"integration/git>{target}/push", hour, failed, _known(events, "processing_duration_ms"), [], True


def _measured(
    component: str, hour: datetime, failed: list[bool], durations: list[float], costs: list[float], is_counted: bool
) -> Iterator[tuple[tuple[str, datetime], tuple[float, int]]]:
    for name, values in {"error_rate": failed, "response_time": durations, "cost": costs}.items():
        if values:
            yield (f"{component}/{name}", hour), (sum(values) / len(values), len(values))
    if is_counted and hour + HOUR <= END:
        yield (f"{component}/throughput", hour), (len(failed), len(failed))
