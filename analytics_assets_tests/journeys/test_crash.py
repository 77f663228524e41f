"""A refresh killed at a random moment loses no record, counts none twice, and leaves the old version readable."""

import pytest

from benchmarks.crash import CORE, REFRESH, kill_loop


@pytest.mark.parametrize(
    ("refresh", "kills"),
    [(CORE, 3), pytest.param(REFRESH, 50, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])],
    ids=["what writes", "whole refreshes"],
)
def test_every_record_stands_once_after_kills_at_random_moments(tmp_path, refresh, kills):
    report = kill_loop(tmp_path, kills, refresh=refresh)
    assert report.killed_in_time > 0
    assert (report.lost, report.twice, report.miscounted, report.unreadable_snapshots) == (0, 0, 0, 0)
