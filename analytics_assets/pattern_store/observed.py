"""What a detector says now of one subject: the columns that all tables of patterns share, and their meaning.

A pattern is what holds of a subject. Its identity is its type and its subject, so the same statement made tomorrow,
with other numbers, is the same pattern.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from analytics_assets.warehouse.columns import Column

TOPICS: dict[str, tuple[str, ...]] = {
    "performance": (
        "resource_usage_trend",
        "response_time_degradation",
        "throughput_opportunity",
        "utilisation_inefficiency",
    ),
    "quality": ("complexity_growth", "technical_debt", "code_smell", "refactoring_effect"),
    "workflow": ("velocity_trend", "bottleneck", "collaboration", "process_opportunity"),
    "error": ("failure_mode", "error_propagation", "recovery_time", "prevention_effect"),
}
"""The taxonomy of patterns: each category with its topics."""
CATEGORIES = tuple(TOPICS)
OBSERVED = (
    Column("id", "VARCHAR", "Key: the same type and subject have the same.", required=True),
    Column("pattern_type", "VARCHAR", "What sort of statement it is.", required=True),
    Column("subject", "VARCHAR", "What it holds of; a signal, a step, a rule.", required=True),
    Column("pattern_name", "VARCHAR", "The statement in a sentence, with its numbers.", required=True),
    Column("pattern_category", "VARCHAR", "performance, error, workflow or quality.", required=True),
    Column("topic", "VARCHAR", "Topic of the category in the taxonomy.", required=True),
    Column("detection_algorithm", "VARCHAR", "What found it.", required=True),
    Column("confidence_score", "DOUBLE", "How sure it is that it is no chance, 0 to 1.", required=True),
    Column(
        "significance_score", "DOUBLE", "How much it matters: the relative size of the effect, 0 to 1.", required=True
    ),
    Column("strength", "DOUBLE", "The figure to follow over time, in strength_unit; more is stronger."),
    Column("strength_unit", "VARCHAR", "Unit of the strength."),
    Column("location", "VARCHAR", "Where in the subject it sits: a step, a lag, an hour; another one is a shift."),
    Column("components", "VARCHAR", "Components it touches, as a JSON list.", required=True),
    Column("starts_at", "TIMESTAMP", "Since when it holds, UTC; NULL where it has no beginning in the window."),
    Column("last_observed_at", "TIMESTAMP", "Newest record that shows it, UTC.", required=True),
    Column("detected_at", "TIMESTAMP", "End of the window in which it was found now, UTC.", required=True),
)
"""Columns that every table of patterns begins with."""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One statement of a detector about one subject. ``components`` are those of the signals and records it rests on.

    Raises:
        ValueError: the topic is none of its category, or a score is not within 0 to 1.
    """

    pattern_type: str
    subject: str
    pattern_name: str
    pattern_category: str
    topic: str
    detection_algorithm: str
    confidence_score: float
    significance_score: float
    components: Sequence[str]
    last_observed_at: datetime
    detected_at: datetime
    strength: float | None = None
    strength_unit: str | None = None
    location: str | None = None
    starts_at: datetime | None = None
    more: dict[str, Any] = field(default_factory=dict)
    """Values of the table's own columns."""

    def __post_init__(self) -> None:
        if self.topic not in TOPICS.get(self.pattern_category, ()):
            raise ValueError(f"{self.pattern_type}: {self.topic} is no topic of {self.pattern_category}")
        for score in (self.confidence_score, self.significance_score):
            if not 0 <= score <= 1:
                raise ValueError(f"{self.pattern_type} of {self.subject}: a score of {score} is not within 0 to 1")

    @property
    def row(self) -> dict[str, Any]:
        """The values of ``OBSERVED`` and of the table's own columns."""
        own = {
            column.name: getattr(self, column.name) for column in OBSERVED if column.name not in ("id", "components")
        }
        key = pattern_id(self.pattern_type, self.subject)
        return {"id": key, **own, "components": json.dumps(sorted(set(self.components))), **self.more}


def pattern_id(pattern_type: str, subject: str) -> str:
    """Sixteen hexadecimal digits: the same for the same type and subject, whatever its numbers.

    >>> len(pattern_id("flaky_step", "ci/unit_tests")), pattern_id("a", "b") == pattern_id("a", "c")
    (16, False)
    """
    return hashlib.sha256(f"{pattern_type}\0{subject}".encode()).hexdigest()[:16]


def relative_size(before: float, after: float) -> float:
    """How far two figures are apart, 0 to 1: their distance as a share of the larger one; 0 where both are 0.

    >>> relative_size(100, 400), relative_size(0.0, 0.0)
    (0.75, 0.0)
    """
    largest = max(abs(before), abs(after))
    return min(1.0, abs(after - before) / largest) if largest else 0.0
