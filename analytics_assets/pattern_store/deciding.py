"""What a person says of a pattern goes into the inbox, as everything else does; the next refresh counts it.

No document changes, so there is nothing to plan or to recover: the file is there whole, or not at all.
"""

from __future__ import annotations

import os
from datetime import datetime

from analytics_assets.feedback.journal import new_id
from analytics_assets.feedback.spec_files import FeedbackError, sync_folder
from analytics_assets.line_files import iso, json_line
from analytics_assets.settings import Settings


class PatternDecisionError(FeedbackError):
    """It cannot be decided so."""


def decide(
    settings: Settings,
    subject_id: str,
    decision: str,
    *,
    by: str | None,
    notes: str | None,
    now: datetime,
    subject_type: str = "pattern",
) -> str:
    """Put a decision on a pattern or a relation, or on an alert, into the inbox; returns its key. ``now`` is in UTC.

    Raises:
        PatternDecisionError: a rejection has no reason.
        OSError: the inbox cannot be written; nothing is decided.
    """
    if decision == "rejected" and not (notes or "").strip():
        raise PatternDecisionError("A rejection needs a reason: it is what the next person will read.", "--note TEXT")
    key = new_id()
    given = {
        "decision_id": key,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "decision": decision,
        "decided_at": iso(now),
        "decided_by": by,
        "notes": notes,
    }
    folder = settings.inbox / "decisions"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{key}.tmp"
    with fresh.open("wb") as handle:
        handle.write(json_line({name: value for name, value in given.items() if value is not None}))
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(folder / f"{key}.jsonl")
    sync_folder(folder)
    return key
