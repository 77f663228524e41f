"""Dagster accepts its configuration, and the configuration says what we rely on."""

from __future__ import annotations

import dagster as dg
import pytest
import yaml

from analytics_assets.settings import Settings
from analytics_assets.supervisor.home import LOCATION, prepare_home, write_workspace


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path)


@pytest.fixture
def instance(settings):
    with dg.DagsterInstance.from_config(str(prepare_home(settings))) as made:
        yield made


def test_dagster_loads_the_configuration_from_the_data_folder(instance, settings):
    assert not instance.is_ephemeral
    assert instance.root_directory == str(settings.dagster_home)


def test_nothing_is_reported_and_no_pop_up_is_shown(instance):
    assert instance.telemetry_enabled is False
    assert instance.nux_enabled is False


def test_a_pool_has_one_slot_and_is_held_by_a_run(instance):
    pools = instance.get_concurrency_config().pool_config
    assert pools.default_pool_limit == 1
    assert pools.pool_granularity.value == "run"


def test_the_slot_of_a_run_that_died_is_freed(instance):
    assert instance.run_monitoring_enabled
    assert 0 < instance.run_monitoring_poll_interval_seconds <= 30
    assert 0 < instance.get_concurrency_config().run_queue_config.max_concurrent_runs <= 4
    assert instance.get_settings("run_monitoring")["free_slots_after_run_end_seconds"] == 10


def test_only_crashed_runs_are_tried_again(instance):
    assert instance.run_retries_enabled
    assert instance.run_retries_retry_on_asset_or_op_failure is False


def test_the_queue_is_looked_at_every_second(instance):
    assert instance.run_coordinator.dequeue_interval_seconds == 1


def test_a_queued_run_outlives_a_restart_of_the_code_server(instance):
    queue = instance.get_concurrency_config().run_queue_config
    assert queue.max_user_code_failure_retries * queue.user_code_failure_retry_delay >= 30


def test_skipped_ticks_are_purged_first(instance):
    from dagster._core.definitions.run_request import InstigatorType

    kept = instance.get_tick_retention_settings(InstigatorType.SENSOR)
    assert {status.value.lower(): days for status, days in kept.items()}["skipped"] == 1


def test_an_older_configuration_is_renewed_and_records_are_left_alone(settings):
    home = prepare_home(settings)
    (home / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    (home / "history").mkdir()
    prepare_home(settings)
    assert yaml.safe_load((home / "dagster.yaml").read_text())["telemetry"] == {"enabled": False}
    assert (home / "history").is_dir()


def test_the_workspace_names_the_code_server(settings):
    prepare_home(settings)
    server = yaml.safe_load(write_workspace(settings, 4321).read_text())["load_from"][0]["grpc_server"]
    assert server == {"host": "127.0.0.1", "port": 4321, "location_name": LOCATION}
