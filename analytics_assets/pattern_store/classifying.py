"""Which sort of pattern is it? Its place in the taxonomy by rule, and the cluster of patterns like it.

Category, topic and severity follow from what the detector says by definition, so they are as sure as the pattern.
Severity is of trouble: good news and neutral facts are low, however large.
Clusters are made anew only when other patterns hold: else the earlier ones are taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_store.observed import CATEGORIES, pattern_id
from analytics_assets.pattern_thresholds import (
    SEVERITY_CRITICAL,
    SEVERITY_HIGH,
    SEVERITY_MEDIUM,
    WORSE_DOWNWARDS,
    WORSE_UPWARDS,
)

SEVERITIES = ("low", "medium", "high", "critical")
TAXONOMY = "taxonomy of pattern types, version 1"
BY_SIZE = "size of the effect, version 1"
BY_DETECTOR = "impact severity of the detector"
BY_SENSE = "good or neutral by its sense, version 1"
NO_TROUBLE = frozenset(
    (
        # For the better.
        *("improvement", "step_speedup", "experiment_arm"),
        # What goes with what, or comes first: neither good nor bad. What is bad of it is a pattern of its own.
        *("metric_lead", "performance_lead", "leading_signal", "following_signal", "root_cause", "root_cause_rule"),
        *("event_flow", "event_pair", "behaviour_cluster", "configuration_change"),
    )
)
"""Types of which the size says how clear they are, not how bad: they are low, so that severity finds trouble."""
CLUSTERED = "k-means, bootstrap Jaccard"


class Group(NamedTuple):
    """The cluster of a pattern: ``name`` says what sets it apart, ``stability`` is 0 to 1."""

    name: str
    stability: float


Groups = dict[str, Group]
"""By pattern."""
Grouping = Callable[[list[Row]], Groups]


def classify(
    patterns: Iterable[Row],
    earlier: Iterable[Row],
    group: Grouping,
    *,
    as_of: datetime | None,
    is_stale: bool,
) -> list[Row]:
    """The rows after this look: of each remembered pattern its category, topic, severity, place and cluster.

    Args:
        patterns: rows of ``patterns.detected_patterns``.
        earlier: the rows of the look before.
        group: makes clusters of patterns; asked only when others hold than before.
        as_of: end of the newest window of all sources.
        is_stale: whether that is long ago.
    """
    known = sorted(patterns, key=lambda row: row["id"])
    before = {row["id"]: row for row in earlier}
    holding = [row for row in known if row["is_active"]]
    now = feature_hash(holding)
    is_same = any(row["feature_hash"] == now for row in before.values())
    groups = _earlier_groups(before.values()) if is_same else group(holding)
    rows = []
    for pattern in known:
        for kind, value, confidence, model in _classes(pattern, groups.get(pattern["id"])):
            key = pattern_id(f"classification {kind}", pattern["id"])
            was = before.get(key)
            is_kept = was is not None and was["classification_value"] == value
            is_verified = pattern["human_verdict"] == "confirmed"
            rows.append(
                {
                    "id": key,
                    "pattern_id": pattern["id"],
                    "classification_type": kind,
                    "classification_value": value,
                    "classification_confidence": confidence,
                    "classifier_model": model,
                    "classified_at": was["classified_at"] if is_kept and was else as_of or pattern["detected_at"],
                    "human_verified": is_verified,
                    "verification_timestamp": pattern["decided_at"] if is_verified else None,
                    "feature_hash": now,
                    "as_of": as_of,
                    "is_stale": is_stale,
                }
            )
    return rows


def is_trouble(pattern: Row) -> bool:
    """Whether it can be bad news: neither of a type of ``NO_TROUBLE`` nor for the better, as a rule of what succeeds.

    Args:
        pattern: row of ``patterns.detected_patterns``.
    """
    data = json.loads(pattern["pattern_data"])
    rule = data.get("pattern_data")
    succeeds = isinstance(rule, dict) and rule.get("outcome") == "success"
    return pattern["pattern_type"] not in NO_TROUBLE and not succeeds and not _is_better(pattern["subject"], data)


def _is_better(signal: str, data: Row) -> bool:
    """Whether a signal moved to where less is wrong, as far as its name tells: an error rate that fell."""
    signature = data.get("pattern_signature")
    if not isinstance(signature, dict):
        return False
    name = signal.rpartition("/")[2].lower()
    less_is_worse = any(word in name for word in WORSE_DOWNWARDS.values)
    if not less_is_worse and not any(word in name for word in WORSE_UPWARDS.values):
        return False
    moved = signature.get("difference") or signature.get("slope_per_day") or 0
    rose = signature.get("direction") == "above" or moved > 0
    fell = signature.get("direction") == "below" or moved < 0
    return rose if less_is_worse else fell


def severity(pattern: Row) -> str:
    """low, medium, high or critical, by the size of the effect.

    >>> severity({"significance_score": 0.6})
    'high'
    """
    limits = (SEVERITY_MEDIUM.value, SEVERITY_HIGH.value, SEVERITY_CRITICAL.value)
    return SEVERITIES[sum(pattern["significance_score"] >= limit for limit in limits)]


def feature_hash(patterns: Iterable[Row]) -> str:
    """Of the set of patterns that hold. Scores move with every record: that is not worth a second each time."""
    return hashlib.sha256("\n".join(sorted(row["id"] for row in patterns)).encode()).hexdigest()[:16]


def group_alike(patterns: list[Row]) -> Groups:
    """Clusters of patterns by category, topic, type and scores; none of too few patterns, or where none stand apart."""
    import numpy as np

    from analytics_assets.lib.clustering import name_of, stable_clusters
    from analytics_assets.mining_thresholds import CLUSTER_MIN_ROWS

    if len(patterns) < CLUSTER_MIN_ROWS.value:
        return {}
    rows = sorted(patterns, key=lambda row: (row["detected_at"], row["id"]))
    words = [("pattern_category", category) for category in CATEGORIES]
    words += [("pattern_type", kind) for kind in sorted({row["pattern_type"] for row in rows})]
    names = ["confidence_score", "significance_score", *(word for _, word in words)]
    matrix = np.array(
        [
            [row["confidence_score"], row["significance_score"], *(float(row[name] == word) for name, word in words)]
            for row in rows
        ]
    )
    found = stable_clusters(matrix, names, [row["id"] for row in rows])
    return {
        rows[place]["id"]: Group(name_of(cluster), min(1.0, max(0.0, cluster.stability)))
        for cluster in found.clusters
        if cluster.algorithm == "k_means"
        for place in cluster.members
    }


def _classes(pattern: Row, group: Group | None) -> list[tuple[str, str, float, str]]:
    sure = pattern["confidence_score"]
    stated = json.loads(pattern["pattern_data"]).get("impact_severity")
    says = (stated, BY_DETECTOR) if stated in SEVERITIES else (severity(pattern), BY_SIZE)
    how_bad, by = says if is_trouble(pattern) else (SEVERITIES[0], BY_SENSE)
    path = [pattern["pattern_category"], pattern["topic"], pattern["pattern_type"]]
    classes = [
        ("category", pattern["pattern_category"], sure, TAXONOMY),
        ("topic", pattern["topic"], sure, TAXONOMY),
        ("severity", how_bad, sure, by),
        ("hierarchy", " > ".join(path), sure, TAXONOMY),
    ]
    if group is not None:
        classes.append(("cluster", group.name, group.stability, CLUSTERED))
    return classes


def _earlier_groups(rows: Iterable[Row]) -> Groups:
    return {
        row["pattern_id"]: Group(row["classification_value"], row["classification_confidence"])
        for row in rows
        if row["classification_type"] == "cluster"
    }
