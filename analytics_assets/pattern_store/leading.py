"""Which signals are ahead of others, and which follow? The ends of each lead, so that the lead can be a relation."""

from __future__ import annotations

from collections import defaultdict

from analytics_assets.detector_thresholds import LEAD_WORTH_TELLING
from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_store.observed import Observed

LEADING, FOLLOWING = "leading_signal", "following_signal"


def ends_of_leads(rows: list[Row]) -> list[Observed]:
    """A pattern per signal that is ahead of others, and one per signal that follows.

    Args:
        rows: of ``patterns.signal_leads``.
    """
    told: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        is_told = row["is_significant"] and abs(row["correlation"] or 0.0) >= LEAD_WORTH_TELLING.value
        if is_told and row["lag_hours"]:
            told[LEADING, row["leader"]].append(row)
            told[FOLLOWING, row["follower"]].append(row)
    return [_end(pattern_type, signal, leads) for (pattern_type, signal), leads in sorted(told.items())]


def _end(pattern_type: str, signal: str, leads: list[Row]) -> Observed:
    surest = min(leads, key=lambda row: (row["p_adjusted"], -abs(row["correlation"])))
    others = sorted({row["follower" if pattern_type == LEADING else "leader"] for row in leads})
    does = "is ahead of" if pattern_type == LEADING else "follows"
    return Observed(
        pattern_type=pattern_type,
        subject=signal,
        pattern_name=f"{signal} {does} {', '.join(others)}: by {abs(surest['lag_hours']):g} h",
        pattern_category="performance",
        topic="resource_usage_trend",
        detection_algorithm="lagged cross-correlation",
        confidence_score=1 - surest["p_adjusted"],
        significance_score=min(1.0, abs(surest["correlation"])),
        strength=abs(surest["correlation"]),
        strength_unit="correlation",
        location=f"{surest['lag_hours']:g} h",
        components=[signal],
        last_observed_at=surest["as_of"],
        detected_at=surest["as_of"],
        more={"signals": others, "lag_hours": surest["lag_hours"], "correlation": surest["correlation"]},
    )
