"""Which anomalies, trends, lasting changes, limits and leads hold now of a signal: one pattern per signal and type.

The rows of the tables are facts of hours and windows; a pattern is what a person keeps an eye on. Of an anomaly it is
one of at least MEDIUM that lasts or ended within a day, or a HIGH one for the worse of the last two weeks; of a trend
and a lasting change a significant one, where the signal is still where the change put it; of a lead a significant one
that explains a tenth of the variance or more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp
from typing import TYPE_CHECKING

from analytics_assets.detector_thresholds import (
    CURRENT_HOURS,
    EXPLAINED_BY_TREND,
    LEAD_WORTH_TELLING,
    MOST_BY_CHANCE,
)
from analytics_assets.lib.signal_limits import ALGORITHM, Level, beyond, hours_to_limit, level, limit_of
from analytics_assets.lib.signal_types import ARROW, TYPES, Row, observed, topic_of
from analytics_assets.lib.signals import METRIC, in_unit, title_of
from analytics_assets.lib.words import plural
from analytics_assets.pattern_store.observed import Observed, relative_size

if TYPE_CHECKING:
    from analytics_assets.lib.signals import Signal

SEVERITIES = ("LOW", "MEDIUM", "HIGH")
"""Of episodes; a LOW one is no pattern."""


@dataclass(frozen=True)
class Tables:
    """Rows of the tables of signals; those that are made on the schedule may not be there yet."""

    anomalies: Sequence[Row] = ()
    trends: Sequence[Row] = ()
    level_shifts: Sequence[Row] = ()
    signal_leads: Sequence[Row] = ()


def signal_patterns(
    tables: Tables, signals: Sequence[Signal], alert_thresholds: Mapping[str, float], *, is_metric: bool
) -> list[Observed]:
    """What holds now of the metrics, or of all other signals; the surest and largest first.

    Args:
        tables: what was found of all signals.
        signals: the signals, each with at least its last 24 hours.
        alert_thresholds: the limits of the settings.
        is_metric: whether to tell of metrics. A lead with a metric on a side is one of a metric.
    """
    now = {signal.name: signal for signal in signals}
    found = [
        *anomaly_patterns(tables.anomalies),
        *trend_patterns(tables.trends, now, alert_thresholds),
        *shift_patterns(tables.level_shifts, tables.trends, now),
        *limit_patterns(signals, alert_thresholds),
        *lead_patterns(tables.signal_leads, now),
    ]
    types = TYPES[is_metric].values()
    return sorted(
        (one for one in found if one.pattern_type in types),
        key=lambda one: (-one.confidence_score * one.significance_score, one.pattern_type, one.subject),
    )


def anomaly_patterns(anomalies: Iterable[Row]) -> list[Observed]:
    """One per signal that has an episode of at least MEDIUM with a rare value that is worth a look: its worst one."""
    by_signal: dict[str, list[Row]] = {}
    for row in anomalies:
        is_strong = row["severity"] != SEVERITIES[0] and row["expected_by_chance"] <= MOST_BY_CHANCE.value
        if is_strong and is_worth_a_look(row):
            by_signal.setdefault(row["signal"], []).append(row)
    return [_anomaly(rows) for _, rows in sorted(by_signal.items())]


def is_worth_a_look(row: Row) -> bool:
    """Whether an episode lasts or ended within 24 hours, or is HIGH and for the worse, whenever it ended.

    Of what is over, only that may have done harm that somebody has to look into two weeks later.
    """
    if row["is_ongoing"] or row["ends_at"] is None:
        return True
    is_new = row["ends_at"] >= row["as_of"] - timedelta(hours=CURRENT_HOURS.value)
    return bool(is_new or (row["severity"] == SEVERITIES[-1] and row["is_worse"]))


def _anomaly(rows: Sequence[Row]) -> Observed:
    worst = max(rows, key=lambda row: (SEVERITIES.index(row["severity"]), row["score"], row["starts_at"]))
    newest = max(row["ends_at"] or row["as_of"] for row in rows)
    figures = ("value", "expected", "lower", "upper", "direction", "hours", "severity", "is_ongoing")
    return observed(
        "anomaly",
        worst,
        name=f"{worst['reason']} ({plural(worst['hours'], 'hour')} from {worst['starts_at']:%Y-%m-%d %H:%M} UTC)",
        algorithm=f"consensus of {', '.join(json.loads(worst['detectors']))}",
        # That chance made none as far out, among all hours that were judged.
        confidence=exp(-worst["expected_by_chance"]),
        size=relative_size(worst["expected"], worst["value"]),
        strength=abs(worst["value"] - worst["expected"]),
        location=worst["direction"],
        starts_at=worst["starts_at"],
        last=min(newest, worst["as_of"]),
        signature={name: worst[name] for name in figures} | {"episodes": sorted(row["id"] for row in rows)},
        # Half at the threshold, and nearing 1 however far it is.
        more={
            "anomaly_score": worst["score"] / (1 + worst["score"]),
            "is_over": not any(row["is_ongoing"] for row in rows),
        },
    )


def trend_patterns(
    trends: Iterable[Row], now: Mapping[str, Signal], alert_thresholds: Mapping[str, float]
) -> list[Observed]:
    """One per significant trend, with the hours until its signal is at its limit."""
    found = []
    for row in trends:
        if not row["is_significant"] or row["as_of"] is None:
            continue
        found.append(_trend(row, _horizon(row, now.get(row["signal"]), alert_thresholds)))
    return found


def _horizon(row: Row, signal: Signal | None, alert_thresholds: Mapping[str, float]) -> float | None:
    current = level(signal) if signal is not None else None
    if signal is None or current is None:
        return None
    limit = limit_of(signal.component_kind, signal.metric_type, signal.unit, alert_thresholds)
    return hours_to_limit(current.value, limit, row["slope_per_day"], row["days"])


def _trend(row: Row, horizon: float | None) -> Observed:
    rises = row["trend_direction"] == "increasing"
    half = row["slope_per_day"] * row["days"] / 2
    steepness, *ends = (in_unit(abs(row[name]), row["unit"]) for name in ("slope_per_day", "slope_low", "slope_high"))
    least, most = ends if rises else reversed(ends)
    until = f"; at its limit in {horizon / 24:.1f} days" if horizon is not None else ""
    return observed(
        "trend",
        row,
        name=f"{_title(row)} {'rises' if rises else 'falls'} by {steepness} a day ({least} to {most}) over "
        f"{plural(row['days'], 'day')}{until}",
        algorithm="robust slope",
        confidence=1 - row["p_adjusted"],
        size=relative_size(row["mean"] - half, row["mean"] + half),
        strength=abs(row["slope_per_day"]),
        per=" a day",
        location=row["trend_direction"],
        signature={name: row[name] for name in ("slope_per_day", "slope_low", "slope_high", "days", "mean")},
        more={"trend_direction": row["trend_direction"], "prediction_horizon": horizon},
    )


def shift_patterns(shifts: Iterable[Row], trends: Iterable[Row], now: Mapping[str, Signal]) -> list[Observed]:
    """One per significant lasting change of a signal that is still nearer to after it than to before.

    What rises steadily is higher later than before at any time: that is its trend, and no change.
    """
    slopes = {row["signal"]: row["slope_per_day"] for row in trends if row["is_significant"]}
    found = []
    for row in shifts:
        signal = now.get(row["signal"])
        current = level(signal) if signal is not None else None
        if not row["is_significant"] or current is None or is_of_trend(row, slopes.get(row["signal"], 0.0)):
            continue
        if still_holds(row, current):
            found.append(_shift(row, current))
    return found


def is_of_trend(row: Row, slope_per_day: float) -> bool:
    """Whether a slope explains most of a change: it moves the middles of both sides as far apart.

    >>> change = {"before": 10.0, "after": 12.0, "n_before": 48, "n_after": 48}
    >>> is_of_trend(change, 1.0), is_of_trend(change, 0.1)
    (True, False)
    """
    apart = slope_per_day * (row["n_before"] + row["n_after"]) / 2 / 24
    return bool((row["after"] - row["before"]) * apart > 0) and (
        abs(apart) >= EXPLAINED_BY_TREND.value * abs(row["after"] - row["before"])
    )


def still_holds(row: Row, current: Level) -> bool:
    """Whether a signal is still where its change put it."""
    return bool(abs(current.value - row["after"]) < abs(current.value - row["before"]))


def _shift(row: Row, current: Level) -> Observed:
    before, after, value = (in_unit(v, row["unit"]) for v in (row["before"], row["after"], current.value))
    figures = ("before", "after", "ratio", "difference", "n_before", "n_after", "p_adjusted")
    return observed(
        {True: "worse", False: "better"}.get(row["is_worse"], "shift"),
        row,
        name=f"{_title(row)} went from {before} to {after} at {row['changed_at']:%Y-%m-%d %H:%M} UTC; now {value}",
        algorithm=row["algorithm"],
        confidence=1 - row["p_adjusted"],
        size=relative_size(row["before"], row["after"]),
        strength=abs(row["after"] - row["before"]),
        location=f"{row['changed_at']:%Y-%m-%d}",
        starts_at=row["changed_at"],
        signature={name: row[name] for name in figures} | {"current": current.value},
    )


def limit_patterns(now: Iterable[Signal], alert_thresholds: Mapping[str, float]) -> list[Observed]:
    """One per signal that is beyond its limit in the last 24 hours."""
    found = []
    for signal in now:
        over = beyond(signal, alert_thresholds)
        if over is not None:
            found.append(
                observed(
                    "limit",
                    {**signal.key, **signal.ends, "is_worse": True},
                    name=over.said,
                    algorithm=ALGORITHM,
                    confidence=over.confidence,
                    size=relative_size(over.limit, over.value),
                    strength=over.value - over.limit,
                    starts_at=over.starts_at,
                    signature={"limit": over.limit, "current": over.value},
                )
            )
    return found


def lead_patterns(leads: Iterable[Row], now: Mapping[str, Signal]) -> list[Observed]:
    """One per significant lead of one signal before another that explains something; both must have hours.

    Of thousands of pairs a hundredth of the variance is sure too: it is a row of the table, and no pattern.
    """
    found = []
    for row in leads:
        leader, follower = now.get(row["leader"]), now.get(row["follower"])
        if not row["is_significant"] or row["direction"] != "leads" or leader is None or follower is None:
            continue
        if abs(row["correlation"]) < LEAD_WORTH_TELLING.value:
            continue
        hours = row["lag_hours"]
        of_metrics = METRIC in (leader.component_kind, follower.component_kind)
        category, topic = topic_of(follower.metric_type)
        found.append(
            observed(
                "lead",
                {**follower.key, "as_of": row["as_of"], "component_kind": METRIC if of_metrics else "tool"},
                subject=f"{leader.name}{ARROW}{follower.name}",
                name=f"{leader.title} leads {follower.title} by {plural(hours, 'hour')} (r = {row['correlation']:.2f})",
                algorithm="lagged correlation without season",
                confidence=1 - row["p_adjusted"],
                size=abs(row["correlation"]),
                strength=abs(row["correlation"]),
                strength_unit="correlation",
                topic=("error", "error_propagation") if category == "error" else (category, topic),
                location=plural(hours, "hour"),
                signature={name: row[name] for name in ("lag_hours", "correlation", "n", "p_adjusted")},
                components=(leader.component, follower.component),
                more={"prediction_horizon": float(hours), "names": sorted({leader.metric_type, follower.metric_type})},
            )
        )
    return found


def _title(row: Row) -> str:
    return title_of(row["signal"], row["component_kind"], row["component"], row["metric_type"])
