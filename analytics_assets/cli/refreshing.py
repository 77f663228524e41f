"""Showing a refresh, or another job: its steps while it runs, and what came of it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from analytics_assets.cli.problems import CommandError, explained
from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from analytics_assets.refresh import RefreshEvent, RefreshSummary


_LINES_SAID = 4
"""Lines of an error that are shown; all of it is in the log."""


TAKES_FILES = "refresh"
"""The one job that looks into the inbox."""


def refresh(
    settings: Settings, console: Console, job: str = TAKES_FILES, config: Mapping[str, Any] | None = None
) -> None:
    """Bring everything up to date in this process and say what came of it; or run another job so, with its config.

    Raises:
        CommandError: it failed; the whole story is in the log that the message names.
    """
    from analytics_assets.refresh import run_refresh

    try:
        with _steps(console) as on_event:
            summary = run_refresh(settings, on_event=on_event, job_name=job, config=config)
    except Exception as error:
        known = explained(error)
        if known is not None:
            raise known from error
        raise _failed(settings, job, f"{type(error).__name__}: {str(error).strip()}", traceback.format_exc()) from error
    if not summary.success:
        story = f"run {summary.run_id}\n{summary.error}\n{summary.story or ''}"
        raise _failed(settings, job, summary.error or "", story)
    show(summary, console, took_files=job == TAKES_FILES)


def show(summary: RefreshSummary, console: Console, *, took_files: bool = True) -> None:
    """Print what was taken in, where files were looked for, and what is published."""
    if took_files:
        _show_taken(summary, console)
    if summary.version is not None:
        console.print(f"published as version {summary.version} in {summary.seconds:.1f} s")
    quarantined = sum(report.quarantined_lines for report in summary.by_kind.values())
    if quarantined:
        lines = "1 line was" if quarantined == 1 else f"{quarantined:,} lines were"
        console.print(f"{lines} quarantined; `analytics doctor` says why", style="yellow")


def _show_taken(summary: RefreshSummary, console: Console) -> None:
    taken = Table(header_style="bold", show_edge=False, pad_edge=False)
    taken.add_column("kind")
    for column in ("new", "duplicate", "quarantined"):
        taken.add_column(column, justify="right")
    for kind, report in summary.by_kind.items():
        counts = (report.new_records, report.duplicate_records, report.quarantined_lines)
        if any(counts):
            taken.add_row(kind, *(f"{count:,}" for count in counts))
    if taken.row_count:
        console.print(taken)
    else:
        console.print("nothing new in the inbox")


@contextmanager
def _steps(console: Console) -> Iterator[Callable[[RefreshEvent], None]]:
    """A moving line on a terminal; elsewhere nothing, for the end says it all."""
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    # Dagster sends descriptors 1 and 2 to its own logs while a step runs, so the terminal is written to by another one.
    with (
        os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as terminal,
        Progress(
            *columns,
            console=Console(file=terminal, force_terminal=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as progress,
    ):
        task = progress.add_task("starting", total=None)

        def move(event: RefreshEvent) -> None:
            # That a step starts or ends is seen by its name and the count; what it says of itself is worth the room.
            words = f"{event.step}: {event.message}" if event.kind == "progress" else event.step
            progress.update(task, description=words, completed=event.done, total=event.total or None)
            if event.kind == "failed":
                progress.console.print(f"{event.step} failed: {event.message}", style="red", markup=False)

        yield move


def _failed(settings: Settings, job: str, message: str, story: str) -> CommandError:
    """Keep the whole story in a log, and say the first of it."""
    log = settings.logs / "refresh.log"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as handle:
            handle.write(f"--- {now}\n{story}\n")
    except OSError as error:
        where = f"Its log could not be written either: {error}"
    else:
        where = f"Log: {log}"
    said = [line.rstrip() for line in message.splitlines() if line.strip()] or ["no error was reported"]
    first = "\n".join(said[:_LINES_SAID])
    still = "\nThe last published version is still in place." if settings.pointer.exists() else ""
    return CommandError(f"The {job.replace('_', ' ')} failed: {first}", f"{where}{still}")
