"""Profiles of runs say what a plain count in Python says, over records in any state, order and number of versions."""

from __future__ import annotations

import json

import pytest

from analytics_assets_tests.dbt_project.conftest import start_over
from analytics_assets_tests.dbt_project.run_history import (
    NOON,
    assert_table,
    groups,
    history,
    judged,
    known,
    mean,
    most_frequent,
    most_used,
    newest,
    percentile,
    rated,
    uncut,
)

RECORDS = history(seed=5, count=900)
RUNS = judged(RECORDS, days=30)
DOCUMENTS = [
    {"id": "s0", "version": "3", "spec_type": "x", "resources": {"memory": "8Gi"}, "model": "large"},
    {"id": "never run", "version": "1", "spec_type": "y", "resources": {"memory": "1Gi", "cpu": "2"}, "model": "m"},
]
CURRENT = {spec: newest(found)["spec_fingerprint"] for (spec,), found in groups(RUNS, "spec_id").items()}
CURRENT_RUNS = [run for run in RUNS if run["spec_fingerprint"] == CURRENT[run["spec_id"]]]
OF_RUNS = ("--select", "@stg_runs", "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")
SCOPES = {"fingerprint": "spec_fingerprint", "spec": "spec_id", "spec_type": "spec_type", "project": "project_id"}


@pytest.fixture(scope="module")
def profiled(dbt_session):
    """Built twice: first with some runs missing and some still running, then with all as they ended."""
    refresh = start_over(dbt_session)
    unfinished = [{**r, "status": "running", "updated_at": r["started_at"], "tasks": []} for r in RECORDS[:600:3]]
    refresh.take("runs", unfinished + RECORDS[1:600:3])
    refresh.build("--select", "@stg_runs")
    refresh.settings.specs.mkdir(exist_ok=True)
    for n, document in enumerate(DOCUMENTS):
        (refresh.settings.specs / f"{n}.json").write_text(json.dumps(document), encoding="utf-8")
    refresh.take("runs", RECORDS)
    refresh.build(*OF_RUNS, command="build")
    return refresh


def _same(refresh, table, keys, expected):
    rows = refresh.rows(f"select * from {table}")
    assert all(row["as_of"] == NOON and row["is_stale"] for row in rows)
    assert_table(rows, keys, expected)


def _successes(runs):
    return sum(run["is_success"] for run in runs)


def _version(runs):
    return {
        "runs_count": len(runs),
        "success_count": _successes(runs),
        **rated("success_rate", _successes(runs), len(runs)),
        "avg_duration_seconds": mean(known(runs, "duration_seconds")),
        "avg_cost_usd": mean(known(runs, "llm_cost_usd")),
        "avg_iterations": mean(known(runs, "iterations")),
        "p95_memory_mb": percentile(uncut(runs, "memory"), 0.95),
        "oom_runs": sum(run["is_oom"] for run in runs),
    }


def test_the_records_hold_what_the_models_have_to_cope_with():
    assert len(RUNS) > 300
    assert {run["status"] for run in RECORDS} > {run["status"] for run in RUNS}
    assert CURRENT["s0"] == "new"
    assert any(run["is_oom"] for run in CURRENT_RUNS)
    assert all(None in {run[column] for run in RUNS} for column in ("spec_type", "model", "memory_limit", "project_id"))


def test_judged_runs_are_those_that_succeeded_or_failed_in_ninety_days(profiled):
    derived = ("is_success", "error_type", "is_oom", "is_transient", "memory_limit_mb", "cpu_limit_mcores")
    columns = (*derived, "is_memory_censored", "is_cpu_censored", "started_at", "status")
    expected = {(run["run_id"],): {c: run[c] for c in columns} for run in judged(RECORDS, days=90)}
    assert len(expected) > len(RUNS)
    _same(profiled, "staging.stg_judged_runs", ("run_id",), expected)


def test_each_version_of_a_spec_has_its_own_history(profiled):
    expected = {}
    for (spec,), runs in groups(RUNS, "spec_id").items():
        versions = sorted(groups(runs, "spec_fingerprint").values(), key=lambda found: newest(found)["started_at"])
        older = None
        for found in versions:
            last = newest(found)
            expected[spec, last["spec_fingerprint"]] = _version(found) | {
                "spec_version": last["spec_version"],
                "spec_type": last["spec_type"],
                "first_started_at": min(run["started_at"] for run in found),
                "last_started_at": last["started_at"],
                "is_current": last["spec_fingerprint"] == CURRENT[spec],
                "previous_fingerprint": older,
            }
            older = last["spec_fingerprint"]
    assert expected["s0", "new"]["previous_fingerprint"] == "old"
    assert len([spec for spec, _ in expected if spec == "s3"]) == 3
    _same(profiled, "profiles.spec_versions", ("spec_id", "spec_fingerprint"), expected)


def test_the_quality_of_a_spec_is_that_of_its_current_version(profiled):
    specs = {spec: _version(runs) for (spec,), runs in groups(CURRENT_RUNS, "spec_id").items()}

    def thrift(spec, measure):
        types = {name: newest(r for r in RUNS if r["spec_id"] == name)["spec_type"] for name in specs}
        peers = [specs[name][measure] for name in specs if types[name] == types[spec]]
        usual, own = percentile([p for p in peers if p is not None], 0.5), specs[spec][measure]
        return None if own is None else min(1.0, usual / own) if own else 1.0

    expected = {}
    for spec, figures in specs.items():
        runs = [run for run in CURRENT_RUNS if run["spec_id"] == spec]
        parts = [(0.6, figures["success_rate"]), (0.2, thrift(spec, "avg_cost_usd"))]
        parts = [(w, s) for w, s in [*parts, (0.2, thrift(spec, "avg_iterations"))] if s is not None]
        errors = most_frequent(known(runs, "error_type"))
        expected[(spec,)] = figures | {
            "needs_review": figures["success_rate"] < 0.7,
            "quality_score": 100 * sum(w * s for w, s in parts) / sum(w for w, _ in parts),
            "top_error_type": errors[0],
            "common_failures": json.dumps(errors[:3], separators=(",", ":")),
            "model": most_used(runs, "model"),
            "project_id": newest(runs)["project_id"],
            "memory_limit": "8Gi" if spec == "s0" else newest(runs)["memory_limit"],
            "cpu_limit": newest(runs)["cpu_limit"],
            "document_model": "large" if spec == "s0" else None,
            "path": "specs/0.json" if spec == "s0" else None,
        }
    nothing = {"success_rate": None, "quality_score": None, "needs_review": None, "common_failures": None}
    expected["never run",] = nothing | {"runs_count": 0, "oom_runs": 0, "version": "1", "memory_limit": "1Gi"}
    _same(profiled, "profiles.spec_quality", ("spec_id",), expected)


def test_the_old_version_of_a_rewritten_spec_stands_beside_the_new_one(profiled):
    old = [run for run in RUNS if (run["spec_id"], run["spec_fingerprint"]) == ("s0", "old")]
    spec = profiled.row("select * from profiles.spec_quality where spec_id = 's0'")
    told = (spec["spec_fingerprint"], spec["previous_fingerprint"], spec["previous_runs_count"])
    assert told == ("new", "old", len(old))
    right = rated("previous_success_rate", _successes(old), len(old))
    assert {name: spec[name] for name in right} == pytest.approx(right)
    unnamed = "select spec_fingerprint, previous_runs_count from profiles.spec_quality where spec_id = 's1'"
    assert set(profiled.row(unnamed).values()) == {None}


def _costs(runs):
    costs = known(runs, "llm_cost_usd")
    paid = _successes(run for run in runs if run["llm_cost_usd"] is not None)
    return {
        "runs": len(runs),
        "successful_runs": _successes(runs),
        **rated("success_rate", _successes(runs), len(runs)),
        "priced_runs": len(costs),
        "avg_cost_usd": mean(costs),
        "total_cost_usd": sum(costs) if costs else None,
        "cost_per_success_usd": sum(costs) / paid if paid else None,
        "avg_duration_seconds": mean(known(runs, "duration_seconds")),
        "p50_duration_seconds": percentile(known(runs, "duration_seconds"), 0.5),
        "p95_duration_seconds": percentile(known(runs, "duration_seconds"), 0.95),
    }


def test_models_are_compared_within_a_family_of_specs_over_the_window_and_a_lifetime(profiled):
    lifetime = groups(judged(RECORDS, days=365), "spec_type", "model")
    in_window = {run["run_id"] for run in RUNS}
    expected = {}
    for key, ever in lifetime.items():
        runs = [run for run in ever if run["run_id"] in in_window]
        expected[key] = _costs(runs) | {
            "failed_runs": len(runs) - _successes(runs),
            "specs": len({run["spec_id"] for run in runs}),
            "has_enough_runs": len(runs) >= 10,
            "lifetime_runs": len(ever),
            "lifetime_successful_runs": _successes(ever),
            "lifetime_success_rate": _successes(ever) / len(ever),
        }
    _same(profiled, "profiles.model_effectiveness", ("spec_type", "model"), expected)


def test_costs_of_the_same_runs_are_told_by_fingerprint_spec_family_and_project(profiled):
    expected = {}
    for scope, column in SCOPES.items():
        for (scope_id, model), runs in groups(RUNS, column, "model").items():
            if scope_id is None:
                continue
            costs = known(runs, "llm_cost_usd")
            paid = _successes(run for run in runs if run["llm_cost_usd"] is not None)
            expected[scope, scope_id, model] = _costs(runs) | {
                "p50_cost_usd": percentile(costs, 0.5),
                "p95_cost_usd": percentile(costs, 0.95),
                "successes_per_usd": paid / sum(costs) if sum(costs) else None,
            }
    _same(profiled, "profiles.cost_efficiency", ("scope", "scope_id", "model"), expected)


def test_what_runs_need_rests_on_peaks_that_no_limit_cut_off(profiled):
    expected = {}
    for scope, column in SCOPES.items():
        for (scope_id,), runs in groups(RUNS, column).items():
            killed_at = [run["memory_limit_mb"] for run in runs if run["is_oom"] and run["memory_limit_mb"]]
            throttled_at = [run["cpu_limit_mcores"] for run in runs if run["is_cpu_censored"]]
            if scope_id is not None:
                expected[scope, scope_id] = {
                    "runs": len(runs),
                    "memory_measured_runs": len(known(runs, "memory_peak_mb")),
                    "memory_uncensored_runs": len(uncut(runs, "memory")),
                    "memory_p95_mb": percentile(uncut(runs, "memory"), 0.95),
                    "largest_oom_limit_mb": max(killed_at, default=None),
                    "cpu_p95_mcores": percentile(uncut(runs, "cpu"), 0.95),
                    "largest_throttled_cpu_mcores": max(throttled_at, default=None),
                    "usual_memory_limit": most_used(runs, "memory_limit"),
                    "usual_cpu_limit": most_used(runs, "cpu_limit"),
                    "usual_model": most_used(runs, "model"),
                }
    _same(profiled, "profiles.resource_needs", ("scope", "scope_id"), expected)


def test_use_of_resources_is_told_for_each_size_that_the_current_version_ran_with(profiled):
    expected = {}
    for key, runs in groups(CURRENT_RUNS, "spec_id", "memory_limit", "cpu_limit").items():
        killed = sum(run["is_oom"] for run in runs)
        expected[key] = {
            "runs": len(runs),
            "oom_runs": killed,
            **rated("oom_share", killed, len(runs)),
            "memory_max_mb": max(uncut(runs, "memory"), default=None),
            "memory_limit_mb": runs[0]["memory_limit_mb"],
            "cpu_limit_mcores": runs[0]["cpu_limit_mcores"],
            "last_started_at": newest(runs)["started_at"],
        }
        for resource, peak, unit in (("memory", "memory_peak_mb", "mb"), ("cpu", "cpu_peak_mcores", "mcores")):
            expected[key] |= {
                f"{resource}_measured_runs": len(known(runs, peak)),
                f"{resource}_censored_runs": sum(run[f"is_{resource}_censored"] for run in runs),
                **{f"{resource}_p{p}_{unit}": percentile(uncut(runs, resource), p / 100) for p in (50, 95, 99)},
            }
    _same(profiled, "profiles.resource_usage_profiles", ("spec_id", "memory_limit", "cpu_limit"), expected)


def test_tasks_are_counted_by_their_sort_and_model(profiled):
    tasks = [task for run in RUNS for task in run["tasks"] if task["status"] != "skipped"]
    expected = {}
    for key, found in groups(tasks, "task_type", "model").items():
        outcomes = [task["status"] for task in found]
        errors = most_frequent(known((t for t in found if t["status"] != "success"), "error_type"))
        expected[key] = {
            "attempts": len(found),
            "successful_tasks": outcomes.count("success"),
            "failed_tasks": outcomes.count("failed"),
            "retried_tasks": outcomes.count("retry"),
            **rated("success_rate", outcomes.count("success"), len(found)),
            "priced_tasks": len(known(found, "cost_usd")),
            "avg_cost_usd": mean(known(found, "cost_usd")),
            "total_cost_usd": sum(known(found, "cost_usd")),
            "avg_input_tokens": mean(known(found, "input_tokens")),
            "avg_output_tokens": mean(known(found, "output_tokens")),
            "total_input_tokens": sum(known(found, "input_tokens")),
            "total_output_tokens": sum(known(found, "output_tokens")),
            "avg_duration_seconds": mean(known(found, "duration_seconds")),
            "top_error_type": errors[0] if errors else None,
        }
    _same(profiled, "profiles.task_effectiveness", ("task_type", "model"), expected)


def test_failures_are_those_of_tasks_and_of_runs_without_a_failed_task(profiled):
    failures = []
    for run in RUNS:
        reason = run["failure_reason"].lower() if run["failure_reason"] and not run["is_success"] else None
        of_run = [] if run["is_success"] else [{"error_type": None, "duration_seconds": None}]
        failed = [task for task in run["tasks"] if task["status"] == "failed"] or of_run
        failures += [
            {**run, "error_type": task["error_type"] or reason, "task_seconds": task["duration_seconds"]}
            for task in failed
        ]
    of_type = {spec_type: len(found) for (spec_type,), found in groups(failures, "spec_type").items()}
    expected = {}
    for key, found in groups(failures, "error_type", "spec_type", "task_count").items():
        failed_runs = {run["run_id"]: run["duration_seconds"] for run in found if not run["is_success"]}
        expected[key] = {
            "occurrences": len(found),
            "failed_runs": len(failed_runs),
            "avg_time_to_failure_seconds": mean(known(found, "task_seconds")),
            "p50_time_to_failure_seconds": percentile(known(found, "task_seconds"), 0.5),
            "avg_run_seconds_to_failure": mean([s for s in failed_runs.values() if s is not None]),
            "failure_share": len(found) / of_type[key[1]],
            "is_frequent": len(found) > 5,
            "first_seen_at": min(run["started_at"] for run in found),
            "last_seen_at": max(run["started_at"] for run in found),
        }
    _same(profiled, "profiles.failure_patterns", ("error_type", "spec_type", "task_count"), expected)
