"""The commands that take issues in from other trackers and write them out, a few lines each; ``app`` takes them in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from analytics_assets.cli.printing import terminal
from analytics_assets.settings import load_settings

commands = typer.Typer()
FormatWord = Literal["markdown", "github", "jira"]


@commands.command()
def import_issues(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Exports, or Markdown files with tables.")],
    form: Annotated[FormatWord | None, typer.Option("--format", help="By default the content tells.")] = None,
    category: Annotated[str | None, typer.Option(help="Category of issues that have none.")] = None,
    priority: Annotated[int | None, typer.Option(min=0, max=3, help="Priority of issues that have none.")] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times that name none, as Europe/Berlin.")] = None,
) -> None:
    """Bring issues from Markdown tables, GitHub or Jira into the inbox.

    Tables of reviews in Markdown come in as reviews.
    """
    from analytics_assets.cli.importing_issues import land_issues

    land_issues(load_settings(), files, terminal(), form=form, category=category, priority=priority, zone=zone)


@commands.command()
def export_issues(
    out: Annotated[Path | None, typer.Argument(metavar="OUT.md", help="A file; by default it is printed.")] = None,
) -> None:
    """Write every issue as a Markdown table, which `analytics import-issues` reads back."""
    from analytics_assets.cli.exporting_issues import write_issues

    write_issues(load_settings(), out, terminal())
