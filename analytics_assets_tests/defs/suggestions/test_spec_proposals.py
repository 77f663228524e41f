"""Pull requests to be: a row per spec, with the reason where one cannot be made."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from analytics_assets.defs.suggestions.spec_proposals import (
    proposals_are_unique,
    proposals_can_be_made,
    spec_proposals,
)
from analytics_assets.feedback.spec_files import find
from analytics_assets.suggesting.table import COLUMNS
from analytics_assets.warehouse.frames import frame_of, write
from analytics_assets_tests.feedback.conftest import DOCUMENT, row

NEEDED = {
    "evidence_runs": "[]",
    "created_at": pd.Timestamp("2026-02-01"),
    "updated_at": pd.Timestamp("2026-02-01"),
    "reopened_count": 0,
    "as_of": pd.Timestamp("2026-02-16 11:00"),
    "is_stale": False,
}


@pytest.fixture
def suggested(warehouse):
    """A document, and suggestions about it and about a spec without one."""
    path = warehouse.settings.specs / "api.json"
    path.parent.mkdir()
    path.write_bytes(DOCUMENT)
    rows = [
        row(),
        row(id="sg-bbbbbbbbbbbb", target="model", current_value="model: medium", suggested_value="model: large"),
        row(id="sg-cccccccccccc", spec_id="elsewhere"),
        row(id="sg-dddddddddddd", spec_id="low", level="LOW"),
        row(id="sg-eeeeeeeeeeee", spec_id="advice", target=None),
        row(id="sg-ffffffffffff", spec_id="done", status="applied"),
    ]
    with warehouse.get_connection() as con:
        write(con, "suggestions", "suggestions", frame=frame_of(COLUMNS, [one | NEEDED for one in rows]))
        fingerprint = find(warehouse.settings, "api-impl").fingerprint
        con.execute("create table staging.stg_specs as select 'api-impl' as id, ? as fingerprint", [fingerprint])
    return warehouse


def test_a_row_per_spec_with_applicable_suggestions_and_nothing_is_done(suggested):
    rows = spec_proposals(warehouse=suggested).value.to_dict("records")
    assert [one["spec_id"] for one in rows] == ["api-impl", "elsewhere"]
    made = rows[0]
    assert json.loads(made["suggestion_ids"]) == ["sg-0123456789ab", "sg-bbbbbbbbbbbb"]
    assert made["path"] == "api.json"
    assert made["title"] == "api-impl: memory: 2Gi -> 4Gi, model: medium -> large"
    assert '+\t"model":   "large"' in made["diff"]
    assert "as of 2026-02-16T11:00:00Z" in made["body"]
    assert (suggested.settings.specs / "api.json").read_bytes() == DOCUMENT


def test_a_spec_whose_document_is_missing_warns_with_the_remedy(suggested):
    frame = spec_proposals(warehouse=suggested).value
    result = proposals_can_be_made(spec_proposals=frame)
    assert not result.passed
    assert "No document" in result.metadata["problems"].value
    assert frame.set_index("spec_id").loc["elsewhere", "branch"] is None


def test_a_document_that_was_changed_since_is_no_proposal(suggested):
    (suggested.settings.specs / "api.json").write_bytes(DOCUMENT.replace(b'"1.0.0"', b'"1.0.1"'))
    frame = spec_proposals(warehouse=suggested).value
    assert "was changed since" in frame.loc[0, "problem"]


def test_proposals_are_unique_and_two_of_one_spec_are_found(suggested):
    frame = spec_proposals(warehouse=suggested).value
    assert proposals_are_unique(spec_proposals=frame).passed
    result = proposals_are_unique(spec_proposals=pd.concat([frame, frame]))
    assert not result.passed
    assert "api-impl" in result.metadata["twice"].value


def test_without_a_suggestion_the_table_is_empty_and_keeps_its_columns(suggested):
    with suggested.get_connection() as con:
        con.execute("delete from suggestions.suggestions")
    frame = spec_proposals(warehouse=suggested).value
    assert frame.empty
    assert proposals_can_be_made(spec_proposals=frame).passed
    assert proposals_are_unique(spec_proposals=frame).passed
