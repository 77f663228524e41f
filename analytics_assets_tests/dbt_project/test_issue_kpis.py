"""KPIs of a few issues are those worked out by hand, and say how they are worked out."""

from __future__ import annotations

import math

from analytics_assets.issue_thresholds import issue_vars
from analytics_assets_tests.dbt_project.issue_history import MODELS, fixed, issue, review


def _values(refresh, day):
    rows = refresh.rows(
        f"select scope, kpi, value from kpis.optimization_kpis where day = date '{day}' and not is_week_ago"
    )
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
    # Then `again` was fixed, after 3 days; it was not back yet, and nothing had been looked at after its fix.
    assert (fifth["all", "time_to_fix_p1"], fifth["all", "recurrence_rate"]) == (2.5, None)
    assert (fifth["all", "issue_debt"], fifth["all", "fix_velocity"]) == (4.0 + 2 + 1, 3.0)
    # One of the three that had been fixed.
    assert math.isclose(_values(refresh, "2026-01-08")["all", "recurrence_rate"], 100 / 3)
    # At the very beginning of the 3rd `quick` was just fixed: its last moment is another one than a week ago.
    ago = {
        row["kpi"]: (row["day"].day, row["value"])
        for row in refresh.rows("from kpis.optimization_kpis where is_week_ago and scope = 'all'")
    }
    assert (ago["fix_velocity"], ago["open_issues"], ago["new_issues"]) == ((3, 2.0), (3, 3.0), (3, 5.0))
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


def test_one_category_alone_is_the_whole_and_a_value_at_its_target_is_not_on_target(refresh):
    known = {"time_spent_minutes": 7, "recurrence_count": 0}
    refresh.take(
        "issues", [fixed("a", "2026-01-02T00:00:00Z", priority=0, **known), *(issue(f"p1 {n}") for n in range(5))]
    )
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
    differ = (
        "select kpi from kpis.optimization_kpis group by day, kpi, is_week_ago "
        "having count(distinct coalesce(value, -1)) > 1"
    )
    assert refresh.rows(differ) == []
    assert {r["scope"] for r in refresh.rows("select distinct scope from kpis.optimization_kpis")} == {
        "all",
        "commands",
    }


def test_health_is_0_at_the_debt_that_is_set_and_never_below(refresh, monkeypatch):
    refresh.take("issues", [issue("a")])
    found = {}
    # The models it reads are there after the first time.
    for most, models in {"8": "+optimization_kpis", "4": "optimization_kpis", "2": "optimization_kpis"}.items():
        monkeypatch.setenv("ANALYTICS_HEALTH_MAX_DEBT", most)
        refresh.build("--select", models)
        found[most] = _values(refresh, "2026-01-01")["all", "health_score"]
    assert found == {"8": 50.0, "4": 0.0, "2": 0.0}


def test_formula_inputs_and_numbers_of_every_kpi_stand_in_the_description_that_dagster_shows(manifest, sampled_issues):
    from analytics_assets.defs.dbt_models import StageTranslator

    (model,) = [node for node in manifest["nodes"].values() if node["name"] == "optimization_kpis"]
    shown = StageTranslator().get_description(model)
    table = [line for line in shown.splitlines() if line.startswith("|")]
    assert table[0] == "| KPI | formula | inputs | target |"
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]
    assert all(len(row) == 4 and all(row) for row in cells)
    named = {name.strip(): row for row in cells for name in row[0].split(",")}
    rows = sampled_issues[0].rows("select distinct kpi, target, is_higher_better from kpis.optimization_kpis")
    assert named.keys() == {row["kpi"] for row in rows}
    for row in rows:
        side = ">" if row["is_higher_better"] else "<"
        target = "none" if row["target"] is None else f"{side} {row['target']:g} "
        assert named[row["kpi"]][3].startswith(target), row
    weights = [f"P{priority} {issue_vars()[f'debt_weight_p{priority}'].value}" for priority in range(4)]
    assert ", ".join(weights) in named["issue_debt"][1]
    assert f"({issue_vars()['health_max_debt'].value} points)" in named["health_score"][2]
