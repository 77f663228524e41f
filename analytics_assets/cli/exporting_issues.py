"""Every issue of the published version as a Markdown table that can be read back."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from analytics_assets.cli.reporting import deliver
from analytics_assets.lib.words import plural
from analytics_assets.queries.issue_backup import get_issue_records
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.readers.issue_tables import BACKUP_HEADER, backup_row
from analytics_assets.settings import Settings


def write_issues(settings: Settings, out: Path | None, console: Console) -> None:
    """Write the current version of every issue as a Markdown table, or print it.

    Raises:
        CommandError: the file cannot be written.
        NotAnsweredYetError: nothing was ever taken in what is published.
    """
    with open_snapshot(settings) as snapshot:
        records, published_at = get_issue_records(snapshot), snapshot.published_at
    header = f"| {' | '.join(BACKUP_HEADER)} |"
    delimiter = f"|{'---|' * len(BACKUP_HEADER)}"
    told = (
        f"{plural(len(records), 'issue')}, as published at {published_at}. Times are UTC; an empty cell is not known."
    )
    deliver("\n".join(["# Issues", "", told, "", header, delimiter, *map(backup_row, records), ""]), out, console)
