"""How far what is said of issues can be believed: worlds without an effect, and worlds with one that was planted."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics_assets.lib.associations import Baskets, association_rules
from analytics_assets.lib.correlating import EXPECTED, correlations
from analytics_assets.lib.lags import lag_correlations
from analytics_assets.lib.outliers import issue_anomalies
from analytics_assets.lib.recurrence import recurrence_tests
from analytics_assets.lib.regression import fix_time_regression
from analytics_assets_tests.lib import issue_worlds
from benchmarks.results import Row

WORLDS = 200
"""Twice the standard error of a rate of 5 % is 3 points."""
RULE_WORLDS = 40
"""A world of rules takes a second: permutations."""
Rows = Sequence[Mapping[str, Any]]
CHANCE = "about 5 %"


def issue_patterns(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Worlds with a false finding, then worlds in which what was planted was found."""
    return [*_chance(), *_planted(), *_anomalies()]


def rules_of(issues: Sequence[Mapping[str, Any]]) -> Rows:
    """The rules of issues with their files."""
    return association_rules(Baskets.of_rows(issues))


def share(worlds: int, holds: Callable[[int], object]) -> str:
    """``9 of 200``: in how many worlds, by their seeds, it holds."""
    return f"{sum(bool(holds(seed)) for seed in range(worlds))} of {worlds}"


def significant(rows: Rows, column: str = "is_significant") -> bool:
    """Whether any row is."""
    return any(row[column] for row in rows)


def _chance() -> list[Row]:
    frames = [issue_worlds.features(seed) for seed in range(WORLDS)]
    tests = {
        "correlation": correlations,
        "term of the regression": fix_time_regression,
        "difference in recurrence": recurrence_tests,
    }
    rows = [
        Row(
            f"worlds of noise with a significant {name}",
            share(WORLDS, lambda seed, test=test: significant(test(frames[seed]))),
            CHANCE,
        )
        for name, test in tests.items()
    ]
    for name, memory in {"white noise": 0.0, "autoregression of 0.8": 0.8, "random walks": 1.0}.items():
        for n in (30, 60, 104):
            found = share(
                WORLDS,
                lambda seed, n=n, memory=memory: significant(
                    lag_correlations(issue_worlds.weeks(seed, n, memory=memory))
                ),
            )
            rows.append(Row(f"worlds of {name}, {n} weeks, with a significant lag", found, CHANCE))
    for name, folders in {"at random": False, "by folder": True}.items():
        worlds = [rules_of(issue_worlds.findings(seed, folders=folders)) for seed in range(RULE_WORLDS)]
        found = share(RULE_WORLDS, lambda seed, worlds=worlds: significant(worlds[seed]))
        rows.append(Row(f"worlds of causes {name} with a significant rule", found, CHANCE))
        fisher = share(RULE_WORLDS, lambda seed, worlds=worlds: _by_fisher(worlds[seed]))
        rows.append(Row(f"the same by Fisher's test over transactions, causes {name}", fisher, "shown, not used"))
    return rows


def _by_fisher(rows: Rows) -> bool:
    from analytics_assets.lib.issue_values import with_adjusted

    return significant(with_adjusted([dict(row) for row in rows], [row["fisher_p_value"] for row in rows]))


def _planted() -> list[Row]:
    def agrees(seed: int) -> bool:
        rows = correlations(issue_worlds.features(seed, per_point=1.08, per_day=1.05, critical=0.6))
        return all(row["agrees"] for row in rows if (row["variable_a"], row["variable_b"]) in EXPECTED)

    def grows(seed: int) -> bool:
        (row,) = (
            row
            for row in fix_time_regression(issue_worlds.features(seed, per_point=1.07))
            if row["term"] == "complexity_score"
        )
        return bool(row["is_significant"] and row["ratio_low"] <= 1.07 <= row["ratio_high"])

    def recurs(seed: int, n: int) -> bool:
        row = recurrence_tests(issue_worlds.features(seed, n, recurring={"agents": 0.24}))[0]
        return bool(row["is_significant"] and row["highest_value"] == "agents")

    def follows(seed: int, drop: float) -> bool:
        return bool(lag_correlations(issue_worlds.weeks(seed, 60, drop=drop))[2]["is_significant"])

    def comes_with(seed: int) -> bool:
        rows = rules_of(issue_worlds.findings(seed, follows=0.9, folders=True))
        return any(
            row["is_significant"] for row in rows if (row["antecedent"], row["consequent"]) == ("RCA-001", "RCA-002")
        )

    return [
        Row("all three expected findings, 300 issues", share(WORLDS, agrees), "most"),
        Row("complexity in the regression, 1.07 a point within its interval", share(WORLDS, grows), "about 95 %"),
        *(
            Row(
                f"a category with twice the recurrence, {n:,} issues",
                share(WORLDS, lambda s, n=n: recurs(s, n)),
                "power",
            )
            for n in (300, 600, 1_200)
        ),
        *(
            Row(
                f"a drop of health that brings {drop:g} of 8 more issues 3 weeks later, 60 weeks",
                share(WORLDS, lambda s, drop=drop: follows(s, drop)),
                "power",
            )
            for drop in (1.5, 3.0)
        ),
        Row("a cause that comes with another in 9 of 10", share(RULE_WORLDS, comes_with), "most"),
    ]


def _anomalies() -> list[Row]:
    rows = []
    for ratio in (4.0, 8.0, 12.0):
        planted = found = right = 0
        for seed in range(WORLDS // 4):
            issues = issue_worlds.features(seed, per_point=1.07, long_fixes=10, long_ratio=ratio)
            named = {row["id"] for row in issue_anomalies(issues)}
            truth = set(issues["id"][:10])
            planted, found, right = planted + 10, found + len(named), right + len(named & truth)
        measured = f"precision {right / found:.0%}, recall {right / planted:.0%}"
        rows.append(Row(f"10 of 300 fixes that took {ratio:.0f} times as long, {WORLDS // 4} worlds", measured, "both"))
    quiet = [len(issue_anomalies(issue_worlds.features(seed, per_point=1.07))) for seed in range(WORLDS // 4)]
    rows.append(Row("anomalies of 300 issues of noise, mean", f"{sum(quiet) / len(quiet):.2f}", "under 1"))
    return rows
