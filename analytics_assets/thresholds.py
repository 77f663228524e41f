"""Every number that a check, a KPI or a detector compares with: its value, its unit and its reason.

A number is frozen and validated when it is made: NaN, a missing unit or a missing reason is refused at
import. Its reason is copied into the metadata of the check that uses it, so the UI explains the verdict. Only
the standard library is imported here; dbt gets its share of the numbers through ``dbt_vars``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Setting:
    """One number that is not a verdict by itself."""

    value: float
    unit: str
    why: str

    def __post_init__(self) -> None:
        _refuse_undefined(self)


@dataclass(frozen=True)
class Floor:
    """Below ``warn`` is a warning, below ``error`` an error."""

    warn: float
    error: float
    unit: str
    why: str

    def __post_init__(self) -> None:
        _refuse_undefined(self)
        if self.error > self.warn:
            raise ValueError(f"a floor warns before it fails: error {self.error} is above warn {self.warn}")


@dataclass(frozen=True)
class Ceiling:
    """Above ``warn`` is a warning, above ``error`` an error."""

    warn: float
    error: float
    unit: str
    why: str

    def __post_init__(self) -> None:
        _refuse_undefined(self)
        if self.error < self.warn:
            raise ValueError(f"a ceiling warns before it fails: error {self.error} is below warn {self.warn}")


def _refuse_undefined(number: Setting | Floor | Ceiling) -> None:
    """Refuse NaN, which passes every comparison unnoticed, and a number nobody can explain."""
    for field in fields(number):
        content = getattr(number, field.name)
        if isinstance(content, str):
            if not content.strip():
                raise ValueError(f"{type(number).__name__} without a {field.name}")
        elif math.isnan(content):
            raise ValueError(f"{type(number).__name__}.{field.name} is not a number")


WINDOW = Setting(24, "hours", "The short window of every read function: one full daily cycle.")
PROFILE = Setting(30, "days", "Profiles roll over four weekly cycles, and hourly summaries are kept as long.")
STALE_AFTER = Setting(24, "hours", "A source silent for a whole daily cycle is silent, not between two bursts.")
FUTURE_TOLERANCE = Setting(1, "days", "A mistaken time zone is off by up to 14 h; beyond a day the time is wrong.")

WILSON_Z = Setting(1.959964, "standard deviations", "The two-sided 95 % quantile of the normal distribution.")
CONFIDENCE_HIGH_MIN_EXECUTIONS = Setting(
    10,
    "executions",
    "Even 10 of 10 leaves a failure rate of 28 % inside the Wilson interval; fewer prove nothing.",
)
CONFIDENCE_HIGH_MIN_RATE = Setting(0.95, "share of executions", "Trusted on critical paths: one failure in twenty.")
CONFIDENCE_LOW_MAX_RATE = Setting(
    0.80, "share of executions", "Failing more than one call in five, a tool needs a fallback."
)
CONFIDENCE_MIN_EXECUTIONS = Setting(
    5, "executions", "One failure in fewer than 5 calls is already below 80 %: a new tool is MEDIUM, not LOW."
)

AGENT_ACTIVE = Setting(
    1, "hours", "An agent at work calls a tool within minutes; a whole hour without a call is a pause."
)
RISK_RECENT = Setting(
    7, "days", "One weekly cycle, so that a quiet weekend is compared with nothing but weeks that have one too."
)
DOMINANT_ERROR_SHARE = Setting(
    0.50, "share of a tool's failures", "From half on, one cause removed is most of the failures removed."
)
COST_ANOMALY_RATIO = Setting(2, "times the tool's average cost", "Above twice the usual cost, chance is unlikely.")
ANOMALIES_SHOWN = Setting(
    1000,
    "executions",
    "A list in an answer; where costs vary widely a tenth of all calls is dear, and SQL finds the rest.",
)
PLAUSIBLE_DURATION = Ceiling(
    warn=86_400,
    error=31 * 86_400,
    unit="seconds",
    why="A call longer than a day is rare; longer than a month it is a mistaken unit (ms read as s).",
)
CLOCK_SKEW = Setting(
    60,
    "seconds",
    "Clocks of machines drift apart by seconds; a mistaken time zone is off by a quarter of an hour or more.",
)
PLAUSIBLE_COST_RATIO = Setting(
    10,
    "times the tool's average cost before the batch",
    "Costs of models vary several fold (cost_anomalies names those); cents read as dollars are a hundred fold.",
)
COST_BASELINE_MIN = Setting(
    10,
    "priced executions",
    "Among ten, one odd call shifts the average by a tenth of itself; of fewer, it is the average.",
)
QUALITY_ROWS = Setting(
    50_000,
    "rows",
    "The largest suite took 5 s and 0.4 GB for them; of a larger batch a sample shows the same faults.",
)
QUALITY_ROWS_SHOWN = Setting(10, "failing rows", "Enough to see what they have in common; the counts say how many.")
QUARANTINED_SHARE = Ceiling(
    warn=0.0,
    error=0.10,
    unit="share of lines",
    why="One line put aside deserves a look; above one in ten the producer is broken, not a record.",
)
TOOL_SUCCESS_RATE = Floor(
    warn=CONFIDENCE_LOW_MAX_RATE.value,
    error=0.50,
    unit="share of executions",
    why="Below 0.80 a tool is LOW; below half it is down rather than flaky.",
)
DISK_FREE = Floor(
    warn=5 * 2**30,
    error=2**30,
    unit="bytes",
    why="A publish needs room for a copy of the warehouse, a load for its spool; under 1 GiB both may fail.",
)

WAITS_TOO_LONG = Setting(
    300, "seconds", "A running system answers a landed file within a minute; after five nobody takes it."
)
DAEMON_SILENT = Setting(90, "seconds", "Dagster's daemon beats every 30 s; three missed beats are no hiccup.")
UP_STABLE = Setting(60, "seconds", "Loading the code takes under 20 s: a process that lives a minute has started well.")
UP_RESTARTS = Setting(5, "deaths in a row", "With pauses of 1 to 16 s half a minute is given to what may pass.")
UP_STOP = Setting(30, "seconds", "A refresh of a usual batch ends within 20 s; a killed one is taken up again.")

FORECAST_MIN_HISTORY = Setting(
    48, "hours with data", "A daily season can be told from a single odd day only when it was seen twice."
)
FORECAST_SEASON = Setting(24, "hours", "People and schedules repeat daily; the naive forecast repeats the day before.")
FORECAST_BACKTEST = Setting(24, "hours", "One daily season is held back: a method must win over a whole day.")
FORECAST_WEEKLY_AFTER = Setting(
    336, "hours of history", "A weekly season, like a daily one, must have been seen twice."
)
FORECAST_INTERVAL = Setting(
    0.80,
    "share of outcomes",
    "200 samples leave 20 beyond each end of an 80 % band; a 95 % band would rest on five.",
)
FORECAST_BAND_MIN = Setting(10, "differences", "An 80 % band of ten leaves one beyond each end; of fewer, none.")
FORECAST_SAMPLES = Setting(
    200,
    "samples",
    "The ends of an 80 % band then vary by a tenth of a standard deviation; 1000 samples halve that.",
)
FORECAST_MAX_FITTED = Setting(
    200,
    "series",
    "A fit took 0.06 s, a series takes two: the busiest 200 agents cost half a minute of an hourly run.",
)

RESPONSE_SLOWED = Setting(1.5, "times the usual response time", "Half as long again is felt; less is daily noise.")
BOTTLENECK_PRESSURE = Setting(
    0.30,
    "share of busy time, weighted by slowdown and failures",
    "A tool that takes nearly a third of an agent's time, or less but slow or failing, comes first.",
)
BOTTLENECKS_SHOWN = Setting(3, "tools", "What is fourth has at most a quarter of the time: it is not the bottleneck.")

STORAGE_PRICE = Setting(
    0.18,
    "USD per GiB and month",
    "Stored data in Firestore, US multi-region: the worked example of its billing guide, copied in May 2018 "
    "(firebase.google.com/docs/firestore/pricing). Regions differ: Settings takes your own.",
)
DAYS_PER_MONTH = Setting(30.4375, "days", "365.25 / 12: a daily cost that adds up to twelve monthly bills a year.")

SCRATCH_KEPT = Setting(7 * 86_400, "seconds", "Output of a run is read within days, if somebody looks at all.")
START_TAKES_AT_MOST = Setting(180, "seconds", "Dagster gives a run 120 s to start; one that has not is lost.")
RETRY_AFTER = Setting(30, "seconds", "A moment's trouble (a full disk, a killed run) is often over by then.")
RETRY_AT_LEAST_EVERY = Setting(3600, "seconds", "Trouble that lasts is for a person to see to.")

QUERY_TIME_LIMIT = Setting(30, "seconds", "A person waits that long; the published tables answer in well under one.")
QUERY_MEMORY = Setting(512, "MiB", "Readers share the machine with the writer, which has 1500 MB.")
QUERY_ROWS_SHOWN = Setting(200, "rows", "Four screens; a terminal keeps a few thousand lines. JSON has every row.")
QUERY_LENGTH = Setting(100_000, "characters", "The longest hand-written query is a few thousand; parsing has no timer.")


def dbt_vars() -> dict[str, float | int]:
    """The numbers that dbt models compare with, by the names of their ``vars``; whole numbers as integers."""
    numbers = {
        "agent_active_hours": AGENT_ACTIVE,
        "confidence_high_min_executions": CONFIDENCE_HIGH_MIN_EXECUTIONS,
        "confidence_high_min_rate": CONFIDENCE_HIGH_MIN_RATE,
        "confidence_low_max_rate": CONFIDENCE_LOW_MAX_RATE,
        "confidence_min_executions": CONFIDENCE_MIN_EXECUTIONS,
        "cost_anomaly_ratio": COST_ANOMALY_RATIO,
        "dominant_error_share": DOMINANT_ERROR_SHARE,
        "response_slowed": RESPONSE_SLOWED,
        "risk_recent_days": RISK_RECENT,
        "window_hours": WINDOW,
        "profile_days": PROFILE,
        "wilson_z": WILSON_Z,
        "stale_after_hours": STALE_AFTER,
    }
    return {name: _whole(setting.value) for name, setting in numbers.items()}


def _whole(value: float) -> float | int:
    """2.0 as 2: SQL that takes a count or an interval of whole hours wants an integer literal."""
    return int(value) if float(value).is_integer() else value
