"""Every issue as its record, for a copy that can be read back."""

from __future__ import annotations

import json

import pytest

from analytics_assets.contracts.issues import ISSUES
from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.issue_backup import get_issue_records
from analytics_assets.queries.snapshot import open_snapshot


def table(*rows):
    declared = ", ".join(f"{field.name} {field.type.column}" for field in ISSUES.fields)
    return ["create schema raw", f"create table raw.issues ({declared}, extra varchar, is_current boolean)", *rows]


def test_every_field_of_the_contract_and_the_unknown_ones_are_there_in_the_order_of_the_ids(settings, publisher):
    publisher.publish(
        *table(
            "insert into raw.issues "
            "(id, issue, priority, first_seen, time_spent_minutes, files_affected, extra, is_current) values "
            "('B', 'b', 1, timestamp '2026-01-05 10:20:30.123456', 30.0, ['x', null], '{\"owner\": \"ana\"}', true), "
            "('A', 'a', 0, timestamp '2026-01-05', 12.5, null, null, true), "
            "('A', 'as it was before', 0, timestamp '2026-01-05', 12.5, null, null, false)"
        )
    )
    with open_snapshot(settings) as snapshot:
        first, second = get_issue_records(snapshot)
    assert first.keys() == {field.name for field in ISSUES.fields} | {"extra"}
    assert (first["id"], first["time_spent_minutes"], first["files_affected"], first["extra"]) == (
        "A",
        12.5,
        None,
        None,
    )
    assert second["first_seen"] == "2026-01-05T10:20:30.123456Z"
    assert json.dumps(second["time_spent_minutes"]) == "30"
    assert second["files_affected"] == ["x", None]
    assert json.loads(second["extra"]) == {"owner": "ana"}


def test_no_issue_is_an_empty_list_and_no_table_is_said(settings, publisher):
    publisher.publish(*table())
    with open_snapshot(settings) as snapshot:
        assert get_issue_records(snapshot) == []
    publisher.publish("create table other (a int)")
    with open_snapshot(settings) as snapshot, pytest.raises(NotAnsweredYetError, match="analytics refresh"):
        get_issue_records(snapshot)
