"""Memory: runs that are killed for want of it, and runs that are given far more than they use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics_assets.lib.sizes import Sizes, memory_text, next_size, recommended_memory_mb
from analytics_assets.lib.words import count_of, plural
from analytics_assets.suggesting.claim import Claim, Kind, literal, same
from analytics_assets.suggesting.suggestion import Finding, Level, Rule
from analytics_assets.suggesting.window import Spec, Window
from analytics_assets.thresholds import (
    MAY_BE_EXCEEDED,
    SUGGEST_MIN_MEASURED,
    SUGGEST_MIN_OOM_KILLS,
    SUGGEST_MIN_OOM_RUNS,
    SUGGEST_TRIED_RUNS,
)

RAISE = Rule(
    name="memory_raise",
    type="resource",
    example="35 of 47 runs at 2Gi were killed for want of memory, none of 3 at 4Gi.",
    reason="The peak of a killed run stands at its limit: it needed more, and how much more is not in its record.",
    remedy="The next size that holds the peaks of the runs that were not killed and the largest limit of one that was.",
    min_suggested_runs=int(SUGGEST_TRIED_RUNS.value),
)
LOWER = Rule(
    name="memory_lower",
    type="resource",
    example="None of 120 runs at 4Gi used more than 1.6 GB.",
    reason="Memory that is asked for and not used keeps other runs waiting.",
    remedy="The smallest size that holds the 95th percentile of the peaks and 15 % more.",
    highest=Level.MED,
    why_not_higher="A mistaken lowering kills runs that work today.",
)
_NEEDS = """
    select
        spec_id,
        quantile_cont(memory_peak_mb, 0.95) filter (where is_current and not is_memory_censored),
        count(memory_peak_mb) filter (where is_current and not is_memory_censored),
        max(memory_limit_mb) filter (where is_oom)
    from window_runs
    group by spec_id
"""
_AT_LIMIT = """
    select
        spec_id, memory_limit_mb, count(*) filter (where is_current), count(*) filter (where is_current and is_oom),
        avg(llm_cost_usd) filter (where is_current and is_oom), count(*), count(*) filter (where is_oom)
    from window_runs
    where memory_limit_mb is not null
    group by spec_id, memory_limit_mb
"""


@dataclass(frozen=True)
class _Need:
    p95_mb: float | None = None
    measured: int = 0
    largest_oom_mb: float | None = None
    """Of any version of the spec: what was killed once in the window is never suggested again."""


@dataclass(frozen=True)
class _AtLimit:
    """Runs at one size: of the spec as it is, and of every version of it."""

    runs: int = 0
    killed: int = 0
    cost_of_killed: float | None = None
    all_runs: int = 0
    all_killed: int = 0


def find(window: Window, specs: list[Spec], sizes: Sizes) -> Iterator[Finding]:
    """A finding for each spec whose memory is too small or too large."""
    needs = {spec: _Need(*rest) for spec, *rest in window.rows(_NEEDS)}
    cells = {(spec, limit): _AtLimit(*rest) for spec, limit, *rest in window.rows(_AT_LIMIT)}
    for spec in specs:
        if spec.memory_mb is None:
            continue
        need = needs.get(spec.spec_id, _Need())
        fit = recommended_memory_mb(need.p95_mb, need.largest_oom_mb)
        if fit is None:
            continue
        size = next_size(fit, sizes.memory_mb)
        here = cells.get((spec.spec_id, spec.memory_mb), _AtLimit())
        if here.killed and size > spec.memory_mb:
            yield _raise(spec, spec.memory_mb, size, here, cells.get((spec.spec_id, size), _AtLimit()))
        elif size < spec.memory_mb and need.measured >= SUGGEST_MIN_MEASURED.value:
            yield _lower(spec, spec.memory_mb, size, need)


def _raise(spec: Spec, limit: float, size: float, here: _AtLimit, there: _AtLimit) -> Finding:
    old, new = memory_text(limit), memory_text(size)
    is_tried = there.all_runs >= SUGGEST_TRIED_RUNS.value
    # Where hardly a run was that large, the size itself is the model: it holds what is known of the need.
    remaining = here.runs * there.all_killed / there.all_runs if is_tried else 0.0
    fewer = here.killed - remaining
    tried = f"{count_of(there.all_killed, there.all_runs)} at {new}" if there.all_runs else f"none has run at {new}"
    is_enough = here.runs >= SUGGEST_MIN_OOM_RUNS.value and here.killed >= SUGGEST_MIN_OOM_KILLS.value
    return Finding(
        rule=RAISE,
        claim=Claim(
            Kind.BETTER,
            (same("spec_id", spec.spec_id),),
            "is_oom",
            f"memory_limit_mb = {literal(limit)} and {same('spec_fingerprint', spec.fingerprint)}",
            # Of any version: where the size is part of what is hashed, no version has run at two.
            f"memory_limit_mb = {literal(size)}",
        ),
        subject=spec.subject,
        target="resources.memory",
        current_value=f"memory: {spec.memory}",
        suggested_value=f"memory: {new}",
        reasoning=f"{count_of(here.killed, here.runs)} at {old} were killed for want of memory; {tried}.",
        falsified_by=f"As large a share of runs killed at {new} as at {old}.",
        expected_fewer_failures=fewer,
        expected_saving_usd=None if here.cost_of_killed is None else fewer * here.cost_of_killed,
        missing=None
        if is_enough
        else f"{plural(int(SUGGEST_MIN_OOM_KILLS.value), 'kill')} among {SUGGEST_MIN_OOM_RUNS.value:.0f} runs or more",
    )


def _lower(spec: Spec, limit: float, size: float, need: _Need) -> Finding:
    old, new = memory_text(limit), memory_text(size)
    return Finding(
        rule=LOWER,
        claim=Claim(
            Kind.BELOW,
            # A killed run would have used more than it had: it counts against every smaller size too.
            (*spec.scope, "(memory_peak_mb is not null or is_oom)"),
            f"(is_oom or memory_peak_mb > {literal(size)})",
            bound=MAY_BE_EXCEEDED.value,
        ),
        subject=spec.subject,
        target="resources.memory",
        current_value=f"memory: {spec.memory}",
        suggested_value=f"memory: {new}",
        reasoning=f"95 % of {need.measured} runs use less than {need.p95_mb:.0f} MB, and {old} is asked for.",
        falsified_by=f"More than {MAY_BE_EXCEEDED.value:.0%} of runs that use more than {new}.",
        expected_fewer_failures=0.0,
    )
