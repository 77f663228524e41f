"""What a document is told about its runs: what is known, None for what is not, and nothing new without news."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from analytics_assets.feedback.learned import Profiles, learn, noted, risk_factors, with_hash
from analytics_assets.lib.sizes import Sizes
from analytics_assets_tests.feedback.conftest import DOCUMENT, NOW

SIZES = Sizes.of(("1Gi", "2Gi", "4Gi", "8Gi"), ("500m", "1", "2"))
SPEC = {
    "spec_id": "api-impl",
    "spec_fingerprint": "f1",
    "document_fingerprint": "f1",
    "spec_type": "impl",
    "project_id": "p",
    "runs_count": 47,
    "success_rate": 0.8936170212765957,
    "avg_duration_seconds": 750.0,
    "avg_cost_usd": 0.45,
    "needs_review": False,
    "oom_runs": 0,
    "common_failures": '["test_timeout", "compile_error"]',
    "task_count": 9,
    "complexity": 3.0,
}
SILENT = (
    SPEC
    | dict.fromkeys(["success_rate", "avg_duration_seconds", "avg_cost_usd", "needs_review", "common_failures"])
    | {"runs_count": 0}
)


def model(scope, scope_id, name, runs, successes, cost=None):
    spread = dict.fromkeys(["p50_cost_usd", "p95_cost_usd", "p50_duration_seconds", "p95_duration_seconds"])
    return spread | {
        "scope": scope,
        "scope_id": scope_id,
        "model": name,
        "runs": runs,
        "successful_runs": successes,
        "priced_runs": runs if cost else 0,
        "cost_per_success_usd": cost,
    }


def need(scope, scope_id, **fields):
    empty = {"memory_p95_mb": None, "largest_oom_limit_mb": None, "cpu_p95_mcores": None}
    known = {"scope": scope, "scope_id": scope_id, "runs": 47, "memory_measured_runs": 47, "memory_uncensored_runs": 40}
    return known | empty | {"largest_throttled_cpu_mcores": None} | fields


def profiles(spec=SPEC, models=(), needs=(), failures=(), runs=(), advice=()):
    return Profiles([spec], models, needs, failures, runs, advice)


def learned(**rows):
    return learn(profiles(**rows), SIZES)["api-impl"]


def test_the_fields_are_those_that_were_asked_for_and_the_hash_of_the_evidence():
    found = learned(
        models=[model("fingerprint", "f1", "good", 30, 29), model("fingerprint", "f1", "bad", 17, 2)],
        needs=[need("fingerprint", "f1", memory_p95_mb=1900.0, cpu_p95_mcores=1500.0)],
    )
    assert {name: value for name, value in found.items() if name != "evidence_hash"} == {
        "runs_count": 47,
        "success_rate": 0.8936,
        "optimal_model": "good",
        # 1900 * 1.15 = 2185 MB; 1500 * 1.15 = 1725 thousandths.
        "recommended_resources": {"memory": "4Gi", "cpu": 2},
        "avg_duration_minutes": 12.5,
        "avg_cost_usd": 0.45,
        "common_failures": ["test_timeout", "compile_error"],
        "risk_factors": [],
    }
    text = noted(DOCUMENT, found, NOW)
    assert list(json.loads(text)["_learned"]) == ["last_updated", *found]
    assert json.loads(text)["_learned"]["last_updated"] == "2026-02-16T12:00:00Z"


def test_what_is_not_known_is_none_and_not_zero():
    found = learned(spec=SILENT)
    unknown = {name: value for name, value in found.items() if value is None}
    assert set(unknown) == {
        "success_rate",
        "optimal_model",
        "avg_duration_minutes",
        "avg_cost_usd",
        "common_failures",
        "risk_factors",
    }
    assert found["recommended_resources"] == {"memory": None, "cpu": None}


def test_a_spec_without_enough_runs_learns_from_its_type_and_never_below_a_size_that_killed_it():
    found = learned(
        models=[model("fingerprint", "f1", "own", 3, 3), model("spec_type", "impl", "usual", 50, 45)],
        needs=[
            need("fingerprint", "f1", memory_measured_runs=3, runs=3, largest_oom_limit_mb=4096.0),
            need("spec_type", "impl", memory_p95_mb=800.0, cpu_p95_mcores=300.0),
        ],
    )
    assert found["optimal_model"] == "usual"
    assert found["recommended_resources"] == {"memory": "8Gi", "cpu": "500m"}


def test_the_optimal_model_is_the_one_that_is_suggested_and_the_most_certain_of_two():
    waiting = [
        {
            "spec_id": "api-impl",
            "id": f"sg-{n}",
            "suggested_value": f"model: {name}",
            "suggested_runs": 40,
            "reasoning": "",
        }
        for n, name in enumerate(["certain", "less certain"])
    ]
    found = learned(models=[model("fingerprint", "f1", "good", 30, 29)], advice=waiting)
    assert found["optimal_model"] == "certain"


def test_the_hash_follows_the_evidence_and_not_the_last_digits_of_a_sum():
    same = SPEC | {"avg_cost_usd": 0.45000000001, "success_rate": 0.89361702127}
    other = SPEC | {"runs_count": 48}
    assert learned(spec=same) == learned()
    assert learned(spec=other)["evidence_hash"] != learned()["evidence_hash"]


def test_a_document_is_written_for_news_only():
    found = learned()
    first = noted(DOCUMENT, found, NOW)
    assert first != DOCUMENT
    assert noted(first, found, datetime(2027, 1, 1, tzinfo=UTC)) == first
    more = with_hash({**{k: v for k, v in found.items() if k != "evidence_hash"}, "runs_count": 48})
    later = json.loads(noted(first, more, datetime(2027, 1, 1, tzinfo=UTC)))["_learned"]
    assert (later["runs_count"], later["last_updated"]) == (48, "2027-01-01T00:00:00Z")


def test_what_somebody_changed_in_learned_is_put_right():
    found = learned()
    first = noted(DOCUMENT, found, NOW)
    assert noted(first.replace(b'"runs_count": 47', b'"runs_count": 4700'), found, NOW) == first
    assert json.loads(noted(b'{"_learned": "x"}', found, NOW))["_learned"]["runs_count"] == 47


def test_a_spec_that_never_ran_gets_nothing_and_one_that_ran_once_is_told_that_it_no_longer_does():
    silent = learned(spec=SILENT)
    assert noted(DOCUMENT, silent, NOW) == DOCUMENT
    assert json.loads(noted(noted(DOCUMENT, learned(), NOW), silent, NOW))["_learned"]["runs_count"] == 0


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"needs_review": True}, ["low_success_rate"]),
        ({"oom_runs": 1}, []),
        ({"oom_runs": 2}, ["out_of_memory"]),
    ],
)
def test_a_risk_of_the_specs_own_runs_is_named(spec, expected):
    assert risk_factors(SPEC | spec, profiles()) == expected


@pytest.mark.parametrize(("failures", "expected"), [(20, ["high_complexity"]), (6, [])])
def test_complexity_is_a_risk_where_the_type_fails_more_with_it_beyond_chance(failures, expected):
    runs = [
        {"spec_type": "impl", "task_count": 3, "complexity": 1.0, "runs": 50, "failures": 5},
        {"spec_type": "impl", "task_count": None, "complexity": 3.0, "runs": 50, "failures": failures},
        {"spec_type": "other", "task_count": 3, "complexity": 1.0, "runs": 500, "failures": 500},
    ]
    assert risk_factors(SPEC, profiles(runs=runs)) == expected


def test_the_number_of_tasks_is_a_risk_of_its_own_and_few_runs_prove_none():
    few = {"spec_type": "impl", "task_count": 2, "complexity": None, "runs": 9, "failures": 0}
    many = {"spec_type": "impl", "task_count": 9, "complexity": None, "runs": 90, "failures": 80}
    assert risk_factors(SPEC, profiles(runs=[few, many])) == []
    assert risk_factors(SPEC, profiles(runs=[few | {"runs": 90}, many])) == ["many_tasks"]
    assert risk_factors(SPEC | {"task_count": None}, profiles(runs=[few | {"runs": 90}, many])) == []


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"timeout": 6, "x": 6}, ["mostly_timeout", "mostly_x"]),
        ({"timeout": 8, "x": 9, None: 1}, ["mostly_x"]),
        ({None: 20, "x": 6}, []),
        ({"timeout": 5}, []),
    ],
)
def test_an_error_that_is_most_of_the_failures_of_specs_like_it_is_a_risk(counts, expected):
    like = {"spec_type": "impl", "task_count": 9}
    failures = [like | {"error_type": e, "occurrences": n, "is_frequent": n > 5} for e, n in counts.items()]
    unlike = [row | {"task_count": 2, "occurrences": 1000} for row in failures]
    assert risk_factors(SPEC, profiles(failures=[*failures, *unlike])) == expected
