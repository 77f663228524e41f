"""The commands, a few lines each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from analytics_assets.cli.exporting import FileFormat
from analytics_assets.cli.problems import FAILED, INTERRUPTED, MISUSED, CommandError, PlainWords
from analytics_assets.settings import load_settings
from analytics_assets.thresholds import QUERY_ROWS_SHOWN

app = typer.Typer(
    cls=PlainWords,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Lineage, summaries, profiles, forecasts and suggestions from the logs of automated runs.",
    epilog="ANALYTICS_DATA_DIR names the data folder (./data by default).",
)


def _console() -> Console:
    return Console(soft_wrap=True, highlight=False)


@app.command()
def up(
    sample: Annotated[bool, typer.Option(help="Fill an inbox that is empty with a sample.")] = True,
) -> None:
    """Compute what is there, take files as they arrive, and serve the Dagster UI until Ctrl-C."""
    from analytics_assets.cli.starting import start

    start(load_settings(), _console(), with_sample=sample)


@app.command()
def refresh() -> None:
    """Bring everything up to date once, without the UI."""
    from analytics_assets.cli.refreshing import refresh as run

    try:
        run(load_settings(), _console())
    except KeyboardInterrupt:
        raise CommandError(
            "Interrupted.", "The last published version is in place; the next refresh goes on.", exit_code=INTERRUPTED
        ) from None


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="Folder to write: KIND/*.jsonl, specs/*.json and truth.json.")],
    days: Annotated[int, typer.Option(min=1, max=365, help="Days of records, up to now.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed writes the same records.")] = 7,
    effects: Annotated[str, typer.Option(help="all, none, or some of them: a,b. truth.json lists them.")] = "all",
) -> None:
    """Write sample records of every kind, with known effects planted in them."""
    from analytics_assets.cli.sampling import write_sample

    write_sample(out, days=days, seed=seed, effects=effects, console=_console())


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders with files.")],
    kind: Annotated[str | None, typer.Option(help="Kind of the records, when no folder or name tells.")] = None,
) -> None:
    """Copy files into the inbox. Their kind is --kind, else the name of their folder, else their own name."""
    from analytics_assets.cli.landing import land, unnamed
    from analytics_assets.contracts import FOREIGN_FORMATS

    settings, console = load_settings(), _console()
    folders: list[str] = []
    for path in paths:
        landing = land(settings, path, kind)
        for source, reason in landing.left_out.items():
            console.print(f"left out {source}: {reason}", style="yellow", markup=False)
        for source, copy in landing.present.items():
            console.print(f"already there: {source} is {copy.parent.name}/{copy.name}", markup=False)
        if not (landing.landed or landing.present):
            nothing = CommandError(f"{path} has no file for the inbox.", exit_code=MISUSED)
            raise unnamed(path) if path.is_file() and kind is None else nothing
        folders += [copy.parent.name for copy in landing.landed.values()]
    for folder in dict.fromkeys(folders):
        unread = "; this version does not read that format yet" if folder in FOREIGN_FORMATS else ""
        console.print(f"landed {folders.count(folder)} in {folder}/{unread}", markup=False)
    if folders:
        console.print("next: `analytics refresh`, or nothing where `analytics up` runs", style="dim")


@app.command()
def schema(kind: Annotated[str | None, typer.Argument(help="A kind; all are listed without it.")] = None) -> None:
    """Print the JSON Schema of a kind's records."""
    from analytics_assets.contracts import CONTRACTS, json_schema

    if kind is None:
        for contract in CONTRACTS.values():
            _write(f"{contract.kind:<20} {contract.grain}")
        return
    if kind not in CONTRACTS:
        raise CommandError(f"'{kind}' is not a kind.", f"Kinds: {', '.join(CONTRACTS)}.", exit_code=MISUSED)
    _write_json(json_schema(CONTRACTS[kind]))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One statement that reads; - takes it from standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list of objects and nothing else.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=0, help=f"Most rows; a table shows {QUERY_ROWS_SHOWN.value:.0f} by default.")
    ] = None,
) -> None:
    """Ask the published version in SQL. It cannot be changed, and nothing else can be read."""
    from analytics_assets.cli.tables import as_table
    from analytics_assets.queries.snapshot import run_sql

    statement = sys.stdin.read() if sql == "-" else sql
    most = int(QUERY_ROWS_SHOWN.value) if limit is None and not as_json else limit
    result = run_sql(load_settings(), statement, limit=most)
    if as_json:
        _write_json(result.records())
    else:
        # A pipe has no width: folding at 80 columns there would cut values apart.
        width = None if sys.stdout.isatty() else 100_000
        Console(highlight=False, width=width).print(as_table(result))
    if result.is_cut:
        typer.echo(f"There are more than these {most} rows: --limit takes another number.", err=True)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="The findings as a JSON list.")] = False,
) -> None:
    """Say what is wrong and what to do about it; exits 1 when something is."""
    from pydantic import ValidationError

    from analytics_assets.cli import doctor as doctors
    from analytics_assets.cli.problems import CORRECT_SETTING, wrong_settings

    try:
        findings = doctors.examine(load_settings())
    except ValidationError as error:
        findings = [doctors.problem("settings", words, CORRECT_SETTING) for words in wrong_settings(error)]
    if as_json:
        _write_json([finding.record() for finding in findings])
    else:
        doctors.show(findings, _console())
    if any(finding.level is doctors.Level.PROBLEM for finding in findings):
        raise typer.Exit(FAILED)


@app.command()
def export(
    table: Annotated[str, typer.Argument(help="STAGE.TABLE, or the table's name alone.")],
    form: Annotated[
        FileFormat | None, typer.Option("--format", help="By default what --out ends in, else csv.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="By default STAGE.TABLE.FORMAT in this folder.")] = None,
) -> None:
    """Write every row of a published table to a file."""
    from analytics_assets.cli.exporting import export as write

    done = write(load_settings(), table, out, form)
    rows = "1 row" if done.rows == 1 else f"{done.rows:,} rows"
    _console().print(f"{rows} of {done.table} (version {done.version}) in {done.file}", markup=False)


def _write_json(value: Any) -> None:
    _write(json.dumps(value, indent=2, ensure_ascii=False))


def _write(text: str) -> None:
    typer.echo(text)
