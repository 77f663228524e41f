"""``analytics alerts`` and ``analytics acknowledge``: what is broken, since when, and what to do, at any hour."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from analytics_assets.alert_thresholds import ALERTS_LISTED
from analytics_assets.cli.printing import terminal, write_json
from analytics_assets.cli.problems import CommandError
from analytics_assets.lib.words import plural
from analytics_assets.reports.figures import Row, in_line, moment
from analytics_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

commands = typer.Typer()
Severity = Literal["low", "medium", "high", "critical"]
STATES = ("open", "acknowledged", "suppressed", "resolved")
WHO = ("nobody", "the team", "who is on call", "everybody of an incident")
"""By level of escalation."""
ACTIONS_SHOWN = 5
"""Things to do of one trouble; --json has all of them."""
_COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


@commands.command()
def alerts(
    everything: Annotated[bool, typer.Option("--all", help="Also what is over or put away.")] = False,
    severity: Annotated[Severity, typer.Option(help="At least this.")] = "low",
    component: Annotated[str | None, typer.Option(help="Of this tool, pipeline or system only.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list and nothing else: every column.")] = False,
) -> None:
    """Show what is broken, since when, and what to do: one block per trouble, the worst first."""
    from analytics_assets.queries.alerts import LASTING, get_alerts
    from analytics_assets.queries.snapshot import open_snapshot

    with open_snapshot(load_settings()) as snapshot:
        found = get_alerts(snapshot, STATES if everything else LASTING, severity, component)
    if as_json:
        write_json(found)
        return
    console = terminal()
    if not found:
        about = "" if component is None else f" of {in_line(component)}"
        console.print(f"Nothing is wrong{about}." if not everything else "There is no alert.", markup=False)
        return
    blocks = [list(members) for _, members in groupby(found, key=lambda row: row["group_id"])]
    most = len(blocks) if everything else int(ALERTS_LISTED.value)
    console.print(_counted(found, blocks), markup=False)
    for block in blocks[:most]:
        _show(block, console)
    if len(blocks) > most:
        typer.echo(f"{len(blocks) - most:,} more: --all or --severity.", err=True)


@commands.command()
def acknowledge(
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="As `analytics alerts` shows it, or its beginning.")],
    note: Annotated[str | None, typer.Option(help="What you know or do, for those who look at it later.")] = None,
) -> None:
    """Say that you have seen an alert: nobody else is called for it until it is worse or returns."""
    decide(load_settings(), terminal(), alert_id, "acknowledged", note)


def decide(settings: Settings, console: Console, alert_id: str, decision: str, notes: str | None) -> None:
    """Put a decision on an alert into the inbox, and say so.

    Raises:
        CommandError: there is no such alert, it is over, or there is nothing to take back.
    """
    from analytics_assets.cli.deciding import NEXT, in_plain_words, me
    from analytics_assets.pattern_store.deciding import decide as write
    from analytics_assets.queries.alerts import get_alert
    from analytics_assets.queries.snapshot import open_snapshot

    with open_snapshot(settings) as snapshot:
        row = get_alert(alert_id, snapshot)
    if decision == "acknowledged" and row["state"] == "resolved":
        raise CommandError(
            f"{row['id']} is over since {moment(row['resolved_at'])} UTC: {row['resolved_reason']}.",
            "There is nothing to see to.",
        )
    if decision == "undone" and row["decision_id"] is None:
        raise CommandError(
            f"Nobody decided on {row['id']}, as far as the published version knows.",
            "What was decided since counts after the next `analytics refresh`.",
        )
    with in_plain_words():
        write(settings, row["id"], decision, by=me(), notes=notes, now=datetime.now(UTC), subject_type="alert")
    console.print(in_line(f"{decision}: {row['id']}  {row['title']}"), markup=False)
    if decision != "undone":
        console.print(f"to take it back: analytics undo {row['id']} --yes", style="dim", markup=False)
    console.print(NEXT, style="dim", markup=False)


def _counted(found: Sequence[Row], blocks: Sequence[Sequence[Row]]) -> str:
    counts = [(level, sum(block[0]["severity"] == level for block in blocks)) for level in reversed(list(_COLOURS))]
    told = ", ".join(f"{number} {level}" for level, number in reversed(counts) if number)
    return f"{plural(len(blocks), 'trouble')}: {told} ({plural(len(found), 'alert')})"


def _show(block: Sequence[Row], console: Console) -> None:
    """Print a trouble: what is broken since when, what else belongs to it, and what to do."""
    lead, *others = block
    seen = f", seen by {lead['acknowledged_by'] or 'somebody'}" if lead["state"] == "acknowledged" else ""
    state = lead["state"] + seen + (", data is stale" if lead["is_stale"] else "")
    since = moment(lead["first_seen_at"]) if lead["is_begin_seen"] else f"before {moment(lead['first_seen_at'])}"
    console.print()
    heading = f"{lead['severity'].upper()}  {in_line(lead['title'])}"
    console.print(heading, style=_COLOURS[lead["severity"]], markup=False)
    console.print(f"   since {since} UTC, last seen {moment(lead['last_seen_at'])}; {in_line(state)}", markup=False)
    console.print(f"   {in_line(lead['description'])}", markup=False)
    for row in others:
        console.print(f"   with it: {in_line(row['description'])}  ({row['id']})", style="dim", markup=False)
    reason = in_line(lead["suppressed_reason"] or lead["resolved_reason"] or "")
    if lead["state"] == "resolved":
        over = f"   over since {moment(lead['resolved_at'])} UTC: {reason}  ({lead['id']})"
        console.print(over, style="dim", markup=False)
        return
    if reason:
        console.print(f"   {reason}", style="dim", markup=False)
    # What is first to do about each: the lead's own, then that of what belongs to it.
    actions = [*lead["recommended_actions"], *(action for row in others for action in row["recommended_actions"][:1])]
    for number, action in enumerate(list(dict.fromkeys(actions))[:ACTIONS_SHOWN], start=1):
        console.print(f"   {number}. {in_line(action)}", markup=False)
    if lead["state"] == "open":
        who = f" (called: {WHO[lead['escalation_level']]})" if lead["escalation_level"] else ""
        console.print(f"   seen it: analytics acknowledge {lead['id']}{who}", style="dim", markup=False)
