"""Suites follow from the contracts alone."""

import pytest

from analytics_assets.contracts import CONTRACTS, Type
from analytics_assets.lib.plausibility import COMPARISONS
from analytics_assets.lib.suites import SUITES
from analytics_assets.warehouse.columns import raw_tables

STRUCTURE = [
    "columns_as_declared",
    "required_fields_present",
    "keys_unique",
    "choices_declared",
    "values_in_declared_range",
    "times_not_before_1970",
]


def _claims(table):
    return {claim.name: claim for claim in SUITES[table].claims}


def _columns(claim):
    return [column for one in claim.expectations for column in one.columns]


def test_every_kind_and_every_list_inside_its_records_has_a_suite():
    children = {child.table for contract in CONTRACTS.values() for child in contract.children}
    assert set(SUITES) == set(CONTRACTS) | children
    assert {SUITES[table].kind for table in children} == {"runs", "tasks", "pipelines"}


@pytest.mark.parametrize("table", SUITES)
class TestEverySuite:
    def test_reads_columns_that_its_table_has(self, table):
        _, columns = raw_tables()[table]
        assert set(SUITES[table].columns) <= {column.name for column in columns}

    def test_names_each_claim_once_and_has_no_empty_one(self, table):
        names = [claim.name for claim in SUITES[table].claims]
        assert len(names) == len(set(names))
        assert all(claim.expectations and claim.description for claim in SUITES[table].claims)

    def test_begins_with_the_structure(self, table):
        structure = [claim.name for claim in SUITES[table].claims if claim.is_structure]
        assert structure == [name for name in STRUCTURE if name in structure]
        assert [claim.name for claim in SUITES[table].claims][: len(structure)] == structure

    def test_covers_every_required_field_and_every_closed_choice(self, table):
        contract = CONTRACTS[SUITES[table].kind]
        fields = next((child.fields for child in contract.children if child.table == table), contract.fields)
        claims = _claims(table)
        assert {f.column for f in fields if f.required} == set(_columns(claims["required_fields_present"]))
        closed = {f.column for f in fields if f.choice and not f.choice.open}
        assert closed == (set(_columns(claims["choices_declared"])) if closed else set())

    def test_leaves_optional_free_text_in_the_warehouse(self, table):
        suite = SUITES[table]
        contract = CONTRACTS[suite.kind]
        fields = next((child.fields for child in contract.children if child.table == table), contract.fields)
        optional = {f.column for f in fields if f.type is Type.TEXT and not f.required}
        assert optional & set(suite.columns) <= {"metric_unit"}


def test_an_event_is_unique_by_its_key_and_an_entity_by_key_and_content():
    assert SUITES["executions"].key == ("execution_id",)
    assert SUITES["metrics"].key == ("metric_id",)
    assert SUITES["runs"].key == ("run_id", "version_hash")
    assert SUITES["task_dependencies"].key == ("task_id", "version_number", "depends_on_task_id", "dependency_type")


def test_durations_are_known_by_their_unit():
    limits = {
        one.arguments["column"]: one.arguments["max_value"]
        for table in ("runs", "events", "issues")
        for one in _claims(table)["durations_plausible"].expectations
    }
    assert limits == {
        "duration_seconds": 86_400,
        "latency_p95_ms": 86_400_000,
        "processing_duration_ms": 86_400_000,
        "time_spent_minutes": 31 * 24 * 60,
        "expected_minutes": 31 * 24 * 60,
    }


def test_costs_are_known_by_their_currency():
    assert _columns(_claims("runs")["costs_not_negative"]) == ["llm_cost_usd", "infrastructure_cost_eur"]


def test_every_comparison_is_judged_somewhere():
    judged = {column for suite in SUITES.values() for claim in suite.claims for column in _columns(claim)}
    assert set(COMPARISONS) <= judged
