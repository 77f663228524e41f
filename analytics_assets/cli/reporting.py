"""Reports, printed or written to a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from analytics_assets.cli.printing import PIPE_WIDTH, write
from analytics_assets.cli.problems import CommandError
from analytics_assets.cli.tables import table_of
from analytics_assets.reports.figures import plain
from analytics_assets.reports.section import Section, lead
from analytics_assets.settings import Settings


def write_report(settings: Settings, form: Literal["markdown", "html"], out: Path | None, console: Console) -> None:
    """Print the spec quality report, or write it to a file.

    Raises:
        CommandError: the file cannot be written.
        NotAnsweredYetError: runs were never counted in what is published.
    """
    from analytics_assets.cli.reports.facts import gather
    from analytics_assets.cli.reports.sections import TITLE, sections
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.reports.markdown import as_markdown
    from analytics_assets.reports.page import as_page

    with open_snapshot(settings) as snapshot:
        told = sections(gather(snapshot))
        content = as_markdown(TITLE, told) if form == "markdown" else as_page(TITLE, told, snapshot)
    deliver(content, out, console)


def deliver(content: str, out: Path | None, console: Console) -> None:
    """Print a report, or write it to a file, which is replaced in one step.

    Raises:
        CommandError: the file cannot be written.
    """
    from analytics_assets.reports.files import replace_file

    if out is None:
        write(content)
        return
    try:
        replace_file(out, content)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}") from error
    console.print(f"written: {out}", markup=False)


def show_sections(title: str, sections: Sequence[Section]) -> None:
    """Print a report to the terminal: folded there, one line each into a pipe; charts are left to pages."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(Text(_line(title), style="bold"))
    for section in sections:
        console.print()
        console.print(Text(_line(section.title), style="bold underline"))
        for sentence in section.sentences:
            console.print(Text(_line(sentence), style="dim"))
        if section.rows:
            console.print(table_of(section.rows, section.columns))
        for name, said in section.points:
            for indent, line in _point(lead(name), said):
                console.print(Padding(line, (0, 0, 0, indent), expand=False))


def _point(name: str, said: str) -> list[tuple[int, Text]]:
    """Indents and lines; the answer to a question stands below the question."""
    title = Text(_line(name), style="bold")
    if name.endswith("?"):
        return [(2, title), (4, Text(_line(said)))]
    return [(2, Text.assemble(title, " ", _line(said)))]


def _line(text: str) -> str:
    """A text that stays on its line and does not act on the terminal."""
    return plain(" ".join(text.split()))
