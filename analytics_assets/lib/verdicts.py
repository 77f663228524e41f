"""Verdicts of asset checks on one number: passed, warned or failed, and the reason for the limit.

The only module of ``lib`` that knows Dagster, which it imports on first use.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster import AssetCheckResult, MetadataValue

    from analytics_assets.limits import Ceiling, Floor

    Metadata = Mapping[str, MetadataValue | str | float | int | bool]


def at_least(value: float | None, floor: Floor, metadata: Metadata | None = None) -> AssetCheckResult:
    """Passed at ``floor.warn`` or above; an error below ``floor.error`` and for what is not a number."""
    number = _number(value)
    return _verdict(number, floor, fails=number < floor.error, passes=number >= floor.warn, metadata=metadata)


def at_most(value: float | None, ceiling: Ceiling, metadata: Metadata | None = None) -> AssetCheckResult:
    """Passed at ``ceiling.warn`` or below; an error above ``ceiling.error`` and for what is not a number."""
    number = _number(value)
    return _verdict(number, ceiling, fails=number > ceiling.error, passes=number <= ceiling.warn, metadata=metadata)


def _number(value: float | None) -> float:
    """NULL as NaN: a property that could not be measured did not hold."""
    return math.nan if value is None else float(value)


def _verdict(
    number: float, limit: Floor | Ceiling, *, fails: bool, passes: bool, metadata: Metadata | None
) -> AssetCheckResult:
    import dagster as dg

    # NaN is neither: every comparison with it is false.
    severity = dg.AssetCheckSeverity.ERROR if fails or math.isnan(number) else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        passed=passes,
        severity=severity,
        metadata={
            **(metadata or {}),
            "value": dg.MetadataValue.text("not a number") if math.isnan(number) else dg.MetadataValue.float(number),
            "warn": limit.warn,
            "error": limit.error,
            "unit": limit.unit,
            "why": limit.why,
        },
    )
