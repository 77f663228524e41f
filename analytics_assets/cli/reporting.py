"""``analytics report``: gathered once, written as a text or as a page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from rich.console import Console

from analytics_assets.cli.printing import write
from analytics_assets.cli.problems import CommandError
from analytics_assets.settings import Settings


def write_report(settings: Settings, form: Literal["markdown", "html"], out: Path | None, console: Console) -> None:
    """Print the report, or write it to a file, which is replaced in one step.

    Raises:
        CommandError: the file cannot be written.
        NotAnsweredYetError: runs were never counted in what is published.
    """
    from analytics_assets.cli.reports.facts import gather
    from analytics_assets.cli.reports.markdown import as_markdown
    from analytics_assets.cli.reports.page import as_page
    from analytics_assets.cli.reports.sections import sections
    from analytics_assets.queries.snapshot import open_snapshot

    with open_snapshot(settings) as snapshot:
        told = sections(gather(snapshot))
        content = as_markdown(told) if form == "markdown" else as_page(told, snapshot)
    if out is None:
        write(content)
        return
    fresh = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        fresh.write_text(content, encoding="utf-8")
        fresh.replace(out)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        fresh.unlink(missing_ok=True)
    console.print(f"written: {out}", markup=False)
