"""The commands on issues, a few lines each: ``optimize`` and ``review``; ``app`` takes them in."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics_assets.cli.printing import terminal
from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.cli.reporting import deliver, show_sections
from analytics_assets.settings import load_settings

if TYPE_CHECKING:
    from analytics_assets.queries.answers import Answer
    from analytics_assets.queries.snapshot import Snapshot
    from analytics_assets.reports.section import Section

commands = typer.Typer()


class Form(StrEnum):
    """How a report is written."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


SUFFIXES = {".md": Form.MARKDOWN, ".json": Form.JSON, ".html": Form.HTML}
FormOption = Annotated[
    Form | None,
    typer.Option(
        "--format", help="By default what --out ends in: .json, .html, else Markdown; without --out for the terminal."
    ),
]
OutOption = Annotated[Path | None, typer.Option(help="A file, replaced in one step; by default it is printed.")]


@commands.command()
def optimize(form: FormOption = None, out: OutOption = None) -> None:
    """Say what to know before issues are worked on: this run, trends, predictions."""
    from analytics_assets.queries.issue_insights import get_data_insights
    from analytics_assets.reports.insights import TITLE, insight_sections

    _tell(form, out, get_data_insights, lambda _: TITLE, insight_sections)


@commands.command()
def review(form: FormOption = None, out: OutOption = None) -> None:
    """Hold the last seven days of issues against the seven before: KPIs, root causes, and what the data answers."""
    from analytics_assets.queries.issue_review import get_review
    from analytics_assets.reports.review import review_sections, title

    _tell(form, out, get_review, title, review_sections)


def _tell(
    form: Form | None,
    out: Path | None,
    ask: Callable[[Snapshot], Answer],
    titled: Callable[[Answer], str],
    sections: Callable[[Answer], Sequence[Section]],
) -> None:
    """Ask once and write it in the form that was asked for."""
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.reports.markdown import as_markdown
    from analytics_assets.reports.page import as_page

    chosen = _form(form, out)
    with open_snapshot(load_settings()) as snapshot:
        answer = ask(snapshot)
        title, told = titled(answer), sections(answer)
        page = as_page(title, told, snapshot) if chosen is Form.HTML else ""
    if chosen is Form.TERMINAL:
        show_sections(title, told)
        return
    written = {Form.HTML: lambda: page, Form.JSON: lambda: json.dumps(answer, indent=2, ensure_ascii=False)}
    deliver(written.get(chosen, lambda: as_markdown(title, told))(), out, terminal())


def _form(form: Form | None, out: Path | None) -> Form:
    if form is Form.TERMINAL and out is not None:
        raise CommandError("What is for the terminal is in no file.", "Take markdown, json or html.", exit_code=MISUSED)
    if form is not None:
        return form
    return Form.TERMINAL if out is None else SUFFIXES.get(out.suffix, Form.MARKDOWN)
