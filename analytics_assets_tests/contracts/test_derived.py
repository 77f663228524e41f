"""Schema, columns and the reference page all say what the contract says."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_assets.contracts import CONTRACTS, json_schema
from analytics_assets.contracts.reference import markdown
from analytics_assets.warehouse.columns import raw_tables

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", CONTRACTS)
def test_the_json_schema_names_every_field_and_what_is_required(kind):
    contract = CONTRACTS[kind]
    schema = json_schema(contract)
    assert set(schema["properties"]) == contract.names
    assert schema["required"] == [f.name for f in contract.fields if f.required]
    assert schema["additionalProperties"] is True


@pytest.mark.parametrize("kind", CONTRACTS)
def test_the_raw_table_has_a_column_for_every_field(kind):
    _, columns = raw_tables()[kind]
    assert {f.column for f in CONTRACTS[kind].fields} <= {c.name for c in columns}
    assert all(c.meaning.endswith(".") for c in columns)


def test_every_raw_table_states_its_grain():
    for table, (grain, _) in raw_tables().items():
        assert grain.startswith("One row per"), table


def test_the_reference_page_is_current():
    page = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    assert page == markdown(), "run `python -m analytics_assets.contracts.reference`"
