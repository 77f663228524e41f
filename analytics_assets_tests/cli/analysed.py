"""A published version with a spec, its runs and what they suggest, for the commands on runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from analytics_assets.feedback.spec_files import find
from analytics_assets.settings import Settings
from analytics_assets_tests.cli.suggested import write_document
from analytics_assets_tests.feedback.conftest import row as suggestion
from analytics_assets_tests.queries.published import AS_OF, publish

SPEC = "api-impl"
END = {"as_of": AS_OF, "is_stale": False}
EVIL = "\x1b[31m<script>alert(1)</script>|[red]x[/red]"
"""A text from a log that would act on a terminal, on a page and on a table, if it were let."""
RUN = {
    "run_id": "r1",
    "spec_id": SPEC,
    "spec_type": "impl",
    "model": "medium",
    "memory_limit": "2Gi",
    "memory_limit_mb": 2048.0,
    "status": "failed",
    "failure_reason": EVIL,
    "started_at": AS_OF,
}
JUDGED = {"is_success": False, "is_oom": True}
QUALITY = {
    "spec_id": SPEC,
    "spec_type": "impl",
    "path": "specs/api.json",
    "runs_count": 44,
    "success_count": 11,
    "success_rate": 0.25,
    "success_rate_low": 0.15,
    "success_rate_high": 0.4,
    "needs_review": True,
    "quality_score": 31.0,
    "oom_runs": 33,
    "common_failures": '["oom", "test_fail"]',
    "top_error_type": "oom",
    "previous_runs_count": 60,
    "previous_success_rate": 0.9,
    "previous_success_rate_low": 0.8,
    "previous_success_rate_high": 0.95,
    **END,
}
MODEL = {
    "spec_type": "impl",
    "model": EVIL,
    "runs": 44,
    "successful_runs": 11,
    "success_rate": 0.25,
    "success_rate_low": 0.15,
    "success_rate_high": 0.4,
    "priced_runs": 40,
    "total_cost_usd": 12.5,
    "cost_per_success_usd": 1.25,
    **END,
}
TASK = {
    "task_type": "validate",
    "model": "medium",
    "attempts": 30,
    "success_rate": 0.9,
    "success_rate_low": 0.74,
    "success_rate_high": 0.97,
    "retried_tasks": 2,
    **END,
}
RESOURCE = {
    "spec_id": SPEC,
    "memory_limit": "2Gi",
    "runs": 44,
    "oom_runs": 33,
    "oom_share": 0.75,
    "oom_share_low": 0.61,
    "oom_share_high": 0.85,
    "memory_measured_runs": 44,
    "memory_p95_mb": 1900.0,
    "memory_limit_mb": 2048.0,
    "cpu_measured_runs": 0,
    **END,
}
BIN = {
    "source": "backtest",
    "confidence_from": 0.8,
    "confidence_to": 0.9,
    "n": 25,
    "held": 21,
    "held_share": 0.84,
    "held_share_low": 0.65,
    "held_share_high": 0.94,
    "mean_confidence": 0.86,
    "is_calibrated": True,
}
EVIDENCE = "select 'current' as side, count(*) as runs, count(*) filter (where is_oom) as failures "
EVIDENCE += "from staging.stg_judged_runs where spec_id = 'api-impl'"


def suggested(**fields: Any) -> dict[str, Any]:
    """A row of the suggestions, with evidence that can be asked for."""
    return suggestion(evidence_sql=EVIDENCE, **fields)


def tables(settings: Settings, *suggestions: dict[str, Any]) -> dict[str, Any]:
    """Rows of every table; the spec's document lies where its author would put it."""
    file = find(settings, SPEC)
    document = {"id": SPEC, "spec_type": "impl", "path": "specs/api.json", "fingerprint": file.fingerprint}
    cost = {"scope": "project", "scope_id": "shop", "model": "medium", "runs": 44, "priced_runs": 40, **END}
    return {
        "suggestions.suggestions": suggestions or [suggested()],
        "outcomes.calibration": [BIN, BIN | {"confidence_from": 0.9, "confidence_to": 1.0, "n": 0, "held_share": None}],
        "outcomes.rule_scores": [{"rule": "memory_raise", "suggested": 3, "testable": 0, "opinion": "too few to say"}],
        "staging.stg_runs": [
            {k: v for k, v in RUN.items() if k != "memory_limit_mb"},
            {"run_id": "r2", "spec_id": "other", "status": "success", "started_at": AS_OF - timedelta(days=40)},
        ],
        "staging.stg_judged_runs": [RUN | JUDGED],
        "staging.stg_specs": [document],
        "profiles.spec_quality": [QUALITY, {"spec_id": "other", "runs_count": 0, **END}],
        "profiles.model_effectiveness": [MODEL],
        "profiles.task_effectiveness": [TASK],
        "profiles.resource_usage_profiles": [RESOURCE],
        "profiles.failure_patterns": [{"error_type": EVIL, "occurrences": 33, "failure_share": 0.9, **END}],
        "profiles.cost_efficiency": [cost],
    }


def publish_analysis(settings: Settings, *suggestions: dict[str, Any], version: int = 1) -> Path:
    """Publish all of it; returns the spec's document."""
    path = settings.specs / "api.json"
    if not path.exists():
        write_document(settings)
    publish(settings, tables(settings, *suggestions), version=version)
    return path
