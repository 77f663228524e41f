"""The commands, a few lines each."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from analytics_assets.cli import (
    alerts,
    analysis,
    forecasting,
    issue_files,
    kpis,
    patterns,
    planning,
    predicting,
    predictors,
    reviewing,
)
from analytics_assets.cli.exporting import FileFormat
from analytics_assets.cli.printing import terminal, write, write_json, write_table
from analytics_assets.cli.problems import FAILED, INTERRUPTED, MISUSED, CommandError, PlainWords
from analytics_assets.cli.spans import moment_of
from analytics_assets.operating_thresholds import QUERY_ROWS_SHOWN
from analytics_assets.reports.figures import plain, rows_in_words
from analytics_assets.settings import load_settings

app = typer.Typer(
    cls=PlainWords,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Lineage, summaries, profiles, forecasts and suggestions from the logs of automated runs.",
    epilog="ANALYTICS_DATA_DIR names the data folder (./data by default).",
)


@app.command()
def up(
    sample: Annotated[bool, typer.Option(help="Fill an inbox that is empty with a sample.")] = True,
) -> None:
    """Compute what is there, take files as they arrive, and serve the Dagster UI until Ctrl-C."""
    from analytics_assets.cli.starting import start

    start(load_settings(), terminal(), with_sample=sample)


@app.command()
def refresh() -> None:
    """Bring everything up to date once, without the UI."""
    from analytics_assets.cli.refreshing import refresh as run

    try:
        run(load_settings(), terminal())
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

    write_sample(out, days=days, seed=seed, effects=effects, console=terminal())


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders with files.")],
    kind: Annotated[str | None, typer.Option(help="Kind of the records, when no folder or name tells.")] = None,
) -> None:
    """Copy files into the inbox. Their kind is --kind, else the name of their folder, else their own name."""
    from analytics_assets.cli.landing import land, unnamed
    from analytics_assets.contracts import FOREIGN_FORMATS

    settings, console = load_settings(), terminal()
    folders: list[str] = []
    for path in paths:
        landing = land(settings, path, kind)
        for source, reason in landing.left_out.items():
            console.print(plain(f"left out {source}: {reason}"), style="yellow", markup=False)
        for source, copy in landing.present.items():
            console.print(plain(f"already there: {source} is {copy.parent.name}/{copy.name}"), markup=False)
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
            write(f"{contract.kind:<20} {contract.grain}")
        return
    if kind not in CONTRACTS:
        raise CommandError(f"'{kind}' is not a kind.", f"Kinds: {', '.join(CONTRACTS)}.", exit_code=MISUSED)
    write_json(json_schema(CONTRACTS[kind]))


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
        write_json(result.records())
    else:
        write_table(as_table(result))
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
        write_json([finding.record() for finding in findings])
    else:
        doctors.show(findings, terminal())
    if any(finding.level is doctors.Level.PROBLEM for finding in findings):
        raise typer.Exit(FAILED)


@app.command()
def export(
    table: Annotated[str | None, typer.Argument(help="STAGE.TABLE, or the table's name alone; else the runs.")] = None,
    start: Annotated[datetime | None, typer.Option(parser=moment_of, metavar="DAY", help="From then on.")] = None,
    end: Annotated[datetime | None, typer.Option(parser=moment_of, metavar="DAY", help="Up to before it.")] = None,
    form: Annotated[
        FileFormat | None, typer.Option("--format", help="By default what --out ends in, else csv.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="By default STAGE.TABLE.FORMAT in this folder; a pipe gets the rows instead.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare an exported file with its manifest instead.")
    ] = None,
) -> None:
    """Write the rows of a published table to a file with its manifest, or to a pipe."""
    from analytics_assets.cli import exporting
    from analytics_assets.cli.spans import Span

    if verify is not None:
        checked = exporting.verify(verify)
        write(f"{verify} is whole: {rows_in_words(checked.rows)} of {checked.table} (version {checked.version})")
        return
    settings, span = load_settings(), Span(start, end)
    if out is None and not sys.stdout.isatty():
        done = exporting.export_to_pipe(settings, table, form, span)
        typer.echo(f"{rows_in_words(done.rows)} of {done.table} (version {done.version})", err=True)
        return
    done = exporting.export(settings, table, out, form, span)
    write(f"{rows_in_words(done.rows)} of {done.table} (version {done.version}) in {done.file}")


@app.command()
def apply(
    suggestion: Annotated[str, typer.Argument(metavar="ID", help="Of a suggestion, sg-..., or an opportunity, op-...")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it the change is only shown.")] = False,
    notes: Annotated[str | None, typer.Option(help="Why, for those who look at it later.")] = None,
) -> None:
    """Show what a suggestion changes in its spec's document; with --yes change it. An opportunity is begun."""
    from analytics_assets.cli.deciding import apply as do

    do(load_settings(), terminal(), suggestion, yes=yes, notes=notes)


@app.command()
def reject(
    suggestion: Annotated[
        str, typer.Argument(metavar="ID", help="Of a suggestion, sg-..., an opportunity, op-..., or an alert, al-...")
    ],
    reason: Annotated[str, typer.Option(help="Why; the next person will read it.")],
) -> None:
    """Put a suggestion, an opportunity or an alert away for a reason."""
    from analytics_assets.cli.deciding import reject as do

    do(load_settings(), terminal(), suggestion, reason=reason)


@app.command()
def undo(
    suggestion: Annotated[
        str, typer.Argument(metavar="ID", help="The suggestion or alert whose last decision is taken back.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it the change is only shown.")] = False,
    notes: Annotated[str | None, typer.Option(help="Why, for those who look at it later.")] = None,
) -> None:
    """Show what taking the last decision on a suggestion back changes; with --yes take it back."""
    from analytics_assets.cli.deciding import undo as do

    do(load_settings(), terminal(), suggestion, yes=yes, notes=notes)


@app.command()
def propose(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="Id of the spec, or the path of its document.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it everything is only shown.")] = False,
    opens: Annotated[bool, typer.Option("--open", help="Push the branch to origin and open a pull request.")] = False,
    token_variable: Annotated[
        str, typer.Option(metavar="NAME", help="Environment variable with the token for --open.")
    ] = "GITHUB_TOKEN",  # noqa: S107 -- the name of a variable
    api: Annotated[str, typer.Option(help="Address of an interface like GitHub's.")] = "https://api.github.com",
    repository: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="By default as the address of origin says.")
    ] = None,
) -> None:
    """Show a spec's suggestions as a branch and a pull request; with --yes make the branch."""
    from analytics_assets.cli.proposing import propose as do

    do(
        load_settings(),
        terminal(),
        spec,
        yes=yes,
        opens=opens,
        token_variable=token_variable,
        api=api,
        repository=repository,
    )


for module in (analysis, planning, patterns, alerts, kpis, predicting, predictors, forecasting, reviewing, issue_files):
    app.registered_commands.extend(module.commands.registered_commands)
