"""Windows are right wherever they end, and stay right when the records in them are purged."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 1, 30, 12)


def _calls(rng, count, hours):
    """(agent, moment) of so many calls in the last hours before noon."""
    return [(f"agent-{n % 8}", NOON - timedelta(seconds=rng.randrange(hours * 3600))) for n in range(count)]


def _executions(calls):
    return [
        {
            "execution_id": f"e{n}",
            "agent_id": agent,
            "tool_name": "grep",
            "started_at": moment.isoformat() + "Z",
            "success": n % 3 > 0,
            "error_type": "Timeout" if n % 2 else None,
        }
        for n, (agent, moment) in enumerate(calls)
    ]


def _last_calls(calls, as_of):
    """Agent -> its last call up to as_of, by a plain comparison of every call."""
    return {
        agent: max((moment for who, moment in calls if who == agent and moment <= as_of), default=None)
        for agent in {who for who, _ in calls}
    }


def _status(moment, as_of):
    if moment is None or moment <= as_of - timedelta(hours=24):
        return "inactive"
    return "active" if moment > as_of - timedelta(hours=1) else "idle"


def test_agents_are_as_they_were_at_any_moment_that_is_asked_for(refresh):
    rng = random.Random(7)
    calls = _calls(rng, 24, hours=72)
    refresh.take("executions", _executions(calls))
    refresh.build("--select", "+agent_status")
    seen = set()
    for _ in range(4):
        as_of = NOON - timedelta(seconds=rng.randrange(71 * 3600))
        refresh.build("--select", "stg_as_of", "agent_status", as_of=as_of.isoformat())
        rows = refresh.rows("select agent_id, status, last_activity_at from profiles.agent_status")
        last = _last_calls(calls, as_of)
        assert {row["agent_id"]: row["last_activity_at"] for row in rows} == last
        assert {row["agent_id"]: row["status"] for row in rows} == {a: _status(m, as_of) for a, m in last.items()}
        seen |= {row["status"] for row in rows}
    assert seen == {"active", "idle", "inactive"}


def test_what_failed_is_still_known_when_its_records_are_purged(refresh):
    models = ("--select", "+tool_errors", "+risk_patterns", "+tool_recommendations")
    refresh.take("executions", _executions(_calls(random.Random(7), 80, hours=72)))
    refresh.build(*models)
    tables = ("profiles.tool_errors", "patterns.risk_patterns", "suggestions.tool_recommendations")
    before = [refresh.rows(f"select * from {table} order by all") for table in tables]
    assert all(before)
    for days in (2, 40):
        refresh.purge(datetime.now(UTC).replace(tzinfo=None) + timedelta(days=days))
    refresh.build(*models)
    assert refresh.row("select count(*) as kept from staging.stg_executions") == {"kept": 0}
    assert [refresh.rows(f"select * from {table} order by all") for table in tables] == before
