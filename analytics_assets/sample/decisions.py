"""A few decisions of people on alerts, and on patterns that every longer sample has.

None is ``applied``: what was applied has an outcome to be measured, and nothing here was suggested before.
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets.sample.world import Record, World

DECISIONS = (
    (0.15, "alert", "disk/database", "acknowledged", "the disk is extended next quarter"),
    (0.35, "pattern", pattern_id("bottleneck_step", "evaluation/run_agents"), "confirmed", "what it is for"),
    (0.55, "pattern", pattern_id("bottleneck_step", "infrastructure/apply"), "rejected", "the provider takes as long"),
    (0.85, "alert", "run_tests/success_rate", "acknowledged", None),
)
"""Share of the window, type and id of the subject, decision, notes."""
PATTERN_DAYS = 7
"""Days of a sample in which these pipelines run often enough to have a pattern."""


def decisions(world: World) -> Iterator[Record]:
    """Decision records, oldest first."""
    for number, (share, subject_type, subject, decision, notes) in enumerate(DECISIONS):
        if subject_type == "pattern" and world.window.days < PATTERN_DAYS:
            continue
        yield {
            "decision_id": world.key("decision", number),
            "subject_type": subject_type,
            "subject_id": subject,
            "decision": decision,
            "decided_at": world.window.at(share),
            "decided_by": "on-call",
            "notes": notes,
        }
