"""The checks of the assets about models, computed on tables as a refresh left them."""

from __future__ import annotations

from typing import Any

import dagster as dg

from analytics_assets.defs.predictions import ml_models as models_module
from analytics_assets.defs.predictions import model_training as training_module
from analytics_assets.defs.predictions import model_versions as versions_module
from analytics_assets.defs.predictions.registry_columns import (
    FEATURE_ENGINEERING,
    MODELS,
    PERFORMANCE,
    TRAINING_DATA,
    VERSIONS,
)
from analytics_assets.warehouse.frames import frame_of
from analytics_assets_tests.defs.predictions.registry_tables import Registry

MODULES = (training_module, versions_module, models_module)
TABLES = {
    "model_training_data": TRAINING_DATA,
    "feature_engineering": FEATURE_ENGINEERING,
    "model_performance_metrics": PERFORMANCE,
    "model_versions": VERSIONS,
    "ml_models": MODELS,
}


def checks(registry: Registry, only: str | None = None) -> tuple[dict[str, bool], dict[str, Any]]:
    """Whether each check passed, or that one, and what it told."""
    found = {one.check_key.name: one for module in MODULES for one in vars(module).values() if is_check(one)}
    given = {"warehouse": registry.warehouse}
    given |= {name: frame_of(columns, registry.rows(name)) for name, columns in TABLES.items()}
    results = {}
    for name, check in found.items():
        wanted = check.op.compute_fn.decorated_fn.__annotations__
        if only in (None, name):
            results[name] = check(**{key: value for key, value in given.items() if key in wanted})
    return {name: result.passed for name, result in results.items()}, results


def is_check(value: object) -> bool:
    """Whether it is a check of an asset."""
    return isinstance(value, dg.AssetChecksDefinition)
