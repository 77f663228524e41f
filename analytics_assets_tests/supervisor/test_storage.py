"""The storages that stay open write what the stock ones read, from many threads, and close when they are told."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage

from analytics_assets.settings import Settings
from analytics_assets.supervisor import storage
from analytics_assets.supervisor.home import prepare_home
from analytics_assets.supervisor.storage import OpenEventLogStorage, OpenRunStorage


@dg.asset
def counted() -> dg.MaterializeResult:
    """Something to run."""
    return dg.MaterializeResult(metadata={"rows": 3})


@dg.job
def job():
    """A run of it is made and never started."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The files of an instance in which nothing ran: to make their tables takes a second each time."""
    home = prepare_home(Settings(data_dir=tmp_path_factory.mktemp("made")))
    with dg.DagsterInstance.from_config(str(home)):
        pass
    return home


@pytest.fixture
def home(tmp_path, files):
    made = prepare_home(Settings(data_dir=tmp_path / 'a "data" folder'))
    shutil.copytree(files, made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.yaml"))
    return made


def test_the_configuration_names_them_in_the_stock_places(tmp_path):
    home = prepare_home(Settings(data_dir=tmp_path / 'a "data" folder'))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert isinstance(instance.run_storage, OpenRunStorage)
        assert isinstance(instance.event_log_storage, OpenEventLogStorage)
        assert dg.materialize([counted], instance=instance).success
    assert (home / "history" / "runs.db").exists()
    assert (home / "history" / "runs" / "index.db").exists()


def test_the_stock_storages_read_what_they_wrote(home):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run_id = dg.materialize([counted], instance=instance).run_id
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert isinstance(instance.run_storage, SqliteRunStorage)
        assert not isinstance(instance.event_log_storage, OpenEventLogStorage)
        assert isinstance(instance.event_log_storage, SqliteEventLogStorage)
        assert instance.get_run_by_id(run_id).is_success
        event = instance.get_latest_materialization_event(dg.AssetKey("counted"))
        assert event.asset_materialization.metadata["rows"].value == 3


def test_more_runs_than_stay_open_are_all_kept(home, monkeypatch):
    monkeypatch.setattr(storage, "FILES_OPEN", 1)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = [dg.materialize([counted], instance=instance).run_id for _ in range(2)]
        assert all(instance.all_logs(run) for run in runs)
        assert len(instance.event_log_storage._engines) == 1


def test_threads_that_write_at_once_lose_nothing(home):
    # Of events without a run: runs in threads of one process wait for each other's logs for ever, stock storage or not.
    with dg.DagsterInstance.from_config(str(home)) as instance:

        def report(number: int) -> None:
            instance.report_runless_asset_event(dg.AssetMaterialization("counted", metadata={"rows": number}))
            instance.get_runs(limit=1)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(report, range(40)))
        events = instance.fetch_materializations(dg.AssetKey("counted"), limit=100).records
    assert sorted(event.asset_materialization.metadata["rows"].value for event in events) == list(range(40))


def test_a_second_instance_reads_while_one_holds_the_files_open(home):
    with dg.DagsterInstance.from_config(str(home)) as one, dg.DagsterInstance.from_config(str(home)) as other:
        first = dg.materialize([counted], instance=one).run_id
        second = dg.materialize([counted], instance=other).run_id
        assert {run.run_id for run in one.get_runs()} == {run.run_id for run in other.get_runs()} == {first, second}


def test_what_comes_after_a_wipe_is_written_to_the_files_there_are(home):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = instance.create_run_for_job(job)
        instance.report_engine_event("before", run)
        instance.event_log_storage.wipe()
        assert instance.all_logs(run.run_id) == []
        instance.report_engine_event("after", run)
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert [event.dagster_event.message for event in instance.all_logs(run.run_id)] == ["after"]


class Watching:
    """Reads a log once more before it stops, as the stock watcher may."""

    def __init__(self, instance, run):
        self.instance, self.run = instance, run

    def stop(self):
        """It reads on until it is joined."""

    def join(self, timeout):
        """Its last look."""
        assert timeout
        assert self.instance.all_logs(self.run.run_id)


def test_a_watcher_that_reads_to_the_end_leaves_no_file_open(home):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = instance.create_run_for_job(job)
        instance.report_engine_event("said", run)
        kept = instance.event_log_storage
        kept._obs = Watching(instance, run)
    assert len(kept._engines) == 0
