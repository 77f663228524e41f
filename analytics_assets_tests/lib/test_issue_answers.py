"""The four key questions in plain words."""

import numpy as np
import pytest

from analytics_assets.lib.associations import Baskets, association_rules
from analytics_assets.lib.correlating import correlations
from analytics_assets.lib.issue_answers import QUESTIONS, issue_answers
from analytics_assets.lib.recurrence import recurrence_tests
from analytics_assets.lib.regression import fix_time_regression
from analytics_assets_tests.lib import issue_worlds

TERM = {"term": "complexity_score", "reference": None, "n": 412, "p_adjusted": 0.001, "is_significant": True}
TERM |= {"ratio": 1.0696, "ratio_low": 1.0371, "ratio_high": 1.112, "reason": None}
P0 = TERM | {"term": "priority P0", "reference": "P2", "ratio": 0.6, "ratio_low": 0.5, "ratio_high": 0.72}
PAIR = {"variable_a": "time_spent_minutes", "variable_b": "days_open", "n": 300, "reason": None}
PAIR |= {"rank_correlation": 0.31, "p_adjusted": 0.0004, "is_significant": True}
TEST = {"variable": "category", "n": 1200, "p_adjusted": 0.02, "is_significant": True, "overall_rate": 0.15}
TEST |= {"highest_value": "agents", "highest_rate": 0.24, "highest_n": 290, "reason": None}
TEST |= {"highest_low": 0.194, "highest_high": 0.293, "ever_fixed": 1200}
RULE = {"antecedent": "RCA-002", "consequent": "RCA-007", "antecedent_count": 43, "both_count": 39, "lift": 5.4}
RULE |= {"confidence": 39 / 43, "p_adjusted": 0.004, "is_significant": True, "transaction": "sprint and file"}


def answers(correlation=PAIR, terms=(TERM,), tests=(TEST,), rules=(RULE,), transactions=250):
    return issue_answers([correlation], terms, tests, rules, transactions)


def test_four_questions_of_the_framework_stand_in_its_order():
    rows = answers()
    assert [row["question_number"] for row in rows] == [1, 2, 3, 4]
    assert [(row["question"], row["method"]) for row in rows] == list(QUESTIONS)


def test_what_was_found_is_said_with_its_number():
    assert [row["answer"] for row in answers()] == [
        "Fix time grows with complexity: each 5 points take 1.4 times as long (95 % interval 1.2 to 1.7, n = 412).",
        (
            "Categories differ in how often they come back (adjusted p = 0.020): 15 % of 1,200 ever fixed issues came "
            "back; farthest above the others is agents with 24 % of 290 (95 % interval 19 % to 29 %)."
        ),
        (
            "Issues that stay open longer take longer to fix (rank correlation 0.31, adjusted p < 0.001, n = 300); "
            "waiting need not be the cause."
        ),
        (
            "RCA-002 comes with RCA-007: in 39 of 43 (91 %; 5.4 times as often as in all transactions; "
            "sprint and file, adjusted p = 0.004, n = 250 transactions)."
        ),
    ]
    assert [row["value"] for row in answers()] == [pytest.approx(1.0696**5), 0.24, 0.31, pytest.approx(39 / 43)]
    assert all(row["is_enough"] and row["is_significant"] for row in answers())


def test_other_predictors_follow_complexity_and_lead_without_it():
    both = answers(terms=(TERM, P0 | {"p_adjusted": 1e-9}))[0]
    assert both["answer"].endswith("Also: priority P0 takes 0.6 times as long as P2.")
    assert both["answer"].startswith("Fix time grows with complexity")
    alone = answers(terms=(TERM | {"is_significant": False}, P0))[0]
    assert alone["answer"] == "Priority P0 takes 0.6 times as long as P2 (95 % interval 0.5 to 0.7, n = 412)."
    assert alone["value"] == 0.6


def test_root_causes_answer_where_categories_do_not_differ():
    weak = TEST | {"is_significant": False, "p_adjusted": 0.4}
    row = answers(tests=(weak, TEST | {"variable": "root_cause_id", "highest_value": "RCA-003"}))[1]
    assert row["answer"].startswith(
        "Categories do not differ significantly. Root causes differ in how often they come back (adjusted p = 0.020): "
    )
    assert row["answer"].endswith("farthest above the others is RCA-003 with 24 % of 290 (95 % interval 19 % to 29 %).")


def test_forty_percent_of_five_hundred_recur_most_and_not_three_of_five():
    issues = issue_worlds.features(1, 1_005)
    issues["category"] = ["A"] * 500 + ["B"] * 500 + ["C"] * 5
    back = [True] * 200 + [False] * 300 + [True] * 50 + [False] * 450 + [True] * 3 + [False] * 2
    issues["recurrences"] = np.array(back, dtype=int)
    row = answers(tests=recurrence_tests(issues))[1]
    assert row["answer"] == (
        "Categories differ in how often they come back (adjusted p = 0.003): 25 % of 1,005 ever fixed issues came "
        "back; farthest above the others is A with 40 % of 500 (95 % interval 36 % to 44 %)."
    )
    assert row["value"] == 0.4


def test_the_overall_rate_is_of_all_ever_fixed_and_a_smaller_population_is_named():
    issues = issue_worlds.features(1, 400, recurring={"agents": 0.4})
    issues["root_cause_id"] = issues["category"].where(issues.index % 10 > 0)
    tests = [row for row in recurrence_tests(issues) if row["variable"] == "root_cause_id"]
    rate = f"{(issues['recurrences'] > 0).mean():.0%}".replace("%", " %")
    row = answers(tests=tests)[1]
    assert row["answer"].startswith("Root causes differ in how often they come back (adjusted p ")
    assert f", n = 360 that have one): {rate} of 400 ever fixed issues came back; farthest" in row["answer"]
    assert row["n"] == 360
    dull = [TEST | {"is_significant": False}, tests[0] | {"is_significant": False, "p_adjusted": 0.3}]
    assert answers(tests=dull)[1]["answer"].startswith(
        "No difference is significant (tested: categories, root causes of 360 that have one): 15 % of 1,200 "
    )


def test_where_no_value_is_above_the_others_that_they_differ_is_all_that_is_said():
    row = answers(tests=(TEST | {"highest_value": None, "highest_rate": None},))[1]
    assert row["answer"].endswith("(adjusted p = 0.020): 15 % of 1,200 ever fixed issues came back.")


def test_less_time_for_issues_that_stay_open_longer_is_a_no():
    row = answers(correlation=PAIR | {"rank_correlation": -0.2})[2]
    assert row["answer"].startswith("No: issues that stay open longer take less time to fix (rank correlation -0.20")


def test_nothing_significant_is_an_answer():
    dull = {"is_significant": False, "p_adjusted": 0.61}
    rows = answers(PAIR | dull, (TERM | dull,), (TEST | dull,), (RULE | dull,))
    assert [row["answer"] for row in rows] == [
        "Neither category, complexity nor priority predicts fix time significantly (least adjusted p = 0.61, n = 412).",
        (
            "No difference is significant (tested: categories): 15 % of 1,200 ever fixed issues came back "
            "(least adjusted p = 0.61)."
        ),
        (
            "Nothing significant: issues that stay open longer take neither more nor less time (rank correlation 0.31, "
            "adjusted p = 0.61, n = 300)."
        ),
        "No two go together significantly (least adjusted p = 0.61, n = 250 transactions).",
    ]
    assert [(row["is_enough"], row["is_significant"]) for row in rows] == [(True, False)] * 4


def test_causes_that_are_never_together_are_an_answer():
    row = answers(rules=())[3]
    assert row["answer"] == "None: no two root causes were found together 3 times or more (n = 250 transactions)."
    assert (row["is_enough"], row["is_significant"]) == (True, False)


def test_causes_that_shun_each_other_do_not_cluster():
    assert answers(rules=(RULE | {"lift": 0.4},))[3]["is_significant"] is False


def test_without_an_issue_each_answer_says_what_is_missing():
    issues = issue_worlds.features(1, 0)
    baskets = Baskets.of_rows([])
    rows = issue_answers(
        correlations(issues),
        fix_time_regression(issues),
        recurrence_tests(issues),
        association_rules(baskets),
        baskets.size,
    )
    assert [row["answer"] for row in rows] == [
        "not enough data: fewer than 30 fixed issues with a time and a complexity (n = 0).",
        "not enough data: fewer than 30 issues that were ever fixed (n = 0).",
        "not enough data: fewer than 20 pairs (n = 0).",
        "not enough data: fewer than 30 transactions with a root cause (0).",
    ]
    for row in rows:
        assert (row["is_enough"], row["is_significant"], row["value"], row["p_adjusted"]) == (False, None, None, None)
