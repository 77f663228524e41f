"""``analytics suggest -i``: one suggestion at a time, and what shall be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from analytics_assets.cli import acting
from analytics_assets.cli.deciding import NEXT, finish_interrupted, in_plain_words, show_diff
from analytics_assets.cli.problems import CommandError, explained
from analytics_assets.cli.suggesting import entry, unseen
from analytics_assets.cli.tables import as_table
from analytics_assets.reports.figures import Row, plain
from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from analytics_assets.queries.snapshot import Snapshot

KEYS = "[a] apply  [v] view data  [i] ignore  [n] next  [q] quit"


def ask_one_by_one(settings: Settings, rows: Sequence[Row], snapshot: Snapshot, console: Console) -> None:
    """Go through the pending suggestions; what fails is said, and the next question is asked."""
    with in_plain_words():
        finish_interrupted(settings, console)
        settled = unseen(settings, rows, snapshot)
    open_rows = [row for row in rows if row["status"] == "pending" and row["id"] not in settled]
    if not open_rows:
        console.print("No suggestion waits for a decision.")
        return
    decided = 0
    for number, row in enumerate(open_rows, start=1):
        console.print(entry(number, row, with_commands=False), soft_wrap=False)
        answer = _ask(settings, row, snapshot, console)
        if answer == "quit":
            break
        decided += answer == "decided"
        console.print()
    console.print(f"{decided} decided of {len(open_rows)}.", markup=False)
    if decided:
        console.print(NEXT, style="dim")


def _ask(settings: Settings, row: Row, snapshot: Snapshot, console: Console) -> str:
    """Ask until something is said that ends this suggestion: decided, next or quit."""
    while True:
        console.print(KEYS, style="dim", markup=False)
        try:
            key = typer.prompt("What", prompt_suffix="? ", default="n", show_default=False).strip().lower()[:1]
        except typer.Abort:
            return "quit"
        if key == "q":
            return "quit"
        if key == "n":
            return "next"
        try:
            if key == "v":
                _view(row, snapshot, console)
            elif (key == "a" and _apply(settings, row, snapshot, console)) or (
                key == "i" and _ignore(settings, row, snapshot, console)
            ):
                return "decided"
        except CommandError as problem:
            console.print(plain(str(problem)), style="red", markup=False)
            if problem.remedy:
                console.print(plain(problem.remedy), style="dim", markup=False)


def _apply(settings: Settings, row: Row, snapshot: Snapshot, console: Console) -> bool:
    planned = acting.plan(settings, row, snapshot)
    show_diff(console, planned.diff)
    try:
        if not typer.confirm("Change the document so", default=False):
            return False
    except typer.Abort:
        return False
    acting.apply(settings, planned)
    console.print(f"applied; to take it back: analytics undo {row['id']} --yes", markup=False)
    return True


def _ignore(settings: Settings, row: Row, snapshot: Snapshot, console: Console) -> bool:
    try:
        reason = typer.prompt("Why (the next person will read it)", default="", show_default=False)
    except typer.Abort:
        return False
    acting.reject(settings, row, reason, snapshot)
    console.print(f"rejected; to take it back: analytics undo {row['id']} --yes", markup=False)
    return True


def _view(row: Row, snapshot: Snapshot, console: Console) -> None:
    """The query behind the evidence and its answer now, and what would prove the suggestion wrong."""
    from analytics_assets.queries.errors import QueryError

    console.print(plain(row["evidence_sql"]), style="dim", markup=False)
    try:
        console.print(as_table(snapshot.query(row["evidence_sql"])))
    except QueryError as error:
        problem = explained(error)
        assert problem is not None, "every query error has its words"
        raise problem from error
    console.print(f"What would prove it wrong: {plain(row['falsified_by'])}", markup=False)
