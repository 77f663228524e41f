"""What profiles and baselines offer beside patterns: a signal that is worse than usual, a cheaper model."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import NormalDist
from typing import Any

from analytics_assets.lib.effects import adjusted_p_values
from analytics_assets.lib.lost_work import Work
from analytics_assets.lib.opportunities import Opportunity
from analytics_assets.lib.opportunity_rules import KIND_OF_SIGNAL
from analytics_assets.lib.opportunity_types import BY_METRIC
from analytics_assets.lib.posterior import probability_lower
from analytics_assets.lib.words import count_of, money, percent
from analytics_assets.pattern_thresholds import (
    BASELINE_INFLATION,
    CHEAPER_MODEL,
    CHEAPER_MODEL_MARGIN,
    CHEAPER_MODEL_RUNS,
    CHEAPER_MODEL_SURE,
    OPPORTUNITY_LEAST,
    OPPORTUNITY_SURE,
)
from analytics_assets.suggesting.claim import literal

Row = Mapping[str, Any]
ANALYTICS, MODELS = "kpis.performance_analytics", "profiles.cost_efficiency"
BASELINE = "seasonal"
"""The same hours of the week before: a weekend is not held against workdays."""


def from_baselines(rows: Iterable[Row], work: Work) -> list[Opportunity]:
    """Signals whose last 24 hours are worse than the same hours of the weeks before, by more than chance.

    Hours resemble their neighbours, so a difference must be twice as many standard errors as a table says; p-values are
    adjusted among all signals that could be compared.
    """
    asked = [
        row for row in rows if row["baseline_type"] == BASELINE and row["z"] is not None and math.isfinite(row["z"])
    ]
    p_values = [2 * (1 - NormalDist().cdf(abs(row["z"]) / BASELINE_INFLATION.value)) for row in asked]
    found = []
    for row, p_value in zip(asked, adjusted_p_values(p_values), strict=True):
        rule = BY_METRIC.get(row["metric_type"])
        is_sure = p_value is not None and p_value < 1 - OPPORTUNITY_SURE.value
        if rule is None or row["is_worse"] is not True or p_value is None or not is_sure:
            continue
        before, now = float(row["baseline_value"]), float(row["current_value"])
        share = (now - before) / now if now > 0 else 0.0
        if 100 * share < OPPORTUNITY_LEAST.value:
            continue
        gain = work.gain(row["component_kind"], row["component_name"], row["metric_type"], share)
        signal = str(row["signal"])
        figures = ("baseline_value", "current_value", "z", "current_samples", "baseline_samples")
        found.append(
            Opportunity(
                opportunity_type=rule.opportunity_type,
                category=rule.category,
                subject=signal,
                component=str(row["component_name"]),
                improvement=share,
                effort=rule.effort,
                effort_reason=rule.effort_reason,
                text=(
                    f"{rule.advice.format(it=row['component_name'])}: its {row['metric_type'].replace('_', ' ')} was "
                    f"{_told(now, row['unit'])} in the last day, {_told(before, row['unit'])} at these hours of the "
                    f"weeks before. Worth up to {percent(share)}."
                ),
                confidence=1 - p_value,
                source=ANALYTICS,
                record_kinds=(KIND_OF_SIGNAL[row["component_kind"]],),
                evidence_sql=(
                    f"select {', '.join(figures)} from {ANALYTICS} "
                    f"where signal = {literal(signal)} and baseline_type = '{BASELINE}'"
                ),
                supporting={name: row[name] for name in figures},
                hours=gain.hours,
                usd=gain.usd,
                as_of=row["as_of"],
                is_stale=bool(row["is_stale"]),
            )
        )
    return found


def from_models(rows: Iterable[Row], suggested: frozenset[str]) -> list[Opportunity]:
    """Per type of spec, a model that costs a fifth less per success and hardly fails more often than the one in use.

    Args:
        rows: of ``profiles.cost_efficiency``.
        suggested: types of spec with a pending suggestion on the model: they are told there, with the runs behind it.
    """
    types: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        known = row["cost_per_success_usd"] is not None and row["model"] is not None
        if row["scope"] == "spec_type" and known and row["runs"] >= CHEAPER_MODEL_RUNS.value:
            types[str(row["scope_id"])].append(row)
    found = []
    for spec_type, models in sorted(types.items()):
        used = max(models, key=lambda row: (row["runs"], row["model"]))
        cheaper = [row for row in models if _saved(row, used) >= CHEAPER_MODEL.value / 100]
        sure = [(_confidence(row, used), row) for row in cheaper]
        sure = [(confidence, row) for confidence, row in sure if confidence >= CHEAPER_MODEL_SURE.value]
        if spec_type not in suggested and sure:
            confidence, best = max(sure, key=lambda one: (_saved(one[1], used), one[1]["model"]))
            found.append(_model(spec_type, used, best, confidence))
    return found


def _saved(row: Row, used: Row) -> float:
    cost = float(used["cost_per_success_usd"])
    return 1 - float(row["cost_per_success_usd"]) / cost if cost > 0 else 0.0


def _confidence(row: Row, used: Row) -> float:
    """P(it fails at most five points more often)."""
    return probability_lower(
        used["runs"] - used["successful_runs"],
        used["runs"],
        row["runs"] - row["successful_runs"],
        row["runs"],
        CHEAPER_MODEL_MARGIN.value,
    )


def _model(spec_type: str, used: Row, best: Row, confidence: float) -> Opportunity:
    share = _saved(best, used)
    saving = float(used["cost_per_success_usd"]) * used["successful_runs"] * share
    here = f"scope = 'spec_type' and scope_id = {literal(spec_type)}"
    one, other = (f"cost_per_success_usd end) as {name}" for name in ("used_usd", "suggested_usd"))
    return Opportunity(
        opportunity_type="cost",
        category="resource",
        subject=f"model of {spec_type}",
        component=spec_type,
        improvement=share,
        effort="low",
        effort_reason="another model is a setting",
        text=(
            f"Run specs of type {spec_type} with {best['model']}: {money(best['cost_per_success_usd'])} per success "
            f"({count_of(best['successful_runs'], best['runs'])}), {used['model']} takes "
            f"{money(used['cost_per_success_usd'])} ({count_of(used['successful_runs'], used['runs'])}). "
            f"Worth {percent(share)}, {money(saving)} in 30 days."
        ),
        confidence=confidence,
        source=MODELS,
        record_kinds=("runs",),
        evidence_sql=(
            f"select max(case when model = {literal(used['model'])} then {one}, "
            f"max(case when model = {literal(best['model'])} then {other} from {MODELS} where {here}"
        ),
        supporting={
            "used": used["model"],
            "suggested": best["model"],
            "used_usd": used["cost_per_success_usd"],
            "suggested_usd": best["cost_per_success_usd"],
        },
        usd=saving,
        as_of=_as_of(best, used),
        is_stale=bool(best["is_stale"]),
    )


def _as_of(*rows: Row) -> datetime | None:
    return max((row["as_of"] for row in rows if row["as_of"] is not None), default=None)


def _told(value: float, unit: str | None) -> str:
    return percent(value) if unit == "share" else f"{value:.3g} {unit or ''}".rstrip()
