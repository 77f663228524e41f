"""Findings about what is written back: documents that refuse it, and decisions on what was never suggested."""

from __future__ import annotations

from datetime import datetime

from analytics_assets.cli.doctor.data import SHOWN
from analytics_assets.cli.doctor.finding import Finding, fine, note, problem
from analytics_assets.queries.answers import rows
from analytics_assets.queries.errors import NoSnapshotError, NotAnsweredYetError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import Settings

REFUSED = "select path, problem from suggestions.learned_fields where problem is not null order by path"
STRAY = """
    select decision_id, decision, subject_id from staging.stg_decisions
    where subject_type = 'suggestion' and subject_id not in (select id from suggestions.suggestions)
    order by decided_at desc, decision_id
"""


def documents(settings: Settings, _now: datetime) -> list[Finding]:
    """Spec documents that what was learned could not be written into."""
    found = _rows(settings, REFUSED)
    if not found:
        return [] if found is None else [fine("specs", "what was learned stands in every spec document")]
    words = f"{len(found)} spec document{'s' * (len(found) > 1)} could not be given what was learned."
    details = tuple(f"{row['path']}: {row['problem']}" for row in found[:SHOWN])
    return [problem("specs", words, "Mend the document; the next daily learning writes it.", details)]


def decisions(settings: Settings, _now: datetime) -> list[Finding]:
    """Decisions on suggestions that nobody made."""
    found = _rows(settings, STRAY)
    if not found:
        return []
    words = f"{len(found)} decision{'s' * (len(found) > 1)} on suggestions that do not exist: they change nothing."
    details = tuple(f"{row['decision_id']}: {row['decision']} {row['subject_id']}" for row in found[:SHOWN])
    return [note("decisions", words, "`analytics suggest --json` lists the ids of all suggestions.", details)]


def _rows(settings: Settings, sql: str) -> list[dict[str, object]] | None:
    """None where nothing is published, or the tables are not made yet: there is nothing to be wrong."""
    try:
        with open_snapshot(settings) as snapshot:
            return rows(snapshot, sql)
    except (NoSnapshotError, NotAnsweredYetError):
        return None
