"""``analytics kpis``: the health of the system for people and programs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import duckdb
import pytest

from analytics_assets.cli.problems import FAILED
from analytics_assets.defs.outcomes.system_kpis import COLUMNS
from analytics_assets.system_kpis.definitions import KPIS, Measured
from analytics_assets.system_kpis.scoring import day_of
from analytics_assets_tests.queries.published import publish

AS_OF = datetime(2026, 3, 1, 12)
EVIL = "\x1b[31mred"
UNKNOWN = Measured(None, 0, "nowhere", reason=f"no model predicts anything {EVIL}")


@pytest.fixture
def published(cli):
    """A version with days of KPIs; the newest has errors in each tenth call, and nothing is known of models."""

    def with_days(count=2):
        publish(cli.settings)
        pointer = json.loads(cli.settings.pointer.read_text())
        measured = {kpi.name: UNKNOWN if kpi.group == "ml" else Measured(0.5, 9, "x", usual=1.0) for kpi in KPIS}
        with duckdb.connect(str(cli.settings.published / pointer["file"])) as con:
            con.execute("create schema if not exists outcomes")
            columns = ", ".join(f"{column.name} {column.type}" for column in COLUMNS)
            con.execute(f"create table outcomes.system_kpis ({columns})")
            for back in range(count):
                errors = 0.1 if back == 0 else 0.0
                today = measured | {"error_rate": Measured(errors, 1_200, "x")}
                for row in day_of(today, AS_OF - timedelta(days=back), is_stale=False):
                    con.execute(
                        f"insert into outcomes.system_kpis ({', '.join(row)}) values ({', '.join('?' * len(row))})",
                        list(row.values()),
                    )
        return cli

    return with_days


def test_the_health_its_groups_and_every_kpi_are_shown_with_their_scores(published):
    shown = published().run("kpis").stdout
    assert "Health 0." in shown
    assert "of 1, from 90 % of the weight: the rest is not known; its records are stale\n" in shown
    assert "covers 90 % of the weight: ml not known" in shown
    assert all(kpi.name in shown for kpi in KPIS)
    assert "10.0 %" in shown
    assert "1 at 0 %, 0 at 20 % or more" in shown
    assert "1,200" in shown
    assert shown.count("none") >= 2


def test_what_is_not_known_says_why_and_acts_on_no_terminal(published):
    shown = published().run("kpis").stdout
    assert "unknown" in shown
    assert "no model predicts anything \\x1b[31mred" in shown
    assert "\x1b[31m" not in shown


def test_what_takes_most_from_the_health_comes_first(published):
    shown = published().run("kpis").stdout
    (line,) = [line for line in shown.splitlines() if line.startswith("Look first at: ")]
    # 0.5 of the time is far below 95 %: it has no score left, and performance weighs most.
    assert line.split(": ")[1].split(", ")[0] == "system_uptime"


def test_programs_get_the_newest_day_and_the_history(published):
    found = published(days := 3).json("kpis", "--json")
    assert found["measured_on"].startswith("2026-03-01")
    assert (len(found["kpis"]), len(found["groups"]), len(found["history"])) == (16, 4, 5 * days)
    error_rate = next(row for row in found["kpis"] if row["kpi"] == "error_rate")
    assert (error_rate["value"], error_rate["score"]) == (0.1, 0.5)
    ml = next(row for row in found["groups"] if row["kpi_group"] == "ml")
    assert (ml["score"], ml["reason"]) == (None, "none of its KPIs is known")
    assert found["is_stale"]


def test_before_the_first_record_it_says_so(published):
    cli = published(0)
    assert "No KPI is known" in cli.run("kpis").stdout
    assert cli.json("kpis", "--json")["overall"] is None


def test_before_it_is_computed_it_says_what_to_do(cli):
    publish(cli.settings)
    assert "analytics refresh" in cli.run("kpis", exit_code=FAILED).output
