"""Histories of runs as untidy as real ones: ties, ends that are missing, late, or before the start, and no names."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from analytics_assets.predicting.runs import Run, outcome
from analytics_assets.predicting.surroundings import HOUR, Surroundings

BEGIN = datetime(2026, 3, 2)
STATUS = ("success", "success", "success", "failed", "timeout", "error", "cancelled", "running")
MINUTE = timedelta(minutes=1)


def one_of(rng: np.random.Generator, prefix: str, count: int, *, unknown: float = 0.1) -> str | None:
    """A name, or none."""
    return None if rng.random() < unknown else f"{prefix}-{rng.integers(count)}"


def with_outcome(rng: np.random.Generator, run: Run) -> Run:
    """The same run with another outcome, told at another time."""
    status = str(rng.choice(STATUS))
    minutes = int(rng.choice([-30, 0, 5, 20, 60, 600]))
    return replace(
        run,
        status=status,
        known_at=None if status == "running" or rng.random() < 0.1 else run.started_at + minutes * MINUTE,
        is_failed=outcome(status),
        error_type=one_of(rng, "error", 3) if outcome(status) else None,
        is_oom=bool(rng.random() < 0.2),
        is_transient=bool(rng.random() < 0.2),
        duration_seconds=None if rng.random() < 0.2 else float(rng.exponential(600)),
        memory_peak_mb=None if rng.random() < 0.2 else float(rng.uniform(100, 2000)),
        cpu_peak_mcores=None if rng.random() < 0.2 else float(rng.uniform(50, 500)),
        llm_cost_usd=None if rng.random() < 0.2 else float(rng.exponential(0.2)),
    )


def a_run(rng: np.random.Generator, name: str, started_at: datetime) -> Run:
    """Any run that starts then."""
    spec = int(rng.integers(5))
    limit, cpu = one_of(rng, "", 3), one_of(rng, "", 3)
    bare = Run(
        run_id=name,
        spec_id=f"spec-{spec}",
        spec_type=None if spec == 4 else f"type-{spec % 2}",
        spec_fingerprint=one_of(rng, "hash", 2, unknown=0.3),
        spec_version=one_of(rng, "v", 2, unknown=0.3),
        model=one_of(rng, "model", 3),
        agent_id=one_of(rng, "agent", 3),
        project_id=one_of(rng, "project", 2),
        memory_limit=limit,
        memory_limit_mb=None if limit is None else 2048.0,
        cpu_limit=cpu,
        cpu_limit_mcores=None if cpu is None else 500.0,
        task_count=int(rng.integers(9)),
        complexity=float(rng.uniform(0, 9)),
        started_at=started_at,
    )
    return with_outcome(rng, bare)


def history(seed: int, count: int = 150) -> list[Run]:
    """Runs of a week or so, in no order; every fifth starts together with another."""
    rng = np.random.default_rng(seed)
    minutes = np.cumsum(rng.choice([0, 5, 20, 60, 90, 300], count))
    made = [a_run(rng, f"run-{number:04}", BEGIN + int(at) * MINUTE) for number, at in enumerate(minutes)]
    return [made[place] for place in rng.permutation(count)]


def surroundings(seed: int, days: int = 12) -> Surroundings:
    """Load and errors of most hours, and a change each day or so."""
    rng = np.random.default_rng(seed)
    hours = [BEGIN + number * HOUR for number in range(24 * days) if rng.random() < 0.9]
    return Surroundings(
        cpu={hour: float(rng.uniform(10, 90)) for hour in hours},
        tool_errors={hour: float(rng.uniform(0, 0.3)) for hour in hours},
        changes=tuple(sorted(BEGIN + float(rng.uniform(0, 24 * days)) * HOUR for _ in range(days))),
        dependencies={
            "spec-0": tuple((BEGIN + day * 24 * HOUR, int(rng.integers(9))) for day in range(1, days)),
            "spec-1": ((BEGIN, 0),),
        },
    )
