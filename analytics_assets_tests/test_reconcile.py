"""Runs that a crash left open are closed, and only those."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster import DagsterInstance, DagsterRunStatus

from analytics_assets.reconcile import FOREGROUND_TAG, is_foreground, reconcile_crashed_runs


@pytest.fixture
def instance(tmp_path):
    with dg.instance_for_test(temp_dir=str(tmp_path)) as made:
        yield made


def left_open(instance: DagsterInstance, status: DagsterRunStatus, **tags: str) -> str:
    return instance.create_run_for_job(dg.GraphDefinition("empty").to_job(), status=status, tags=tags).run_id


def test_a_run_that_a_crash_left_open_is_failed(instance):
    run_id = left_open(instance, DagsterRunStatus.STARTED)
    assert reconcile_crashed_runs(instance, is_alive=lambda _: False) == [run_id]
    assert instance.get_run_by_id(run_id).status is DagsterRunStatus.FAILURE
    (failure,) = [e for e in instance.all_logs(run_id) if e.dagster_event and e.dagster_event.is_job_failure]
    assert "killed" in failure.message


def test_a_run_that_was_made_and_never_queued_is_failed_too(instance):
    run_id = left_open(instance, DagsterRunStatus.NOT_STARTED)
    assert reconcile_crashed_runs(instance, is_alive=lambda _: False) == [run_id]


def test_what_lives_or_has_ended_is_left_alone(instance):
    alive = left_open(instance, DagsterRunStatus.STARTED, **{FOREGROUND_TAG: "true"})
    done = left_open(instance, DagsterRunStatus.SUCCESS)
    assert reconcile_crashed_runs(instance, is_alive=is_foreground) == []
    assert [instance.get_run_by_id(run).status for run in (alive, done)] == [
        DagsterRunStatus.STARTED,
        DagsterRunStatus.SUCCESS,
    ]


def test_the_slot_of_a_dead_run_is_free_again(instance):
    storage = instance.event_log_storage
    storage.set_concurrency_slots("warehouse", 1)
    run_id = left_open(instance, DagsterRunStatus.STARTED)
    storage.claim_concurrency_slot("warehouse", run_id, "step")
    assert storage.get_concurrency_info("warehouse").active_run_ids == {run_id}
    reconcile_crashed_runs(instance, is_alive=lambda _: False)
    assert storage.get_concurrency_info("warehouse").active_run_ids == set()
