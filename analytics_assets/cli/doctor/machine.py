"""Findings about the surroundings: variables, disk, and who holds the warehouse."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from analytics_assets.cli.doctor.finding import Finding, fine, note, problem
from analytics_assets.issue_thresholds import GIT_SECONDS
from analytics_assets.settings import Settings
from analytics_assets.supervisor.lock import holder
from analytics_assets.thresholds import DISK_FREE

PREFIX = "ANALYTICS_"
GIB = 2**30


def unknown_variables(_settings: Settings, _now: datetime) -> list[Finding]:
    """Variables that look like settings and are none: a typo leaves the default in force unnoticed."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    findings = []
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            remedy = f"Did you mean {close[0]}?" if close else "Unset it; README.md lists all settings."
            findings.append(note("settings", f"{name} is set and is not a setting.", remedy))
    return findings or [fine("settings", "every ANALYTICS_ variable is a valid setting")]


def disk(settings: Settings, _now: datetime) -> list[Finding]:
    """Room for the next load and publication."""
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    words = f"{free / GIB:.1f} GiB are free where {settings.data_dir} lies."
    remedy = f"{DISK_FREE.why} Free some, or move the data: ANALYTICS_DATA_DIR."
    if free < DISK_FREE.error:
        return [problem("disk", words, remedy)]
    return [note("disk", words, remedy) if free < DISK_FREE.warn else fine("disk", words)]


def repository(settings: Settings, _now: datetime) -> list[Finding]:
    """Whether git reads the repository of the files that issues name."""
    from analytics_assets.repository.git import Git, RepositoryError

    if settings.repository is None:
        return []
    try:
        Git(settings.repository, GIT_SECONDS.value).text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except RepositoryError as error:
        remedy = "Name the top folder of one that has commits: ANALYTICS_REPOSITORY."
        return [problem("repository", f"{str(error).rstrip('.')}, so files are judged by issues alone.", remedy)]
    return [fine("repository", f"git reads {settings.repository}")]


def locks(settings: Settings, now: datetime) -> list[Finding]:
    """Who writes the warehouse, and who keeps the writer out."""
    writer = holder(settings.writer_lock)
    if writer is not None:
        since = datetime.fromtimestamp(settings.writer_lock.stat().st_mtime, UTC).replace(tzinfo=None)
        minutes = (now - since).total_seconds() / 60
        words = f"A refresh has been writing for {minutes:.0f} min: process {writer}{_command(writer)}."
        return [note("warehouse", words, "Others wait for it; readers see the last published version.")]
    other = _intruder(settings)
    if other is not None:
        words = f"{settings.warehouse_file} is open in process {other}{_command(other)}: no refresh can write."
        return [problem("warehouse", words, "Close it there; read the published version: analytics query.")]
    return [fine("warehouse", "nobody holds the warehouse")]


def _intruder(settings: Settings) -> str | None:
    """Process that has the warehouse file open without being a refresh."""
    import duckdb

    if not settings.warehouse_file.exists():
        return None
    try:
        duckdb.connect(str(settings.warehouse_file), read_only=True).close()
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        found = re.search(r"PID (\d+)", str(error))
        return found.group(1) if found else "unknown"
    return None


def _command(process: str) -> str:
    """What a process is, as `` (its command line)``; nothing when that is hidden."""
    if not process.isdigit():
        return ""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        # No /proc on macOS.
        asked = subprocess.run(["ps", "-o", "command=", "-p", process], capture_output=True, text=True, check=False)  # noqa: S607 - found as the user finds it
        words = asked.stdout.strip()
    return f" ({words[:120]})" if words else ""
