"""The life of an alert: open while its condition holds, over once its subject was seen to be well, back within a day.

A condition that returns within the cool-down opens its old alert again: an alert that flaps is one. What was over when
it was seen first is kept as resolved, and nobody is told.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from analytics_assets.alert_thresholds import ALERTS_KEPT, COOL_DOWN, RESOLVED_KEPT
from analytics_assets.alerting.actions import recommended_actions
from analytics_assets.alerting.condition import Condition, Key, Kind, Row, alert_id, key_of, level_of
from analytics_assets.alerting.ending import Facts, ending
from analytics_assets.alerting.grouping import components_of, group_ids, grouped
from analytics_assets.alerting.severity import NONE, escalation_level, notify_of, points, severity_of
from analytics_assets.alerting.words import STALE, Word, decided

COOL = timedelta(hours=COOL_DOWN.value)
LIVE = ("open", "acknowledged")


class Alerts:
    """The alerts of a look, by their conditions; ``stated`` are those whose condition holds now."""

    def __init__(self, earlier: Iterable[Row], facts: Facts) -> None:
        self.facts = facts
        self.rows = [dict(row) for row in earlier]
        self.stated: dict[str, Condition] = {}
        self._by_key: dict[Key, list[Row]] = defaultdict(list)
        for row in sorted(self.rows, key=lambda row: row["first_seen_at"]):
            self._by_key[key_of(row)].append(row)

    def take(self, condition: Condition) -> None:
        """Hold a condition against the alerts there are: it is one of them, one of them again, or a new one."""
        row = self._of(condition)
        if row is None:
            row = _new(condition)
            self.rows.append(row)
            self._by_key[condition.key].append(row)
        elif condition.last_seen_at >= row["last_seen_at"]:
            _again(row, condition)
        else:
            return
        row |= _said(condition, row["id"], self.facts)
        if condition.kind is Kind.UNUSUAL and condition.began_at > row["first_seen_at"]:
            # Its statement dates the newest episode, the alert its first.
            row["description"] += f" It began at {row['first_seen_at']:%Y-%m-%d %H:%M}, and paused in between."
        if not condition.is_over:
            self.stated[row["id"]] = condition

    def settle(self) -> None:
        """End what is over, and say of the rest why it stays open."""
        for row in self.rows:
            if row["resolved_at"] is not None or row["id"] in self.stated:
                continue
            self._end(row, None)
            row["as_of"] = max(row["as_of"], self.facts.ends.get(row["subject_key"], row["as_of"]))

    def _of(self, condition: Condition) -> Row | None:
        for row in reversed(self._by_key[condition.key]):
            if row["first_seen_at"] > condition.last_seen_at:
                continue
            # A plan has no beginning of its own: each newer one is the same warning.
            is_apart = condition.kind is not Kind.FULL_SOON and condition.began_at > row["last_seen_at"]
            if row["resolved_at"] is None and is_apart:
                # It may have been over in between: of several weeks at once, as in a first look.
                self._end(row, condition.began_at)
            ended = row["resolved_at"]
            if ended is None or condition.began_at <= max(ended, row["last_seen_at"]) + COOL:
                return row
        return None

    def _end(self, row: Row, before: datetime | None) -> None:
        said = ending(row, self.facts)
        if before is not None and (said.at is None or said.at > before):
            return
        row |= {"resolved_at": said.at, "resolved_reason": said.reason}


def advance(
    earlier: Iterable[Row],
    conditions: Iterable[Condition],
    words: Iterable[Word],
    facts: Facts,
    *,
    is_old: Callable[[datetime], bool],
) -> list[Row]:
    """The rows of ``outcomes.alerts`` after this look: those that last first, the most severe before others.

    Args:
        earlier: the rows of the look before.
        conditions: what the detectors say now.
        words: what people decided on alerts.
        facts: what is known of their subjects.
        is_old: whether a window that ended then is stale.
    """
    before = {row["id"]: dict(row) for row in earlier}
    alerts = Alerts(before.values(), facts)
    for condition in sorted(conditions, key=lambda one: (one.began_at, one.key)):
        alerts.take(condition)
    alerts.settle()
    _state(alerts, before, list(words))
    _group(alerts)
    now = facts.as_of or max((row["as_of"] for row in alerts.rows), default=None)
    for row in alerts.rows:
        row.update(_told(row, now), is_stale=is_old(row["as_of"]))
    return _kept(alerts.rows, now)


def _new(condition: Condition) -> Row:
    alert_type, subject_key, kind = condition.key
    key = alert_id(condition)
    return {
        "id": key,
        "alert_type": alert_type,
        "condition": kind,
        "subject_key": subject_key,
        "severity": "low",
        "detected_at": condition.as_of,
        "first_seen_at": condition.began_at,
        "is_begin_seen": condition.is_begin_seen,
        "last_seen_at": condition.last_seen_at,
        "seen_count": 1,
        "resolved_at": None,
        "resolved_reason": None,
        "reopened_count": 0,
        "reopened_at": None,
        "group_id": None,
        "was_stale": condition.is_stale,
    }


def _again(row: Row, condition: Condition) -> None:
    """It is seen still, or once more."""
    is_newer = condition.last_seen_at > row["last_seen_at"]
    if row["resolved_at"] is not None and not is_newer:
        return
    if row["resolved_at"] is not None:
        row |= {"reopened_count": row["reopened_count"] + 1, "reopened_at": condition.as_of}
    row |= {
        "last_seen_at": condition.last_seen_at,
        "seen_count": row["seen_count"] + int(is_newer),
        "resolved_at": None,
        "resolved_reason": None,
        "was_stale": condition.is_stale,
    }


def _said(condition: Condition, key: str, facts: Facts) -> Row:
    """What its newest statement says."""
    causes = facts.causes.get(condition.subject_key, ())
    return {
        "title": condition.title,
        "description": condition.description,
        "affected_components": json.dumps(list(dict.fromkeys(condition.components))),
        "anomaly_score": min(1.0, max(0.0, condition.score)),
        "effect_size": condition.size,
        "confidence": condition.confidence,
        "limit_value": condition.limit,
        "recommended_actions": json.dumps(recommended_actions(condition, key, causes), ensure_ascii=False),
        "evidence_sql": condition.evidence_sql,
        "source": condition.source,
        "as_of": condition.as_of,
    } | {"points": points(condition), "now_severity": severity_of(condition)}


def _state(alerts: Alerts, before: dict[str, Row], words: list[Word]) -> None:
    for row in alerts.rows:
        row["severity"] = _worse(row["severity"], row.pop("now_severity", row["severity"]))
        known = before.get(row["id"])
        was_hidden = known is None or (known["suppressed_reason"] or "").startswith(STALE)
        is_hidden = row.pop("was_stale", was_hidden and known is not None) and was_hidden
        row["suppressed_reason"] = None
        if row["resolved_at"] is not None:
            row["state"] = "resolved"
        elif is_hidden:
            row |= {
                "state": "suppressed",
                "suppressed_reason": f"{STALE}: its records end {row['as_of']:%Y-%m-%d %H:%M}",
            }
        else:
            row["state"] = "open"
    decided(alerts.rows, before, words)


def _group(alerts: Alerts) -> None:
    """Name the groups of what lasts; what is over keeps the group that it was in."""
    live = [row for row in alerts.rows if row["state"] in LIVE]
    groups = grouped(live, alerts.facts.related)
    for name, group in zip(group_ids(groups), groups, strict=True):
        lead, touched = group[0], {component for row in group for component in components_of(row)}
        condition = alerts.stated.get(lead["id"])
        if condition is not None:
            lead["points"] = points(condition, len(touched))
            lead["severity"] = _worse(lead["severity"], severity_of(condition, len(touched)))
        for row in group:
            row |= {"group_id": name, "is_group_lead": row is lead, "group_size": len(group)}
    for row in alerts.rows:
        if row["state"] not in LIVE and row.get("group_id") is None:
            row |= {"group_id": row["id"], "is_group_lead": True, "group_size": 1}


def _told(row: Row, now: datetime | None) -> Row:
    """Who should know and how. A child of a group says nothing of its own, and one that was seen only what is worse."""
    if row["state"] not in LIVE or not row["is_group_lead"]:
        return {"escalation_level": NONE, "notify": "none"}
    if row["state"] == "acknowledged":
        is_worse = level_of(row["severity"]) > level_of(row["decided_severity"])
        notify = notify_of(row["severity"]) if is_worse else "none"
        return {"escalation_level": escalation_level(row["severity"], None), "notify": notify}
    since = row["reopened_at"] or row["detected_at"]
    waits = None if now is None else now - since
    return {"escalation_level": escalation_level(row["severity"], waits), "notify": notify_of(row["severity"])}


def _kept(rows: Sequence[Row], now: datetime | None) -> list[Row]:
    """What lasts, and what was over in the last quarter; the newest where these are too many."""
    ends = None if now is None else now - timedelta(days=RESOLVED_KEPT.value)
    kept = [row for row in rows if row["resolved_at"] is None or ends is None or row["resolved_at"] >= ends]
    kept.sort(key=lambda row: (row["last_seen_at"], row["id"]), reverse=True)
    kept.sort(key=lambda row: (row["state"] == "resolved", row["state"] == "suppressed", -level_of(row["severity"])))
    return kept[: int(ALERTS_KEPT.value)]


def _worse(one: str, other: str) -> str:
    return max(one, other, key=level_of)
