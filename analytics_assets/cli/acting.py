"""Deciding on a suggestion for those who ask in between: the change is planned and shown, then carried out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analytics_assets.cli.deciding import in_plain_words, me
from analytics_assets.reports.figures import Row
from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from analytics_assets.feedback.changes import Application
    from analytics_assets.queries.snapshot import Snapshot


def plan(settings: Settings, row: Row, snapshot: Snapshot) -> Application:
    """What applying a suggestion would change.

    Raises:
        CommandError: it cannot be applied; nothing was changed.
    """
    from analytics_assets.feedback import deciding
    from analytics_assets.queries.decisions import get_decision_ids, get_fingerprint

    with in_plain_words():
        fingerprint = get_fingerprint(str(row["spec_id"]), snapshot)
        return deciding.plan_application(settings, row, fingerprint, get_decision_ids(row["id"], snapshot))


def apply(settings: Settings, planned: Application) -> None:
    """Change the document as planned.

    Raises:
        CommandError: it cannot be written; it is as it was.
    """
    from analytics_assets.feedback import deciding

    with in_plain_words():
        deciding.apply(settings, planned, by=me(), notes=None, now=datetime.now(UTC))


def reject(settings: Settings, row: Row, reason: str, snapshot: Snapshot) -> None:
    """Put a suggestion away.

    Raises:
        CommandError: it was decided before, or there is no reason.
    """
    from analytics_assets.feedback import deciding
    from analytics_assets.queries.decisions import get_decision_ids

    with in_plain_words():
        published = get_decision_ids(row["id"], snapshot)
        deciding.reject(settings, row, reason=reason, by=me(), now=datetime.now(UTC), published=published)
