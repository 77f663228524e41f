"""How far what is said of issues can be believed: worlds without an effect, and worlds with one that was planted."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics_assets.lib.associations import Baskets, association_rules
from analytics_assets.lib.correlating import EXPECTED, correlations
from analytics_assets.lib.lags import lag_correlations, p_value_of
from analytics_assets.lib.outliers import issue_anomalies
from analytics_assets.lib.recurrence import recurrence_tests
from analytics_assets.lib.regression import fix_time_regression
from analytics_assets.lib.significance import with_adjusted
from analytics_assets_tests.lib import issue_worlds
from benchmarks.results import Row

WORLDS = 200
"""Twice the standard error of a rate of 5 % is 3 points."""
RULE_WORLDS = 100
"""A world of rules takes longer: permutations."""
ANOMALY_WORLDS = 50
MANY, MANY_WORLDS = 10_000, 5
"""Issues of a world as large as a warehouse, and how many such worlds."""
LAG_WORLDS = 600
"""A world of weeks takes a few milliseconds."""
LAG = 3
"""Weeks after which what is planted in the worlds follows."""
Rows = Sequence[Mapping[str, Any]]
CHANCE = "about 5 %"


def issue_patterns(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Worlds with a false finding, then worlds in which what was planted was found, and what was found beside it."""
    return [*_chance(), *_chance_of_lags(), *_chance_of_rules(), *_planted(), *_leads(), *_rules(), *_anomalies()]


def rules_of(issues: Sequence[Mapping[str, Any]]) -> Rows:
    """The rules of issues with their files."""
    return association_rules(Baskets.of_rows(issues))


def share(holds: Iterable[object]) -> str:
    """``9 of 200``: in how many worlds it holds."""
    told = [bool(one) for one in holds]
    return f"{sum(told)} of {len(told)}"


def significant(rows: Rows) -> Rows:
    """Those that are."""
    return [row for row in rows if row["is_significant"]]


def _chance() -> Iterable[Row]:
    frames = [issue_worlds.features(seed) for seed in range(WORLDS)]
    tests: dict[str, Callable[[Any], Rows]] = {
        "correlation": correlations,
        "term of the regression": fix_time_regression,
        "difference in recurrence": recurrence_tests,
    }
    for name, test in tests.items():
        found = share(significant(test(frame)) for frame in frames)
        yield Row(f"worlds of noise with a significant {name}", found, CHANCE)


def _chance_of_lags() -> Iterable[Row]:
    for name, memory in {"white noise": 0.0, "autoregression of 0.8": 0.8, "random walks": 1.0}.items():
        for n in (60, 104):
            worlds = [lag_correlations(issue_worlds.weeks(seed, n, memory=memory)) for seed in range(LAG_WORLDS)]
            found = share(map(significant, worlds))
            yield Row(f"worlds of {name}, {n} weeks, with a significant lag", found, CHANCE)
            plain = share(significant(_as_if_independent(rows)) for rows in worlds)
            yield Row(f"the same as if weeks were independent, {name}, {n} weeks", plain, "shown, not used")


def _as_if_independent(rows: Rows) -> Rows:
    """The lags with the p-values that series without a memory would have."""
    chance = [None if row["reason"] else p_value_of(row["correlation"], row["n"]) for row in rows]
    return with_adjusted([dict(row) for row in rows], chance)


def _chance_of_rules() -> Iterable[Row]:
    for name, folders in {"at random": False, "by folder": True}.items():
        worlds = [rules_of(issue_worlds.findings(seed, folders=folders)) for seed in range(RULE_WORLDS)]
        found = share(map(significant, worlds))
        yield Row(f"worlds of causes {name} with a significant rule", found, CHANCE)
        fisher = share(significant(_by_fisher(rows)) for rows in worlds)
        yield Row(f"the same by Fisher's test over transactions, causes {name}", fisher, "shown, not used")


def _by_fisher(rows: Rows) -> Rows:
    return with_adjusted([dict(row) for row in rows], [row["fisher_p_value"] for row in rows])


def _planted() -> Iterable[Row]:
    def agrees(seed: int) -> bool:
        rows = correlations(issue_worlds.features(seed, per_point=1.08, per_day=1.05, critical=0.6))
        return all(row["agrees"] for row in rows if (row["variable_a"], row["variable_b"]) in EXPECTED)

    def grows(seed: int) -> bool:
        terms = fix_time_regression(issue_worlds.features(seed, per_point=1.07))
        (row,) = (row for row in terms if row["term"] == "complexity_score")
        return bool(row["is_significant"] and row["ratio_low"] <= 1.07 <= row["ratio_high"])

    yield Row("all three expected findings, 300 issues", share(map(agrees, range(WORLDS))), "most")
    yield Row(
        "complexity in the regression, 1.07 a point within its interval", share(map(grows, range(WORLDS))), "about 95 %"
    )
    for n in (300, 600, 1_200):
        worlds = [recurrence_tests(issue_worlds.features(s, n, recurring={"agents": 0.24}))[0] for s in range(WORLDS)]
        found = [row for row in worlds if row["is_significant"]]
        right = sum(row["highest_value"] == "agents" for row in found)
        yield Row(f"a category with twice the recurrence, {n:,} issues: found", f"{len(found)} of {WORLDS}", "power")
        yield Row(f"of these, with its name, {n:,} issues", f"{right} of {len(found)}", "nearly all")


def _leads() -> Iterable[Row]:
    """A planted lag: how often it is found, and what else is called significant."""
    for memory, kind in ((0.0, "without a memory"), (0.6, "with a memory of 0.6")):
        for drop in (1.5, 3.0):
            worlds = [
                lag_correlations(issue_worlds.weeks(seed, 60, memory=memory, drop=drop, lag=LAG))
                for seed in range(LAG_WORLDS)
            ]
            found = [row["lag_weeks"] for rows in worlds for row in significant(rows)]
            surest = [min(rows, key=lambda row: row["p_adjusted"])["lag_weeks"] for rows in worlds if significant(rows)]
            what = f"health {kind}, {drop:g} more of 8 issues {LAG} weeks after a drop, 60 weeks"
            yield Row(f"{what}: found", f"{found.count(LAG)} of {LAG_WORLDS}", "power")
            yield Row(f"{what}: surest lag is the planted one", f"{surest.count(LAG)} of {len(surest)}", "most")
            # Where health remembers, the lags beside the planted one do go with it: no false finding, and no other.
            wanted = "about 5 %" if not memory else "shown: the memory of health"
            others = len(found) - found.count(LAG)
            yield Row(f"{what}: other lags among the significant", f"{others} of {len(found)}", wanted)


def _rules() -> Iterable[Row]:
    """A planted rule: how often it is found, and how many others are."""
    planted = {"RCA-001", "RCA-002"}
    found = right = wrong = 0
    for seed in range(RULE_WORLDS):
        rows = significant(rules_of(issue_worlds.findings(seed, follows=0.9, folders=True)))
        pairs = [{row["antecedent"], row["consequent"]} for row in rows]
        found += planted in pairs
        right += pairs.count(planted)
        wrong += len(pairs) - pairs.count(planted)
    yield Row("a cause that comes with another in 9 of 10: found", f"{found} of {RULE_WORLDS}", "most")
    yield Row("other rules among the significant ones of these worlds", f"{wrong} of {right + wrong}", "about 5 %")


def _anomalies() -> Iterable[Row]:
    for ratio in (4.0, 8.0):
        planted = found = right = 0
        for seed in range(ANOMALY_WORLDS):
            issues = issue_worlds.features(seed, per_point=1.07, long_fixes=10, long_ratio=ratio)
            named = {row["id"] for row in issue_anomalies(issues)}
            truth = set(issues["id"][:10])
            planted, found, right = planted + 10, found + len(named), right + len(named & truth)
        measured = f"precision {right / found:.0%}, recall {right / planted:.0%}"
        yield Row(f"10 of 300 fixes that took {ratio:.0f} times as long, {ANOMALY_WORLDS} worlds", measured, "both")
    quiet = [len(issue_anomalies(issue_worlds.features(seed, per_point=1.07))) for seed in range(ANOMALY_WORLDS)]
    yield Row("anomalies of 300 issues of noise, mean", f"{sum(quiet) / len(quiet):.2f}", "under 1")
    simple = [len(issue_anomalies(_with_simple_ones(seed))) for seed in range(ANOMALY_WORLDS)]
    measured = f"{sum(simple) / len(simple):.2f}"
    yield Row("the same of which 30 have neither files nor complexity, mean", measured, "under 1")
    many = [len(issue_anomalies(issue_worlds.features(seed, MANY, per_point=1.07))) for seed in range(MANY_WORLDS)]
    yield Row(
        f"anomalies of {MANY:,} issues of noise, mean", f"{sum(many) / len(many):.1f}", "5 a figure by normal chance"
    )


def _with_simple_ones(seed: int) -> Any:
    issues = issue_worlds.features(seed)
    issues.loc[:29, ["complexity_score", "files_affected_count"]] = 0
    return issues
