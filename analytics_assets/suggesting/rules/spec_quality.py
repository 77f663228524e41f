"""Specs that fail too often, alone or with all that are like them."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_assets.lib.sizes import Sizes
from analytics_assets.lib.words import percent, plural
from analytics_assets.suggesting.claim import Claim, Kind, same
from analytics_assets.suggesting.suggestion import Finding, Level, Rule, Subject
from analytics_assets.suggesting.window import Spec, Window
from analytics_assets.thresholds import (
    FAILING_PATTERN,
    SPEC_REVIEW_RATE,
    SUGGEST_MIN_PEERS,
    SUGGEST_MIN_RUNS,
    WORSE_THAN_PEERS,
)

FAILING = 1 - SPEC_REVIEW_RATE.value
"""Share of runs that fail, above which a spec is to be reviewed."""
REWRITE = Rule(
    name="underperforming_spec",
    type="spec_rewrite",
    example="A spec succeeds in 45 % of its runs, the others of its type in 82 %.",
    reason="What fails where its like succeed is unclear or asks for too much; want of memory is another matter.",
    remedy="Read its failures, rewrite it, and see whether the new version does better: it starts a new history.",
    highest=Level.MED,
    why_not_higher="That it fails is measured; that a rewriting helps is known when it was tried.",
)
PATTERN = Rule(
    name="failing_pattern",
    type="warning",
    example="Migrations of 6 tasks fail in 60 % of 80 runs.",
    reason="A sort of spec that fails more often than not is a risk before its next run begins.",
    remedy="Split such specs, or review them before they run.",
    highest=Level.MED,
    why_not_higher="It names a risk, not a change that was tried.",
)
_OWN = """
    select spec_id, count(*), count(*) filter (where not is_success)
    from window_runs where is_current and not is_oom group by spec_id
"""
_CLUSTERS = """
    select cluster, spec_id, count(*), count(*) filter (where not is_success)
    from window_runs where not is_oom group by cluster, spec_id
"""
_PATTERNS = """
    select spec_type, task_count, count(distinct spec_id), count(*), count(*) filter (where not is_success)
    from window_runs where spec_type is not null and task_count is not null group by spec_type, task_count
    order by spec_type, task_count
"""


def find(window: Window, specs: list[Spec], sizes: Sizes) -> Iterator[Finding]:  # noqa: ARG001 -- every rule's signature
    """A finding for each spec, and each sort of spec, that fails too often."""
    own = {spec_id: (runs, failures) for spec_id, runs, failures in window.rows(_OWN)}
    clusters: dict[str, list[tuple[str, int, int]]] = {}
    for cluster, *counted in window.rows(_CLUSTERS):
        clusters.setdefault(cluster, []).append((counted[0], counted[1], counted[2]))
    for spec in specs:
        runs, failures = own.get(spec.spec_id, (0, 0))
        others = [c for c in clusters.get(spec.spec_type or spec.spec_id, []) if c[0] != spec.spec_id]
        peers, peer_failures = sum(c[1] for c in others), sum(c[2] for c in others)
        if runs < SUGGEST_MIN_RUNS.value:
            yield _rewrite(spec, runs, failures, None, missing=_more(runs))
        elif failures > FAILING * runs:
            usual = peer_failures / peers if peers >= SUGGEST_MIN_PEERS.value else None
            # Where all of its type fail as much, the type is the matter: the pattern says so.
            if usual is None or failures / runs > usual + WORSE_THAN_PEERS.value:
                yield _rewrite(spec, runs, failures, usual)
    yield from _patterns(window)


def _more(runs: int) -> str:
    needed = int(SUGGEST_MIN_RUNS.value)
    return f"{plural(needed - runs, 'more run')}: its rate is not judged below {needed}"


def _rewrite(spec: Spec, runs: int, failures: int, usual: float | None, missing: str | None = None) -> Finding:
    rate = percent(1 - failures / runs) if runs else "none"
    beside = "" if usual is None else f", the others of type {spec.spec_type} in {percent(1 - usual)}"
    return Finding(
        rule=REWRITE,
        claim=Claim(Kind.ABOVE, (*spec.scope, "not is_oom"), "not is_success", bound=FAILING),
        subject=spec.subject,
        current_value=f"success: {rate}",
        suggested_value="rewrite the spec" if usual is None else f"rewrite the spec; usual is {percent(1 - usual)}",
        reasoning=f"It succeeds in {rate} of {plural(runs, 'run')} that had memory enough{beside}."
        if runs
        else "None of its runs had memory enough.",
        falsified_by=f"A success rate of {percent(SPEC_REVIEW_RATE.value)} or more.",
        expected_fewer_failures=None if usual is None else failures - runs * usual,
        missing=missing,
    )


def _patterns(window: Window) -> Iterator[Finding]:
    for spec_type, task_count, specs, runs, failures in window.rows(_PATTERNS):
        # Of a single spec its own finding speaks.
        if specs == 1 or runs < SUGGEST_MIN_RUNS.value or failures <= FAILING_PATTERN.value * runs:
            continue
        what = f"{spec_type} specs of {plural(task_count, 'task')}"
        yield Finding(
            rule=PATTERN,
            claim=Claim(
                Kind.ABOVE,
                (same("spec_type", spec_type), same("task_count", task_count)),
                "not is_success",
                bound=FAILING_PATTERN.value,
            ),
            subject=Subject(None, spec_type, None),
            sort=what,
            current_value=what,
            suggested_value="review before the next run",
            reasoning=f"{what[0].upper()}{what[1:]} fail in {percent(failures / runs)} of {plural(runs, 'run')} "
            f"({plural(specs, 'spec')}).",
            falsified_by=f"A share of failures of {percent(FAILING_PATTERN.value)} or less.",
        )
