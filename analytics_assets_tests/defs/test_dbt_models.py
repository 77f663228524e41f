"""The range to rebuild, as people type it."""

from __future__ import annotations

from datetime import datetime

import pytest

from analytics_assets.defs.dbt_models import Rebuild


def test_nothing_given_means_only_what_waits():
    assert Rebuild().span() is None


def test_times_with_an_offset_become_utc():
    span = Rebuild(**{"from": "2026-01-31T02:00+02:00", "to": "2026-02-01"}).span()
    assert span == (datetime(2026, 1, 31), datetime(2026, 2, 1))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"from": "2026-01-31"}, "both"),
        ({"to": "2026-01-31"}, "both"),
        ({"from": "2026-02-01", "to": "2026-01-31"}, "not before"),
        ({"from": "yesterday", "to": "2026-01-31"}, "yesterday"),
    ],
)
def test_what_is_no_range_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Rebuild(**given).span()
