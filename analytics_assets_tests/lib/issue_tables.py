"""Tables of issues as charts read them, drawn from a seed: a tracker that is busy at first and gets better."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations

import numpy as np
import pandas as pd

END = datetime(2026, 11, 20)
CATEGORIES = ("commands", "agents", "planning", "infrastructure")
CAUSES = (*(f"RCA-{n:03}" for n in range(1, 9)), None)
FIX_DAYS = (0.5, 2.0, 4.0, 8.0)
VARIABLES = ("time_spent_minutes", "complexity_score", "files_affected_count", "lines_over_limit", "days_to_fix")


def issue_features(days: int, seed: int = 7) -> pd.DataFrame:
    """One row per issue of that many days, six a day at first and half as many at the end."""
    rng = np.random.default_rng(seed)
    count = 5 * days
    age = days * np.sqrt(rng.random(count))
    priority = rng.choice(4, count, p=[0.08, 0.25, 0.40, 0.27])
    needed = rng.lognormal(np.log(np.array(FIX_DAYS)[priority]), 0.8)
    is_fixed = needed < age
    return pd.DataFrame(
        {
            "id": [f"OPT-{n:03}" for n in range(count)],
            "category": rng.choice(CATEGORIES, count, p=[0.45, 0.25, 0.2, 0.1]),
            "priority": priority,
            "root_cause_id": rng.choice(np.array(CAUSES, dtype=object), count, p=[0.3, 0.2, 0.15, *[0.05] * 5, 0.1]),
            "first_seen": [END - timedelta(days=float(a)) for a in age],
            "days_to_fix": np.where(is_fixed, needed, np.nan),
        }
    )


def weekly_issues(days: int, seed: int = 7) -> pd.DataFrame:
    """One row per week, category, priority and root cause, counted from ``issue_features``."""
    features = issue_features(days, seed)
    start = features["first_seen"].min()
    mondays = pd.date_range((start - timedelta(days=start.weekday())).normalize(), END, freq="7D")
    closed = features["first_seen"] + pd.to_timedelta(features["days_to_fix"], unit="D")
    rows = []
    keys = ["category", "priority", "root_cause_id"]
    for monday in mondays:
        end = min(monday + timedelta(days=7), pd.Timestamp(END))
        counted = features.assign(
            new_issues=features["first_seen"].between(monday, end, inclusive="left").astype(int),
            reopened_issues=0,
            fixed_issues=closed.between(monday, end, inclusive="left").astype(int),
            open_issues=((features["first_seen"] < end) & ~(closed < end)).astype(int),
        )
        measures = ["new_issues", "reopened_issues", "fixed_issues", "open_issues"]
        sums = counted.groupby(keys, dropna=False, as_index=False)[measures].sum()
        rows.append(sums[sums[measures].any(axis=1)].assign(week=monday))
    return pd.concat(rows, ignore_index=True).assign(as_of=END)


def weekly_health(days: int, seed: int = 7) -> pd.DataFrame:
    """One row per week and scope; in the third week nothing is measured."""
    rng = np.random.default_rng(seed)
    weeks = sorted(set(weekly_issues(days, seed)["week"]))
    rows = []
    for scope, start in {"overall": 62.0, "planning": 80.0, "commands": 70.0, "agents": 75.0, "billing": 99.0}.items():
        walk = start + np.linspace(0, 22, len(weeks)) + rng.normal(0, 2, len(weeks)).cumsum() * 0.5
        score = np.clip(walk, 0, 100)
        score[2:3] = np.nan
        rows.append(
            pd.DataFrame(
                {
                    "week": weeks,
                    "scope": scope,
                    "health_score": score,
                    "source": "reviews",
                    "issue_debt": 200 - 2 * score,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def correlations(variables: int, seed: int = 7) -> pd.DataFrame:
    """One row per pair of that many variables; the last pair could not be measured."""
    rng = np.random.default_rng(seed)
    names = [*VARIABLES, "days_open", "recurrence_count", "priority_p0", "duplicate_count"][:variables]
    pairs = list(combinations(names, 2))
    value = rng.uniform(-0.9, 0.9, len(pairs)).round(3)
    value[-1] = np.nan
    pearson = value * 0.8
    certain = pd.array([None if np.isnan(v) else bool(abs(v) > 0.4) for v in value], dtype="boolean")
    return pd.DataFrame(
        {
            "variable_a": [a for a, _ in pairs],
            "variable_b": [b for _, b in pairs],
            "n": 120,
            "rank_correlation": value,
            "correlation": pearson,
            "correlation_low": pearson - 0.1,
            "correlation_high": pearson + 0.1,
            "p_adjusted": np.where(np.abs(value) > 0.4, 0.001, 0.4),
            "is_significant": certain,
        }
    )
