"""Records of different kinds tell one story: what one names, another has."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from analytics_assets.sample import cast
from analytics_assets_tests.sample.conftest import Sample


def seconds(begun: str, ended: str) -> float:
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()


class TestRunsAndExecutions:
    def test_every_execution_belongs_to_a_task_of_its_run(self, planted: Sample) -> None:
        tasks = {(run["run_id"], task["task_id"]) for run in planted.latest["runs"] for task in run.get("tasks", [])}
        assert {(e["run_id"], e["task_id"]) for e in planted.lines["executions"]} <= tasks

    def test_executions_lie_within_their_run_and_name_its_agent(self, planted: Sample) -> None:
        runs = {run["run_id"]: run for run in planted.latest["runs"]}
        for execution in planted.lines["executions"]:
            run = runs[execution["run_id"]]
            assert execution["agent_id"] == run["agent_id"]
            assert run["started_at"] <= execution["started_at"] <= run.get("completed_at", run["updated_at"])

    def test_a_task_s_tokens_are_those_of_its_executions(self, planted: Sample) -> None:
        used: Counter[str] = Counter()
        for execution in planted.lines["executions"]:
            used[execution["task_id"]] += execution["tokens_used"]
        tasks = [t for r in planted.latest["runs"] for t in r.get("tasks", []) if t["status"] != "skipped"]
        assert tasks
        assert all(task["input_tokens"] + task["output_tokens"] == used[task["task_id"]] for task in tasks)

    def test_a_cost_that_is_not_an_estimate_is_tokens_times_price(self, planted: Sample) -> None:
        prices = {model.name: model for model in cast.MODELS}
        known = [run for run in planted.latest["runs"] if run.get("cost_source") in ("provider", "computed")]
        assert len(known) > 1_000
        for run in known:
            price = prices[run["model"]]
            dollars = (
                run["uncached_input_tokens"] * price.uncached_input
                + run["cache_read_tokens"] * price.cache_read
                + run["cache_write_tokens"] * price.cache_write
                + run["output_tokens"] * price.output
            ) / 1e6
            assert math.isclose(run["llm_cost_usd"], dollars, abs_tol=1e-6)

    def test_costs_come_from_every_source_and_some_are_not_known(self, planted: Sample) -> None:
        for kind, cost in (("runs", "llm_cost_usd"), ("executions", "cost_usd")):
            ended = [r for r in planted.latest[kind] if r.get("status") != "running"]
            sources = Counter(record.get("cost_source") for record in ended)
            assert set(sources) == {"provider", "computed", "estimated", None}
            assert all((record.get("cost_source") is None) == (cost not in record) for record in ended)

    def test_what_fails_says_why_and_what_succeeds_does_not(self, planted: Sample) -> None:
        for execution in planted.lines["executions"]:
            assert execution["success"] == ("error_type" not in execution)
        for run in planted.latest["runs"]:
            assert ("failure_reason" in run) == (run["status"] not in ("success", "running"))
            failed = [task for task in run.get("tasks", []) if task["status"] == "failed"]
            assert len(failed) == ("failure_reason" in run)
            assert all("error_type" in task and "error_message" in task for task in failed)

    def test_some_runs_go_on_at_the_end_and_have_no_end(self, planted: Sample) -> None:
        running = [run for run in planted.latest["runs"] if run["status"] == "running"]
        assert running
        assert all("completed_at" not in run and "duration_seconds" not in run for run in running)

    def test_no_peak_is_above_its_limit(self, planted: Sample) -> None:
        limits = {"1Gi": 1_024, "2Gi": 2_048, "4Gi": 4_096}
        for run in planted.latest["runs"]:
            assert run.get("memory_peak_mb", 0) <= limits[run["memory_limit"]]

    def test_durations_are_log_normal(self, planted: Sample) -> None:
        logs = [math.log(e["duration_seconds"]) for e in planted.lines["executions"] if e["tool_name"] == "run_tests"]
        mean, deviation = statistics.fmean(logs), statistics.stdev(logs)
        skewness = statistics.fmean(((value - mean) / deviation) ** 3 for value in logs)
        assert abs(skewness) < 0.2
        assert math.exp(mean) == pytest.approx(40, rel=0.1)


class TestVersions:
    def test_entities_grow_and_their_versions_are_in_order(self, planted: Sample) -> None:
        for kind, key in (("runs", "run_id"), ("tasks", "id"), ("task_executions", "id"), ("issues", "id")):
            versions: defaultdict[str, list[str]] = defaultdict(list)
            for line in planted.lines[kind]:
                versions[line[key]].append(line["updated_at"])
            assert max(len(of_one) for of_one in versions.values()) >= 2
            assert all(earlier < later for of_one in versions.values() for earlier, later in pairwise(of_one))


class TestTracker:
    def test_attempts_are_at_tasks_that_exist_and_not_before_them(self, planted: Sample) -> None:
        created = {task["id"]: task["created_at"] for task in planted.latest["tasks"]}
        assert all(created[a["task_id"]] < a["started_at"] for a in planted.lines["task_executions"])

    def test_a_task_depends_on_earlier_ones_only(self, planted: Sample) -> None:
        created = {task["id"]: task["created_at"] for task in planted.latest["tasks"]}
        pairs = [(t, d) for t in planted.latest["tasks"] for d in t["depends_on"]]
        assert {d["dependency_type"] for _, d in pairs} == {"blocks", "relates_to", "duplicates"}
        assert all(created[dependency["task_id"]] < task["created_at"] for task, dependency in pairs)

    def test_a_done_task_has_a_successful_last_attempt(self, planted: Sample) -> None:
        succeeded = {a["task_id"] for a in planted.latest["task_executions"] if a["status"] == "success"}
        assert {task["id"] for task in planted.latest["tasks"] if task["status"] == "done"} == succeeded

    def test_health_is_what_the_open_issues_leave(self, planted: Sample) -> None:
        """Reviews of the last days, when the backlog of before has faded, against a recount of the issues."""
        weights = (8, 4, 2, 1)
        for review in planted.lines["reviews"][-2:]:
            at = review["run_date"]
            known = sorted((i for i in planted.lines["issues"] if i["updated_at"] <= at), key=lambda i: i["updated_at"])
            then = {issue["id"]: issue for issue in known}.values()
            debt = sum(weights[issue["priority"]] for issue in then if issue["status"] in ("OPEN", "IN_PROGRESS"))
            assert review["health_score_overall"] == pytest.approx(100 * (1 - debt / 200), abs=5)

    def test_some_issues_come_back_after_their_fix_and_the_tracker_does_not_count_it(self, planted: Sample) -> None:
        statuses = defaultdict(list)
        for issue in sorted(planted.lines["issues"], key=lambda i: i["updated_at"]):
            statuses[issue["id"]].append(issue["status"])
        fixed = {key: seen for key, seen in statuses.items() if "FIXED" in seen}
        reopened = {key for key, seen in fixed.items() if "OPEN" in seen[seen.index("FIXED") :]}
        assert 0 < len(reopened) < len(statuses) / 10
        counted = {issue["id"]: issue["recurrence_count"] for issue in planted.latest["issues"]}
        assert {counted[key] for key in reopened} == {0}

    def test_reviews_come_daily_and_count_the_issues_found(self, planted: Sample) -> None:
        reviews = planted.lines["reviews"]
        assert len(reviews) == 14
        first = reviews[0]["run_date"]
        found = sum(review["issues_found"] for review in reviews[1:])
        last = reviews[-1]["run_date"]
        assert found == sum(first < issue["first_seen"] <= last for issue in planted.latest["issues"])


class TestPipelines:
    def test_steps_follow_each_other_within_the_execution(self, planted: Sample) -> None:
        for pipeline in planted.latest["pipelines"]:
            done = [step for step in pipeline["steps"] if "completed_at" in step]
            assert all(a["completed_at"] == b["started_at"] for a, b in pairwise(done))
            if "completed_at" in pipeline:
                assert done[-1]["completed_at"] == pipeline["completed_at"]
            assert {step["step_name"] for step in pipeline["steps"]} <= _step_names(pipeline)

    def test_deployments_and_their_flow_belong_to_pipelines(self, planted: Sample) -> None:
        pipelines = {pipeline["id"]: pipeline for pipeline in planted.latest["pipelines"]}
        flow = [event for event in planted.lines["events"] if "correlation_id" in event]
        deployments = [event for event in flow if event["event_type"] == "deployment"]
        assert len(deployments) > 50
        assert {event["correlation_id"] for event in flow} <= set(pipelines)
        for event in deployments:
            pipeline = pipelines[event["correlation_id"]]
            assert (event["status"] == "success") == (pipeline["status"] == "success")
            assert 0 < seconds(pipeline["completed_at"], event["occurred_at"]) < 60


class TestOneCast:
    def test_the_same_agents_appear_in_every_kind_that_names_agents(self, planted: Sample) -> None:
        for kind, field in (
            *(("runs", "agent_id"), ("executions", "agent_id"), ("procedure_calls", "agent_id")),
            *(("procedure_feedback", "agent_id"), ("tasks", "assigned_to")),
        ):
            assert {line[field] for line in planted.lines[kind]} == set(cast.AGENTS.items)

    def test_runs_are_of_specs_that_have_a_document(self, planted: Sample) -> None:
        specs = {path.stem for path in (planted.folder / "specs").iterdir()}
        assert {run["spec_id"] for run in planted.lines["runs"]} == specs


def _step_names(pipeline: dict[str, Any]) -> set[str]:
    return next({name for name, _ in p.steps} for p in cast.PIPELINES if p.name == pipeline["pipeline_name"])
