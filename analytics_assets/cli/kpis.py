"""The command on the health of the whole, ``kpis``; for ``app``."""

from __future__ import annotations

from typing import Annotated

import typer

from analytics_assets.cli.printing import terminal, write_json, write_table
from analytics_assets.cli.tables import table_of
from analytics_assets.kpi_thresholds import WORST_KPIS_SAID
from analytics_assets.lib.words import figures, percent
from analytics_assets.reports.figures import Column, Row, figure, moment, plain, said, text
from analytics_assets.settings import load_settings

commands = typer.Typer()
UNKNOWN = "unknown"
NONE = "none"
_SHARES = ("share",)


def score(value: float | None) -> str:
    """0.87."""
    return UNKNOWN if value is None else f"{value:.2f}"


def in_unit(value: float | None, unit: str) -> str | None:
    """A value as people read it: shares in percent, the others with three digits."""
    if value is None:
        return None
    if unit.startswith(_SHARES):
        return f"{figures(100 * value, ',.1f')} %"
    return f"{figures(value, ',.0f')}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 -- three digits


def shown(row: Row) -> str:
    """Its value with its unit, or that it is not known."""
    told = in_unit(row["value"], row["unit"])
    if told is None:
        return UNKNOWN
    return told if row["unit"].startswith(_SHARES) else f"{told} {row['unit']}"


def scored(row: Row) -> str:
    """Its score; of what has none by nature: none."""
    return NONE if row["weight"] is None else score(row["score"])


def explained(row: Row) -> str:
    """How the score comes about, or why there is none."""
    return plain(row["reason"] or row["normalisation"])


KPIS = (
    text("group", "kpi_group"),
    text("KPI", "kpi"),
    Column("now", shown),
    Column("usual", lambda row: in_unit(row["usual"], row["unit"]) or "-"),
    Column("score", scored),
    figure("n", "n", figures),
    Column("how it is scored, or why not", explained, is_number=False),
)


@commands.command()
def kpis(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object and nothing else: every column.")] = False,
) -> None:
    """Show the health of the system: its score, four groups, and every KPI with how it is scored."""
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.queries.system_kpis import get_system_kpis

    with open_snapshot(load_settings()) as snapshot:
        found = get_system_kpis(snapshot)
    if as_json:
        write_json(found)
        return
    console = terminal()
    overall = found["overall"]
    if overall is None:
        console.print("No KPI is known: no record has landed yet.")
        return
    console.print(_headline(overall, is_stale=found["is_stale"]), style="bold", markup=False)
    console.print(f"   records until {said(moment(found['as_of']))} UTC", style="dim", markup=False)
    if overall["reason"]:
        console.print(f"   {plain(overall['reason'])}", style="dim", markup=False)
    for group in found["groups"]:
        note = f"  ({plain(group['reason'])})" if group["reason"] else ""
        console.print(f"   {score(group['score']):>7}  {group['kpi_group']}{note}", markup=False)
    lowest = worst(found["kpis"])
    if lowest:
        console.print(f"Look first at: {', '.join(lowest)}", markup=False)
    console.print()
    write_table(table_of(found["kpis"], KPIS))


def _headline(overall: Row, *, is_stale: bool) -> str:
    """The score, how much of the whole it tells of, and whether that was long ago."""
    covered = overall["weight"]
    known = "" if covered >= 1 else f", from {percent(covered)} of the weight: the rest is not known"
    age = "; its records are stale" if is_stale else ""
    return f"Health {score(overall['score'])} of 1{known}{age}"


def worst(rows: list[Row]) -> list[str]:
    """What takes most from the health score, by name: its missing score by the weight it carries."""
    lost = [(row["effective_weight"] * (1 - row["score"]), row["kpi"]) for row in rows if row["score"] is not None]
    return [name for share, name in sorted(lost, reverse=True)[: int(WORST_KPIS_SAID.value)] if share > 0]
