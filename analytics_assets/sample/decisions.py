"""A few decisions of people on alerts and patterns.

None is ``applied``: what was applied has an outcome to be measured, and nothing here was suggested before.
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics_assets.sample.world import Record, World

DECISIONS = (
    (0.15, "alert", "disk/database", "acknowledged", "the disk is extended next quarter"),
    (0.35, "pattern", "weekend-low", "confirmed", "offices are closed"),
    (0.55, "pattern", "lunch-dip", "rejected", "of no use for planning"),
    (0.85, "alert", "run_tests/success_rate", "acknowledged", None),
)
"""Share of the window, type and id of the subject, decision, notes."""


def decisions(world: World) -> Iterator[Record]:
    """Decision records, oldest first."""
    for number, (share, subject_type, subject, decision, notes) in enumerate(DECISIONS):
        yield {
            "decision_id": world.key("decision", number),
            "subject_type": subject_type,
            "subject_id": subject,
            "decision": decision,
            "decided_at": world.window.at(share),
            "decided_by": "on-call",
            "notes": notes,
        }
