"""CPU: runs that are held up by their limit, and runs that are given far more than they use."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_assets.lib.sizes import Sizes, cpu_text, next_size
from analytics_assets.lib.words import count_of
from analytics_assets.suggesting.claim import Claim, Kind, literal
from analytics_assets.suggesting.suggestion import Finding, Level, Rule
from analytics_assets.suggesting.window import Spec, Window
from analytics_assets.thresholds import MAY_BE_EXCEEDED, SUGGEST_MIN_MEASURED, USAGE_HEADROOM

RAISE = Rule(
    name="cpu_raise",
    type="resource",
    example="40 of 60 runs reached their limit of 500m.",
    reason="A run at its CPU limit is not killed but made to wait: it takes longer, and may time out.",
    remedy="The next size: how much more they need is not in their records.",
    highest=Level.MED,
    why_not_higher="That waiting for CPU held the run up is likely, and not measured.",
)
LOWER = Rule(
    name="cpu_lower",
    type="resource",
    example="95 % of 80 runs use less than 0.4 of the 2 cores they ask for.",
    reason="CPU that is asked for and not used keeps other runs waiting.",
    remedy="The smallest size that holds the 95th percentile of the peaks and 15 % more.",
    highest=Level.MED,
    why_not_higher="A mistaken lowering slows runs that work today.",
)
_PEAKS = """
    select
        spec_id, cpu_limit_mcores, count(cpu_peak_mcores), count(*) filter (where is_cpu_censored),
        quantile_cont(cpu_peak_mcores, 0.95)
    from window_runs
    where is_current and cpu_limit_mcores is not null and cpu_peak_mcores is not null
    group by spec_id, cpu_limit_mcores
"""


def find(window: Window, specs: list[Spec], sizes: Sizes) -> Iterator[Finding]:
    """A finding for each spec whose CPU is too small or too large."""
    peaks = {(spec, limit): rest for spec, limit, *rest in window.rows(_PEAKS)}
    for spec in specs:
        measured, throttled, p95 = peaks.get((spec.spec_id, spec.cpu_mcores), (0, 0, 0.0))
        if spec.cpu_mcores is None or measured < SUGGEST_MIN_MEASURED.value:
            continue
        size = next_size(p95 * USAGE_HEADROOM.value, sizes.cpu_mcores)
        if throttled > MAY_BE_EXCEEDED.value * measured:
            larger = next_size(spec.cpu_mcores + 1, sizes.cpu_mcores)
            yield _raise(spec, spec.cpu_mcores, larger, throttled, measured)
        elif size < spec.cpu_mcores:
            yield _lower(spec, spec.cpu_mcores, size, p95, measured)


def _raise(spec: Spec, limit: float, size: float, throttled: int, measured: int) -> Finding:
    return Finding(
        rule=RAISE,
        claim=Claim(
            Kind.ABOVE,
            (*spec.scope, f"cpu_limit_mcores = {literal(limit)}", "cpu_peak_mcores is not null"),
            "is_cpu_censored",
            bound=MAY_BE_EXCEEDED.value,
        ),
        subject=spec.subject,
        target="resources.cpu",
        current_value=f"cpu: {spec.cpu}",
        suggested_value=f"cpu: {cpu_text(size)}",
        reasoning=f"{count_of(throttled, measured)} reached their CPU limit of {cpu_text(limit)}.",
        falsified_by=f"At most {MAY_BE_EXCEEDED.value:.0%} of runs that reach the limit.",
    )


def _lower(spec: Spec, limit: float, size: float, p95: float, measured: int) -> Finding:
    return Finding(
        rule=LOWER,
        claim=Claim(
            Kind.BELOW,
            (*spec.scope, f"cpu_limit_mcores = {literal(limit)}", "cpu_peak_mcores is not null"),
            f"cpu_peak_mcores > {literal(size)}",
            bound=MAY_BE_EXCEEDED.value,
        ),
        subject=spec.subject,
        target="resources.cpu",
        current_value=f"cpu: {spec.cpu}",
        suggested_value=f"cpu: {cpu_text(size)}",
        reasoning=f"95 % of {measured} runs use less than {cpu_text(round(p95))}, and {cpu_text(limit)} is asked for.",
        falsified_by=f"More than {MAY_BE_EXCEEDED.value:.0%} of runs that use more than {cpu_text(size)}.",
    )
