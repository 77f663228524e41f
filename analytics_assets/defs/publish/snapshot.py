"""Which version do readers see? The last step of a refresh copies the warehouse and flips the pointer to the copy.

Reads every stage; feeds ``queries/``, and so everybody who asks.
"""

import dagster as dg

from analytics_assets import dbt_runs
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.metadata import Materialized, shown_rows
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.stages import STAGES
from analytics_assets.warehouse.connection import count
from analytics_assets.warehouse.publish import clean_up, publish

RAW_UPSTREAM = (("raw", "ingested_files"), ("raw", "quarantined_lines"))
PYTHON_UPSTREAM = (
    ("kpis", "storage_costs"),
    ("patterns", "correlations"),
    ("patterns", "fix_time_regression"),
    ("patterns", "recurrence_tests"),
    ("patterns", "association_rules"),
    ("patterns", "lag_correlations"),
    ("patterns", "issue_anomalies"),
    ("patterns", "issue_answers"),
    ("patterns", "anomalies"),
    ("patterns", "trends"),
    ("patterns", "level_shifts"),
    ("patterns", "signal_leads"),
    ("patterns", "metric_patterns"),
    ("patterns", "performance_patterns"),
    ("patterns", "outcome_rules"),
    ("patterns", "task_sequences"),
    ("patterns", "clusters"),
    ("patterns", "task_patterns"),
    ("patterns", "bottlenecks"),
    ("patterns", "execution_patterns"),
    ("patterns", "event_correlations"),
    ("patterns", "event_impact_analysis"),
    ("patterns", "integration_patterns"),
    ("patterns", "detector_coverage"),
    ("patterns", "detected_patterns"),
    ("patterns", "pattern_classifications"),
    ("patterns", "pattern_relationships"),
    ("patterns", "pattern_evolution"),
    ("forecasts", "capacity_forecasts"),
    ("forecasts", "health_forecast"),
    ("forecasts", "capacity_planning"),
    ("forecasts", "forecast_backtests"),
    ("forecasts", "series_forecasts"),
    ("forecasts", "cost_forecast"),
    ("predictions", "run_features"),
    ("predictions", "parameter_tuning"),
    ("predictions", "model_training_data"),
    ("predictions", "feature_engineering"),
    ("predictions", "model_performance_metrics"),
    ("predictions", "model_versions"),
    ("predictions", "ml_models"),
    ("predictions", "model_predictions"),
    ("predictions", "prediction_accuracy_tracking"),
    ("predictions", "weekly_model_accuracy"),
    ("predictions", "drift_reports"),
    ("predictions", "retraining_status"),
    ("predictions", "next_run_outlook"),
    ("predictions", "fix_time_estimates"),
    ("predictions", "root_cause_predictions"),
    ("predictions", "file_risks"),
    ("predictions", "critical_outlook"),
    ("predictions", "issue_models"),
    ("suggestions", "suggestions"),
    ("suggestions", "learned_fields"),
    ("suggestions", "spec_proposals"),
    ("suggestions", "optimization_opportunities"),
    ("suggestions", "pipeline_optimization_plans"),
    ("suggestions", "recommendations"),
    ("outcomes", "recommendation_effectiveness"),
    ("outcomes", "suggestion_backtests"),
    ("outcomes", "rule_scores"),
    ("outcomes", "calibration"),
    ("outcomes", "improvement_effectiveness"),
    ("outcomes", "forecast_scores"),
    ("outcomes", "alerts"),
    ("outcomes", "system_kpis"),
)
"""Every asset that is no dbt model, not only the last ones: a run of some of them publishes what it made too."""


@dg.asset(
    key=["publish", "published_snapshot"],
    # Whatever is built is built before them, so the copy comes last.
    deps=[list(upstream) for upstream in (*dbt_runs.last_models(), *RAW_UPSTREAM, *PYTHON_UPSTREAM)],
    kinds={"duckdb"},
    pool="warehouse",
)
def published_snapshot(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> Materialized:
    """The read-only copy of the warehouse that everybody but the writer opens. One row per table in each version."""
    with warehouse.get_connection() as con:
        published = publish(con, warehouse.settings)
        removed = clean_up(warehouse.settings)
    context.log.info("version %d is published; %d old files removed", published.version, len(removed))
    tables = [(table, rows) for table, rows in published.tables.items() if table.split(".")[0] in STAGES]
    return dg.MaterializeResult(
        metadata={
            "version": published.version,
            "file": published.file,
            "bytes": published.bytes,
            "dagster/row_count": len(tables),
            "tables": shown_rows(("table", "rows"), tables),
        }
    )


@dg.asset_check(asset=["publish", "published_snapshot"], description="Readers see the newest batch.")
def readers_see_the_newest_batch(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Open the snapshot as a reader does, and compare its ledger with the warehouse's."""
    newest = "select coalesce(max(batch_id), 0) from raw.ingested_files"
    with open_snapshot(warehouse.settings) as snapshot:
        seen, version = snapshot.query(newest).rows[0][0], snapshot.version
    with warehouse.get_connection() as con:
        written = count(con, newest)
    return dg.AssetCheckResult(
        passed=seen == written,
        metadata={"version": version, "newest_batch_published": seen, "newest_batch_ingested": written},
    )
