"""Which patterns stand at the ends of a finding? A finding on a signal is about the patterns of that signal.

An end that is no pattern has no row.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_thresholds import CAUSE_TOLERANCE

ANOMALIES = ("metric_anomaly", "performance_anomaly")
EFFECTS = (*ANOMALIES, "metric_level_shift", "degradation", "improvement", "metric_threshold")
"""Types that have a beginning, so that they can be the effect of something."""


class Endpoints:
    """The patterns that hold, by what they are about."""

    def __init__(self, patterns: Iterable[Row]) -> None:
        self.patterns = [row for row in patterns if row["is_active"]]
        self._by_subject: dict[str, list[Row]] = defaultdict(list)
        for row in self.patterns:
            self._by_subject[row["subject"]].append(row)

    def of(self, subject: str, *types: str) -> Row | None:
        """The pattern of a subject that matters most; of these types, if any are named; None where there is none."""
        found = self._by_subject.get(subject, [])
        wanted = [row for row in found if row["pattern_type"] in types] if types else found
        return max(wanted, key=_weight, default=None)

    def anomaly(self, subject: str) -> Row | None:
        """The anomaly of a signal; None where it has none."""
        return self.of(subject, *ANOMALIES)

    def event(self, event_type: str) -> Row | None:
        """The pattern of a sort of event, ``source>target/type``, or else of its link."""
        return self.of(event_type) or self.of(event_type.rpartition("/")[0])

    def effect(self, signal: str, since: datetime) -> Row | None:
        """The pattern of a signal that began then or later: what began before is no effect of it."""
        begin = since - timedelta(hours=CAUSE_TOLERANCE.value)
        found = [row for row in self._by_subject.get(signal, []) if row["pattern_type"] in EFFECTS]
        later = [row for row in found if row["starts_at"] is not None and row["starts_at"] >= begin]
        return max(later, key=_weight, default=None)

    def naming(self, event_id: str, *types: str) -> Row | None:
        """The pattern of these types that names an event, in its subject or in its data."""
        quoted = json.dumps(event_id)
        found = [
            row
            for row in self.patterns
            if row["pattern_type"] in types and (event_id in row["subject"] or quoted in row["pattern_data"])
        ]
        return max(found, key=_weight, default=None)


def _weight(row: Row) -> tuple[float, str]:
    return row["confidence_score"] * row["significance_score"], row["id"]
