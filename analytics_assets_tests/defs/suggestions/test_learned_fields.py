"""What was learned of each spec stands in its document and in the table, and what stands in the way is told."""

from __future__ import annotations

import json

import dagster as dg
import pytest

from analytics_assets.defs.suggestions.learned_fields import (
    learned_fields,
    learned_fields_are_written,
    learned_fields_match_the_files,
)

DOCUMENT = '{\n    "id": "api-impl",\n    "spec_type": "impl",\n    "tasks": [1, 2]\n}\n'


@pytest.fixture
def profiled(warehouse):
    """One spec with a document and 40 runs of one model, in tables as the dbt models leave them."""
    (warehouse.settings.specs).mkdir()
    (warehouse.settings.specs / "api.json").write_text(DOCUMENT)
    with warehouse.get_connection() as con:
        con.execute(
            "create table staging.stg_specs as select 'api-impl' as id, 'f1' as fingerprint, 2 as task_count, "
            "cast(null as double) as complexity"
        )
        con.execute(
            "create table profiles.spec_quality as select 'api-impl' as spec_id, 'f1' as spec_fingerprint, "
            "'impl' as spec_type, 'p' as project_id, 40 as runs_count, 0.5e0 as success_rate, "
            "90.0e0 as avg_duration_seconds, 0.2e0 as avg_cost_usd, true as needs_review, 2 as oom_runs, "
            "'[\"oom\"]' as common_failures"
        )
        con.execute(
            "create table profiles.cost_efficiency as select 'fingerprint' as scope, 'f1' as scope_id, 'm' as model, "
            "40 as runs, 20 as successful_runs, 40 as priced_runs, 0.4e0 as cost_per_success_usd, "
            "0.2e0 as p50_cost_usd, 0.3e0 as p95_cost_usd, 90e0 as p50_duration_seconds, 99e0 as p95_duration_seconds"
        )
        con.execute(
            "create table profiles.resource_needs as select 'fingerprint' as scope, 'f1' as scope_id, 40 as runs, "
            "40 as memory_measured_runs, 30 as memory_uncensored_runs, 900.0e0 as memory_p95_mb, "
            "2048.0e0 as largest_oom_limit_mb, 300.0e0 as cpu_p95_mcores, "
            "cast(null as double) as largest_throttled_cpu_mcores"
        )
        con.execute(
            "create table suggestions.suggestions (spec_id varchar, id varchar, suggested_value varchar, "
            "suggested_runs bigint, reasoning varchar, target varchar, status varchar, level varchar, "
            "confidence double)"
        )
        con.execute(
            "create table profiles.failure_patterns as select 'impl' as spec_type, 2 as task_count, "
            "'oom' as error_type, 20 as occurrences, true as is_frequent"
        )
        con.execute(
            "create table staging.stg_judged_runs as select 'impl' as spec_type, 2 as task_count, "
            "cast(null as double) as complexity, true as is_success, timestamp '2026-02-01' as started_at, "
            "timestamp '2026-02-02' as as_of"
        )
    return warehouse


def asked(warehouse):
    with dg.build_asset_context() as context:
        return learned_fields(context=context, warehouse=warehouse).value


def test_the_document_and_the_table_say_the_same(profiled):
    frame = asked(profiled)
    text = (profiled.settings.specs / "api.json").read_text()
    stored = json.loads(text)["_learned"]
    (row,) = frame.to_dict("records")
    assert stored["optimal_model"] == row["optimal_model"] == "m"
    assert stored["recommended_resources"] == {"memory": "4Gi", "cpu": "500m"}
    assert (row["recommended_memory"], row["recommended_cpu"]) == ("4Gi", "500m")
    assert stored["risk_factors"] == json.loads(row["risk_factors"])
    assert stored["risk_factors"] == ["low_success_rate", "out_of_memory", "mostly_oom"]
    assert (stored["avg_duration_minutes"], row["runs_count"]) == (1.5, 40)
    assert stored["evidence_hash"] == row["evidence_hash"]
    assert row["problem"] is None
    assert text.startswith(DOCUMENT.rstrip("}\n"))


def test_checks_pass_on_what_was_written_and_a_second_time_nothing_is(profiled):
    first = asked(profiled)
    assert learned_fields_are_written(learned_fields=first).passed
    assert learned_fields_match_the_files(learned_fields=first, warehouse=profiled).passed
    assert asked(profiled).equals(first)


def test_a_document_that_cannot_be_written_warns_with_the_reason(profiled):
    (profiled.settings.specs / "broken.json").write_text("{")
    result = learned_fields_are_written(learned_fields=asked(profiled))
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "broken.json is not JSON" in result.metadata["problems"].value


def test_a_document_that_somebody_changed_since_is_found(profiled):
    frame = asked(profiled)
    (profiled.settings.specs / "api.json").write_text(DOCUMENT)
    result = learned_fields_match_the_files(learned_fields=frame, warehouse=profiled)
    assert not result.passed
    assert result.metadata["differing"].value == ["api.json"]


def test_without_a_document_the_table_is_empty_and_keeps_its_columns(profiled):
    (profiled.settings.specs / "api.json").unlink()
    frame = asked(profiled)
    assert frame.empty
    assert "evidence_hash" in frame.columns
    assert learned_fields_are_written(learned_fields=frame).passed
    assert learned_fields_match_the_files(learned_fields=frame, warehouse=profiled).passed
