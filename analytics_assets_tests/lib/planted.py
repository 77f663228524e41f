"""Issues in which something is to be learnt, and issues in which nothing is."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from analytics_assets.lib.critical_outlook import Seen
from analytics_assets.lib.file_risks import cutoffs
from analytics_assets.lib.named_files import Named
from analytics_assets.lib.root_causes import Issue
from analytics_assets.repository.history import FileFacts, FileHistory, Tree

FIRST = datetime(2026, 1, 1)
SENTENCES = {"RCA-1": "is {} lines over the limit", "RCA-2": "repeats {} texts", "RCA-3": "names {} missing sections"}


def fixes(seed, count, *, is_noise):
    """Fixes whose time grows with files and lines, with a few very long ones; or whose time is noise."""
    rng = np.random.default_rng(seed)
    files, lines = rng.integers(1, 9, count), np.where(rng.random(count) < 0.3, rng.integers(20, 300, count), np.nan)
    expected = 0 if is_noise else np.log(files) + np.where(np.isnan(lines), 0, 0.7)
    minutes = np.exp(2.5 + expected + 0.35 * rng.standard_normal(count)) * np.where(rng.random(count) < 0.02, 8, 1)
    return pd.DataFrame(
        {
            "id": [f"i{n}" for n in range(count)],
            "category": rng.choice(["commands", "agents", "planning"], count),
            "subcategory": rng.choice(["a", "b", "c", "d", None], count),
            "priority": rng.integers(0, 4, count),
            "files_affected_count": files,
            "lines_over_limit": lines,
            "duplicate_count": np.nan,
            "expected_minutes": rng.choice([10.0, 20.0, np.nan], count),
            "time_spent_minutes": minutes,
            "known_at": [FIRST + timedelta(hours=5 * n) for n in range(count)],
        }
    )


def traced(seed, count, *, is_noise):
    """Issues whose text says their cause; or any cause."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        said = str(rng.choice(list(SENTENCES)))
        cause = str(rng.choice(list(SENTENCES))) if is_noise else said
        text = f"part {rng.integers(30)} {SENTENCES[said].format(rng.integers(300))}"
        category = str(rng.choice(["commands", "agents"]))
        at = FIRST + timedelta(hours=5 * number)
        found.append(Issue(f"i{number}", text, category, None, [f"{category}/{rng.integers(20)}.md"], at, cause))
    return found


def risky_files(seed, *, is_noise, files=80, days=364, issues=180):
    """Files of which one in ten is much changed in a month and then has most issues; or whose issues are chance.

    Returns the openings by file, as_of, and the files at each look back and at as_of.
    """
    rng = np.random.default_rng(seed)
    as_of = FIRST + timedelta(days=days)
    months = days // 28 + 1
    is_hot = rng.random((months + 1, files)) < 0.1
    churn = np.where(is_hot, rng.integers(10, 20, is_hot.shape), rng.integers(0, 4, is_hot.shape))
    named = []
    for number in range(issues):
        day = float(rng.random() * days)
        # Months count back from as_of; the facts of one are those at its beginning.
        weight = np.where(is_hot[int((days - day) // 28) + 1] & ~np.bool_(is_noise), 15.0, 1.0)
        file = int(rng.choice(files, p=weight / weight.sum()))
        at = FIRST + timedelta(days=day)
        named.append(Named(f"f{file}.py", f"i{number}", at, at + timedelta(days=3), True, at))
    trees = {}
    for look in [*cutoffs(min(one.opened_at for one in named), as_of), as_of]:
        month = round((as_of - look) / timedelta(days=28))
        facts = {f"f{n}.py": FileFacts(300, 200.0, 1.0, int(c), int(c)) for n, c in enumerate(churn[month])}
        trees[look] = Tree(frozenset(facts), facts)
    return named, as_of, FileHistory(trees)


def critical_issues(seed, count, *, is_noise):
    """Issues of three categories of which one has most critical ones, or each its part; and the end of their time."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        category = str(rng.choice(["a", "b", "c"], p=[0.2, 0.3, 0.5]))
        share = 0.2 if is_noise else {"a": 0.7, "b": 0.1, "c": 0.05}[category]
        found.append(Seen(category, bool(rng.random() < share), FIRST + timedelta(hours=5 * number)))
    return found, FIRST + timedelta(hours=5 * count)
