"""What of people's decisions and documents the published version has seen."""

from __future__ import annotations

from analytics_assets.queries.answers import rows
from analytics_assets.queries.snapshot import Snapshot, reading

DECISIONS = "select decision_id from staging.stg_decisions where subject_id = $subject"
FINGERPRINT = "select fingerprint from staging.stg_specs where id = $spec"


def get_decision_ids(subject_id: str, snapshot: Snapshot | None = None) -> frozenset[str]:
    """Keys of the decisions on a subject that the published tables count."""
    with reading(snapshot) as current:
        return frozenset(row["decision_id"] for row in rows(current, DECISIONS, {"subject": subject_id}))


def get_fingerprint(spec_id: str | None, snapshot: Snapshot | None = None) -> str | None:
    """Fingerprint of a spec's document as the published tables have it; None where they have no document."""
    with reading(snapshot) as current:
        found = rows(current, FINGERPRINT, {"spec": spec_id})
    return found[0]["fingerprint"] if found else None
