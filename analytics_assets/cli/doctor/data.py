"""Findings about the data: what waits, what was put aside, and what readers see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from analytics_assets.cli.doctor.finding import Finding, fine, note, problem
from analytics_assets.operating_thresholds import WAITS_TOO_LONG
from analytics_assets.queries.errors import NoSnapshotError, QueryError
from analytics_assets.queries.snapshot import open_snapshot, run_sql
from analytics_assets.settings import Settings
from analytics_assets.supervisor.lock import holder
from analytics_assets.warehouse.arrivals import plan
from analytics_assets.warehouse.inbox import InboxFile, foreign_files
from analytics_assets.warehouse.touched import intended

SHOWN = 3
"""Examples per group: enough to recognise it; the rest is one query away."""
REFRESH = "Run `analytics refresh`, or `make run` to have it done as files arrive."

READ_AS = r" \([0-9-]+T[0-9:.]+Z\)"
"""The moment that a value was read as: the examples have it, and it tells nothing of the other lines."""
PUT_ASIDE = """
    with overwritten as (
        select path, max(file_id) as file_id from raw.ingested_files where from_byte = 0 and status = 'taken' group by 1
    )
    select
        lines.kind,
        regexp_replace(regexp_replace(lines.reason, $read_as, '', 'g'), '''[^'']*''|[0-9]+', '…', 'g') as what,
        lines.remedy,
        count(*) as lines,
        list(distinct lines.path order by lines.path) as paths,
        list(lines.path || coalesce(':' || lines.line_number, '') || ': '
            || coalesce(lines.field || ': ', '') || lines.reason
            order by lines.path, lines.line_number)[1:$shown] as examples
    from raw.quarantined_lines as lines
    left join overwritten on overwritten.path = lines.path and overwritten.file_id > lines.file_id
    where overwritten.path is null and list_contains($present, lines.path)
    group by all
    order by lines desc, 1, 2
"""
QUARANTINED_PATHS = "select distinct path from raw.quarantined_lines"
# Issues and reviews are followed by what happens to them, not only by when they were first seen.
STALE = """
    select kind, as_of from staging.stg_as_of where is_stale and kind not in ('issues', 'reviews')
    union all
    select 'issues and reviews', as_of from staging.stg_issue_clock where is_stale
    order by 1
"""


def snapshot(settings: Settings, _now: datetime) -> list[Finding]:
    """What readers see, and how old it is."""
    try:
        with open_snapshot(settings) as current:
            version, published_at = current.version, current.published_at
    except NoSnapshotError as error:
        return [problem("snapshot", _sentence(str(error)), REFRESH)]
    findings = [fine("snapshot", f"readers see version {version}, published at {published_at}")]
    try:
        silent = run_sql(settings, STALE).records()
    except QueryError as error:
        return [*findings, problem("snapshot", f"It lacks its clock: {error}", REFRESH)]
    if silent:
        newest = tuple(f"{row['kind']}: nothing newer than {row['as_of']}" for row in silent)
        words = "Some kinds have been silent for over a day, so their windows end in the past."
        findings.append(
            note("snapshot", words, "Expected after an import of old logs; else look at the producer.", newest)
        )
    return findings


def unexamined(settings: Settings, _now: datetime) -> list[Finding]:
    """What detectors of patterns did not look at."""
    from analytics_assets.queries.patterns import get_left_out

    try:
        with open_snapshot(settings) as current:
            lines = get_left_out(current, settings)
    except QueryError:
        # That there is no version to read is told already.
        return []
    remedy = "Patterns of it are held, not resolved. A larger ANALYTICS_PATTERN_SIGNALS looks at more signals."
    return [note("patterns", f"{line}.", remedy) for line in lines]


def unpublished(settings: Settings, _now: datetime) -> list[Finding]:
    """Records that were taken and not answered."""
    kinds = intended(settings)
    if not kinds or holder(settings.writer_lock) is not None:
        return []
    words = f"A refresh ended before it published {', '.join(sorted(kinds))}; nothing is lost."
    return [problem("refresh", words, REFRESH)]


def waiting_files(settings: Settings, now: datetime) -> list[Finding]:
    """Files that no refresh has looked at yet, and folders that nobody reads."""
    seen = plan(settings)
    findings = [_waiting(seen.files, now)] if seen.files else [fine("inbox", "every file of the inbox was taken")]
    for folder, count in sorted(foreign_files(settings).items()):
        words = f"{count} file{'s' * (count > 1)} in inbox/{folder}: this version does not read that format yet."
        findings.append(note("inbox", words, "They are left alone and wait for a version that does."))
    return findings


def _waiting(files: Iterable[InboxFile], now: datetime) -> Finding:
    """Files just landed are on their way; older ones show that nobody takes them."""
    ages = {file.name: (now.replace(tzinfo=UTC).timestamp() - file.changed_ns / 1e9) for file in files}
    oldest = max(ages, key=lambda name: ages[name])
    waiting = "1 file waits" if len(ages) == 1 else f"{len(ages):,} files wait"
    words = f"{waiting} to be taken, since {ages[oldest] / 60:.0f} min."
    examples = tuple(sorted(ages, key=lambda name: -ages[name])[:SHOWN])
    if ages[oldest] > WAITS_TOO_LONG.value:
        return problem("inbox", words, REFRESH, examples)
    return note("inbox", words, REFRESH, examples)


def quarantine(settings: Settings, _now: datetime) -> list[Finding]:
    """Lines that could not be taken, by kind and reason.

    A line is settled when its file is gone or was written anew: then nobody waits for it.
    """
    try:
        paths = [row[0] for row in run_sql(settings, QUARANTINED_PATHS).rows]
        present = [path for path in paths if (settings.data_dir / path).exists()]
        with open_snapshot(settings) as current:
            groups = current.query(PUT_ASIDE, {"present": present, "shown": SHOWN, "read_as": READ_AS}).records()
    except NoSnapshotError:
        return []
    if not groups:
        return [fine("quarantine", "no line of a present file was put aside")]
    return [_put_aside(group) for group in groups]


def _put_aside(group: dict[str, Any]) -> Finding:
    lines, paths = group["lines"], group["paths"]
    what = f"{lines:,} line{'s' * (lines > 1)}" if group["kind"] else f"{lines:,} file{'s' * (lines > 1)}"
    where = paths[0] if len(paths) == 1 else f"{len(paths):,} files"
    of_kind = f" of {group['kind']}" if group["kind"] else ""
    words = f"{what}{of_kind} put aside in {where}: {group['what']}."
    remedy = f"{_sentence(group['remedy'])} Write the file anew, or remove it, and this is settled."
    return problem("quarantine", words, remedy, tuple(group["examples"]))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}".rstrip(".") + "."
