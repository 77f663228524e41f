"""Readers are asked what they see: the check compares the published ledger with the warehouse's."""

from __future__ import annotations

import json

import pytest

from analytics_assets.defs.publish.snapshot import readers_see_the_newest_batch
from analytics_assets.queries.errors import NoSnapshotError
from analytics_assets.settings import Settings
from analytics_assets.warehouse.ingest import ingest
from analytics_assets.warehouse.publish import publish


@pytest.fixture
def take(warehouse, monkeypatch):
    """Takes one more file into the warehouse."""
    monkeypatch.setenv("ANALYTICS_SETTLE_SECONDS", "0")
    settings = Settings()

    def take_one(name):
        path = settings.inbox / "executions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {"execution_id": name, "tool_name": "grep", "started_at": "2026-01-05T10:00:00Z", "success": True}
        path.write_text(json.dumps(record) + "\n")
        with warehouse.get_connection() as con:
            ingest(con, settings)

    return take_one


def publish_now(warehouse):
    with warehouse.get_connection() as con:
        publish(con, warehouse.settings)


def seen_and_written(result):
    return tuple(result.metadata[f"newest_batch_{of}"].value for of in ("published", "ingested"))


def test_a_publication_after_the_last_batch_passes(warehouse, take):
    take("first.jsonl")
    publish_now(warehouse)
    result = readers_see_the_newest_batch(warehouse=warehouse)
    assert result.passed
    assert seen_and_written(result) == (1, 1)


def test_a_batch_that_was_not_published_fails_until_it_is(warehouse, take):
    take("first.jsonl")
    publish_now(warehouse)
    take("second.jsonl")
    result = readers_see_the_newest_batch(warehouse=warehouse)
    assert not result.passed
    assert seen_and_written(result) == (1, 2)
    publish_now(warehouse)
    assert readers_see_the_newest_batch(warehouse=warehouse).passed


def test_before_the_first_batch_there_is_nothing_to_miss(warehouse):
    publish_now(warehouse)
    assert readers_see_the_newest_batch(warehouse=warehouse).passed


def test_a_snapshot_that_is_gone_is_an_outage_and_no_verdict(warehouse):
    with pytest.raises(NoSnapshotError):
        readers_see_the_newest_batch(warehouse=warehouse)
