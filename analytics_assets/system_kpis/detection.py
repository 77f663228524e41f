"""How much is found, how right it is, and how soon: the KPIs of the analysis of patterns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import Any, NamedTuple

from analytics_assets.kpi_thresholds import IMPORT_HOURS, MIN_DECIDED, PATTERN_DAYS
from analytics_assets.lib.words import plural
from analytics_assets.system_kpis.definitions import Measured, known

Row = Mapping[str, Any]
STORE = "patterns.detected_patterns"
_DAY = timedelta(days=1)
CONFIRMED, REJECTED = "confirmed", "rejected"


class Batch(NamedTuple):
    """Records of one kind that landed together: the oldest, the one after a tenth of them, and the newest."""

    kind: str
    since: datetime
    tenth: datetime
    until: datetime

    @property
    def is_import(self) -> bool:
        """Whether they reach further back than what is taken as it happens; a few late ones do not make it so."""
        return self.until - self.tenth > timedelta(hours=IMPORT_HOURS.value)


def patterns_per_day(patterns: Iterable[Row], as_of: datetime) -> Measured:
    """Patterns found first in the last 30 days, by the days since the first of them, at least one."""
    start = as_of - timedelta(days=PATTERN_DAYS.value)
    found = [row["detected_at"] for row in patterns if row["detected_at"] > start]
    if not found:
        return Measured(0.0, 0, STORE)
    return Measured(len(found) / max(1.0, (as_of - min(found)) / _DAY), len(found), STORE)


def pattern_accuracy(patterns: Iterable[Row], predicted: Mapping[str, float]) -> Measured:
    """How right patterns are: a person's word on each counts before the accuracy of what it predicted.

    Args:
        patterns: rows with ``id`` and ``human_verdict``.
        predicted: prediction_accuracy by pattern, 0 to 1.
    """
    decided, expected = [], []
    for row in patterns:
        if row["human_verdict"] in (CONFIRMED, REJECTED):
            decided.append(float(row["human_verdict"] == CONFIRMED))
        elif row["id"] in predicted:
            expected.append(predicted[row["id"]])
    source = f"{plural(len(decided), 'decision')}, {plural(len(expected), 'prediction')}"
    values = [*decided, *expected]
    return known(
        fmean(values) if values else None,
        len(values),
        source,
        nothing="nobody confirmed or rejected a pattern, and none predicted anything",
    )


def false_positive_rate(patterns: Iterable[Row]) -> Measured:
    """Share of the patterns that people decided on and rejected; of too few it has no score."""
    verdicts = [row["human_verdict"] for row in patterns if row["human_verdict"] in (CONFIRMED, REJECTED)]
    if not verdicts:
        return known(None, 0, STORE, nothing="nobody confirmed or rejected a pattern")
    rate = verdicts.count(REJECTED) / len(verdicts)
    is_enough = len(verdicts) >= MIN_DECIDED.value
    reason = None if is_enough else f"{plural(len(verdicts), 'decision')}, {MIN_DECIDED.value:.0f} needed"
    return Measured(rate, len(verdicts), STORE, reason=reason)


def time_to_detection(patterns: Iterable[Row], batches: Iterable[Batch], as_of: datetime) -> Measured:
    """Median hours from the beginning of a pattern to the end of the window that showed it first.

    Both are times of records. A pattern that began among records of an import was found when these landed, however
    quick the detector is: it is left out, as is one that people rejected or that begins anew.

    Args:
        patterns: rows with ``starts_at``, ``detected_at``, ``human_verdict`` and ``record_kinds``.
        batches: what landed together.
        as_of: newest record of any kind.
    """
    imports = [batch for batch in batches if batch.is_import]
    start = as_of - timedelta(days=PATTERN_DAYS.value)
    hours, imported = [], 0
    for row in patterns:
        began, found = row["starts_at"], row["detected_at"]
        if began is None or not start < found or found < began or row["human_verdict"] == REJECTED:
            continue
        # Of what is made of no kind that is known, any import may be the cause.
        kinds = row["record_kinds"] or {batch.kind for batch in imports}
        if any(batch.kind in kinds and batch.since <= began <= batch.until for batch in imports):
            imported += 1
        else:
            hours.append((found - began) / timedelta(hours=1))
    left_out = f"{plural(imported, 'pattern')} began among imported records"
    return known(
        median(hours) if hours else None,
        len(hours),
        STORE + (f" ({left_out})" if imported else ""),
        nothing=left_out if imported else "no pattern with a beginning was found in 30 days",
    )
