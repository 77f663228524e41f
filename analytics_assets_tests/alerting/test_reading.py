"""What is held against limits where there is more than can be looked at."""

from __future__ import annotations

import duckdb
import pytest

from analytics_assets.alerting.reading import read
from analytics_assets_tests.alerting.made import at

LIMITS = {"high_cpu_usage": 0.8, "high_memory_usage": 0.85, "slow_response_time": 2.0, "high_error_rate": 0.05}
WITHOUT = [("run", "error_rate", "share"), ("pipeline", "error_rate", "share"), ("tool", "response_time", "s")]


@pytest.fixture
def con():
    with duckdb.connect() as opened:
        opened.execute("create schema summaries")
        opened.execute(
            "create table summaries.hourly_signals (signal varchar, component_kind varchar, component varchar, "
            "metric_type varchar, unit varchar, as_of timestamp, is_stale boolean, hour timestamp, value double, "
            "samples bigint, is_complete boolean)"
        )
        yield opened


def test_what_has_no_limit_takes_no_place_from_what_has_one(con):
    def signal(kind, metric, unit, hours):
        key = f"{kind}/a/{metric}"
        rows = [(key, kind, "a", metric, unit, at(24), False, at(hour), 0.5, 40, True) for hour in hours]
        con.executemany(f"insert into summaries.hourly_signals values ({', '.join('?' * 11)})", rows)
        return key

    for told in WITHOUT:
        signal(*told, range(24))
    wanted = signal("tool", "error_rate", "share", range(20, 24))
    said = read(con, [], LIMITS, most=1)
    assert ([*said.facts.subjects], said.left_out) == ([wanted], 0)
    assert [condition.subject_key for condition in said.conditions] == [wanted]
