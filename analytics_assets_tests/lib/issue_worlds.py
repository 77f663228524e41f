"""Worlds of issues whose truth is known: noise, and the same with one effect planted. Seeded."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

FIRST = datetime(2025, 1, 6)
CATEGORIES = ("commands", "agents", "planning", "infrastructure")
CAUSES = tuple(f"RCA-{number:03d}" for number in range(1, 9))
SPREAD = 0.35
"""Standard deviation of the logarithm of minutes."""


def features(
    seed: int,
    n: int = 300,
    *,
    per_point: float = 1.0,
    per_day: float = 1.0,
    critical: float = 1.0,
    long_fixes: int = 0,
    long_ratio: float = 8.0,
    recurrence: float = 0.12,
    recurring: dict[str, float] | None = None,
) -> pd.DataFrame:
    """Fixed issues as rows of ``kpis.issue_features``.

    Args:
        per_point: times as long that a fix takes with each point of complexity.
        per_day: the same with each day that the issue was open.
        critical: the same of a P0.
        long_fixes: the first so many took ``long_ratio`` times as long as what their complexity says.
        recurrence: share of issues that come back; ``recurring`` has those of categories that differ.
    """
    rng = np.random.default_rng(seed)
    files = rng.integers(1, 4, n)
    lines = np.where(rng.random(n) < 0.3, rng.integers(20, 300, n), 0)
    complexity = files * 2 + lines / 50
    priority = rng.choice(4, n, p=[0.1, 0.25, 0.4, 0.25])
    category = rng.choice(CATEGORIES, n)
    days = rng.lognormal(1.0, 0.6, n)
    odd = np.where(np.arange(n) < long_fixes, long_ratio, 1.0)
    scale = per_point**complexity * per_day**days * np.where(priority == 0, critical, 1.0) * odd
    came_back = rng.random(n) < [(recurring or {}).get(word, recurrence) for word in category]
    return pd.DataFrame(
        {
            "id": [f"OPT-{number:05d}" for number in range(n)],
            "issue": "too long",
            "category": category,
            "subcategory": rng.choice(["oversized", "duplicate", "broken-ref"], n),
            "priority": priority,
            "status": "FIXED",
            "first_seen": [FIRST + timedelta(hours=7 * number) for number in range(n)],
            "root_cause_id": rng.choice(CAUSES, n),
            "time_spent_minutes": 10 * scale * rng.lognormal(0, SPREAD, n),
            "complexity_score": complexity,
            "files_affected_count": files,
            "lines_over_limit": np.where(lines > 0, lines, np.nan),
            "duplicate_count": np.where(rng.random(n) < 0.3, rng.integers(2, 6, n), np.nan),
            "days_to_fix": days,
            "days_open": days,
            "recurrences": came_back.astype(int),
            "is_ever_fixed": True,
            "is_recurrence_known": True,
        }
    )


def unknown(issues: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The same issues, of which these figures are not known."""
    return issues.assign(**dict.fromkeys(columns))


def weeks(seed: int, n: int = 60, *, memory: float = 0.6, drop: float = 0.0, lag: int = 3) -> pd.DataFrame:
    """Weekly health and new issues, each autoregressive (``memory`` of 1: random walks).

    Args:
        drop: how many more issues come ``lag`` weeks after health was one standard deviation lower. 0: none.
    """
    rng = np.random.default_rng(seed)
    health = _remembering(rng, n + lag, memory)
    own = _remembering(rng, n, memory)
    led = rng.poisson(np.maximum(0.5, 8 - drop * health[:n] / health.std()))
    new = led if drop else np.maximum(0, 20 + 3 * own)
    return pd.DataFrame(
        {
            "week": [(FIRST + timedelta(weeks=number)).date() for number in range(n)],
            "health_score": 70 + 3 * health[lag:],
            "new_issues": new.astype(float),
        }
    )


def _remembering(rng: np.random.Generator, n: int, memory: float) -> np.ndarray:
    """Autoregressive of order one, begun 100 weeks before; the plain sum of the draws at a memory of 1."""
    draws = rng.standard_normal(n if memory >= 1 else n + 100)
    values = np.zeros(len(draws))
    for place, drawn in enumerate(draws):
        values[place] = memory * values[place - 1] * (place > 0) + drawn
    return values[len(values) - n :]


def findings(seed: int, n: int = 300, *, follows: float = 0.0, folders: bool = False) -> list[dict[str, object]]:
    """Issues with their files: busy files collect many, and most issues touch several.

    Args:
        follows: share of findings of RCA-001 that come with one of RCA-002 in the same files.
        folders: each folder has causes of its own, two of eight, as in most projects.
    """
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for number in range(n):
        folder = int(rng.integers(4))
        cause = CAUSES[2 * folder + int(rng.integers(2))] if folders else CAUSES[int(rng.integers(8))]
        names = (rng.pareto(1.5, int(rng.integers(1, 4))) * 3).astype(int) % 20
        row = {
            "root_cause_id": cause if rng.random() > 0.06 else None,
            "sprint": f"sprint {number * 5 // n}",
            "first_seen": FIRST + timedelta(hours=3 * number),
            "files_affected": [f"{CATEGORIES[folder]}/{name}.md" for name in names],
        }
        rows.append(row)
        if rng.random() < follows and cause == "RCA-001":
            rows.append(row | {"root_cause_id": "RCA-002"})
    return rows
