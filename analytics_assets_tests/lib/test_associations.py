"""Which root causes go together."""

from datetime import date, datetime
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from analytics_assets.lib.associations import Baskets, Finding, association_rules, frequent_sets
from analytics_assets_tests.lib import issue_worlds


def rules_of(rows):
    return association_rules(Baskets.of_rows(rows))


def by_rule(rows):
    return {(row["antecedent"], row["consequent"]): row for row in rows}


def counted(found, least, most):
    """Sets of columns and the rows that hold them, by trying each one."""
    every = [frozenset(c) for size in range(1, most + 1) for c in combinations(range(found.shape[1]), size)]
    counts = {columns: int(found[:, sorted(columns)].all(axis=1).sum()) for columns in every}
    return {columns: count for columns, count in counts.items() if count >= least}


@pytest.mark.parametrize("seed", range(10))
def test_sets_are_those_that_trying_each_one_counts(seed):
    rng = np.random.default_rng(seed)
    found = rng.random((int(rng.integers(5, 60)), 6)) < 0.4
    assert frequent_sets(found, 3, most=3) == counted(found, 3, most=3)


def test_sets_are_those_of_apriori_in_a_larger_table():
    from mlxtend.frequent_patterns import apriori

    found = np.random.default_rng(1).random((3_000, 25)) < 0.2
    wanted = apriori(pd.DataFrame(found), min_support=30 / 3_000, max_len=3)
    assert frequent_sets(found, 30, most=3) == {
        items: round(support * 3_000) for support, items in wanted.itertuples(index=False)
    }
    assert len(wanted) > 300


def test_no_transaction_holds_nothing():
    assert frequent_sets(np.zeros((0, 0), dtype=bool), 3, most=2) == {}


class TestTransactions:
    def finding(self, **fields):
        row = {"root_cause_id": "A", "sprint": "s1", "first_seen": datetime(2026, 1, 19), "files_affected": ["f"]}
        return Finding.of(row | fields)

    def test_a_transaction_is_the_causes_of_one_sprint_in_one_file(self):
        one = self.finding(files_affected=["f", "g"])
        other = self.finding(root_cause_id="B")
        later = self.finding(root_cause_id="B", sprint="s2")
        baskets = Baskets.of([one, other, later])
        assert baskets.size == 3
        assert sorted(baskets.matrix(baskets.numbers_of_causes()).tolist()) == [
            [False, True],
            [True, False],
            [True, True],
        ]

    def test_without_a_sprint_it_is_the_iso_week(self):
        finding = self.finding(sprint=None, first_seen=date(2027, 1, 1))
        assert (finding.sprint, finding.has_sprint) == ("2026-W53", False)
        assert Baskets.of([finding]).name == "week and file"

    def test_a_file_named_twice_is_one(self):
        assert self.finding(files_affected=["f", "f", "", None]).files == ("f",)

    @pytest.mark.parametrize("fields", [{"files_affected": None}, {"files_affected": []}, {"files_affected": [""]}])
    def test_an_issue_without_a_file_is_in_none(self, fields):
        assert self.finding(**fields) is None

    def test_an_issue_without_a_sprint_or_a_time_is_in_none(self):
        assert self.finding(sprint=None, first_seen=None) is None

    def test_an_issue_without_a_cause_is_in_none(self):
        assert Baskets.of([self.finding(root_cause_id=None)]).size == 0


def test_a_planted_rule_is_found_with_its_confidence_and_lift():
    rows = issue_worlds.findings(3, 400, follows=0.9, folders=True)
    row = by_rule(rules_of(rows))["RCA-001", "RCA-002"]
    causes = {}
    for issue in rows:
        for file in issue["files_affected"]:
            causes.setdefault((issue["sprint"], file), set()).add(issue["root_cause_id"])
    traced = [found - {None} for found in causes.values() if found - {None}]
    first = [found for found in traced if "RCA-001" in found]
    both = sum("RCA-002" in found for found in first)
    second = sum("RCA-002" in found for found in traced)
    assert (row["transactions"], row["antecedent_count"], row["consequent_count"]) == (len(traced), len(first), second)
    assert row["both_count"] == both
    assert row["confidence"] == pytest.approx(both / len(first))
    assert row["lift"] == pytest.approx(both / len(first) / (second / len(traced)))
    assert row["support"] == pytest.approx(both / len(traced))
    assert row["is_significant"]
    assert row["transaction"] == "sprint and file"
    table = [[both, len(first) - both], [second - both, len(traced) - len(first) - second + both]]
    assert row["fisher_p_value"] == pytest.approx(fisher_exact(table, alternative="greater").pvalue)


@pytest.mark.parametrize("folders", [False, True], ids=["anywhere", "each folder with its own"])
def test_of_causes_at_random_hardly_a_world_has_a_rule(folders):
    worlds = [rules_of(issue_worlds.findings(seed, folders=folders)) for seed in range(6)]
    assert sum(any(row["is_significant"] for row in rows) for rows in worlds) <= 1


def test_fishers_test_would_call_a_shared_folder_a_rule():
    """Why transactions are not tested as if they were independent."""
    rows = rules_of(issue_worlds.findings(1, folders=True))
    assert min(row["fisher_p_value"] for row in rows) < 1e-4
    assert not any(row["is_significant"] for row in rows)


def test_a_rule_among_hundreds_of_pairs_is_found_and_no_other():
    rng = np.random.default_rng(1)
    rows = []
    for number in range(500):
        row = {"sprint": f"s{number // 25}", "first_seen": None, "files_affected": [f"f{rng.integers(4)}"]}
        rows.append(row | {"root_cause_id": f"RCA-{rng.integers(20):02d}"})
        if rows[-1]["root_cause_id"] == "RCA-00":
            rows.append(row | {"root_cause_id": "RCA-01"})
    rules = by_rule(rules_of(rows))
    assert len(rules) > 200
    assert {rule for rule, row in rules.items() if row["is_significant"]} == {
        ("RCA-00", "RCA-01"),
        ("RCA-01", "RCA-00"),
    }


def test_rules_stand_in_both_directions_with_one_p_value():
    rules = by_rule(rules_of(issue_worlds.findings(1)))
    assert rules
    for (a, b), row in rules.items():
        assert rules[b, a]["p_value"] == row["p_value"]
        assert rules[b, a]["both_count"] == row["both_count"] >= 3


def test_the_same_issues_have_the_same_rules():
    rows = issue_worlds.findings(2, 120)
    assert rules_of(rows) == rules_of(rows)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        issue_worlds.findings(1, 10),
        [row | {"root_cause_id": None} for row in issue_worlds.findings(1)],
        [row | {"root_cause_id": "A"} for row in issue_worlds.findings(1)],
        [row | {"files_affected": []} for row in issue_worlds.findings(1)],
    ],
    ids=["no issue", "few transactions", "no cause", "one cause", "no file"],
)
def test_where_nothing_can_be_together_there_is_no_rule(rows):
    assert rules_of(rows) == []
