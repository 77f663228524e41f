"""How to run a spec next: model, memory and CPU, and what to expect, each from the narrowest scope with runs enough.

The scopes are, in this order: the spec as its document is now (``fingerprint``), every version of it (``spec``), the
specs of its type (``spec_type``), those of its project (``project``). Where none has runs enough, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics_assets.lib.choosing import Candidate, choose_model
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.sizes import Sizes, cpu_text, memory_text, next_size, recommended_memory_mb
from analytics_assets.thresholds import SUGGEST_MIN_RUNS, USAGE_HEADROOM

Row = Mapping[str, Any]
OF_THE_SPEC = ("fingerprint", "spec")
SUGGESTED = "suggestion"
"""Scope of a model that waits as a suggestion: its comparison is stricter than one of raw rates, so it goes first."""
NOT_ENOUGH = "not enough data"
"""In place of a scope."""
_HEADROOM = f"and {100 * (USAGE_HEADROOM.value - 1):.0f} % are added"


@dataclass(frozen=True)
class Scope:
    """Runs that can stand for the next one: rows of ``cost_efficiency`` by model, and the row of ``resource_needs``."""

    name: str
    id: str
    models: Sequence[Row] = ()
    needs: Row = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """One value with where it comes from and why; ``value`` is None where no scope has runs enough."""

    value: Any
    scope: str
    scope_id: str | None
    runs: int | None
    reason: str

    def record(self, **named: Any) -> dict[str, Any]:
        """As JSON has it; ``named`` replaces ``value`` where it has several parts."""
        value = named or {"value": self.value}
        return {**value, "scope": self.scope, "scope_id": self.scope_id, "runs": self.runs, "reason": self.reason}


@dataclass(frozen=True)
class Advice:
    """A pending suggestion of another model for the spec: its id, the runs of that model, and why."""

    model: str
    suggestion_id: str
    runs: int | None
    reason: str

    @classmethod
    def of(cls, suggestion: Row) -> Advice:
        """From a row of ``suggestions.suggestions`` whose target is the model."""
        model = suggestion["suggested_value"].removeprefix("model: ")
        return cls(model, suggestion["id"], suggestion["suggested_runs"], suggestion["reasoning"])


@dataclass(frozen=True)
class RunConfig:
    """The next run. Costs and durations are (p50, p95), the risk is (share that failed, low, high)."""

    model: Found
    memory: Found
    cpu: Found
    cost_usd: Found
    duration_seconds: Found
    failure_risk: Found

    def record(self) -> dict[str, Any]:
        """As JSON has it."""
        p50_cost, p95_cost = self.cost_usd.value or (None, None)
        p50_duration, p95_duration = self.duration_seconds.value or (None, None)
        share, low, high = self.failure_risk.value or (None, None, None)
        return {
            "model": self.model.record(),
            "memory": self.memory.record(),
            "cpu": self.cpu.record(),
            "expected_cost_usd": self.cost_usd.record(p50=p50_cost, p95=p95_cost),
            "expected_duration_seconds": self.duration_seconds.record(p50=p50_duration, p95=p95_duration),
            "failure_risk": self.failure_risk.record(share=share, low=low, high=high),
        }


def configure(scopes: Sequence[Scope], sizes: Sizes, advice: Advice | None = None) -> RunConfig:
    """The next run's configuration from what the scopes know, the narrowest first; its model as it is advised."""
    if advice is not None:
        model = Found(advice.model, SUGGESTED, advice.suggestion_id, advice.runs, advice.reason)
    else:
        model = _first(scopes, _model, f"no scope has {_enough()} of one model")
    of_model = [_of(scope, model.value) for scope in scopes] if model.value else []
    unknown = f"no scope has {_enough()} of it" if model.value else "the model is open"
    return RunConfig(
        model=model,
        memory=_first(scopes, lambda scope: _memory(scope, scopes, sizes), f"no scope has {_enough()} with a peak"),
        cpu=_first(scopes, lambda scope: _cpu(scope, sizes), f"no scope has {_enough()} with a peak"),
        cost_usd=_first(of_model, lambda scope: _spread(scope, "cost_usd", "priced_runs"), unknown),
        duration_seconds=_first(of_model, lambda scope: _spread(scope, "duration_seconds", "runs"), unknown),
        failure_risk=_first(of_model, _risk, unknown),
    )


def _first(scopes: Sequence[Scope], find: Callable[[Scope], Found | None], missing: str) -> Found:
    for scope in scopes:
        found = find(scope)
        if found is not None:
            return found
    return Found(None, NOT_ENOUGH, None, None, f"Not enough data: {missing}.")


def _enough() -> str:
    return f"{SUGGEST_MIN_RUNS.value:.0f} runs"


def _model(scope: Scope) -> Found | None:
    candidates = [
        Candidate(row["model"], row["runs"], row["successful_runs"], _cost_per_success(row))
        for row in scope.models
        if row["model"] is not None and row["runs"]
    ]
    choice = choose_model(candidates)
    return choice and Found(choice.chosen.model, scope.name, scope.id, choice.chosen.runs, choice.reason)


def _cost_per_success(row: Row) -> float | None:
    """What a success costs, where runs enough have a price."""
    cost: float | None = row["cost_per_success_usd"]
    return cost if row["priced_runs"] >= SUGGEST_MIN_RUNS.value else None


def _memory(scope: Scope, scopes: Sequence[Scope], sizes: Sizes) -> Found | None:
    measured, uncut = scope.needs.get("memory_measured_runs") or 0, scope.needs.get("memory_uncensored_runs") or 0
    if measured < SUGGEST_MIN_RUNS.value:
        return None
    # What was killed once in the window is not tried again, in whichever version of the spec it was.
    related = [scope, *(other for other in scopes if other.name in OF_THE_SPEC)]
    killed = max((mb for other in related if (mb := other.needs.get("largest_oom_limit_mb")) is not None), default=None)
    p95 = scope.needs.get("memory_p95_mb")
    need = recommended_memory_mb(p95, killed)
    if need is None:
        return None
    said = []
    if p95 is not None:
        said.append(f"95 % of {uncut:,} runs that no limit cut off used at most {p95:,.0f} MB, {_HEADROOM}")
    if killed is not None:
        said.append(f"runs were killed for want of memory at {memory_text(killed)}")
    size = memory_text(next_size(need, sizes.memory_mb))
    return Found(size, scope.name, scope.id, measured, _sentence(said))


def _cpu(scope: Scope, sizes: Sizes) -> Found | None:
    runs = scope.needs.get("runs") or 0
    p95, held_up = scope.needs.get("cpu_p95_mcores"), scope.needs.get("largest_throttled_cpu_mcores")
    if runs < SUGGEST_MIN_RUNS.value or (p95 is None and held_up is None):
        return None
    said, needs = [], []
    if p95 is not None:
        needs.append(p95 * USAGE_HEADROOM.value)
        said.append(f"95 % of the runs that no limit held up used at most {p95:,.0f} mcores, {_HEADROOM}")
    if held_up is not None:
        # Where every run reached its limit, what they need is more than the largest of these.
        needs.append(held_up if p95 is not None else held_up + 1)
        said.append(f"runs reached their limit of {cpu_text(held_up)}")
    size = cpu_text(next_size(max(needs), sizes.cpu_mcores))
    return Found(size, scope.name, scope.id, runs, _sentence(said))


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _of(scope: Scope, model: str) -> Scope:
    """The scope with the runs of one model alone."""
    return Scope(scope.name, scope.id, [row for row in scope.models if row["model"] == model])


def _spread(scope: Scope, what: str, counted: str) -> Found | None:
    for row in scope.models:
        p50, p95 = row[f"p50_{what}"], row[f"p95_{what}"]
        if row[counted] >= SUGGEST_MIN_RUNS.value and p50 is not None:
            return Found((p50, p95), scope.name, scope.id, row[counted], f"Of {row[counted]:,} runs with this model.")
    return None


def _risk(scope: Scope) -> Found | None:
    for row in scope.models:
        runs, failures = row["runs"], row["runs"] - row["successful_runs"]
        interval = wilson_interval(failures, runs)
        if runs >= SUGGEST_MIN_RUNS.value and interval is not None:
            reason = f"{failures:,} of {runs:,} runs with this model failed, at whatever size they ran."
            return Found((failures / runs, *interval), scope.name, scope.id, runs, reason)
    return None
