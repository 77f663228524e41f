"""How much the effect of an event matters, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from analytics_assets.lib.event_impacts import Effect
from analytics_assets.lib.signal_grid import HOUR
from analytics_assets.mining_thresholds import IMPACT_LONG, IMPACT_PEAK, IMPACT_SEVERE

DEPLOYMENT, CONFIGURATION, OUTAGE = "deployment", "configuration_change", "outage"
DEGRADATION, IMPROVEMENT, NONE, UNKNOWN = "degradation", "improvement", "none", "unknown"
SHORT = 10
"""Characters of a commit that people tell it by."""


def impact_type(effect: Effect, worse: str | None, *, is_significant: bool | None) -> str:
    """degradation, improvement, none, or unknown where it cannot be told or nobody knows which direction is worse."""
    if is_significant is None:
        return UNKNOWN
    if not is_significant:
        return NONE
    if worse is None:
        return UNKNOWN
    return DEGRADATION if ((effect.magnitude or 0) > 0) == (worse == "up") else IMPROVEMENT


def business_impact(effect: Effect, traffic_share: float) -> float:
    """How much an effect matters, 0 to 100: severity x duration x share of the traffic that met it.

    Severity is the magnitude as a share of 6 robust standard deviations, duration a share of 6 hours; both are 1 at
    most. Where the traffic is not known, its share is 1.
    """
    severity = min(1.0, abs(effect.magnitude or 0.0) / IMPACT_SEVERE.value)
    duration = min(1.0, (effect.seconds or 0.0) / (IMPACT_LONG.value * HOUR))
    return 100 * severity * duration * min(1.0, max(0.0, traffic_share))


def traffic_shares(hours: Mapping[datetime, float]) -> Callable[[datetime, float], float]:
    """The share of the usual peak (95th percentile of hours) that a span of time has, by its beginning and seconds."""
    import numpy as np

    peak = float(np.quantile(list(hours.values()), IMPACT_PEAK.value)) if hours else 0.0

    def share(at: datetime, seconds: float) -> float:
        if peak <= 0:
            return 1.0
        first = at.replace(minute=0, second=0, microsecond=0)
        count = int(seconds // HOUR) + 1
        return float(np.mean([hours.get(first + timedelta(hours=n), 0.0) for n in range(count)])) / peak

    return share


def mitigations(effect: Effect) -> list[str]:
    """What can be done about a signal that became worse, in sentences; the most direct first."""
    happening, said = effect.happening, effect.happening.said
    pipeline = said.get("pipeline_name") or "the pipeline"
    watch = (
        f"Let {pipeline} wait for {effect.signal} to stay as it was before the next step, and stop when it does not."
    )
    if happening.event_type == CONFIGURATION:
        before = said.get("earlier_version")
        back = f"Go back to configuration {before} of {pipeline}, or change one setting at a time."
        return [back, watch]
    if happening.event_type == OUTAGE:
        return [
            f"Let {said.get('link')} try again with growing pauses, and answer from what is known meanwhile.",
            f"Warn when {said.get('link')} fails several times in a row.",
        ]
    earlier, own = said.get("earlier_head_sha"), said.get("head_sha")
    if earlier and own and earlier != own:
        return [f"Roll {pipeline} back from {own[:SHORT]} to {earlier[:SHORT]}.", watch]
    return [f"Roll back what {pipeline} deployed.", watch]
