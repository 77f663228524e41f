"""Runs of a hundred days and what is known of them, counted one by one: the models are held against it."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from analytics_assets.lib.rates import wilson_interval

NOON = datetime(2026, 1, 30, 12)
MEMORY_MB = {None: None, "512Mi": 512.0, "2Gi": 2048.0, "1500M": 1_500_000_000 / 1_048_576, "plenty": None}
CPU_MCORES = {None: None, "500m": 500.0, "2": 2000.0, "1.5": 1500.0}
TYPES = {"s0": "x", "s1": "x", "s2": "x", "s3": "y", "s4": "y", "s5": None}

Row = dict[str, Any]


def moment(text: str) -> datetime:
    """A record's time as the warehouse has it."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def history(seed: int, count: int) -> list[Row]:
    """Records of runs; the last one starts at noon, where the windows end."""
    rng = random.Random(seed)
    ages = [rng.randrange(100 * 24 * 60) if n % 2 else rng.randrange(35 * 24 * 60) for n in range(count)]
    return [_run(rng, n, NOON - timedelta(minutes=0 if n == count - 1 else age)) for n, age in enumerate(ages)]


def _run(rng: random.Random, n: int, start: datetime) -> Row:
    def some(*values: Any) -> Any:
        return rng.choice([None, *values])

    spec = rng.choice(list(TYPES))
    fingerprints = {
        "s0": "old" if start < NOON - timedelta(days=10) else "new",
        "s3": rng.choice(["three", "tres", None]),
    }
    memory, cpu = rng.choice(list(MEMORY_MB)), rng.choice(list(CPU_MCORES))
    return {
        "run_id": f"r{n}",
        "spec_id": spec,
        "spec_fingerprint": fingerprints.get(spec),
        "spec_version": some("1", "2"),
        "spec_type": TYPES[spec],
        "task_count": some(3, 9),
        "project_id": some("p", "q"),
        "model": some("large", "small"),
        "memory_limit": memory,
        "cpu_limit": cpu,
        "status": rng.choice(
            ["success"] * 4 + ["failed"] * 3 + ["error", "timeout", "running", "cancelled", "skipped"]
        ),
        "failure_reason": some("oom", "OOMKilled", "Error", "killed"),
        "started_at": start.isoformat() + "Z",
        "duration_seconds": some(10.0, 60.5, 900.0),
        "iterations": some(1, 2, 5),
        "llm_cost_usd": some(0.0, 0.25, 3.5),
        "memory_peak_mb": some(100.0, 512.0, rng.uniform(200, 2100)),
        "cpu_peak_mcores": some(450.0, 500.0, rng.uniform(100, 2100)),
        "updated_at": (start + timedelta(days=1)).isoformat() + "Z",
        "tasks": [
            {
                "task_id": f"t{task}",
                "task_type": some("implement", "review"),
                "model": some("large", "small"),
                "status": rng.choice(["success", "success", "failed", "retry", "skipped"]),
                "duration_seconds": some(1.0, 5.0, 30.0),
                "cost_usd": some(0.5, 1.5),
                "input_tokens": some(10, 1000),
                "output_tokens": some(5, 50),
                "error_type": some("test_fail", "ConnectionError", "compile_error"),
            }
            for task in range(rng.randrange(4))
        ],
    }


def judged(records: Iterable[Row], days: int) -> list[Row]:
    """The runs that succeeded or failed in the days before noon, with what the staging table adds to them."""
    found = []
    for record in records:
        start = moment(record["started_at"])
        if record["status"] not in {"success", "failed", "error", "timeout"}:
            continue
        if not NOON - timedelta(days=days) < start <= NOON:
            continue
        success = record["status"] == "success"
        reason = record["failure_reason"]
        of_tasks = [t["error_type"] for t in record["tasks"] if t["status"] == "failed" and t["error_type"]]
        error = None if success else (of_tasks[0] if of_tasks else reason and reason.lower())
        is_oom = not success and reason in {"oom", "OOMKilled"}
        memory, cpu = MEMORY_MB[record["memory_limit"]], CPU_MCORES[record["cpu_limit"]]
        found.append(
            record
            | {
                "started_at": start,
                "is_success": success,
                "error_type": error,
                "is_oom": is_oom,
                "is_transient": record["status"] == "timeout" or error == "ConnectionError",
                "memory_limit_mb": memory,
                "cpu_limit_mcores": cpu,
                "is_memory_censored": is_oom or reaches(record["memory_peak_mb"], memory),
                "is_cpu_censored": reaches(record["cpu_peak_mcores"], cpu),
            }
        )
    return found


def reaches(peak: float | None, limit: float | None) -> bool:
    """Whether both are known and the peak stands at the limit."""
    return peak is not None and limit is not None and peak >= limit


def groups(rows: Iterable[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by the values of some keys; None is a value."""
    found = defaultdict(list)
    for row in rows:
        found[tuple(row[key] for key in keys)].append(row)
    return dict(found)


def known(rows: Iterable[Row], column: str) -> list[Any]:
    """The values of a column that are known."""
    return [row[column] for row in rows if row[column] is not None]


def mean(values: list[float]) -> float | None:
    """None of nothing."""
    return sum(values) / len(values) if values else None


def percentile(values: list[float], share: float) -> float | None:
    """Between the two values next to it, by the distance to each; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def uncut(rows: Iterable[Row], resource: str) -> list[float]:
    """Peaks that no limit cut off."""
    column = {"memory": "memory_peak_mb", "cpu": "cpu_peak_mcores"}[resource]
    return [row[column] for row in rows if row[column] is not None and not row[f"is_{resource}_censored"]]


def rated(name: str, successes: int, n: int) -> Row:
    """A rate and the two ends of its interval, under the names of their columns."""
    interval = wilson_interval(successes, n)
    assert interval is not None
    return {name: successes / n, f"{name}_low": interval.low, f"{name}_high": interval.high}


def most_used(rows: Iterable[Row], column: str) -> Any:
    """The most frequent known value; of equals the one used last."""
    rows = [row for row in rows if row[column] is not None]
    counts = Counter(row[column] for row in rows)
    last = {value: max(row["started_at"] for row in rows if row[column] == value) for value in counts}
    return max(counts, key=lambda value: (counts[value], last[value]), default=None)


def most_frequent(values: Iterable[str]) -> list[str]:
    """Different values, the most frequent first; equals by name."""
    counts = Counter(values)
    return sorted(counts, key=lambda value: (-counts[value], value))


def newest(rows: Iterable[Row]) -> Row:
    """The run that began last."""
    return max(rows, key=lambda row: (row["started_at"], row["run_id"]))


def assert_table(rows: list[Row], keys: tuple[str, ...], expected: dict[tuple[Any, ...], Row]) -> None:
    """Every row of a table says what was counted, but for rounding, and there is no other."""
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows), "a key occurs twice"
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        counted = {name: pytest.approx(value) if isinstance(value, float) else value for name, value in row.items()}
        assert {name: found[key][name] for name in row} == counted, key
