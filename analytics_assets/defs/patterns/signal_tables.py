"""What the tables of signals share: the hours they read, once and bounded, and the columns that all have."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.detector_thresholds import CURRENT_HOURS, LEFT_OUT_SHOWN
from analytics_assets.frame import Frame
from analytics_assets.lib.signal_patterns import Tables
from analytics_assets.lib.signal_types import ARROW, TYPES
from analytics_assets.lib.signals import METRIC, Signal, moment, signals_of
from analytics_assets.pattern_store.coverage import LEFT_OUT_NAMED, note_coverage
from analytics_assets.pattern_thresholds import PATTERN_DAYS
from analytics_assets.warehouse.columns import Column
from analytics_assets.warehouse.connection import records
from analytics_assets.warehouse.frames import earlier_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

HOURLY = ["summaries", "hourly_signals"]
"""Key of the view that all read."""
SHIFTS_KEY, LEADS_KEY = ["patterns", "level_shifts"], ["patterns", "signal_leads"]
FOUND = (["patterns", "anomalies"], ["patterns", "trends"])
SIGNAL = (
    Column("signal", "VARCHAR", "Signal (summaries.hourly_signals).", required=True),
    Column("component_kind", "VARCHAR", "tool, pipeline, runs, procedure, integration or metric.", required=True),
    Column("component", "VARCHAR", "What it was measured of.", required=True),
    Column("metric_type", "VARCHAR", "What was measured.", required=True),
    Column("unit", "VARCHAR", "Unit of its values; NULL where it was never told."),
)
IS_WORSE = Column("is_worse", "BOOLEAN", "Whether this direction is trouble; NULL where that is not known.")
_TABLES = {"anomaly": "anomalies", "trend": "trends", "lead": "signal_leads"} | dict.fromkeys(
    ("worse", "better", "shift"), "level_shifts"
)
MADE_OF = {types[kind]: table for types in TYPES.values() for kind, table in _TABLES.items()}
"""Table of each type of pattern; those of limits are made of the hours themselves."""
WINDOW = int(PATTERN_DAYS.value) * 24
_RECENT = f"""
    from summaries.hourly_signals
    where
        value is not null
        and hour >= as_of - interval '{PATTERN_DAYS.value:.0f}' day
        -- Half an hour has half of its calls; a rate or a mean of it is one all the same.
        and (is_complete or metric_type <> 'throughput')
"""
_NAMED = f"""
    select
        signal,
        max(component_kind) as component_kind,
        max(component) as component,
        max(metric_type) as metric_type,
        max(unit) as unit,
        bool_or(is_rate) as is_rate,
        max(worse) as worse,
        max(as_of) as as_of,
        bool_or(is_stale) as is_stale,
        count(*) filter (where samples > 0) as hours
    {_RECENT}
    group by signal
    order by hours desc, signal
"""
_POINTS = f"""
    with wanted as (select unnest($names) as signal, unnest(range(len($names))) as place),

    recent as (select signal, hour, value, samples, as_of {_RECENT})

    select wanted.place, recent.hour, recent.value::double as value, recent.samples::double as samples
    from recent
    inner join wanted on recent.signal = wanted.signal
    where recent.hour >= recent.as_of - to_hours($hours)
    order by wanted.place, recent.hour
"""


@dataclass(frozen=True)
class Hours:
    """The signals with the most hours, and which were left out for others that have more."""

    signals: "Sequence[Signal]"
    left_out: "Sequence[str]"

    @property
    def told(self) -> dict[str, dg.MetadataValue]:
        """How many were looked at, and the first of those that were not."""
        first = ", ".join(self.left_out[: int(LEFT_OUT_SHOWN.value)])
        return {
            "signals": dg.MetadataValue.int(len(self.signals)),
            "left_out": dg.MetadataValue.text(f"{len(self.left_out):,}: {first}" if first else "none"),
        }


def recent_hours(con: "DuckDBPyConnection", most: int, *, hours: int = WINDOW) -> Hours:
    """The signals with the most hours of the last four weeks, at most so many; of the others only the names.

    Those of as many hours are taken by name, so that two refreshes look at the same.

    Args:
        con: the writer's connection.
        most: signals, of all kinds together.
        hours: newest hours of each that are read; a signal may have none of them.
    """
    named = records(con, _NAMED)
    chosen = named[:most]
    points = con.execute(_POINTS, {"names": [row["signal"] for row in chosen], "hours": hours}).fetchnumpy()
    return Hours(signals_of(chosen, points), [row["signal"] for row in named[most:]])


def note_signals(con: "DuckDBPyConnection", source: str, hours: Hours, tables: Tables, *, is_metric: bool) -> None:
    """Note at which signals, metrics or all others, a table of patterns could look.

    The bound on signals is a stated one, so what it leaves out is no failure: it is named, as are the leads of it.
    Named is also what is silent, or has no hour left but a pattern: who says nothing for a day says not that its
    trouble is over. The end is the earliest
    of the kinds that are not stale: at none of them was looked farther.
    """
    looked_at = [signal for signal in hours.signals if (signal.component_kind == METRIC) == is_metric]
    beyond = {name for name in hours.left_out if name.startswith(f"{METRIC}/") == is_metric}
    silent = {signal.name for signal in looked_at if is_silent(signal)} | _without_hours(con, source, hours)
    of_leads = {
        f"{row['leader']}{ARROW}{row['follower']}"
        for row in tables.signal_leads
        if not {row["leader"], row["follower"]}.isdisjoint(hours.left_out)
    }
    # The silent ones first: of the others the store holds all, where not all can be named.
    left_out = [*sorted(silent), *sorted(of_leads), *sorted(beyond)]
    note_coverage(
        con,
        source,
        subjects=len(looked_at),
        examined=len(looked_at),
        left_out=left_out[:LEFT_OUT_NAMED],
        is_cut=len(left_out) > LEFT_OUT_NAMED,
        as_of=_earliest_end(looked_at),
    )


def _without_hours(con: "DuckDBPyConnection", source: str, hours: Hours) -> set[str]:
    """Subjects of the source's patterns that hold, of a signal without an hour among those that were read."""
    read = {signal.name for signal in hours.signals}
    held = {
        row["subject"]
        for row in earlier_rows(con, "patterns", "detected_patterns")
        if row["source"] == source and row["is_active"]
    }
    # The subject of a lead is two signals.
    return {subject for subject in held if subject not in read and not read.issuperset(subject.split(ARROW))}


def is_silent(signal: Signal) -> bool:
    """Whether a signal has no value in the last 24 hours of its kind, or that whole kind is stale."""
    if signal.is_stale or signal.as_of is None or not signal.hours:
        return True
    newest = moment(signal.series.times[signal.series.is_known][-1])
    return newest < signal.as_of - timedelta(hours=CURRENT_HOURS.value)


def _earliest_end(signals: "Sequence[Signal]") -> datetime | None:
    ends = [signal.as_of for signal in signals if signal.as_of and not signal.is_stale]
    return min(ends or [signal.as_of for signal in signals if signal.as_of], default=None)


def groundless(con: "DuckDBPyConnection", patterns: Frame) -> Frame:
    """Patterns whose subject has no row in the table that their type is made of."""
    known = {
        table: {(row["leader"] + ARROW + row["follower"]) if table == "signal_leads" else row["signal"] for row in rows}
        for table, rows in ((table, earlier_rows(con, "patterns", table)) for table in set(MADE_OF.values()))
    }
    is_groundless = [
        kind in MADE_OF and subject not in known[MADE_OF[kind]]
        for kind, subject in zip(patterns["pattern_type"], patterns["subject"], strict=True)
    ]
    return patterns.loc[[place for place, one in zip(patterns.index, is_groundless, strict=True) if one]]


def found_of(con: "DuckDBPyConnection", anomalies: Frame, trends: Frame) -> Tables:
    """What was found of all signals; lasting changes and leads are those of the last scheduled run."""
    from analytics_assets.lib.plain_rows import plain_rows

    return Tables(
        anomalies=plain_rows(anomalies),
        trends=plain_rows(trends),
        level_shifts=earlier_rows(con, "patterns", "level_shifts"),
        signal_leads=earlier_rows(con, "patterns", "signal_leads"),
    )
