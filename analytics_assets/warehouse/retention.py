"""Retention: what is old by its time of ingestion goes, but never before the next tier proves that it holds it.

Raw rows go by whole hours. In one transaction the hour's summary rows are checked against the rows, copied to the
schema ``sealed``, and the rows deleted; a late record of that hour is then added to what is sealed. Hourly rows go
by whole days in the same way, into the daily rollups that are kept for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics_assets.contracts import CONTRACTS
from analytics_assets.settings import Settings
from analytics_assets.warehouse.columns import NOT_SLIM, entry_columns
from analytics_assets.warehouse.connection import count, transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Summary:
    """The hourly and the daily table of some records; ``count`` is the measure that counts the ``counted`` ones."""

    hourly: str
    daily: str
    count: str
    counted: str = "true"


@dataclass(frozen=True)
class Tier:
    """How one kind goes from raw rows to hours to days; every summary must hold what it counts of an hour."""

    kind: str
    table: str
    days_setting: str
    summaries: tuple[Summary, ...]


TIERS = (
    Tier(
        "executions",
        "executions_slim",
        "slim_executions_days",
        (
            Summary("hourly_tool_usage", "daily_tool_usage", "executions"),
            Summary("hourly_tool_errors", "daily_tool_errors", "failed_executions", counted="not success"),
        ),
    ),
    Tier("runs", "runs", "runs_days", (Summary("hourly_runs", "daily_runs", "runs"),)),
    Tier("metrics", "metrics", "metrics_days", (Summary("hourly_metrics", "daily_metrics", "samples"),)),
    Tier("events", "events", "events_days", (Summary("hourly_events", "daily_events", "events"),)),
)


@dataclass(frozen=True)
class PurgeReport:
    """What became of the old rows of one table; ``kept_by`` says why some that are old enough stay."""

    table: str
    purged_rows: int
    kept_rows: int
    kept_by: str | None


def purge(con: DuckDBPyConnection, settings: Settings, now: datetime) -> list[PurgeReport]:
    """Remove what is past its time; ``now`` is naive UTC."""
    reports = [_slim(con, now - timedelta(hours=settings.executions_hours))]
    for tier in TIERS:
        reports.append(_purge_raw(con, tier, now, now - timedelta(days=getattr(settings, tier.days_setting))))
        hours_cutoff = now - timedelta(days=settings.hourly_days)
        reports += [_purge_hours(con, tier, summary, hours_cutoff) for summary in tier.summaries]
    con.execute("delete from raw.retired_keys where retired_at < ?", [now - timedelta(days=settings.key_memory_days)])
    con.execute("checkpoint")
    return reports


def _slim(con: DuckDBPyConnection, cutoff: datetime) -> PurgeReport:
    """Full executions become slim ones."""
    columns = ", ".join(c.name for c in entry_columns(CONTRACTS["executions"]) if c.name not in NOT_SLIM)
    with transaction(con):
        moved = count(
            con,
            f"insert into raw.executions_slim ({columns}) select {columns} from raw.executions where ingested_at < ?",
            cutoff,
        )
        deleted = count(con, "delete from raw.executions where ingested_at < ?", cutoff)
        if moved != deleted:
            raise RuntimeError(f"retention moved {moved} executions but would delete {deleted}; nothing was changed")
    return PurgeReport("raw.executions", deleted, 0, None)


def _purge_raw(con: DuckDBPyConnection, tier: Tier, now: datetime, cutoff: datetime) -> PurgeReport:
    table = f"raw.{tier.table}"
    missing = [summary.hourly for summary in tier.summaries if not _exists(con, "summaries", summary.hourly)]
    if missing:
        return PurgeReport(table, 0, 0, f"summaries.{missing[0]} is not built yet")
    with transaction(con):
        old = _old_hours(con, tier, cutoff)
        con.execute(_provable_hours(con, tier))
        for summary in tier.summaries:
            _seal(con, summary.hourly, "hour", "select hour from provable")
        con.execute(
            "insert into raw.sealed_hours select ?, hour, records, last_ingested_at, ? from provable",
            [tier.kind, now],
        )
        purged = _delete_records(con, tier, now)
        kept = old - count(con, "select coalesce(sum(records), 0) from provable")
    return PurgeReport(table, purged, kept, "their hour is not summarised, or not all of it is old" if kept else None)


def _old_hours(con: DuckDBPyConnection, tier: Tier, cutoff: datetime) -> int:
    """Find the hours whose every record is old; returns the old records, those of younger hours included."""
    time, key = CONTRACTS[tier.kind].time_field, CONTRACTS[tier.kind].key_column
    if CONTRACTS[tier.kind].is_entity:
        # A run is as young as its youngest version, and counts in the hour of the version that counts.
        records = (
            f"select max({time}) filter (is_current) as moment, max(ingested_at) as ingested_at "
            f"from raw.{tier.table} group by {key}"
        )
    else:
        records = f"select {time} as moment, * from {_live(tier)}"
    counted = "".join(f"count(*) filter ({summary.counted}) as {summary.hourly}, " for summary in tier.summaries)
    con.execute(
        f"create or replace temp table hours_of_kind as "
        f"select date_trunc('hour', moment) as hour, count(*) as records, {counted}"
        f"count(*) filter (ingested_at < $cutoff) as old_records, max(ingested_at) as last_ingested_at "
        f"from ({records}) group by 1",
        {"cutoff": cutoff},
    )
    old = count(con, "select coalesce(sum(old_records), 0) from hours_of_kind")
    con.execute("delete from hours_of_kind where old_records < records")
    return old


def _provable_hours(con: DuckDBPyConnection, tier: Tier) -> str:
    """Of the old hours those that every summary holds to the last record, and that nothing waits for."""
    proofs = "".join(f" and {_holds(con, summary)}" for summary in tier.summaries)
    return (
        f"create or replace temp table provable as "
        f"select hour, records, last_ingested_at from hours_of_kind as old where old.hour not in "
        f"(select hour from raw.touched_hours where kind = '{tier.kind}'){_not_full(tier)}{proofs}"
    )


def _holds(con: DuckDBPyConnection, summary: Summary) -> str:
    """A condition on an old hour: the summary counts its records and those that were sealed before, no more, no less.

    An hour without a record that the summary counts has no row there.
    """
    counted = f"(select coalesce(sum({summary.count}), 0) from {{}}.{summary.hourly} where hour = old.hour)"
    sealed = counted.format("sealed") if _exists(con, "sealed", summary.hourly) else "0"
    return f"{counted.format('summaries')} = old.{summary.hourly} + {sealed}"


def _not_full(tier: Tier) -> str:
    """Hours with full executions stay: only slim ones are deleted, and what stays would be counted beside its seal."""
    if tier.kind != "executions":
        return ""
    return " and old.hour not in (select date_trunc('hour', started_at) from raw.executions)"


def _seal(con: DuckDBPyConnection, table: str, period: str, periods: str) -> None:
    """Replace the sealed rows of some hours or days by the summary's rows, which include them."""
    con.execute(f"create table if not exists sealed.{table} as select * from summaries.{table} limit 0")
    # A measure that the summary has since a later version: of what was sealed before it is unknown.
    for name, kind, *_ in con.execute(f"describe summaries.{table}").fetchall():
        con.execute(f"alter table sealed.{table} add column if not exists {name} {kind}")
    con.execute(f"delete from sealed.{table} where {period} in ({periods})")
    con.execute(f"insert into sealed.{table} by name select * from summaries.{table} where {period} in ({periods})")


def _delete_records(con: DuckDBPyConnection, tier: Tier, now: datetime) -> int:
    contract = CONTRACTS[tier.kind]
    table, key = f"raw.{tier.table}", contract.key_column
    current = "and is_current" if contract.is_entity else ""
    con.execute(
        f"create or replace temp table retiring as select {key} as key from {table} "
        f"where date_trunc('hour', {contract.time_field}) in (select hour from provable) {current}"
    )
    con.execute(f"insert into raw.retired_keys select '{tier.kind}', md5_number_lower(key), ? from retiring", [now])
    for child in contract.children:
        con.execute(f"delete from raw.{child.table} where {child.parent_column} in (select key from retiring)")
    return count(con, f"delete from {table} where {key} in (select key from retiring)")


def _purge_hours(con: DuckDBPyConnection, tier: Tier, summary: Summary, cutoff: datetime) -> PurgeReport:
    """Drop the hourly rows of days of which no raw record is left and the daily rollup holds everything.

    The last two days with events stay: windows of 24 hours are read from them.
    """
    table = f"summaries.{summary.hourly}"
    if not (_exists(con, "summaries", summary.daily) and _exists(con, "sealed", summary.hourly)):
        return PurgeReport(table, 0, 0, None)
    with transaction(con):
        earlier = (
            f"select day, sum({summary.count}) as counted from sealed.{summary.daily} group by day"
            if _exists(con, "sealed", summary.daily)
            else "select null::date as day, 0 as counted where false"
        )
        con.execute(
            f"create or replace temp table closed_days as "
            f"select day from "
            f"(select cast(hour as date) as day, sum({summary.count}) as counted from {table} group by 1) "
            f"join (select cast(day as date) as day, sum({summary.count}) as daily "
            f"from summaries.{summary.daily} group by 1) using (day) "
            f"left join (select cast(day as date) as day, counted as before from ({earlier})) using (day) "
            f"where daily = counted + coalesce(before, 0) "
            f"and day not in (select cast(hour as date) from raw.touched_hours where kind = '{tier.kind}') "
            f"and day not in (select cast({CONTRACTS[tier.kind].time_field} as date) from {_live(tier)}) "
            # The windows of the last 24 h are counted from hours, also when the kind fell silent long ago.
            f"and day < (select cast(newest_event_at as date) - 1 from raw.event_clock where kind = '{tier.kind}') "
            f"and day in (select cast(hour as date) from raw.sealed_hours where kind = '{tier.kind}' "
            f"group by 1 having max(last_ingested_at) < ?)",
            [cutoff],
        )
        _seal(con, summary.daily, "cast(day as date)", "select day from closed_days")
        purged = count(con, f"delete from {table} where cast(hour as date) in (select day from closed_days)")
        con.execute(f"delete from sealed.{summary.hourly} where cast(hour as date) in (select day from closed_days)")
    return PurgeReport(table, purged, 0, None)


def _live(tier: Tier) -> str:
    """The raw records of the kind, for a FROM."""
    if tier.kind == "executions":
        return "(select * from raw.executions union all by name select * from raw.executions_slim)"
    return f"raw.{tier.table}"


def _exists(con: DuckDBPyConnection, schema: str, table: str) -> bool:
    found = con.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    )
    return found.fetchone() is not None
