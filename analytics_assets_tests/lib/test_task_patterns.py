"""How much a rule matters: what only one sort of thing can have is no cause of it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from analytics_assets.lib.task_patterns import rule_patterns
from analytics_assets.pattern_store.classifying import severity

AT = datetime(2026, 1, 1)


def rule(antecedent, outcome, both, others_both, count=1_000, others=3_000):
    rate, other_rate = both / count, others_both / others
    return {
        "population": "run_tasks",
        "antecedent": json.dumps(antecedent),
        "outcome": outcome,
        "antecedent_count": count,
        "outcome_count": both + others_both,
        "both_count": both,
        "confidence": rate,
        "rate_others": other_rate,
        "risk_difference": rate - other_rate,
        "p_adjusted": 0.001,
        "is_significant": True,
        "sample_ids": "[]",
        "last_observed_at": AT,
        "as_of": AT,
    }


@pytest.mark.parametrize(
    ("told", "size", "how_severe"),
    [
        (rule(["task_type=implement"], "compile_error", 70, 0), 0.07, "low"),
        (rule(["task_type=implement"], "compile_error", 70, 3), 0.069, "low"),
        # Others have it too, most of the sort have it, it takes two fields, or anything can have it.
        (rule(["task_type=implement"], "compile_error", 70, 30), 1 - 1 / 7, "critical"),
        (rule(["task_type=implement"], "compile_error", 700, 0), 1.0, "critical"),
        (rule(["memory_limit=1Gi", "spec_id=spec-1"], "oom", 300, 0), 1.0, "critical"),
        (rule(["spec_id=spec-1"], "failed", 70, 0), 1.0, "critical"),
    ],
    ids=["of its sort", "nearly of its sort", "of others too", "of most", "of two fields", "a failure"],
)
def test_a_reason_that_one_sort_of_thing_has_matters_as_much_as_it_is_frequent(told, size, how_severe):
    (pattern,) = rule_patterns([told])
    assert pattern.significance_score == pytest.approx(size)
    assert severity(pattern.row) == how_severe
