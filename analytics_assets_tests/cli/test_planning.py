"""``analytics recommendations``, ``capacity`` and ``plans``."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import duckdb
import pytest

from analytics_assets.cli.problems import FAILED, MISUSED
from analytics_assets.defs.forecasts import capacity_planning
from analytics_assets.defs.suggestions import recommendations
from analytics_assets_tests.cli.analysed import EVIL
from analytics_assets_tests.queries.published import AS_OF, publish

END = {"as_of": AS_OF, "is_stale": False}
SHOWN = {
    "recommendation_id": "cp-1",
    "source": "forecasts.capacity_planning",
    "component": "database",
    "recommendation_type": "disk_capacity",
    "category": "resource",
    "text": f"Raise disk of database. {EVIL}",
    "expected_hours": 67.2,
    "impact": 0.15,
    "effort": "low",
    "feasibility": 1.0,
    "confidence": 0.999,
    "rank_score": 0.145,
    "rank": 1,
    "component_rank": 1,
    "is_shown": True,
    "evidence_sql": "select 1",
    **END,
}
KEPT = SHOWN | {"recommendation_id": "cp-2", "rank": 2, "is_shown": False, "expected_hours": None, "rank_score": None}
DISK = {
    "component": "database",
    "resource_type": "disk",
    "current_capacity": 1_000.0,
    "capacity_unit": "gb",
    "current_usage": 70.2,
    "projected_usage": 88.3,
    "projection_date": date(2026, 3, 18),
    "confidence_interval": '{"lower": 87.9, "upper": 88.8}',
    "breach_date": date(2026, 3, 4),
    "days_over_before": 0,
    "history_days": 30,
    "recommendation": f"Raise disk of database from 1,000 to 1,200 gb. {EVIL}",
    "recommended_capacity": 1_200.0,
    "urgency": "medium",
    "estimated_cost_usd": 20.0,
    "method": "drift",
    **END,
}
CPU = DISK | {
    "resource_type": "cpu",
    "projected_usage": None,
    "confidence_interval": None,
    "breach_date": None,
    "recommendation": None,
    "recommended_capacity": None,
    "capacity_unit": None,
    "urgency": "none",
    "method": "insufficient_history",
}
PLAN = {
    "pipeline_name": "ci",
    "current_seconds": 600.0,
    "simulated_seconds": 420.0,
    "time_reduction": 0.3,
    "is_capped": False,
    "current_performance": "{}",
    "identified_bottlenecks": "[]",
    "recommendations": json.dumps(
        [
            {
                "type": "parallelization",
                "steps": ["lint", "unit_tests"],
                "estimated_time_savings": 0.3,
                "confidence": 0.8,
                "text": f"They need nothing of each other. {EVIL}",
            }
        ]
    ),
    "reason": "declared needs",
}
PLAN_TYPES = {
    "current_seconds": "double",
    "simulated_seconds": "double",
    "time_reduction": "double",
    "is_capped": "boolean",
}


def fill(con, table, declared, rows):
    con.execute(f"create schema if not exists {table.split('.')[0]}")
    con.execute(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in declared.items())})")
    for row in rows:
        con.execute(f"insert into {table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))


@pytest.fixture
def published(cli):
    """A version with a few rows of each table."""

    def with_rows(ranked=(SHOWN, KEPT), resources=(CPU, DISK), plans=(PLAN,)):
        publish(cli.settings)
        pointer = json.loads(cli.settings.pointer.read_text())
        with duckdb.connect(str(cli.settings.published / pointer["file"])) as con:
            for table, module, rows in (
                ("suggestions.recommendations", recommendations, ranked),
                ("forecasts.capacity_planning", capacity_planning, resources),
            ):
                fill(con, table, {column.name: column.type for column in module.COLUMNS}, rows)
            types = {name: PLAN_TYPES.get(name, "varchar") for name in PLAN}
            fill(con, "suggestions.pipeline_optimization_plans", types, plans)
        return cli

    return with_rows


def test_what_is_first_is_shown_with_what_it_brings(published):
    result = published().run("recommendations")
    for words in ("Raise disk of database.", "67.2", "over 99 %", "0.145"):
        assert words in result.stdout
    assert result.stderr == "1 more: --all\n"
    assert "\x1b[31m" not in result.stdout


def test_all_shows_what_is_beyond_the_first_few(published):
    result = published().run("recommendations", "--all")
    assert result.stdout.count("Raise disk of database.") == 2
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("2 ")]
    assert line.count("unknown") == 2
    assert "NULL" not in line
    assert result.stderr == ""


def test_advice_on_records_that_ended_long_ago_says_so(published):
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [SHOWN, SHOWN | {"recommendation_id": "cp-3", "rank": 2, "component": "cache", "as_of": now}]
    old, new = (
        line for line in published(ranked=rows).run("recommendations").stdout.splitlines() if "Raise disk" in line
    )
    assert f"(data ends {AS_OF:%Y-%m-%d %H:%M}: stale)" in old
    assert "stale" not in new


def test_more_than_a_screen_is_asked_for(published):
    rows = [SHOWN | {"recommendation_id": f"cp-{n}", "rank": n, "component": f"c{n}"} for n in range(1, 31)]
    cli = published(ranked=rows)
    result = cli.run("recommendations")
    assert result.stdout.count("Raise disk of database.") == 20
    assert result.stderr == "10 more: --all\n"
    assert cli.run("recommendations", "--all").stdout.count("Raise disk of database.") == 30
    assert len(cli.json("recommendations", "--json")) == 30


def test_a_recommendation_shows_its_query_and_what_that_answers(published):
    offer = SHOWN | {"recommendation_id": "op-1", "rank": 3, "evidence_sql": "select 41 + 1 as failures"}
    cli = published(ranked=(SHOWN, offer))
    result = cli.run("recommendations", "--evidence", "3")
    for words in ("op-1  Raise disk", "select 41 + 1 as failures", "42", "analytics reject op-1 --reason TEXT"):
        assert words in result.stdout
    assert "\x1b[31m" not in result.stdout
    assert "analytics reject" not in cli.run("recommendations", "--evidence", "1").stdout
    assert cli.json("recommendations", "--evidence", "3", "--json") == [{"failures": 42}]
    assert "There is no recommendation 9." in cli.run("recommendations", "--evidence", "9", exit_code=MISUSED).stderr


def test_of_a_component_and_as_json(published):
    cli = published()
    assert [row["rank"] for row in cli.json("recommendations", "--component", "database", "--all", "--json")] == [1, 2]
    assert [row["rank"] for row in cli.json("recommendations", "--json")] == [1]
    assert cli.json("recommendations", "--component", "nobody", "--json") == []
    assert "Nothing is recommended for nobody." in cli.run("recommendations", "--component", "nobody").stdout


def test_capacities_come_by_urgency_with_what_would_do(published):
    cli = published()
    result = cli.run("capacity")
    for words in ("88 %", "2026-03-04", "1,200 gb", "$20.00", "insufficient_history", "from 1,000 to 1,200 gb."):
        assert words in result.stdout
    assert "\x1b[31m" not in result.stdout
    assert [row["resource_type"] for row in cli.json("capacity", "--json")] == ["disk", "cpu"]


def test_what_is_over_the_limit_already_is_no_date_of_the_future(published):
    table = published(resources=(DISK | {"days_over_before": 17},)).run("capacity").stdout
    assert "already, on 17 of 30 days" in table
    assert "2026-03-04" not in table
    assert "peak now" in table


def test_a_number_of_300_digits_is_told_as_a_power_of_ten(published):
    huge = DISK | dict.fromkeys(("current_usage", "projected_usage", "estimated_cost_usd"), 1e308)
    ends = {"confidence_interval": '{"lower": 0.0, "upper": 1e308}'}
    cli = published(ranked=[SHOWN | {"expected_hours": 1e308}], resources=(huge | ends,))
    assert "1e+308 %" in cli.run("capacity").stdout
    assert "$1e+308" in cli.run("capacity").stdout
    assert "1e+308" in cli.run("recommendations").stdout
    assert "0" * 16 not in cli.run("capacity").stdout + cli.run("recommendations").stdout


def test_a_plan_says_what_to_do_and_why(published):
    cli = published()
    result = cli.run("plans", "ci")
    for words in (
        "10.0 min now, 7.0 min as planned (30 % less)",
        "parallelization: lint, unit_tests",
        "They need nothing",
    ):
        assert words in result.stdout
    assert "\x1b[31m" not in result.stdout
    (plan,) = cli.json("plans", "--json")
    assert plan["recommendations"][0]["steps"] == ["lint", "unit_tests"]


def test_a_pipeline_without_a_plan_is_a_mistake_of_typing(published):
    result = published().run("plans", "nightly", exit_code=MISUSED)
    assert "no plan of a pipeline 'nightly'" in result.stderr


def test_nothing_is_said_where_there_is_nothing(published):
    cli = published(ranked=(), resources=(), plans=())
    assert "Nothing is recommended." in cli.run("recommendations").stdout
    assert "No metric tells" in cli.run("capacity").stdout
    assert "No pipeline has run" in cli.run("plans").stdout


@pytest.mark.parametrize("command", ["recommendations", "capacity", "plans"])
def test_before_its_job_has_run_the_way_is_shown(cli, command):
    publish(cli.settings)
    result = cli.run(command, exit_code=FAILED)
    assert "analytics refresh" in result.stderr
