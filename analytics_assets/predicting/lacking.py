"""Why a model cannot be trained yet: how many runs say something of what it predicts, and how many are needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.words import plural
from analytics_assets.predicting.purpose import Purpose
from analytics_assets.predicting.training_requests import SWITCHED_OFF
from analytics_assets.predicting_thresholds import SPLIT_MIN_TEST, SPLIT_MIN_TRAIN
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import records
from analytics_assets.warehouse.frames import columns_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TARGET_WORDS = {"duration_seconds": "duration", "llm_cost_usd": "cost"}
_KNOWN = "is_failed is not null and known_at is not null"
COUNTED = f"""
    select
        count(*) as runs,
        count(*) filter (where {_KNOWN}) as is_failed,
        count(*) filter (where {_KNOWN} and duration_seconds > 0) as duration_seconds,
        count(*) filter (where {_KNOWN} and llm_cost_usd > 0) as llm_cost_usd
    from predictions.run_features
"""
"""Runs, and those that can be learnt from, by the target of a model."""


def missing(con: DuckDBPyConnection, settings: Settings) -> dict[str, str]:
    """Why nothing can be trained now, by the name of the model; one that is not there could be."""
    from analytics_assets.predicting.purposes import PURPOSES

    if not settings.model_training_enabled:
        return dict.fromkeys(PURPOSES, SWITCHED_OFF)
    if not columns_of(con, "predictions", "run_features"):
        return dict.fromkeys(PURPOSES, "there is no run to learn from")
    counted = records(con, COUNTED)[0]
    told = {name: lacking(purpose, counted) for name, purpose in PURPOSES.items()}
    return {name: sentence for name, sentence in told.items() if sentence is not None}


def lacking(purpose: Purpose, counted: Mapping[str, Any]) -> str | None:
    """What is missing before a first version can be trained, in a sentence; None where there are enough runs.

    Args:
        purpose: of the model.
        counted: the row of ``COUNTED``.
    """
    needed = int(SPLIT_MIN_TRAIN.value + SPLIT_MIN_TEST.value)
    outcomes, taught = int(counted["is_failed"]), int(counted[purpose.target])
    if taught >= needed:
        return None
    if not outcomes:
        return f"there is no run with an outcome, {needed} are needed"
    told = f"{plural(outcomes, 'run')} with an outcome"
    if purpose.target not in TARGET_WORDS:
        return f"there {'is' if outcomes == 1 else 'are'} {told}, {needed} are needed"
    which = f"a {TARGET_WORDS[purpose.target]} above 0"
    if not taught:
        return f"none of {told} has {which}, {needed} are needed"
    return f"{taught:,} of {told} {'has' if taught == 1 else 'have'} {which}, {needed} are needed"
