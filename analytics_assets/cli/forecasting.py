"""``analytics forecast``: what comes next of work, costs, capacity, resources and health, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from analytics_assets.cli.printing import terminal, write_json, write_table
from analytics_assets.cli.tables import table_of
from analytics_assets.forecast_thresholds import STEPS_LISTED
from analytics_assets.lib.words import plural
from analytics_assets.reports.figures import Column, Row, figure, in_line, moment, share, text

if TYPE_CHECKING:
    from analytics_assets.queries.answers import Answer

commands = typer.Typer()
UNKNOWN = "not known"


@commands.command()
def forecast(
    series: Annotated[str | None, typer.Argument(metavar="[SERIES]", help="As volume/runs; by default all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON and nothing else.")] = False,
) -> None:
    """Show what comes next of work, costs, capacity, resources and health; or one series with all of its steps."""
    from analytics_assets.queries.forecasts import get_forecast, get_forecasts
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.settings import load_settings

    with open_snapshot(load_settings()) as snapshot:
        if series is None:
            found = get_forecasts(snapshot)
            write_json(found) if as_json else _list(found)
            return
        one = get_forecast(series, snapshot)
    write_json(one) if as_json else _show(one)


def _list(found: list[Row]) -> None:
    if not found:
        terminal().print("No series is known: no record has landed yet.")
        return
    write_table(table_of(found, SERIES))


def number(value: float | None) -> str:
    """12.3: three digits."""
    return UNKNOWN if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004


def _band(low: float | None, high: float | None) -> str:
    return UNKNOWN if low is None or high is None else f"{number(low)} to {number(high)}"


def _method(row: Row) -> str:
    return str(row["method"]).replace("_", " ")


SERIES = (
    Column("series", lambda row: in_line(row["series"]), is_number=False),
    text("unit", "unit"),
    figure("from (UTC)", "first_step", moment),
    Column("next", lambda row: number(row["next_value"])),
    Column("80 % band", lambda row: _band(row["next_lower"], row["next_upper"])),
    Column("mean", lambda row: number(row["mean_value"])),
    Column("method", _method, is_number=False),
    Column("past MASE", lambda row: number(row["past_mase"]) if row["past_forecasts"] else "-"),
    Column("band held", lambda row: share(row["past_coverage"]) or "-"),
)
POINTS = (
    figure("from (UTC)", "forecast_for", moment),
    Column("expected", lambda row: number(row["value"])),
    Column("80 % band", lambda row: _band(row["lower"], row["upper"])),
)
METHODS = (
    Column("method", _method, is_number=False),
    Column("MASE", lambda row: number(row["mase"])),
    Column("sMAPE", lambda row: number(row["smape"])),
    Column("band held", lambda row: share(row["coverage"]) or UNKNOWN),
    Column("weight", lambda row: share(row["weight"]) or ""),
    Column("", lambda row: "forecasts" if row["is_winner"] else "", is_number=False),
)


def _show(found: Answer) -> None:
    console = terminal()
    console.print(in_line(f"{found['series']}, {found['unit']}"), style="bold", markup=False)
    stale = ", stale" if found["is_stale"] else ""
    console.print(f"   records until {moment(found['as_of'])} UTC{stale}", style="dim", markup=False)
    console.print(f"   {_method(found)}: {in_line(found['reason'])}", markup=False)
    won = next((row for row in found["methods"] if row["is_winner"] and row["contested_at"]), None)
    if won is not None:
        told = f"compared {moment(won['contested_at'])} UTC: {in_line(won['reason'])}"
        console.print(f"   {told}", style="dim", markup=False)
    came = [row for row in found["past"] if row["mase"] is not None]
    if came:
        mean = sum(row["mase"] for row in came) / len(came)
        told = f"{plural(len(came), 'forecast')} came: off by {mean:.2f} of what the season before was (MASE)"
        console.print(f"   {told}", style="dim", markup=False)
    if found["points"]:
        shown = found["points"][: int(STEPS_LISTED.value)]
        write_table(table_of(shown, POINTS))
        if len(found["points"]) > len(shown):
            typer.echo(f"{len(found['points']) - len(shown)} more: --json", err=True)
    if len(found["methods"]) > 1:
        write_table(table_of(found["methods"], METHODS))
