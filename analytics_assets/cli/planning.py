"""The commands on what to do first, a few lines each: ``recommendations``, ``capacity``, ``plans``; for ``app``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from analytics_assets.cli.printing import terminal, write_json, write_table
from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.cli.tables import as_table
from analytics_assets.lib.words import figures, plural
from analytics_assets.operating_thresholds import QUERY_ROWS_SHOWN
from analytics_assets.pattern_thresholds import RECOMMENDATIONS_LISTED
from analytics_assets.reports.figures import (
    Column,
    Row,
    certainty,
    count,
    figure,
    in_line,
    moment,
    plain,
    said,
    seconds,
    share,
    text,
    usd,
)
from analytics_assets.settings import load_settings

if TYPE_CHECKING:
    from analytics_assets.queries.snapshot import Snapshot

commands = typer.Typer()
UNKNOWN = "unknown"
DECIDED = ("sg-", "op-")
"""How the ids begin of what `analytics apply` and `reject` take."""
AsJson = Annotated[bool, typer.Option("--json", help="A JSON list and nothing else: every column.")]


def hundredths(value: float | None) -> str | None:
    """88 %, from percent."""
    return None if value is None else f"{figures(value, '.0f')} %"


def score(value: float | None) -> str:
    """0.145."""
    return UNKNOWN if value is None else f"{value:.3f}"


def hours(value: float | None) -> str:
    """67.2."""
    return UNKNOWN if value is None else figures(value, ",.1f")


def sure(value: float | None) -> str:
    """87 %, and never 100 %."""
    return UNKNOWN if value is None else certainty(value)


def band(row: Row) -> str | None:
    """85 to 91 %, of a projection."""
    ends = json.loads(row["confidence_interval"] or "{}")
    lower, upper = ends.get("lower"), ends.get("upper")
    return None if lower is None or upper is None else f"{figures(lower, '.0f')} to {figures(upper, '.0f')} %"


def over_since(row: Row) -> str | None:
    """2026-11-23, or that it was so before: already, on 17 of 30 days."""
    if row["breach_date"] is None or not row["days_over_before"]:
        return None if row["breach_date"] is None else str(row["breach_date"])
    return f"already, on {row['days_over_before']} of {plural(row['history_days'], 'day')}"


def capacity_of(name: str) -> Column:
    """A column of a capacity with its unit."""

    def told(row: Row) -> str | None:
        return None if row[name] is None else f"{row[name]:,.10g} {said(row['capacity_unit'] or '')}".rstrip()

    return Column(name.removesuffix("_capacity"), told)


def advice(row: Row) -> str:
    """What to do; where its records ended long ago it says so first, as it may not be needed any more."""
    told = in_line(row["text"])
    return f"(data ends {moment(row['as_of'])}: stale) {told}" if row["is_stale"] and row["as_of"] else told


RECOMMENDATIONS = (
    figure("#", "rank", count),
    text("component", "component"),
    Column("what to do", advice, is_number=False),
    figure("hours in 30 days", "expected_hours", hours),
    text("effort", "effort"),
    figure("sure", "confidence", sure),
    figure("score", "rank_score", score),
)
CAPACITY = (
    text("component", "component"),
    text("resource", "resource_type"),
    text("urgency", "urgency"),
    figure("peak now", "current_usage", hundredths),
    figure("peak in 30 days", "projected_usage", hundredths),
    Column("80 % band", band),
    Column("over 80 %", over_since, is_number=False),
    capacity_of("current_capacity"),
    capacity_of("recommended_capacity"),
    figure("a month", "estimated_cost_usd", usd),
    text("method", "method"),
)


@commands.command()
def recommendations(
    component: Annotated[str | None, typer.Option(help="Of this spec, tool, pipeline or system only.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All of them: more than a screen, and beyond the first few of each component.")
    ] = False,
    evidence: Annotated[
        int | None, typer.Option(metavar="RANK", help="Show what this one rests on: its query and the answer now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what to do first: recommendations of every kind by what they bring, how easy and how sure they are."""
    from analytics_assets.cli.profiles import show
    from analytics_assets.queries.recommendations import get_recommendations
    from analytics_assets.queries.snapshot import open_snapshot

    with open_snapshot(load_settings()) as snapshot:
        known = get_recommendations(component, everything=True, snapshot=snapshot)
        if evidence is not None:
            show_evidence(known, evidence, snapshot, as_json=as_json)
            return
    found = known if everything else [row for row in known if row["is_shown"]]
    if as_json:
        write_json(found)
        return
    listed = found if everything else found[: int(RECOMMENDATIONS_LISTED.value)]
    about = "" if component is None else f" for {plain(component)}"
    show(listed, RECOMMENDATIONS, f"Nothing is recommended{about}.")
    if len(known) > len(listed):
        typer.echo(f"{len(known) - len(listed)} more: --all", err=True)


def show_evidence(known: Sequence[Row], rank: int, snapshot: Snapshot, *, as_json: bool) -> None:
    """Print what a recommendation rests on: its query and the answer now, and what can be decided about it.

    Raises:
        CommandError: none has the rank.
    """
    row = next((row for row in known if row["rank"] == rank), None)
    if row is None:
        raise CommandError(
            f"There is no recommendation {rank}.", "`analytics recommendations --all` lists them.", exit_code=MISUSED
        )
    result = snapshot.query(row["evidence_sql"], limit=None if as_json else int(QUERY_ROWS_SHOWN.value))
    if as_json:
        write_json(result.records())
        return
    console = terminal()
    console.print(plain(f"{row['recommendation_id']}  {row['text']}"), markup=False)
    console.print(plain(row["evidence_sql"]), style="dim", markup=False)
    write_table(as_table(result))
    if result.is_cut:
        typer.echo(f"There are more than these {QUERY_ROWS_SHOWN.value:.0f} rows: --json has them.", err=True)
    if row["recommendation_id"].startswith(DECIDED):
        key = plain(row["recommendation_id"])
        console.print(f"Do it: analytics apply {key}", style="dim", markup=False)
        console.print(f"Put it away: analytics reject {key} --reason TEXT", style="dim", markup=False)


@commands.command()
def capacity(as_json: AsJson = False) -> None:
    """Show how full each resource will be in 30 days, when it passes 80 percent, and what would do."""
    from analytics_assets.cli.profiles import show
    from analytics_assets.queries.capacity_planning import get_capacity_planning
    from analytics_assets.queries.snapshot import open_snapshot

    with open_snapshot(load_settings()) as snapshot:
        found = get_capacity_planning(snapshot)
    if as_json:
        write_json(found)
        return
    show(found, CAPACITY, "No metric tells how full a resource is.")
    console = terminal()
    for row in found:
        if row["recommendation"] is not None:
            console.print(plain(row["recommendation"]), markup=False)


@commands.command()
def plans(
    pipeline: Annotated[str | None, typer.Argument(metavar="PIPELINE", help="By default every pipeline.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how each pipeline could be faster or cheaper: its bottlenecks, what to do, and what that would bring."""
    from analytics_assets.queries.pipeline_plans import get_pipeline_plans
    from analytics_assets.queries.snapshot import open_snapshot

    with open_snapshot(load_settings()) as snapshot:
        found = get_pipeline_plans(pipeline, snapshot)
    if pipeline is not None and not found:
        raise CommandError(
            f"There is no plan of a pipeline '{plain(pipeline)}'.", "`analytics plans` lists them.", exit_code=MISUSED
        )
    if as_json:
        write_json(found)
        return
    console = terminal()
    if not found:
        console.print("No pipeline has run in 30 days.")
    for plan in found:
        show_plan(plan, console)


def show_plan(plan: Row, console: Console) -> None:
    """Print a plan: what a pipeline takes now and could take, and each thing to do with its evidence."""
    console.print(plain(plan["pipeline_name"]), style="bold", markup=False)
    now, then = seconds(plan["current_seconds"]), seconds(plan["simulated_seconds"])
    if now is not None and then is not None and plan["time_reduction"]:
        cap = ", capped" if plan["is_capped"] else ""
        console.print(f"   {now} now, {then} as planned ({share(plan['time_reduction'])} less{cap})", markup=False)
    for item in plan["recommendations"] or ():
        steps = ", ".join(str(step) for step in item.get("steps") or ())
        saved, sureness = item.get("estimated_time_savings"), item.get("confidence")
        figures = [f"{share(saved)} of the time"] if saved else []
        figures += [f"confidence {certainty(sureness)}"] if sureness is not None else []
        told = f"   - {said(item['type']).replace('_', ' ')}: {steps}" + (f" ({', '.join(figures)})" if figures else "")
        console.print(plain(told), markup=False)
        console.print(f"     {plain(item['text'])}", style="dim", markup=False)
    if plan["reason"]:
        console.print(f"   {plain(plan['reason'])}", style="dim", markup=False)
