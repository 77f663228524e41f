"""One `analytics up` per data folder, and the lock says who has it."""

from __future__ import annotations

import fcntl
import os

import pytest

from analytics_assets.settings import Settings
from analytics_assets.supervisor import lock as module
from analytics_assets.supervisor.lock import AlreadyUpError, holder, lock_file, the_only_one
from analytics_assets.warehouse.connection import writer_lock


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path)


def test_a_second_one_is_told_who_is_up(settings):
    with (
        the_only_one(settings),
        pytest.raises(AlreadyUpError, match=rf"already runs for .* \(process {os.getpid()}\)"),
        the_only_one(settings),
    ):
        pass


def test_the_lock_is_free_before_and_after(settings):
    assert holder(lock_file(settings)) is None
    with the_only_one(settings):
        assert holder(lock_file(settings)) == str(os.getpid())
    assert holder(lock_file(settings)) is None


def test_one_who_only_looks_who_is_up_keeps_nobody_from_it(settings, monkeypatch):
    lock_file(settings).parent.mkdir(parents=True)
    looker = lock_file(settings).open("a+")
    fcntl.flock(looker, fcntl.LOCK_SH)
    monkeypatch.setattr(module.time, "sleep", lambda _: looker.close())  # its look ends while the other one waits
    with the_only_one(settings):
        assert holder(lock_file(settings)) == str(os.getpid())
    assert looker.closed


def test_one_who_never_stops_looking_is_an_error_in_the_end(settings, monkeypatch):
    lock_file(settings).parent.mkdir(parents=True)
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    with lock_file(settings).open("a+") as looker:
        fcntl.flock(looker, fcntl.LOCK_SH)
        with pytest.raises(AlreadyUpError, match="process unknown"), the_only_one(settings):
            pass


def test_the_writer_of_the_warehouse_is_known_too(settings):
    with writer_lock(settings):
        assert holder(settings.writer_lock) == str(os.getpid())
    assert holder(settings.writer_lock) is None


def test_another_folder_may_have_its_own(settings, tmp_path):
    with the_only_one(settings), the_only_one(Settings(data_dir=tmp_path / "other")):
        pass
