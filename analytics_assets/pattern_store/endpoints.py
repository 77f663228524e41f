"""Which patterns stand at the ends of a finding? A finding on a signal is about the patterns of that signal.

An end that is no pattern has no row.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from analytics_assets.lib.signal_types import TYPES
from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_thresholds import CAUSE_TOLERANCE

ANOMALIES = tuple(types["anomaly"] for types in TYPES.values())
EFFECTS = frozenset(
    types[kind] for types in TYPES.values() for kind in ("anomaly", "worse", "better", "shift", "limit")
)
"""Types of signals that have a beginning, so that they can be the effect of something."""
CONFIGURATION_EVENT = "configuration:"
"""Before the version of a configuration, where that is the event: ``configuration:ci@1.1.0``."""
_EVENTS = ("events", "first_events")
"""Parts of the definition of a pattern of integrations that list events."""


class Effect(NamedTuple):
    """A pattern of a signal, and when what is seen of it then began."""

    pattern: Row
    begins: datetime


class Endpoints:
    """The patterns that hold, by what they are about.

    Args:
        patterns: rows of ``patterns.detected_patterns``.
        episodes: when each episode of ``patterns.anomalies`` began, by its id. The pattern of a signal begins with the
            worst one, and another one may be the effect of an event.
    """

    def __init__(self, patterns: Iterable[Row], episodes: Mapping[str, datetime] | None = None) -> None:
        self.patterns = [row for row in patterns if row["is_active"]]
        self._episodes = episodes or {}
        self._by_subject: dict[str, list[Row]] = defaultdict(list)
        self._by_event: dict[str, list[Row]] = defaultdict(list)
        for row in self.patterns:
            self._by_subject[row["subject"]].append(row)
            for event in _events(row):
                self._by_event[event].append(row)

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

    def effect(self, signal: str, since: datetime, until: datetime) -> Effect | None:
        """The pattern of a signal that began between the two: what began before, or long after, is no effect of it.

        Signals are hourly: what began in the hour of its cause began with it.
        """
        hour = timedelta(hours=CAUSE_TOLERANCE.value)
        found = []
        for row in self._by_subject.get(signal, []):
            near = [begins for begins in self._beginnings(row) if since - hour < begins <= until]
            if row["pattern_type"] in EFFECTS and near:
                found.append(Effect(row, min(near)))
        return max(found, key=lambda one: _weight(one.pattern), default=None)

    def naming(self, event_id: str, *types: str) -> Row | None:
        """The pattern of these types that names an event among those it rests on, or is of its configuration."""
        version = event_id.removeprefix(CONFIGURATION_EVENT)
        named = self._by_event.get(event_id, []) if version == event_id else self._by_subject.get(version, [])
        return max((row for row in named if row["pattern_type"] in types), key=_weight, default=None)

    def _beginnings(self, row: Row) -> list[datetime]:
        """When it began, and when each of its episodes did."""
        begun = [] if row["starts_at"] is None else [row["starts_at"]]
        if row["pattern_type"] not in ANOMALIES:
            return begun
        listed = json.loads(row["pattern_data"]).get("pattern_signature", {}).get("episodes", ())
        return begun + [self._episodes[key] for key in listed if key in self._episodes]


def _events(row: Row) -> set[str]:
    definition = json.loads(row["pattern_data"]).get("pattern_definition")
    if not isinstance(definition, dict):
        return set()
    return {str(event) for name in _EVENTS for event in definition.get(name, ())}


def _weight(row: Row) -> tuple[float, str]:
    return row["confidence_score"] * row["significance_score"], row["id"]
