"""The tables that these tests publish are those that the assets declare, as far as they are read."""

import dagster as dg
import pytest

from analytics_assets.definitions import defs
from analytics_assets_tests.queries.issue_tables import COLUMNS

SAME = {"integer": "bigint"}
"""A test may store a number narrower than the asset does."""


@pytest.mark.parametrize("table", COLUMNS)
def test_the_columns_are_declared_by_the_asset(table):
    graph = defs().get_repository_def().asset_graph
    schema = graph.get(dg.AssetKey(table.split("."))).metadata["dagster/column_schema"]
    declared = {column.name: column.type.lower() for column in schema.columns}
    published = dict(column.split(" ") for column in COLUMNS[table].split(", "))
    assert {name: SAME.get(kind, kind) for name, kind in published.items()}.items() <= declared.items()
