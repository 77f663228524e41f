"""Every table and column that the pattern engine names in its seven modules is here, where its page says."""

import re
from pathlib import Path

import pytest
from dagster import AssetKey

from analytics_assets.definitions import defs

GRAPH = defs().get_repository_def().asset_graph
PAGE = Path(__file__).parents[2] / "docs" / "seven-modules.md"
# Copied from the engine's schema, section 2.2, not from this project.
TABLES = {
    "tasks": "id title description status priority created_at updated_at assigned_to project_id estimated_effort "
    "actual_effort complexity_score tags",
    "task_executions": "id task_id execution_start execution_end status error_message performance_metrics "
    "resource_usage created_at",
    "task_dependencies": "id parent_task_id dependent_task_id dependency_type created_at",
    "task_patterns": "id pattern_type pattern_data confidence_score detected_at task_ids impact_assessment",
    "pipeline_executions": "id pipeline_name execution_start execution_end status trigger_type trigger_data "
    "total_duration success_rate created_at",
    "step_executions": "id pipeline_execution_id step_name step_order execution_start execution_end status "
    "error_details performance_data resource_consumption",
    "pipeline_configurations": "id pipeline_name configuration_version configuration_data created_at is_active "
    "performance_baseline",
    "execution_patterns": "id pipeline_name pattern_type pattern_description pattern_data frequency_score "
    "impact_score detected_at",
    "system_metrics": "id metric_name metric_value metric_unit metric_tags collected_at source_system "
    "aggregation_period",
    "resource_usage": "id resource_type usage_percentage absolute_value peak_usage average_usage measured_at "
    "context_data",
    "capacity_planning": "id resource_type current_capacity projected_usage projection_date confidence_interval "
    "recommendation created_at",
    "metric_patterns": "id metric_names pattern_type pattern_signature anomaly_score trend_direction detected_at "
    "prediction_horizon",
    "performance_analytics": "id component_name metric_type baseline_value current_value performance_delta "
    "measurement_window analyzed_at context_metadata",
    "performance_baselines": "id component_name baseline_type baseline_metrics confidence_level sample_size "
    "established_at valid_until is_active",
    "optimization_opportunities": "id opportunity_type component_affected potential_improvement effort_estimate "
    "priority_score recommendation_text supporting_data identified_at status",
    "performance_patterns": "id pattern_name pattern_type affected_components pattern_signature trend_analysis "
    "impact_severity detected_at prediction_accuracy",
    "integration_events": "id event_type source_system target_system event_data event_timestamp "
    "processing_duration status error_details correlation_id created_at",
    "event_correlations": "id primary_event_id related_event_id correlation_type correlation_strength time_offset "
    "discovered_at confidence_score",
    "integration_patterns": "id pattern_name pattern_type systems_involved pattern_definition frequency_analysis "
    "performance_impact detected_at pattern_stability_score",
    "event_impact_analysis": "id event_id impact_type affected_systems impact_magnitude impact_duration "
    "recovery_time business_impact_score analyzed_at mitigation_suggestions",
    "detected_patterns": "id pattern_name pattern_type pattern_category pattern_data detection_algorithm "
    "confidence_score significance_score detected_at last_observed_at observation_count is_active",
    "pattern_classifications": "id pattern_id classification_type classification_value classification_confidence "
    "classifier_model classified_at human_verified verification_timestamp",
    "pattern_relationships": "id parent_pattern_id child_pattern_id relationship_type relationship_strength "
    "temporal_offset discovered_at validation_status",
    "pattern_evolution": "id pattern_id evolution_type previous_state current_state change_magnitude "
    "evolution_timestamp contributing_factors prediction_accuracy",
    "ml_models": "id model_name model_type model_purpose algorithm_name model_version model_parameters "
    "training_data_hash model_artifact_path created_at is_active performance_metrics",
    "model_training_data": "id model_id data_source data_hash feature_count sample_count data_quality_score "
    "feature_importance training_start training_end validation_split test_split",
    "model_predictions": "id model_id prediction_input prediction_output confidence_score prediction_timestamp "
    "actual_outcome outcome_timestamp prediction_accuracy context_metadata",
    "model_performance_metrics": "id model_id metric_name metric_value metric_type evaluation_dataset "
    "evaluation_timestamp evaluation_context benchmark_comparison",
    "feature_engineering": "id model_id feature_name feature_type transformation_logic feature_importance "
    "correlation_with_target created_at is_active performance_impact",
    "prediction_accuracy_tracking": "id model_id prediction_id accuracy_score error_magnitude error_type measured_at "
    "feedback_source correction_applied",
    "recommendation_effectiveness": "id recommendation_id recommendation_type implementation_status "
    "implementation_date measured_improvement expected_improvement effectiveness_score measurement_period measured_at "
    "feedback_notes business_impact",
}
ROW = re.compile(r"^\| (\w+) \| `(\w+)\.(\w+)` \|(.*)\|$", re.MULTILINE)
MAPPED = {
    there: (AssetKey([stage, table]), dict(re.findall(r"(\w+): `([\w +]+)`", renamed)))
    for there, stage, table, renamed in ROW.findall(PAGE.read_text(encoding="utf-8"))
}


def test_the_page_has_every_table_once_and_no_other():
    assert list(MAPPED) == list(TABLES)
    assert len(ROW.findall(PAGE.read_text(encoding="utf-8"))) == len(TABLES)


@pytest.mark.parametrize("table", TABLES)
class TestEveryTable:
    def test_is_an_asset(self, table):
        asset, _ = MAPPED[table]
        assert asset in GRAPH.materializable_asset_keys

    def test_has_every_column(self, table):
        asset, renamed = MAPPED[table]
        columns = {column.name for column in GRAPH.get(asset).metadata["dagster/column_schema"].columns}
        named = [renamed.get(column, column) for column in TABLES[table].split()]
        assert [name for name in named if not set(name.split(" + ")) <= columns] == []

    def test_renames_no_column_that_is_not_there(self, table):
        _, renamed = MAPPED[table]
        assert set(renamed) <= set(TABLES[table].split())

    def test_is_tagged_with_its_module(self, table):
        asset, _ = MAPPED[table]
        assert GRAPH.get(asset).tags.get("module", "").startswith("M")
