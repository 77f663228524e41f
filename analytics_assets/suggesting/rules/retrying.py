"""Runs lost to what passes: networks, timeouts, rate limits."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_assets.lib.sizes import Sizes
from analytics_assets.lib.words import count_of
from analytics_assets.suggesting.claim import Claim, Kind
from analytics_assets.suggesting.suggestion import Finding, Level, Rule
from analytics_assets.suggesting.window import Spec, Window
from analytics_assets.thresholds import MIN_TRANSIENT, SUGGEST_MIN_RUNS, TRANSIENT_SHARE

RETRY = Rule(
    name="retry_transient_errors",
    type="retry",
    example="9 of 80 runs ended with a timeout or a network error.",
    reason="A call that failed for a moment's trouble mostly succeeds when it is made again.",
    remedy="Add a retry with a growing pause to the calls that ended so.",
    highest=Level.MED,
    why_not_higher="How many of them a retry would save is not in the records.",
)
_TRANSIENT = """
    select
        spec_id, count(*), count(*) filter (where is_transient),
        mode(coalesce(error_type, status)) filter (where is_transient)
    from window_runs where is_current group by spec_id
"""


def find(window: Window, specs: list[Spec], sizes: Sizes) -> Iterator[Finding]:  # noqa: ARG001 -- every rule's signature
    """A finding for each spec that loses runs to passing trouble."""
    counted = {spec_id: rest for spec_id, *rest in window.rows(_TRANSIENT)}
    for spec in specs:
        runs, lost, error = counted.get(spec.spec_id, (0, 0, None))
        if runs < SUGGEST_MIN_RUNS.value or lost < MIN_TRANSIENT.value or lost <= TRANSIENT_SHARE.value * runs:
            continue
        yield Finding(
            rule=RETRY,
            claim=Claim(Kind.ABOVE, spec.scope, "is_transient", bound=TRANSIENT_SHARE.value),
            subject=spec.subject,
            current_value=f"errors that pass: {error}",
            suggested_value=f"retry after {error}",
            reasoning=f"{count_of(lost, runs)} ended with an error that passes, mostly {error}.",
            falsified_by=f"At most {TRANSIENT_SHARE.value:.0%} of runs that end so.",
            # The most there is to win: a retry saves none of those whose trouble lasts.
            expected_fewer_failures=float(lost),
        )
