"""KPIs of a few issues are those worked out by hand, and say how they are worked out."""

from __future__ import annotations

import math

from analytics_assets_tests.dbt_project.issue_history import MODELS, fixed, issue, review


def _values(refresh, day):
    rows = refresh.rows(f"select scope, kpi, value from kpis.optimization_kpis where day = date '{day}'")
    return {(row["scope"], row["kpi"]): row["value"] for row in rows}


def test_kpis_of_a_few_issues_are_those_worked_out_by_hand(refresh):
    # As of the 10th: P0 took 0.5 days, the two P1 2 and 8 days; one P1 is open again, one P2 and one P3 are open.
    refresh.take(
        "issues",
        [
            issue("p0", priority=0, updated_at="2026-01-01T00:00:00Z"),
            fixed("p0", "2026-01-01T12:00:00Z", priority=0, time_spent_minutes=30, updated_at="2026-01-01T12:00:00Z"),
            fixed("quick", "2026-01-03T00:00:00Z", time_spent_minutes=10, updated_at="2026-01-03T00:00:00Z"),
            fixed("slow", "2026-01-09T00:00:00Z", time_spent_minutes=20, updated_at="2026-01-09T00:00:00Z"),
            fixed("again", "2026-01-04T00:00:00Z", updated_at="2026-01-04T00:00:00Z"),
            issue("again", updated_at="2026-01-08T00:00:00Z"),
            issue("p2", priority=2, category="agents", first_seen="2026-01-05T00:00:00Z"),
            issue("p3", priority=3, category="agents", first_seen="2026-01-01T00:00:00Z"),
        ],
    )
    refresh.take("reviews", [review("r", "2026-01-10T00:00:00Z")])
    refresh.build(*MODELS, command="build")
    last = _values(refresh, "2026-01-10")
    assert {kpi: value for (scope, kpi), value in last.items() if scope == "all"} == {
        "issue_debt": 4 + 2 + 1,
        "health_score": 96.5,
        "time_to_fix_p0": 0.5,
        "time_to_fix_p1": (2 + 8) / 2,
        "time_to_fix_p2": None,
        "time_to_fix_p3": None,
        "recurrence_rate": 25.0,
        # In (3rd, 10th]: again on the 4th and slow on the 9th; quick was fixed at the very beginning of it.
        "fix_velocity": 2.0,
        "fix_minutes": 20.0,
        "open_issues": 3.0,
        "new_issues": 1.0,
    }
    assert last["agents", "issue_debt"] == 3.0
    assert last["commands", "health_score"] == 98.0
    # The health that the categories lose is what the whole loses.
    assert math.isclose(2 + 1.5, 100 - last["all", "health_score"])
    fifth = _values(refresh, "2026-01-05")
    # Then `again` was fixed, after 3 days, and not back yet.
    assert (fifth["all", "time_to_fix_p1"], fifth["all", "recurrence_rate"]) == (2.5, 0.0)
    assert (fifth["all", "issue_debt"], fifth["all", "fix_velocity"]) == (4.0 + 2 + 1, 3.0)
    targets = refresh.rows(
        "select kpi, status from kpis.optimization_kpis where scope = 'all' and day = date '2026-01-10'"
    )
    assert {row["kpi"]: row["status"] for row in targets} == {
        "issue_debt": "on_target",
        "health_score": "on_target",
        "time_to_fix_p0": "on_target",
        "time_to_fix_p1": "on_target",
        "time_to_fix_p2": "unknown",
        "time_to_fix_p3": "unknown",
        "recurrence_rate": "off_target",
        "fix_velocity": "off_target",
        "fix_minutes": "no_target",
        "open_issues": "no_target",
        "new_issues": "no_target",
    }


def test_a_value_at_its_target_is_not_on_target(refresh):
    refresh.take("issues", [fixed("a", "2026-01-02T00:00:00Z", priority=0), *(issue(f"p1 {n}") for n in range(5))])
    refresh.build(*MODELS, command="build")
    rows = refresh.rows(
        "select kpi, value, status from kpis.optimization_kpis where scope = 'all' and day = date '2026-01-02' "
        "and kpi in ('time_to_fix_p0', 'issue_debt', 'health_score')"
    )
    assert {row["kpi"]: (row["value"], row["status"]) for row in rows} == {
        "time_to_fix_p0": (1.0, "off_target"),
        "issue_debt": (20.0, "off_target"),
        "health_score": (90.0, "off_target"),
    }


def test_formula_and_inputs_of_every_kpi_stand_in_the_description_that_dagster_shows(manifest, refresh):
    from analytics_assets.defs.dbt_models import StageTranslator

    (model,) = [node for node in manifest["nodes"].values() if node["name"] == "optimization_kpis"]
    shown = StageTranslator().get_description(model)
    refresh.take("issues", [issue("a")])
    refresh.build(*MODELS, command="build")
    table = [line for line in shown.splitlines() if line.startswith("|")]
    named = {name.strip() for line in table[2:] for name in line.split("|")[1].split(",")}
    assert named == {row["kpi"] for row in refresh.rows("select distinct kpi from kpis.optimization_kpis")}
    assert table[0] == "| KPI | formula | inputs | target |"
    assert all(len(line.split("|")) == 6 and all(cell.strip() for cell in line.split("|")[1:-1]) for line in table)
