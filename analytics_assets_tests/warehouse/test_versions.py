"""Of an entity the version with the latest ``updated_at`` counts, else the latest ingested."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest


def _run(status, updated=None, started="2026-01-05T10:00:00Z", **more):
    record = {"run_id": "r", "spec_id": "s", "status": status, "started_at": started} | more
    return record | ({"updated_at": updated} if updated else {})


VERSIONS = [
    _run("running", "2026-01-05T10:00:00Z"),
    _run("failed", "2026-01-05T11:00:00Z"),
    _run("success", "2026-01-05T12:00:00Z"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_latest_updated_version_counts_in_whatever_order_it_arrives(inbox, order):
    for n, index in enumerate(order):
        inbox.land(f"runs/{n}.jsonl", [VERSIONS[index]])
        inbox.ingest()
    assert inbox.rows("select status from raw.runs where is_current") == [("success",)]
    assert inbox.value("select count(*) from raw.runs") == 3


def test_without_updated_at_the_later_line_and_the_later_file_count(inbox):
    inbox.land("runs/0.jsonl", [_run("running"), _run("failed")])
    inbox.ingest()
    assert inbox.rows("select status from raw.runs where is_current") == [("failed",)]
    inbox.land("runs/1.jsonl", [_run("success")])
    inbox.ingest()
    assert inbox.rows("select status from raw.runs where is_current") == [("success",)]


def test_a_copy_of_an_old_version_changes_nothing(inbox):
    inbox.land("runs/0.jsonl", [_run("running"), _run("success")])
    inbox.ingest()
    inbox.land("runs/1.jsonl", [_run("running")])
    [report] = inbox.ingest().files
    assert report.duplicate_records == 1
    assert inbox.rows("select status from raw.runs where is_current") == [("success",)]


def test_the_hour_that_a_run_leaves_is_queued_with_the_one_it_enters(inbox):
    inbox.land("runs/0.jsonl", [_run("running")])
    inbox.ingest()
    inbox.rows("delete from raw.touched_hours")
    inbox.land("runs/1.jsonl", [_run("success", started="2026-01-06T03:00:00Z")])
    inbox.ingest()
    assert inbox.rows("select hour from raw.touched_hours order by 1") == [
        (datetime(2026, 1, 5, 10),),
        (datetime(2026, 1, 6, 3),),
    ]


def test_lists_inside_a_record_follow_the_version_that_counts(inbox):
    old = [
        {"task_id": "a", "status": "failed", "input_tokens": 5, "mood": "bad"},
        {"task_id": "b", "status": "ok"},
    ]
    new = [{"task_id": "a", "status": "success", "cost_usd": "0.5", "error_message": "x" * 900}]
    inbox.land("runs/0.jsonl", [_run("failed", "2026-01-05T11:00:00Z", tasks=old)])
    inbox.land("runs/1.jsonl", [_run("success", "2026-01-05T12:00:00Z", tasks=new)])
    inbox.ingest()
    assert inbox.rows(
        "select task_id, status, cost_usd, length(error_message) from raw.run_tasks where is_current"
    ) == [("a", "success", 0.5, 500)]
    assert inbox.rows(
        "select status, input_tokens, extra from raw.run_tasks where not is_current order by task_id"
    ) == [
        ("failed", 5, '{"mood":"bad"}'),
        ("success", None, None),
    ]


def test_a_bad_element_of_a_list_puts_its_record_aside_and_says_which(inbox):
    inbox.land(
        "runs/0.jsonl",
        [_run("success", tasks=[{"task_id": "a", "status": "success"}, {"task_id": "b", "status": "??"}])],
    )
    inbox.ingest()
    assert inbox.rows("select field from raw.quarantined_lines") == [("tasks[1].status",)]
    assert inbox.value("select count(*) from raw.run_tasks") == 0


def test_a_pipeline_brings_its_steps_and_its_configuration(inbox):
    pipeline = {
        "id": "p1",
        "pipeline_name": "build",
        "started_at": "2026-01-05T10:00:00Z",
        "status": "success",
        "trigger_type": "push",
        "configuration_version": "v1",
        "configuration": {"workers": 2},
        "steps": [{"step_name": "test", "step_order": 1, "status": "flaky?", "performance_data": {"cached": True}}],
    }
    inbox.land("pipelines/0.jsonl", [pipeline, pipeline | {"id": "p2", "started_at": "2026-01-04T10:00:00Z"}])
    inbox.ingest()
    assert inbox.rows("select pipeline_id, status, performance_data from raw.steps order by 1") == [
        ("p1", "flaky?", '{"cached":true}'),
        ("p2", "flaky?", '{"cached":true}'),
    ]
    assert inbox.rows("select configuration, first_seen_at from raw.pipeline_configurations") == [
        ('{"workers":2}', datetime(2026, 1, 4, 10))
    ]
    assert inbox.value("select any_value(trigger_type) from raw.pipelines") == "webhook"
