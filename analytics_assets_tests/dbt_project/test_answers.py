"""Profiles, KPIs, patterns and suggestions say what a plain count in Python says."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from analytics_assets.lib.rates import wilson_interval
from analytics_assets_tests.dbt_project.conftest import start_over

NOON = datetime(2026, 1, 30, 12)

_ids = itertools.count()


def _execution(tool, moment, success=True, **fields):
    """An execution with an id of its own."""
    record = {"execution_id": f"e{next(_ids)}", "tool_name": tool, "started_at": moment.isoformat() + "Z"}
    return record | {"success": success} | fields


def _records():
    """grep: a call a day that fails every tenth day; it's: a call an hour that fails every other time."""
    records = [
        _execution("grep", NOON - timedelta(days=days), success=days % 10 != 0, agent_id="a", duration_seconds=2.0)
        for days in range(29, -1, -1)
    ]
    records += [_execution("grep", NOON - timedelta(days=30), success=False, agent_id="a")]
    records += [
        _execution(
            "it's",
            NOON - timedelta(hours=23 - n),
            success=n % 2 == 0,
            agent_id="b" if n < 20 else None,
            cost_usd=9.0 if n == 23 else 1.0,
            cost_source="provider" if n == 23 else None,
            tokens_used=7 if n % 3 == 0 else None,
            duration_seconds=float(n) if n % 4 == 0 else None,
            error_type=None if n % 2 == 0 else "Timeout" if n < 21 else "Refused",
        )
        for n in range(24)
    ]
    # As a batch from a machine whose clock is ahead: it moves no window and is in none.
    tomorrow = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(hours=20)
    records += [_execution("future", tomorrow, agent_id="c")]
    return records


def _by(refresh, table, key):
    return {row[key]: row for row in refresh.rows(f"select * from {table}")}


@pytest.fixture(scope="module")
def answered(dbt_session):
    refresh = start_over(dbt_session)
    refresh.take("executions", _records())
    refresh.build("--exclude-resource-type", "unit_test", command="build")
    return refresh


def test_profiles_count_thirty_days_and_a_lifetime(answered):
    profiles = _by(answered, "profiles.tool_profiles", "tool_name")
    for tool, successes, n in (("grep", 27, 30), ("it's", 12, 24)):
        profile = profiles[tool]
        assert (profile["successful_executions"], profile["total_executions"]) == (successes, n)
        assert profile["success_rate"] == pytest.approx(successes / n)
        interval = wilson_interval(successes, n)
        assert (profile["success_rate_low"], profile["success_rate_high"]) == pytest.approx(tuple(interval))
    assert profiles["grep"]["lifetime_executions"] == 31
    assert profiles["grep"]["avg_duration_seconds"] == pytest.approx(2.0)
    assert profiles["grep"]["avg_cost_usd"] is None
    assert profiles["it's"]["avg_cost_usd"] == pytest.approx(32 / 24)
    assert profiles["it's"]["failed_cost_usd"] == pytest.approx(12 + 8)
    assert [profiles[tool]["confidence_level"] for tool in ("grep", "it's", "future")] == ["MEDIUM", "LOW", None]
    assert {profile["as_of"] for profile in profiles.values()} == {NOON}
    assert {profile["is_stale"] for profile in profiles.values()} == {True}


def test_agents_are_as_their_last_day_was(answered):
    agents = _by(answered, "profiles.agent_status", "agent_id")
    assert {agent: row["status"] for agent, row in agents.items()} == {"a": "active", "b": "idle", "c": "inactive"}
    # Hours 13:00 of the day before to 12:00: all of it's, and grep of today.
    assert (agents["b"]["executions_24h"], agents["a"]["executions_24h"]) == (20, 1)
    assert agents["b"]["tasks_completed_today"] == sum(
        n % 2 == 0 and (NOON - timedelta(hours=23 - n)).date() == NOON.date() for n in range(20)
    )
    assert agents["b"]["success_rate"] == pytest.approx(0.5)
    assert agents["b"]["avg_response_time_seconds"] == pytest.approx((0 + 4 + 8 + 12 + 16) / 5)
    assert agents["b"]["last_activity_at"] == NOON - timedelta(hours=4)
    assert agents["c"]["last_activity_at"] is None


def test_usage_and_costs_say_how_much_of_them_is_known(answered):
    usage = answered.row("select * from kpis.usage_and_costs")
    assert (usage["total_tasks_24h"], usage["total_tokens_24h"]) == (25, 8 * 7)
    assert usage["execution_costs_usd_24h"] == pytest.approx(32)
    assert (usage["provider_costs_usd_24h"], usage["unstated_costs_usd_24h"]) == (9, 23)
    assert usage["computed_costs_usd_24h"] is None
    assert usage["priced_share_24h"] == pytest.approx(24 / 25)
    assert (usage["total_tasks_30d"], usage["active_tools_30d"], usage["active_agents_30d"]) == (54, 2, 2)


def test_the_one_call_that_cost_too_much_is_found(answered):
    anomaly = answered.row("select * from patterns.cost_anomalies")
    assert (anomaly["cost_usd"], anomaly["started_at"], anomaly["cost_source"]) == (9.0, NOON, "provider")
    assert anomaly["ratio"] == pytest.approx(9 / (32 / 24))


def test_risks_are_explained_with_their_numbers(answered):
    errors = answered.rows("select * from profiles.tool_errors where tool_name = 'it''s' order by error_rank")
    assert [(row["error_type"], row["failed_executions"]) for row in errors] == [("Timeout", 10), ("Refused", 2)]
    risks = _by(answered, "patterns.risk_patterns", "risk_type")
    assert risks.keys() == {"low_success_rate", "dominant_error"}
    assert risks["low_success_rate"]["explanation"] == (
        "12 of 24 executions succeeded (50.0 %, 95 % interval 31.4 % to 68.6 %) in 30 days; "
        "below 80.0 % a tool needs a fallback."
    )
    assert risks["dominant_error"]["error_share"] == pytest.approx(10 / 12)


def test_advice_comes_with_a_query_that_gives_its_counts_again(answered):
    advice = answered.row("select * from suggestions.tool_recommendations")
    assert (advice["tool_name"], advice["top_error_type"], advice["top_error_executions"]) == ("it's", "Timeout", 10)
    assert advice["recommendation"].startswith("Give it's a fallback strategy; begin with Timeout")
    assert advice["wasted_cost_usd"] == pytest.approx(20)
    evidence = answered.rows(advice["evidence_sql"])
    assert sum(day["executions"] for day in evidence) == advice["total_executions"]
    assert sum(day["failed_executions"] for day in evidence) == advice["failed_executions"]


def test_totals_name_their_tools(answered):
    hour = answered.row("select * from summaries.hourly_executions where hour = timestamp '2026-01-30 12:00:00'")
    assert hour["tool_counts"] == '{"grep":1,"it\'s":1}'
    day = answered.row("select * from summaries.daily_executions where day = date '2026-01-30'")
    assert (day["total_tasks"], day["day"]) == (14, date(2026, 1, 30))
