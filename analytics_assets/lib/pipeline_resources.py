"""Which steps of a pipeline use far less than is reserved for them, or nearly all of it?

Reserved is the limit that is recorded of a step; without one, what the largest step of the pipeline uses, as its
runner must hold that at least.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics_assets.mining_thresholds import (
    PIPELINE_MIN_EXECUTIONS,
    PLAN_SURE,
    RESOURCE_HEADROOM,
    RESOURCE_HIGH,
    RESOURCE_LOW,
)
from analytics_assets.thresholds import UNTRIED_TRUST

if TYPE_CHECKING:
    from analytics_assets.lib.critical_path import Numbers
    from analytics_assets.lib.pipeline_steps import Pipeline

Row = dict[str, Any]
RESOURCES = {"memory": ("memory_mb", "memory_limit_mb", "MB"), "cpu": ("cores", "cpu_limit", "cores")}
"""What is used, its limit, and their unit."""


def resource_advice(pipeline: Pipeline) -> tuple[list[Row], float]:
    """Recommendations of more or less memory and CPU, and the share of them that would be saved over all resources.

    Args:
        pipeline: executions with the configuration that is to be changed.
    """
    import numpy as np

    busy = np.nansum(pipeline.values["seconds"], axis=0)
    shares = busy / max(float(busy.sum()), 1e-9)
    advice: list[Row] = []
    savings = []
    for resource, (used, limit, unit) in RESOURCES.items():
        peaks, counts = _peaks(pipeline.values[used])
        if np.isnan(peaks).all():
            continue
        reserved, is_recorded = _reserved(peaks, pipeline.values[limit])
        saved = 0.0
        for place, step in enumerate(pipeline.steps):
            if np.isnan(peaks[place]) or not reserved[place] > 0:
                continue
            needed = RESOURCE_HEADROOM.value * peaks[place]
            confidence = UNTRIED_TRUST.value * min(1.0, counts[place] / PLAN_SURE.value)
            part = 0.0
            if needed <= RESOURCE_LOW.value * reserved[place]:
                part = float(shares[place] * (1 - needed / reserved[place]))
            elif not (is_recorded[place] and peaks[place] >= RESOURCE_HIGH.value * reserved[place]):
                continue
            saved += part
            of = "its limit" if is_recorded[place] else "what the largest step uses"
            advice.append(
                {
                    "type": "resource_optimization",
                    "steps": [step],
                    "resource": resource,
                    "estimated_time_savings": 0.0,
                    "seconds": 0.0,
                    "estimated_resource_savings": part,
                    "confidence": confidence,
                    "is_in_total": part > 0,
                    "evidence": {
                        "executions": int(counts[place]),
                        "p95": float(peaks[place]),
                        "reserved": float(reserved[place]),
                        "is_limit_recorded": bool(is_recorded[place]),
                        "unit": unit,
                    },
                    "text": f"{step} uses {peaks[place]:.3g} of {reserved[place]:.3g} {unit} ({of}) at its 95th "
                    f"percentile: " + (f"{needed:.3g} {unit} would do." if part else "give it more."),
                }
            )
        savings.append(saved)
    return advice, float(np.mean(savings)) if savings else 0.0


def _peaks(values: Numbers) -> tuple[Numbers, Numbers]:
    """The 95th percentile by step and its executions; NaN of too few."""
    import numpy as np

    known = np.isfinite(values) & (values >= 0)
    counts = known.sum(axis=0).astype(float)
    peaks = np.full(values.shape[1], np.nan)
    for place in np.flatnonzero(counts >= PIPELINE_MIN_EXECUTIONS.value):
        peaks[place] = np.quantile(values[known[:, place], place], 0.95)
    return peaks, counts


def _reserved(peaks: Numbers, limits: Numbers) -> tuple[Numbers, Any]:
    """What is reserved by step, and whether that is a recorded limit: the newest one."""
    import numpy as np

    reserved = np.full(len(peaks), np.nanmax(peaks))
    is_recorded = np.zeros(len(peaks), dtype=bool)
    for place in range(len(peaks)):
        known = limits[np.isfinite(limits[:, place]) & (limits[:, place] > 0), place]
        if len(known):
            reserved[place], is_recorded[place] = known[-1], True
    return reserved, is_recorded
