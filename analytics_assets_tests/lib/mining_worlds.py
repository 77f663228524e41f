"""Runs with known effects, and tasks with known sequences: worlds that rules and sequences are held against."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

START = datetime(2026, 1, 1)
FIELDS = ("spec_id", "spec_type", "model", "memory_limit", "agent_id")
MODELS, AGENTS, SPECS, SIZES = 4, 5, 8, 3
"""How many there are; two specs have one type."""
TOOLS = tuple("abcdef")
DAYS = 28


def runs(
    seed: int,
    n: int = 1_500,
    *,
    planted: bool = False,
    bad_days: bool = False,
    rate: float = 0.2,
) -> list[dict[str, Any]]:
    """Runs that fail at the rate, whatever they are.

    Args:
        seed: of all that is random.
        n: number of runs.
        planted: runs of spec 1 at the smallest size are killed in 3 of 4, and for specs of type 1 (specs 2 and 3) model
            0 fails a fourth as often as others, whose rate is doubled there.
        bad_days: on three days 7 of 10 fail, whatever they are; and agents mostly work two days in turn.
        rate: share that fails.
    """
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.uniform(0, DAYS * 24 * 60, n))
    days = (minutes // (24 * 60)).astype(int)
    spec, model, size = (rng.integers(0, count, n) for count in (SPECS, MODELS, SIZES))
    agent = rng.integers(0, AGENTS, n)
    chance = np.full(n, rate)
    if bad_days:
        chance[np.isin(days, rng.choice(DAYS, 3, replace=False))] = 0.7
        agent = np.where(rng.random(n) < 0.8, days // 2 % AGENTS, agent)
    killed = np.zeros(n, dtype=bool)
    if planted:
        chance[spec // 2 == 1] = 2 * rate
        chance[(spec // 2 == 1) & (model == 0)] = rate / 4
        killed = (spec == 1) & (size == 0) & (rng.random(n) < 0.75)
    failed = (rng.random(n) < chance) | killed
    return [
        {
            "id": f"r{place:05d}",
            "started_at": START + timedelta(minutes=float(minutes[place])),
            "is_failed": bool(failed[place]),
            "reasons": ["oom"] if killed[place] else ["test_fail"] if failed[place] else None,
            "spec_id": f"spec-{spec[place]}",
            "spec_type": f"type-{spec[place] // 2}",
            "model": f"model-{model[place]}",
            "memory_limit": f"{2 ** size[place]}Gi",
            "agent_id": f"agent-{agent[place]}",
        }
        for place in range(n)
    ]


def tasks(seed: int, n: int = 1_500, *, stuck: float = 0.0, longer: bool = False) -> list[dict[str, Any]]:
    """Tasks with the tools they call, in order; one in ten fails.

    Args:
        seed: of all that is random.
        n: number of tasks.
        stuck: share that calls ``c`` four times in a row, of which 3 of 4 fail.
        longer: whether the chance to fail grows with the number of calls.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(n):
        items = [TOOLS[tool] for tool in rng.integers(0, len(TOOLS), 1 + rng.poisson(4))]
        chance = min(0.6, 0.03 * len(items)) if longer else 0.1
        if rng.random() < stuck:
            start = int(rng.integers(0, len(items)))
            items[start:start] = ["c"] * 4
            chance = 0.75
        rows.append(
            {
                "id": f"t{place:05d}",
                "started_at": START + timedelta(minutes=27 * place),
                "is_failed": bool(rng.random() < chance),
                "items": items,
            }
        )
    return rows


def points(seed: int, n: int = 150, *, groups: int = 1, features: int = 4) -> np.ndarray:
    """Points of one cloud, or of as many groups, nine deviations apart."""
    rng = np.random.default_rng(seed)
    cloud = rng.standard_normal((n, features))
    for group in range(1, groups):
        cloud[np.arange(n) % groups == group, (group - 1) % features] += 9.0
    return cloud


RUN_AMOUNTS = 9
"""The first columns of ``kinds_of_runs``: they are compared by their logarithm."""
SHAPES = ("exponential", "uniform", "integers", "ratios", "mostly zero", "correlated")


def kinds_of_runs(seed: int, n: int = 300, *, apart: float = 0.0) -> np.ndarray:
    """Runs by what they take: columns as those of ``patterns.clusters``, independent of one another.

    Skewed amounts, small integers, half points of complexity, and error rates of which four of five are 0.

    Args:
        seed: of all that is random.
        n: number of runs.
        apart: standard deviations by which the duration, cost, tokens and attempts of every third run are higher.
    """
    rng = np.random.default_rng(seed)
    is_other = apart * (np.arange(n) % 3 == 0)
    return np.column_stack(
        [
            rng.lognormal(7, 0.6, n) * np.exp(0.6 * is_other),
            rng.lognormal(-2, 1.0, n) * np.exp(is_other),
            rng.integers(1, 4, n),
            1 + rng.poisson(2, n) + np.round(1.5 * is_other),
            rng.integers(3, 7, n),
            *(rng.lognormal(level, 0.5, n) for level in (6.5, 6.2)),
            rng.lognormal(8.4, 0.7, n) * np.exp(0.7 * is_other),
            rng.lognormal(7.5, 0.3, n),
            rng.integers(4, 19, n) / 2,
            np.where(rng.random(n) < 0.8, 0.0, rng.beta(2, 5, n)),
        ]
    )


def cloud(seed: int, shape: str, n: int = 150, features: int = 4) -> np.ndarray:
    """Points without groups whose columns are not normal, of one of the ``SHAPES``."""
    rng, size = np.random.default_rng(seed), (n, features)
    if shape == "exponential":
        return rng.exponential(size=size)
    if shape == "uniform":
        return rng.random(size)
    if shape == "integers":
        return rng.poisson(2, size).astype(float)
    if shape == "ratios":
        tried = rng.integers(1, 9, size)
        return rng.binomial(tried, 0.3) / tried
    if shape == "mostly zero":
        return np.where(rng.random(size) < 0.7, 0.0, rng.beta(2, 5, size))
    mixed = rng.standard_normal((n, 1)) + 0.7 * rng.standard_normal(size)
    mixed[:, 0], mixed[:, 1] = np.round(3 * mixed[:, 0]), np.exp(mixed[:, 1])
    return mixed
