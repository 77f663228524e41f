"""Runs that go round and round."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_assets.lib.sizes import Sizes
from analytics_assets.lib.words import count_of
from analytics_assets.suggesting.claim import Claim, Kind, literal
from analytics_assets.suggesting.suggestion import Finding, Level, Rule
from analytics_assets.suggesting.window import Spec, Window
from analytics_assets.thresholds import MANY_ITERATIONS, SUGGEST_MIN_PEERS, SUGGEST_MIN_RUNS

MANY = Rule(
    name="many_iterations",
    type="iterations",
    example="40 of 60 runs take more than 4 iterations; of the others of its type a quarter do.",
    reason="A spec whose end cannot be told from its text is worked at again and again.",
    remedy="Say in the spec what is to be true when it is done, or split it.",
    highest=Level.MED,
    why_not_higher="That it takes many iterations is measured; what makes them fewer is known when it was tried.",
)
# The upper quartile of the other specs of a cluster; quantile_disc gives a number of iterations that occurred.
_PEERS = """
    select own.spec_id, count(*), quantile_disc(peers.iterations, 0.75)
    from (select distinct spec_id, cluster from window_runs) as own
    inner join window_runs as peers on own.cluster = peers.cluster and own.spec_id <> peers.spec_id
    where peers.iterations is not null
    group by own.spec_id
"""
_COUNTS = """
    select spec_id, list(iterations) from window_runs where is_current and iterations is not null group by spec_id
"""


def find(window: Window, specs: list[Spec], sizes: Sizes) -> Iterator[Finding]:  # noqa: ARG001 -- every rule's signature
    """A finding for each spec whose runs mostly take more iterations than those of its peers."""
    peers = {spec_id: (runs, upper) for spec_id, runs, upper in window.rows(_PEERS)}
    counts = dict(window.rows(_COUNTS))
    for spec in specs:
        iterations: list[int] = counts.get(spec.spec_id, [])
        peer_runs, upper = peers.get(spec.spec_id, (0, None))
        if len(iterations) < SUGGEST_MIN_RUNS.value or peer_runs < SUGGEST_MIN_PEERS.value:
            continue
        many = sum(count > upper for count in iterations)
        if many <= MANY_ITERATIONS.value * len(iterations):
            continue
        yield Finding(
            rule=MANY,
            claim=Claim(
                Kind.ABOVE,
                (*spec.scope, "iterations is not null"),
                f"iterations > {literal(upper)}",
                bound=MANY_ITERATIONS.value,
            ),
            subject=spec.subject,
            current_value=f"iterations: {sum(iterations) / len(iterations):.1f} on average",
            suggested_value="say when it is done, or split it",
            reasoning=f"{count_of(many, len(iterations))} take more than {upper} iterations; of the other specs of its "
            "type a quarter do at most.",
            falsified_by=f"At most {MANY_ITERATIONS.value:.0%} of runs with more than {upper} iterations.",
        )
