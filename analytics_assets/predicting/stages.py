"""The stages of a version, and which version of a model has which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
"""A row of ``predictions.model_versions``."""
CHAMPION, SHADOW, CANARY = "champion", "shadow", "canary"
TRIAL = (SHADOW, CANARY)
ANSWERING = (CHAMPION, *TRIAL)
"""Stages of versions that answer."""


def champions(versions: Iterable[Row]) -> dict[str, Row]:
    """The version whose answers count, by model; of a model without one there is none."""
    return {row["model_name"]: row for row in versions if row["stage"] == CHAMPION}


def champion_of(versions: Iterable[Row], name: str) -> Row | None:
    """The version of a model whose answers count."""
    return champions(versions).get(name)


def on_trial_of(versions: Iterable[Row], name: str) -> Row | None:
    """The challenger of a model that predicts beside its champion."""
    return next((row for row in versions if row["model_name"] == name and row["stage"] in TRIAL), None)
