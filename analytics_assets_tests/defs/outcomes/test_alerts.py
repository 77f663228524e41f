"""Alerts as an asset: from tables of hours, anomalies, use and patterns to rows, and checks that can fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from analytics_assets.alerting.condition import Row
from analytics_assets.defs.outcomes.alerts import (
    alerts,
    alerts_are_unique,
    decisions_name_alerts,
    ends_are_told,
    groups_have_one_lead,
    only_open_leads_are_told,
)
from analytics_assets.defs.patterns import anomalies
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.settings import Settings
from analytics_assets.warehouse import frames
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema
from analytics_assets_tests.alerting.made import at

KEY = ("outcomes", "alerts")
TOOL = "tool/web_fetch/error_rate"
TABLES = """
    create table summaries.hourly_signals (
        hour timestamp, signal varchar, component_kind varchar, component varchar, metric_type varchar, unit varchar,
        value double, samples bigint, is_complete boolean, as_of timestamp, is_stale boolean
    );
    create table profiles.resource_usage (
        component varchar, resource_type varchar, measured_at timestamp, usage_percentage double, context_data varchar,
        as_of timestamp, is_stale boolean
    );
    create table staging.stg_decisions (
        decision_id varchar, subject_type varchar, subject_id varchar, decision varchar, decided_at timestamp,
        decided_by varchar, notes varchar
    );
"""
END = 24 * 10


class Watched:
    """A warehouse of a tool and a disk, and looks at it."""

    def __init__(self, warehouse: Any) -> None:
        self.warehouse = warehouse
        self.execute(TABLES)

    def execute(self, sql: str, parameters: Any = None) -> None:
        """Run a statement."""
        with self.warehouse.get_connection() as con:
            con.execute(sql, parameters)

    def calls(self, first: int, last: int, rate: float, end: int) -> None:
        """Ten calls an hour that fail so often; the hour that goes on is at ``end``."""
        self.execute(
            "insert into summaries.hourly_signals select ?::timestamp + to_hours(h), ?, 'tool', 'web_fetch', "
            "'error_rate', 'share', ?, 10, true, null, false from range(?) as hours (h)",
            [at(first), TOOL, rate, last - first],
        )
        self.execute("update summaries.hourly_signals set as_of = ?", [at(end) + timedelta(minutes=30)])

    def disk(self, first: int, last: int, percent: float) -> None:
        """Use of a disk."""
        self.execute(
            "insert into profiles.resource_usage select 'database', 'disk', ?::timestamp + to_hours(h), ?, "
            "'{\"is_complete\": true}', null, false from range(?) as hours (h)",
            [at(first), percent, last - first],
        )
        self.execute("update profiles.resource_usage set as_of = ?", [at(last)])

    def odd(self, *rows: Row) -> None:
        """These anomalies are found."""
        with self.warehouse.get_connection() as con:
            frames.write(con, "patterns", "anomalies", frame=frames.frame_of(anomalies.COLUMNS, rows))

    def look(self) -> Any:
        """The asset runs: its table, as it is read again."""
        result = alerts.op.compute_fn.decorated_fn(context=Log, warehouse=self.warehouse)
        with self.warehouse.get_connection() as con:
            frames.write(con, *KEY, frame=result.value)
            return frames.read(con, *KEY)


class Log:
    """Takes what an asset logs."""

    class log:  # noqa: N801 -- as Dagster's context has it
        """Nowhere."""

        @staticmethod
        def info(*words: object) -> None:
            """Nothing is written."""


@pytest.fixture
def watched(warehouse, monkeypatch):
    # The records of a test end in the past, and are looked at as if it were then.
    monkeypatch.setattr("analytics_assets.warehouse.columns.is_old", lambda _: False)
    return Watched(warehouse)


def test_without_a_table_to_read_there_is_no_alert(warehouse):
    result = alerts.op.compute_fn.decorated_fn(context=Log, warehouse=warehouse)
    assert result.value.empty


def test_where_nothing_is_wrong_there_is_no_alert(watched):
    watched.calls(0, END, 0.02, END)
    watched.disk(0, END, 60)
    assert watched.look().empty


def test_a_failing_tool_and_a_full_disk_are_alerts_of_their_components(watched):
    watched.calls(0, END - 20, 0.0, END)
    watched.calls(END - 20, END, 0.5, END)
    watched.disk(0, END - 100, 60)
    watched.disk(END - 100, END, 97)
    rows = {row["subject_key"]: row for row in watched.look().to_dict("records")}
    assert {key: row["affected_components"] for key, row in rows.items()} == {
        TOOL: '["web_fetch"]',
        "database/disk": '["database"]',
    }
    tool = rows[TOOL]
    assert (tool["alert_type"], tool["severity"], tool["notify"]) == ("error_rate", "critical", "immediate")
    assert at(END - 20) <= tool["first_seen_at"] <= at(END - 18)
    disk = rows["database/disk"]
    assert (disk["alert_type"], disk["first_seen_at"]) == ("resource_usage", at(END - 100))
    with watched.warehouse.get_connection() as con:
        assert all(con.execute(row["evidence_sql"].replace(", peak_usage", "")).fetchall() for row in rows.values())


def test_a_tool_that_works_again_is_over_and_its_alert_keeps_its_id(watched):
    watched.calls(0, END - 20, 0.0, END)
    watched.calls(END - 20, END, 0.5, END)
    (before,) = watched.look().to_dict("records")
    watched.calls(END, END + 4, 0.0, END + 4)
    (after,) = watched.look().to_dict("records")
    assert (after["id"], after["state"], after["notify"]) == (before["id"], "resolved", "none")
    assert after["resolved_at"] == at(END + 3)


def test_a_person_says_that_they_have_seen_it(watched):
    watched.calls(0, END - 20, 0.0, END)
    watched.calls(END - 20, END, 0.5, END)
    (row,) = watched.look().to_dict("records")
    watched.execute(
        "insert into staging.stg_decisions values ('d1', 'alert', ?, 'acknowledged', ?, 'ann', null)",
        [row["id"], at(END)],
    )
    (seen,) = watched.look().to_dict("records")
    assert (seen["state"], seen["acknowledged_by"], seen["notify"]) == ("acknowledged", "ann", "none")
    frame = pd.DataFrame([seen])
    assert decisions_name_alerts(alerts=frame, warehouse=watched.warehouse).passed
    watched.execute("update staging.stg_decisions set subject_id = 'al-nothing'")
    assert not decisions_name_alerts(alerts=frame, warehouse=watched.warehouse).passed


def test_an_anomaly_that_ended_days_ago_is_kept_as_over_and_told_to_nobody(watched):
    watched.calls(0, END, 0.0, END)
    watched.odd(
        {
            "id": "a1",
            "signal": TOOL,
            "component_kind": "tool",
            "component": "web_fetch",
            "metric_type": "error_rate",
            "starts_at": at(100),
            "ends_at": at(104),
            "hours": 4,
            "is_ongoing": False,
            "peak_at": at(101),
            "value": 0.5,
            "expected": 0.02,
            "direction": "above",
            "score": 5.0,
            "expected_by_chance": 0.001,
            "detectors": "[]",
            "families": '["limit", "season"]',
            "detectors_asked": "[]",
            "severity": "HIGH",
            "is_worse": True,
            "reason": "error rate was 50 % where 2 % is usual",
            "as_of": at(END),
            "is_stale": False,
        }
    )
    (row,) = watched.look().to_dict("records")
    assert (row["state"], row["resolved_at"], row["notify"]) == ("resolved", at(107), "none")


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(tmp_path_factory.mktemp("alerts")))
        with connect(Settings()) as con:
            create_schema(con)
        made = Watched(WarehouseResource())
        made.calls(0, END - 20, 0.0, END)
        made.calls(END - 20, END, 0.5, END)
        return made.look()


@pytest.fixture
def told(looked):
    return looked.copy()


CHECKS = (alerts_are_unique, groups_have_one_lead, only_open_leads_are_told, ends_are_told)


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_right_passes(check, told):
    assert check(alerts=told).passed
    assert check(alerts=told.iloc[:0]).passed


@pytest.mark.parametrize(
    ("check", "fields"),
    [
        (groups_have_one_lead, {"is_group_lead": False}),
        (only_open_leads_are_told, {"state": "suppressed"}),
        (only_open_leads_are_told, {"is_group_lead": False}),
        (ends_are_told, {"state": "resolved"}),
        (ends_are_told, {"state": "resolved", "resolved_at": at(0), "resolved_reason": "x"}),
    ],
)
def test_what_is_wrong_is_named(check, fields, told):
    result = check(alerts=told.assign(**fields))
    assert not result.passed
    assert told["id"][0] in result.metadata["wrong"].value


def test_two_of_one_id_are_named(told):
    assert not alerts_are_unique(alerts=pd.concat([told, told])).passed


def test_what_is_beyond_the_bound_is_told(watched, monkeypatch):
    monkeypatch.setenv("ANALYTICS_PATTERN_SIGNALS", "2")
    for name in range(5):
        watched.execute(
            "insert into summaries.hourly_signals select ?::timestamp + to_hours(h), ?, 'tool', ?, 'error_rate', "
            "'share', 0.0, 10, true, ?, false from range(5) as hours (h)",
            [at(0), f"tool/t{name}/error_rate", f"t{name}", at(6)],
        )
    result = alerts.op.compute_fn.decorated_fn(context=Log, warehouse=watched.warehouse)
    assert result.metadata["left_out"] == 3
