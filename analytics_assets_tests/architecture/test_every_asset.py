"""What holds of every asset: it says what a row is, whose it is, what guards it, and it reads only earlier stages."""

import re

import pytest
from dagster import AssetKey

from analytics_assets.definitions import defs
from analytics_assets.stages import STAGES, depth

GRAPH = defs().get_repository_def().asset_graph
ASSETS = sorted(GRAPH.materializable_asset_keys)


@pytest.mark.parametrize("key", ASSETS, ids=lambda key: key.to_user_string())
class TestEveryAsset:
    def test_states_its_grain(self, key):
        assert "One row per" in (GRAPH.get(key).description or "")

    def test_has_an_owner_and_kinds(self, key):
        assert GRAPH.get(key).owners
        assert GRAPH.get(key).kinds

    def test_has_stage_as_group_and_first_part_of_its_key(self, key):
        assert GRAPH.get(key).group_name == key.path[0]
        assert key.path[0] in STAGES

    def test_is_checked(self, key):
        assert GRAPH.get(key).check_keys

    def test_reads_only_from_its_own_stage_or_earlier_ones(self, key):
        own = depth(GRAPH.get(key).group_name)
        later = [parent for parent in GRAPH.get(key).parent_keys if depth(parent.path[0]) > own]
        assert not later

    def test_describes_its_columns(self, key):
        if key.path[0] == "publish":
            pytest.skip("a snapshot is a file, not a table")
        schema = GRAPH.get(key).metadata["dagster/column_schema"]
        assert schema.columns
        undescribed = [column.name for column in schema.columns if not column.description]
        assert not undescribed


def test_names_are_unique_without_their_stage():
    names = [key.path[-1] for key in ASSETS]
    assert len(names) == len(set(names))


def test_names_are_nouns_in_snake_case():
    assert [key.path[-1] for key in ASSETS if not re.fullmatch(r"[a-z][a-z0-9_]*", key.path[-1])] == []


def test_no_asset_is_external_but_every_parent_is_made_here():
    strangers = {parent for key in ASSETS for parent in GRAPH.get(key).parent_keys} - set(ASSETS)
    assert not strangers


def test_nothing_is_left_out_of_the_publication():
    last = [key for key in ASSETS if not GRAPH.get(key).child_keys and key.path[0] != "publish"]
    assert last == []


def test_what_is_made_in_python_comes_right_before_the_publication():
    # A run of some assets has no edge through those that it leaves out: without one of its own it may publish too soon.
    python = {key for key in ASSETS if key.path[0] not in ("raw", "publish") and "dbt" not in GRAPH.get(key).kinds}
    assert python
    assert python <= GRAPH.get(AssetKey(["publish", "published_snapshot"])).parent_keys


@pytest.mark.parametrize("key", sorted(GRAPH.asset_check_keys), ids=lambda key: f"{key.asset_key.path[-1]}.{key.name}")
class TestEveryCheck:
    def test_says_in_a_sentence_what_it_claims(self, key):
        description = GRAPH.get(key).description or ""
        assert description.strip().endswith(".")

    def test_belongs_to_an_asset_that_is_made_here(self, key):
        assert key.asset_key in GRAPH.materializable_asset_keys
