"""How much of an agent is free in the next hour, what waits for it, and which tools hold it up.

The formula, per agent:

- utilisation: seconds the agent's calls took, per hour, / 3600. An untimed call counts as long as the timed
  ones of its hour; a call counts in the hour it began; an hour without a call is idle, 0. Forecast for the
  next hour, by the competition of forecasts where the agent has a part in it.
- slowdown: seconds its calls of the last 24 h took / seconds the same calls would have taken at each tool's
  30-day average for this agent. The tools are compared with themselves, so a turn to slower tools is not a
  slowdown.
- availability, percent: 100 * (1 - utilisation) / slowdown, within 0 to 100. Free time is worth less when
  answers take longer; a slowdown below 1 does not make an hour longer and counts as 1. Overlapping calls can
  fill more than an hour: then nothing is free.

What waits is shown beside it and not deducted: how long a waiting task will take is not known.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from analytics_assets.lib.forecasting import HOUR, Forecast, forecast_hourly, hourly_series
from analytics_assets.thresholds import (
    BOTTLENECK_PRESSURE,
    BOTTLENECKS_SHOWN,
    FORECAST_MAX_FITTED,
    PROFILE,
    RESPONSE_SLOWED,
    WINDOW,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

SECONDS_PER_HOUR = 3600.0

OPEN_STATUSES = frozenset(
    {
        *(
            "assigned",
            "blocked",
            "new",
            "open",
            "pending",
            "queued",
            "ready",
            "retry",
            "to_do",
            "todo",
            "waiting",
        ),
        *("active", "doing", "in_progress", "in_review", "running", "started"),
    }
)
"""Words for work that is waiting or running; a tracker's word that is not among them is not counted."""

MEASURES = ["executions", "failed_executions", "timed_executions", "duration_seconds"]


class Expected(NamedTuple):
    """What a forecast says of an hour, shares of it; None for a band that nothing tells."""

    method: str
    value: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Pace:
    """How fast an agent's tools answered in the last 24 h, and how fast the same calls usually are."""

    response_time_seconds: float
    slowdown: float


def capacity_forecasts(
    hourly_tool_usage: pd.DataFrame,
    queue: pd.DataFrame,
    as_of: datetime | None,
    *,
    is_stale: bool = False,
    agents: Iterable[str] = (),
    expected: Mapping[str, Expected] | None = None,
) -> pd.DataFrame:
    """Availability of every agent in the hour after ``as_of``'s. One row per agent.

    ``hourly_tool_usage`` is the summary of that name, ``queue`` has agent_id and current_queue_depth
    (``queue_depths``). ``agents`` adds those that neither frame knows. ``expected`` is what the competition says of
    that hour, by agent; an agent without it is forecast here. No agent is dropped: one with under a day of history has
    the method insufficient_history and no numbers.

    Columns: agent_id, forecast_for (the hour, UTC), estimated_available_capacity, lower, upper (percent; an
    80 % band), current_queue_depth (tasks and runs), bottleneck_tools (JSON list; NULL without a call in 24
    h), method, history_hours, expected_utilisation (share of the hour), slowdown (times the usual),
    response_time_seconds (mean of the last 24 h), as_of, is_stale.
    """
    if as_of is None:
        # No execution, run or task was ever recorded: there is nobody to forecast.
        return _typed([]).assign(as_of=pd.Series(dtype="datetime64[us]"), is_stale=pd.Series(dtype=bool))
    moment = pd.Timestamp(as_of)
    known = hourly_tool_usage.dropna(subset=["agent_id"])
    usage = known[(known["hour"] <= moment) & (known["hour"] > moment - pd.Timedelta(days=PROFILE.value))]
    depths: dict[str, int] = dict(zip(queue["agent_id"], queue["current_queue_depth"], strict=True))
    names = sorted({*known["agent_id"], *depths, *agents})
    busiest = set(usage.groupby("agent_id")["executions"].sum().nlargest(int(FORECAST_MAX_FITTED.value)).index)
    by_agent = dict(iter(usage.groupby("agent_id")))
    rows = [
        {
            "agent_id": name,
            **_outlook(
                by_agent.get(name, usage.iloc[:0]), moment, fitted=name in busiest, expected=(expected or {}).get(name)
            ),
            "current_queue_depth": depths.get(name),
        }
        for name in names
    ]
    return _typed(rows).assign(as_of=moment, is_stale=is_stale).astype({"as_of": "datetime64[us]"})


def queue_depths(work: pd.DataFrame) -> pd.DataFrame:
    """Work known to be waiting or running. One row per agent: agent_id, current_queue_depth.

    ``work`` counts what is assigned to an agent, by status: agent_id, status, items. An agent with nothing
    but finished work has 0; an agent of whom no work is recorded has no row, because nothing tells.
    """
    assigned = work.dropna(subset=["agent_id"])
    words = assigned["status"].str.strip().str.lower().str.replace(r"[\s-]+", "_", regex=True)
    waiting = assigned["items"].where(words.isin(OPEN_STATUSES), 0)
    depths = waiting.groupby(assigned["agent_id"]).sum().astype("int64")
    return depths.rename("current_queue_depth").rename_axis("agent_id").reset_index()


def bottleneck_tools(recent: pd.DataFrame, usual: pd.DataFrame) -> list[dict[str, Any]]:
    """The tools that hold an agent up, worst first; empty when its time is spread.

    ``recent`` and ``usual`` hold one agent's measures, one row per tool, of the last 24 h and of the 30 days.
    A tool's pressure is its share of the agent's time * its slowdown (at least 1) * (1 + its failure rate,
    each failure costing a retry). Where nothing was timed, its share of the calls stands for its share of the
    time, and ``share_of`` says so.
    """
    timed = recent["duration_seconds"].sum() > 0
    basis = "busy_time" if timed else "executions"
    amount = _busy_seconds(recent) if timed else recent["executions"].astype(float)
    tools = pd.DataFrame(
        {
            "share": amount / amount.sum(),
            "slowdown": _average(recent) / _average(usual).reindex(recent.index),
            "failure_rate": recent["failed_executions"] / recent["executions"],
            "executions": recent["executions"].astype(int),
        }
    )
    weight = tools["slowdown"].clip(lower=1).fillna(1) * (1 + tools["failure_rate"])
    tools["pressure"] = tools["share"].fillna(0) * weight
    worst = tools[tools["pressure"] >= BOTTLENECK_PRESSURE.value].reset_index()
    worst = worst.sort_values(["pressure", "tool_name"], ascending=[False, True])
    return [
        {
            "tool_name": tool["tool_name"],
            "pressure": round(tool["pressure"], 4),
            "share": round(tool["share"], 4),
            "share_of": basis,
            "slowdown": None if math.isnan(tool["slowdown"]) else round(tool["slowdown"], 4),
            "is_slowed": bool(tool["slowdown"] >= RESPONSE_SLOWED.value),
            "failure_rate": round(tool["failure_rate"], 4),
            "executions": tool["executions"],
        }
        for tool in worst.head(int(BOTTLENECKS_SHOWN.value)).to_dict("records")
    ]


def _outlook(usage: pd.DataFrame, moment: pd.Timestamp, *, fitted: bool, expected: Expected | None) -> dict[str, Any]:
    """One agent's row, without its name and queue."""
    hour = moment.floor("h")
    recent_rows = usage[usage["hour"] > moment - pd.Timedelta(hours=WINDOW.value)]
    recent, usual = _per_tool(recent_rows), _per_tool(usage)
    pace = _pace(recent, usual)
    history = utilisation(usage, until=hour)
    method: str
    if expected is None:
        # The hour of as_of is not over, so two hours lie ahead of the last complete one.
        forecast = forecast_hourly(history, horizon=2, floor=0.0, fitted=fitted)
        method, (value, lower, upper) = forecast.method, _next_hour(forecast)
    else:
        method = expected.method
        value, lower, upper = (math.nan if end is None else end for end in expected[1:])
    slowdown = max(1.0, pace.slowdown) if not math.isnan(pace.slowdown) else 1.0
    return {
        "forecast_for": hour + HOUR,
        "estimated_available_capacity": _available(value, slowdown),
        "lower": _available(upper, slowdown),
        "upper": _available(lower, slowdown),
        "bottleneck_tools": json.dumps(bottleneck_tools(recent, usual)) if len(recent) else None,
        "method": method,
        "history_hours": int(history.notna().sum()),
        "expected_utilisation": value,
        "slowdown": pace.slowdown,
        "response_time_seconds": pace.response_time_seconds,
    }


def utilisation(usage: pd.DataFrame, until: pd.Timestamp) -> pd.Series[float]:
    """Share of each hour that one agent's calls filled, from its first call to before ``until``.

    An hour without a call is 0; an hour with calls of which none was timed is NaN.
    """
    per_hour = usage.groupby("hour")[MEASURES].sum()
    return hourly_series(_busy_seconds(per_hour) / SECONDS_PER_HOUR, until=until, missing=0.0)


def _busy_seconds(measures: pd.DataFrame) -> pd.Series[float]:
    """Seconds that all calls took, an untimed one as long as a timed one; NaN where none was timed."""
    return (_average(measures) * measures["executions"]).clip(lower=0)


def _average(measures: pd.DataFrame) -> pd.Series[float]:
    """Mean seconds of a timed call; NaN where none was timed."""
    timed = measures["timed_executions"].astype(float)
    return measures["duration_seconds"].astype(float) / timed.where(timed > 0)


def _per_tool(usage: pd.DataFrame) -> pd.DataFrame:
    """One agent's measures, one row per tool."""
    return usage.groupby("tool_name")[MEASURES].sum()


def _pace(recent: pd.DataFrame, usual: pd.DataFrame) -> Pace:
    """Both NaN when nothing was timed in the last 24 h."""
    timed = float(recent["timed_executions"].sum())
    if not timed:
        return Pace(math.nan, math.nan)
    taken = float(recent["duration_seconds"].sum())
    expected = float((recent["timed_executions"] * _average(usual).reindex(recent.index)).sum())
    return Pace(taken / timed, taken / expected if expected > 0 else math.nan)


def _next_hour(forecast: Forecast) -> tuple[float, float, float]:
    """Value, lower and upper of the last hour ahead; NaN where there is no forecast."""
    if forecast.points.empty:
        return math.nan, math.nan, math.nan
    last = forecast.points.iloc[-1]
    return float(last["value"]), float(last["lower"]), float(last["upper"])


def _available(used: float, slowdown: float) -> float:
    """Percent of the hour that is free at that utilisation; NaN stays NaN."""
    return used if math.isnan(used) else min(100.0, max(0.0, 100.0 * (1.0 - used) / slowdown))


def _typed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The same columns and types for no agent as for many."""
    types = {
        "agent_id": "object",
        "forecast_for": "datetime64[us]",
        "estimated_available_capacity": "float64",
        "lower": "float64",
        "upper": "float64",
        "current_queue_depth": "Int64",
        "bottleneck_tools": "object",
        "method": "object",
        "history_hours": "int64",
        "expected_utilisation": "float64",
        "slowdown": "float64",
        "response_time_seconds": "float64",
    }
    return pd.DataFrame(rows, columns=list(types)).astype(types)
