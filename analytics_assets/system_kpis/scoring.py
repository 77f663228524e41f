"""A day's rows: every KPI with its score, the four groups, and the health score of what is known.

A group is the mean of its known scores. What is not known is left out and not taken for 0: the weights of the groups
that are known are scaled to 1, and the health score says how much of the whole they cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from analytics_assets.kpi_thresholds import KPI_DAYS_KEPT
from analytics_assets.lib.words import percent
from analytics_assets.system_kpis.definitions import (
    GROUP_SCORE,
    GROUPS,
    HEALTH,
    KPIS,
    NO_SCORE,
    OVERALL,
    Kpi,
    Measured,
    within,
)

Row = dict[str, Any]
NOTHING_USUAL = "nothing usual is known to compare it with"
SCORE = "score, 0 to 1"


def day_of(measured: Mapping[str, Measured], as_of: datetime, *, is_stale: bool) -> list[Row]:
    """The rows of one day: 16 KPIs, 4 groups and the health score, in this order.

    Args:
        measured: every KPI by its name.
        as_of: newest record of any kind.
        is_stale: whether that is long ago.

    Raises:
        KeyError: a KPI was not measured.
    """
    scores = {kpi.name: kpi.scored(measured[kpi.name]) for kpi in KPIS}
    means = {group: _mean(scores[kpi.name] for kpi in KPIS if kpi.group == group) for group in GROUPS}
    covered = sum(weight for group, weight in GROUPS.items() if means[group] is not None)
    rows = [_kpi(kpi, measured[kpi.name], scores, means, covered) for kpi in KPIS]
    rows += [_group(group, means[group], scores, covered) for group in GROUPS]
    rows.append(_overall(means, covered))
    end = {"measured_on": as_of.date(), "as_of": as_of, "is_stale": is_stale}
    return [row | end for row in rows]


def kept(earlier: Iterable[Mapping[str, Any]], today: date) -> list[Row]:
    """Rows of other days that are written again, in their order: those of the last 400 days."""
    oldest = today - timedelta(days=KPI_DAYS_KEPT.value)
    others = [dict(row) for row in earlier if row["measured_on"] != today and row["measured_on"] > oldest]
    return sorted(others, key=lambda row: row["measured_on"])


def _mean(scores: Iterable[float | None]) -> float | None:
    found = [score for score in scores if score is not None]
    return sum(found) / len(found) if found else None


def _kpi(
    kpi: Kpi,
    one: Measured,
    scores: Mapping[str, float | None],
    means: Mapping[str, float | None],
    covered: float,
) -> Row:
    score = scores[kpi.name]
    own = [other for other in KPIS if other.group == kpi.group and other.score is not None]
    counted = sum(scores[other.name] is not None for other in own)
    reason = one.reason
    if score is None and reason is None:
        reason = NO_SCORE if kpi.score is None else NOTHING_USUAL
    is_counted = score is not None and means[kpi.group] is not None
    return {
        "kpi_group": kpi.group,
        "kpi": kpi.name,
        "value": one.value,
        "unit": kpi.unit,
        "usual": one.usual,
        "score": score,
        "normalisation": kpi.normalisation,
        "n": one.n,
        "reason": reason,
        "weight": None if kpi.score is None else 1 / len(own),
        "effective_weight": GROUPS[kpi.group] / covered / counted if is_counted else 0.0,
        "source": one.source,
    }


def _group(group: str, mean: float | None, scores: Mapping[str, float | None], covered: float) -> Row:
    scorable = [kpi.name for kpi in KPIS if kpi.group == group and kpi.score is not None]
    unknown = [name for name in scorable if scores[name] is None]
    reason = f"without {', '.join(unknown)}" if unknown else None
    return {
        "kpi_group": group,
        "kpi": GROUP_SCORE,
        "value": mean,
        "unit": SCORE,
        "score": mean,
        "normalisation": f"Mean of its known scores; weight {GROUPS[group]} in the health score.",
        "n": len(scorable) - len(unknown),
        "reason": "none of its KPIs is known" if mean is None else reason,
        "weight": GROUPS[group],
        "effective_weight": 0.0 if mean is None else GROUPS[group] / covered,
        "source": "its KPIs",
    }


def _overall(means: Mapping[str, float | None], covered: float) -> Row:
    unknown = [group for group, mean in means.items() if mean is None]
    total = sum(GROUPS[group] * mean for group, mean in means.items() if mean is not None)
    score = within(total / covered) if covered else None
    reason = None
    if score is None:
        reason = "no group is known"
    elif unknown:
        reason = f"covers {percent(covered)} of the weight: {', '.join(unknown)} not known"
    weights = ", ".join(str(weight) for weight in GROUPS.values())
    return {
        "kpi_group": OVERALL,
        "kpi": HEALTH,
        "value": score,
        "unit": SCORE,
        "score": score,
        "normalisation": f"Mean of the known groups by weight ({weights} in their order), 0 to 1.",
        "n": len(means) - len(unknown),
        "reason": reason,
        "weight": covered,
        "effective_weight": 0.0 if score is None else 1.0,
        "source": "its groups",
    }
