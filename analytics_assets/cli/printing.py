"""Where commands print to, and JSON as programs want it: nothing else beside it."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 100_000
"""A pipe has no width: folding at 80 columns there would cut values apart."""


def terminal() -> Console:
    """For sentences: they are folded by the terminal, not by us."""
    return Console(soft_wrap=True, highlight=False)


def write(text: str) -> None:
    """Print a text as it is."""
    typer.echo(text)


def write_json(value: Any) -> None:
    """Print a value as JSON."""
    write(json.dumps(value, indent=2, ensure_ascii=False))


def write_table(table: Table) -> None:
    """Print a table: folded to the terminal, whole into a pipe."""
    Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)
