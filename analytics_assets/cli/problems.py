"""Errors of a command in plain words, and their exit codes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

if TYPE_CHECKING:
    from pydantic import ValidationError

FAILED = 1
MISUSED = 2
LIST_TABLES = 'List tables with: analytics query "select schema, name from (show all tables)"'
CORRECT_SETTING = "Correct or unset it; README.md lists all settings."
INTERRUPTED = 130
"""128 + SIGINT, as shells count."""


class CommandError(Exception):
    """Something a person can act on: what is wrong, and what to do about it."""

    def __init__(self, message: str, remedy: str | None = None, *, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.exit_code = exit_code


class PlainWords(TyperGroup):
    """Commands whose known errors end in a sentence on stderr instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # `analytics query ... | head` is over when head has enough; the interpreter must not flush again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except Exception as error:
            problem = explained(error)
            if problem is None:
                raise
            say_wrong(problem)
            raise typer.Exit(problem.exit_code) from error


def explained(error: Exception) -> CommandError | None:
    """The problem behind an error that a person can act on; None for a fault of ours."""
    if isinstance(error, CommandError):
        return error

    from pydantic import ValidationError

    from analytics_assets.queries.errors import NoSnapshotError, QueryError, StatementFailedError
    from analytics_assets.warehouse.connection import WarehouseBusyError

    if isinstance(error, ValidationError) and error.title == "Settings":
        wrong = "\n".join(wrong_settings(error))
        return CommandError(wrong, CORRECT_SETTING, exit_code=MISUSED)
    if isinstance(error, WarehouseBusyError | NoSnapshotError):
        return CommandError(str(error))
    if isinstance(error, StatementFailedError):
        return CommandError(str(error), LIST_TABLES)
    return CommandError(str(error)) if isinstance(error, QueryError) else None


def wrong_settings(error: ValidationError) -> list[str]:
    """One sentence per setting that has a value out of range, or per pair that contradicts itself."""
    sentences = []
    for wrong in error.errors():
        said = wrong["msg"].removeprefix("Value error, ")
        # What is wrong with two of them together names no single one.
        sentences.append(f"ANALYTICS_{str(wrong['loc'][0]).upper()}={wrong['input']}: {said}" if wrong["loc"] else said)
    return sentences


def say_wrong(problem: CommandError) -> None:
    """Print a problem to stderr; the names of files in it do not act on the terminal."""
    from analytics_assets.reports.figures import plain

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print("error:", style="bold red", end=" ")
    console.print(plain(str(problem)), markup=False)
    if problem.remedy:
        console.print(plain(problem.remedy), style="dim", markup=False)
