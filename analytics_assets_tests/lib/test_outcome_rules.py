"""Rules between conditions and outcomes: counts, chance, planted effects, pruning."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import combinations

import numpy as np
import pytest
from mlxtend.frequent_patterns import apriori
from scipy.stats import fisher_exact

from analytics_assets.lib.outcome_rules import experiment_rules, item_sets, outcome_rules
from analytics_assets.lib.rule_tests import Sides, differs, fisher, spans_of
from analytics_assets.lib.transactions import Transactions
from analytics_assets_tests.lib import mining_worlds

START = mining_worlds.START


def transactions(rows, fields=mining_worlds.FIELDS):
    return Transactions.of_rows("runs", rows, fields)


def significant(rows, fields=mining_worlds.FIELDS):
    return [row for row in outcome_rules(transactions(rows, fields)) if row["is_significant"]]


def said(rows):
    return {(" ".join(json.loads(row["antecedent"])), row["outcome"]) for row in rows}


def test_counts_of_sets_equal_a_count_one_by_one():
    asked = transactions(mining_worlds.runs(1, 120))
    sets = item_sets(asked)
    counted = {frozenset(): 120}
    for size in (1, 2, 3):
        for items in combinations(range(len(asked.items)), size):
            count = sum(all(row[item] for item in items) for row in asked.found)
            if count >= 10:
                counted[frozenset(items)] = count
    assert sets == counted


def test_counts_of_sets_equal_those_of_apriori_on_more_runs():
    import pandas as pd

    asked = transactions(mining_worlds.runs(2, 3_000))
    found = apriori(pd.DataFrame(asked.found), min_support=9.5 / 3_000, max_len=3)
    counted = {frozenset(items): round(support * 3_000) for support, items in found.to_numpy()}
    assert {items: count for items, count in item_sets(asked).items() if items} == counted
    assert len(counted) > 500


def test_counts_of_a_rule_equal_a_count_of_its_runs():
    runs = mining_worlds.runs(1, planted=True)
    for row in outcome_rules(transactions(runs)):
        items, context = (dict(i.split("=") for i in json.loads(row[side])) for side in ("antecedent", "context"))
        inside = [run for run in runs if all(run[field] == value for field, value in items.items())]
        others = [run for run in runs if run not in inside and all(run[f] == v for f, v in context.items())]
        hits, other_hits = (sum(has(run, row["outcome"]) for run in side) for side in (inside, others))
        assert (row["both_count"], row["antecedent_count"]) == (hits, len(inside))
        assert (row["others_outcome_count"], row["others_count"]) == (other_hits, len(others))
        assert (
            row["p_value"]
            >= 0.99
            * fisher_exact(
                [[hits, len(inside) - hits], [other_hits, len(others) - other_hits]], alternative="greater"
            ).pvalue
        )
        assert set(json.loads(row["sample_ids"])) <= {run["id"] for run in inside if has(run, row["outcome"])}


def has(run, outcome):
    if outcome in {"failed", "success"}:
        return run["is_failed"] == (outcome == "failed")
    return outcome in (run["reasons"] or ())


@pytest.mark.parametrize("bad_days", [False, True])
def test_without_an_effect_hardly_a_world_has_a_rule(bad_days):
    worlds = sum(bool(significant(mining_worlds.runs(seed, 600, bad_days=bad_days))) for seed in range(4))
    assert worlds <= 1  # benchmarks/RESULTS.md


def test_planted_effects_are_told_in_their_shortest_form():
    rules = said(significant(mining_worlds.runs(0, planted=True)))
    assert ("memory_limit=1Gi spec_id=spec-1", "oom") in rules
    assert ("model=model-0 spec_type=type-1", "success") in rules
    assert not [text for text, _ in rules if "agent" in text]
    assert len(rules) <= 6


def test_what_always_goes_together_is_one_rule():
    runs = [
        run | {"spec_type": f"only {run['spec_id']}", "size": run["spec_id"][-1], "is_failed": place % 2 == 0}
        if run["spec_id"] == "spec-3"
        else run | {"spec_type": f"only {run['spec_id']}", "size": run["spec_id"][-1]}
        for place, run in enumerate(mining_worlds.runs(3, rate=0.05))
    ]
    rules = said(significant(runs, ("spec_id", "spec_type", "size", "model")))
    assert {text for text, _ in rules} == {"spec_id=spec-3"}


def test_the_same_failures_on_one_day_are_one_bad_day():
    def sides(spread):
        inside_hits = np.zeros((1, 30), dtype=int)
        inside_hits[0, list(spread)] = 30 // len(spread)
        return Sides(inside_hits, np.full((1, 30), 4) + inside_hits, np.full((1, 30), 2), np.full((1, 30), 40))

    spread, bunched = (float(sides(days).p_values()[0]) for days in (range(30), [7]))
    assert spread < 0.001
    assert bunched > 0.05


@pytest.mark.parametrize("counts", [(8, 10, 2, 10), (0, 12, 5, 30), (30, 174, 0, 66)])
def test_fishers_test_is_twice_the_smaller_side_of_the_textbook_one(counts):
    hits, size, other_hits, others = counts
    table = [[hits, size - hits], [other_hits, others - other_hits]]
    wanted = 2 * min(fisher_exact(table, alternative=side).pvalue for side in ("greater", "less"))
    assert fisher(*(np.array([count]) for count in counts))[0] == pytest.approx(min(1.0, wanted))


def test_differences_that_are_alike_are_no_other_effect():
    assert differs((30, 40, 10, 40), (60, 80, 20, 80)) > 0.5
    assert differs((60, 80, 20, 80), (20, 80, 20, 80)) < 0.001
    assert differs((5, 5, 0, 0), (1, 2, 3, 4)) == 1.0


def experiment(arms, seed=1, n=400):
    rng = np.random.default_rng(seed)
    names = list(arms)
    return [
        {
            "id": str(place),
            "started_at": START + timedelta(hours=place),
            "is_failed": bool(rng.random() < arms[names[place % len(names)]]),
            "reasons": None,
            "experiment_id": "plan=b, ünusual 'name'",
            "variant": names[place % len(names)],
        }
        for place in range(n)
    ]


@pytest.mark.parametrize("arms", [{"old": 0.3, "new": 0.1}, {"a new": 0.1, "old": 0.3}])
def test_the_better_of_two_arms_is_one_rule_by_whichever_name(arms):
    (row,) = experiment_rules(transactions(experiment(arms), ("experiment_id", "variant")))
    better = min(arms, key=arms.get)
    assert json.loads(row["antecedent"]) == ["experiment_id=plan=b, ünusual 'name'", f"variant={better}"]
    assert row["outcome"] == "success"
    assert row["is_significant"]
    assert row["p_adjusted"] == row["p_value"]


def test_each_of_three_arms_is_held_against_the_others():
    rules = experiment_rules(transactions(experiment({"a": 0.2, "b": 0.2, "c": 0.6}), ("experiment_id", "variant")))
    told = {(json.loads(row["antecedent"])[1], row["outcome"]) for row in rules if row["is_significant"]}
    assert ("variant=c", "failed") in told
    assert {row["others_count"] for row in rules} <= {266, 267}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        mining_worlds.runs(1, 1),
        [run | {"is_failed": True, "reasons": None} for run in mining_worlds.runs(1, 200)],
        [run | {"is_failed": False, "reasons": None} for run in mining_worlds.runs(1, 200)],
        [run | dict.fromkeys(mining_worlds.FIELDS, "one") for run in mining_worlds.runs(1, 200)],
        [run | dict.fromkeys(mining_worlds.FIELDS) for run in mining_worlds.runs(1, 200)],
    ],
    ids=["no run", "one run", "all fail", "none fails", "one category", "nothing known"],
)
def test_where_nothing_can_be_compared_nothing_is_significant(rows):
    assert significant(rows) == []


def test_names_of_any_text_are_items_and_ten_thousand_are_bounded():
    runs = mining_worlds.runs(1, 2_000)
    many = transactions([run | {"spec_id": f"{n}\n=%'ü"} for n, run in enumerate(runs)])
    assert (len(many.items), many.left_out) == (100, 2_000 + 4 + 4 + 3 + 5 - 100)
    assert len(item_sets(many)) < 500


def test_runs_of_one_moment_are_in_one_span():
    assert set(spans_of([datetime(2026, 1, 1)] * 3)) == {0}
    assert spans_of([]).tolist() == []
    assert spans_of([START, START + timedelta(days=15), START + timedelta(days=30)]).tolist() == [0, 15, 29]
