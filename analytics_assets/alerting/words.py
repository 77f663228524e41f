"""What people said of alerts: seen it, it is none, or taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics_assets.alerting.condition import Key, Row, key_of, level_of

STALE = "stale data"
SEEN = ("acknowledged", "confirmed")
"""Who confirms that it is real has seen it."""
NOBODY: Row = {
    "decision_id": None,
    "decided_at": None,
    "decided_severity": None,
    "acknowledged_at": None,
    "acknowledged_by": None,
}


@dataclass(frozen=True)
class Word:
    """One decision on an alert."""

    decision_id: str
    alert_id: str
    decision: str
    decided_at: datetime
    decided_by: str | None = None
    notes: str | None = None

    @property
    def why(self) -> str:
        """Who rejected it and why, in words."""
        by = f" by {self.decided_by}" if self.decided_by else ""
        return f"rejected{by}" + (f": {self.notes}" if self.notes else "")


def standing(words: Iterable[Word]) -> dict[str, Word]:
    """The word that holds on each alert: the newest, unless it was taken back; of equal ones in a row the first."""
    held: dict[str, Word] = {}
    for word in sorted(words, key=lambda one: (one.decided_at, one.decision_id)):
        known = held.get(word.alert_id)
        if word.decision == "undone":
            held.pop(word.alert_id, None)
        elif word.decision in (*SEEN, "rejected") and (known is None or known.decision != word.decision):
            held[word.alert_id] = word
    return held


def decided(rows: Sequence[Row], before: Mapping[str, Row], words: Iterable[Word]) -> None:
    """Set the state of each row as people decided.

    A rejection is of the condition: it holds for its later alerts too, until one is a level worse. That something was
    seen holds until it returns.

    Args:
        rows: with their state and severity, changed in place.
        before: the rows of the look before by id, which say what a person saw.
        words: in any order.
    """
    held = standing(words)
    rejected: dict[Key, tuple[Word, str]] = {}
    for row in sorted(rows, key=lambda row: row["first_seen_at"]):
        row.update(NOBODY)
        word = held.get(row["id"])
        if word is not None:
            seen = _seen(row, before.get(row["id"]), word)
            if word.decision == "rejected":
                rejected[key_of(row)] = (word, seen)
            elif row["reopened_at"] is None or word.decided_at > row["reopened_at"]:
                # A word on this alert is newer than one on an alert before it.
                rejected.pop(key_of(row), None)
                _acknowledge(row, word, seen)
        if key_of(row) in rejected:
            _reject(row, *rejected[key_of(row)])


def _seen(row: Row, known: Row | None, word: Word) -> str:
    """The severity that the person saw: of the look before, unless that look knew the word already."""
    if known is not None and known["decision_id"] == word.decision_id and known["decided_severity"]:
        return str(known["decided_severity"])
    return str((known or row)["severity"])


def _acknowledge(row: Row, word: Word, seen: str) -> None:
    row |= {"decision_id": word.decision_id, "decided_at": word.decided_at, "decided_severity": seen}
    row |= {"acknowledged_at": word.decided_at, "acknowledged_by": word.decided_by}
    if row["state"] == "open":
        row["state"] = "acknowledged"


def _reject(row: Row, word: Word, seen: str) -> None:
    row |= {"decision_id": word.decision_id, "decided_at": word.decided_at, "decided_severity": seen}
    if row["state"] != "resolved" and level_of(row["severity"]) <= level_of(seen):
        row |= {"state": "suppressed", "suppressed_reason": word.why}
