"""What to do about runs, and how far such advice held when it was followed."""

from __future__ import annotations

from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.snapshot import Snapshot, reading

SUGGESTIONS = """
    select * from suggestions.suggestions
    order by
        status != 'pending',
        case level when 'HIGH' then 1 when 'MED' then 2 else 3 end,
        confidence desc nulls last,
        id
"""
CALIBRATION = "select * from outcomes.calibration order by source, confidence_from"
IMPROVEMENTS = "select * from outcomes.improvement_effectiveness order by implementation_date desc, id"
RULE_SCORES = "select * from outcomes.rule_scores order by rule"


def get_suggestions(snapshot: Snapshot | None = None) -> list[Row]:
    """Every suggestion about runs, whatever became of it: the rows of ``suggestions.suggestions``.

    What waits for a decision comes first, then HIGH before MED before LOW, then the most certain.
    """
    with reading(snapshot) as current:
        return rows(current, SUGGESTIONS)


def get_calibration(snapshot: Snapshot | None = None) -> list[Row]:
    """Stated confidence against what held: the rows of ``outcomes.calibration``, one per source and bin."""
    with reading(snapshot) as current:
        return rows(current, CALIBRATION)


def get_rule_scores(snapshot: Snapshot | None = None) -> list[Row]:
    """What each rule's suggestions were worth in the back-test: the rows of ``outcomes.rule_scores``."""
    with reading(snapshot) as current:
        return rows(current, RULE_SCORES)


def get_improvements(snapshot: Snapshot | None = None) -> list[Row]:
    """What applied suggestions did, the newest first: the rows of ``outcomes.improvement_effectiveness``."""
    with reading(snapshot) as current:
        return rows(current, IMPROVEMENTS)
