"""Root causes of tracked issues, and the files in which they are found."""

from __future__ import annotations

from dataclasses import dataclass

FOLDERS = ("commands", "agents", "planning", "infrastructure")
TOPICS = (
    *("search", "checkout", "payment", "invoice", "refund", "account", "catalog", "shipping"),
    *("report", "import", "export", "audit", "backup", "release", "support"),
)
FILES = {folder: tuple(f"{folder}/{topic}.md" for topic in TOPICS) for folder in FOLDERS}
"""Files by their folder, which is also the category of an issue."""


@dataclass(frozen=True)
class Cause:
    """A root cause: where it is found, and the sentence in which an issue names it."""

    id: str
    folder: str
    subcategory: str
    sentence: str
    weight: float
    oversized: bool = False
    duplicated: bool = False


CAUSES = (
    Cause("RCA-001", "commands", "oversized", "{file} is {lines} lines over the limit", 2.2, oversized=True),
    Cause("RCA-002", "commands", "duplicate", "{file} repeats text of {copies} other files", 1.6, duplicated=True),
    Cause("RCA-003", "agents", "broken-ref", "{file} refers to a section that does not exist", 1.8),
    Cause("RCA-004", "agents", "missing-limit", "{file} sets no limit for retries", 1.4),
    Cause("RCA-005", "planning", "missing-link", "{file} has no link to its task", 1.6),
    Cause("RCA-006", "planning", "estimate", "{file} has estimates that were never compared", 1.2),
    Cause("RCA-007", "agents", "stale-ref", "{file} names a procedure that was renamed", 0.3),
    Cause("RCA-008", "infrastructure", "drift", "{file} differs from what is deployed", 1.4),
)
