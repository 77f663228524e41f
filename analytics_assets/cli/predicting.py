"""``analytics predict`` and ``analytics risk``: what to expect of a run before it starts, and what was said of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from analytics_assets.cli.printing import terminal, write_json, write_table
from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.cli.spans import in_utc, moment_of
from analytics_assets.cli.tables import table_of
from analytics_assets.lib.words import plural
from analytics_assets.predicting_thresholds import ACTION_LEAST_GAIN, OUTLOOK_LISTED
from analytics_assets.reports.figures import Column, Row, between, count, in_line, moment, seconds, share, text, usd
from analytics_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analytics_assets.predicting.questions import Reply
    from analytics_assets.queries.answers import Answer

commands = typer.Typer()
UNKNOWN = "not known"
UNNAMED = "no model named"
NO_ACTION = f"nothing is known that would lower it by {100 * ACTION_LEAST_GAIN.value:.0f} points"
TOLD_BY = {"failure_risk": "failure", "run_duration": "duration", "run_cost": "cost"}
"""What each model tells, as the lines are named."""
AsJson = Annotated[bool, typer.Option("--json", help="JSON and nothing else.")]


@commands.command()
def predict(
    spec: Annotated[str | None, typer.Argument(metavar="[SPEC]", help="By default what is run next of all.")] = None,
    model: Annotated[str | None, typer.Option(help="By default each that was run often enough with it.")] = None,
    memory: Annotated[str | None, typer.Option(metavar="SIZE", help="As 4Gi; by default as it ran last.")] = None,
    agent: Annotated[str | None, typer.Option(help="Who runs it; by default as it ran last.")] = None,
    project: Annotated[str | None, typer.Option(help="What it is run for; by default as it ran last.")] = None,
    run_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The run that it will be: its outcome is held against the answer.")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(parser=moment_of, metavar="TIME", help="When it starts; by default now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how likely a run of a spec fails, why, what to do about it, how long it takes and what it costs."""
    from analytics_assets.queries.predictions import ask, get_outlook, told
    from analytics_assets.queries.snapshot import open_snapshot

    settings = load_settings()
    if spec is None:
        if any(given is not None for given in (model, memory, agent, project, run_id, at)):
            raise CommandError("Of which spec?", "`analytics predict SPEC` asks about one.", exit_code=MISUSED)
        with open_snapshot(settings) as snapshot:
            _list(get_outlook(snapshot), as_json=as_json)
        return
    now = datetime.now(UTC).replace(tzinfo=None)
    with open_snapshot(settings) as snapshot:
        reply = ask(
            spec,
            snapshot,
            settings,
            model=model,
            memory_limit=memory,
            agent_id=agent,
            project_id=project,
            at=None if at is None else in_utc(at),
            run_id=run_id,
            now=now,
        )
        found = told(reply, snapshot)
    _keep(settings, reply, now)
    if as_json:
        write_json(found)
    else:
        _show(found, terminal())


@commands.command()
def risk(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="Id of a run that was made.")],
    as_json: AsJson = False,
) -> None:
    """Show what was predicted of a run that was made, and what came of it."""
    from analytics_assets.queries.predictions import get_run_risk
    from analytics_assets.queries.snapshot import open_snapshot

    with open_snapshot(load_settings()) as snapshot:
        found = get_run_risk(run_id, snapshot)
    if as_json:
        write_json(found)
        return
    console, run = terminal(), found["run"]
    with_model = f" with {in_line(run['model'])}" if run["model"] else ""
    console.print(in_line(f"{run['run_id']}: {run['spec_id']}{with_model}"), style="bold", markup=False)
    took = [seconds(run["duration_seconds"]), usd(run["llm_cost_usd"])]
    ended = ", ".join([in_line(run["status"] or "no status"), *(part for part in took if part)])
    console.print(f"   started {moment(run['started_at'])} UTC: {ended}", style="dim", markup=False)
    for row in found["predictions"]:
        console.print(_predicted(row), markup=False)
        for factor in row["prediction_output"].get("risk_factors", ()):
            console.print(f"             {in_line(factor['description'])}", style="dim", markup=False)
    if found["reason"]:
        console.print(f"   No prediction: {in_line(found['reason'])}.", markup=False)


def _keep(settings: Settings, reply: Reply, now: datetime) -> None:
    """Write the answer down for the next refresh; one that cannot be kept is told all the same."""
    from analytics_assets.predicting.questions import keep

    try:
        keep(settings, reply, now)
    except OSError as error:
        typer.echo(f"This answer is not kept: {settings.models} cannot be written ({error.strerror}).", err=True)


def _show(found: Answer, console: Console) -> None:
    rows: Sequence[Row] = found["predictions"]
    console.print(in_line(f"{found['spec_id']}, a run that starts {_when(found)}"), style="bold", markup=False)
    if found["based_on"]:
        before = f"{in_line(found['based_on'])} of {moment(found['based_on_started_at'])} UTC"
        console.print(f"   all else as its newest run was, {before}", style="dim", markup=False)
    for note in found["notes"]:
        console.print(f"   {in_line(note)}", style="yellow", markup=False)
    if len(rows) == 1:
        _show_one(rows[0], found, console)
        return
    console.print()
    write_table(table_of(rows, _columns(_answering(found))))
    for name, reason in found["reasons"].items():
        console.print(f"{TOLD_BY[name]} {UNKNOWN}: {in_line(reason)}", style="dim", markup=False)
    best = rows[0]["model"] or UNNAMED
    console.print(f"Why, and what to do: analytics predict {in_line(found['spec_id'])} --model {in_line(best)}")


def _when(found: Answer) -> str:
    return f"{moment(found['starts_at'])} UTC{', records are stale' if found['is_stale'] else ''}"


def _show_one(row: Row, found: Answer, console: Console) -> None:
    """Everything that is known of the run with one model."""
    model, memory = in_line(row["model"] or UNNAMED), in_line(row["memory_limit"] or UNKNOWN)
    tries = f"{plural(row['runs_of_spec'], 'run')} of the spec with it, {row['runs_of_type']:,} of its type"
    lines = [("model", f"{model} ({tries})"), ("memory", memory)]
    for name, title in TOLD_BY.items():
        if name in found["reasons"]:
            lines.append((title, f"{UNKNOWN}: {found['reasons'][name]}"))
        elif name == "failure_risk":
            lines += [(title, f"{share(row['failure_probability'])}{_seen(row)}"), *_why(row)]
        elif name == "run_duration":
            lines.append((title, _band(row["duration_seconds"], seconds)))
        else:
            lines.append((title, _band(row["cost_usd"], usd)))
    if row["versions"]:
        lines.append(("told by", ", ".join(row["versions"])))
    for title, said in lines:
        console.print(f"   {title:<10}{in_line(said)}", markup=False)


def _seen(row: Row) -> str:
    """How often runs failed that were told as much."""
    seen = row["seen_rate"]
    if seen is None:
        return "; no run of the test was told about as much"
    interval = between(seen["low"], seen["high"])
    return f"; of {plural(seen['n'], 'run')} told about as much in the test {share(seen['share'])} failed ({interval})"


def _why(row: Row) -> Iterator[tuple[str, str]]:
    factors = [factor["description"] for factor in row["risk_factors"]]
    yield "why", factors[0] if factors else "nothing speaks for a failure"
    yield from (("", factor) for factor in factors[1:])
    actions = [action["text"] for action in row["recommended_actions"]] or [NO_ACTION]
    yield from (("to do", action) for action in actions)


def _band(quantiles: Row, form: Callable[[float | None], str | None]) -> str:
    """12 min; 8 of 10 between 4 and 30 min."""
    low, middle, high = (form(quantiles[name]) for name in ("q10", "q50", "q90"))
    return f"{middle} in the middle; 1 in 10 under {low}, 1 in 10 over {high}"


def _answering(found: Answer) -> list[str]:
    """What some version tells of."""
    return [name for name in TOLD_BY if name not in found["reasons"]]


def _columns(answering: Sequence[str]) -> list[Column]:
    """The columns of the models; what no version tells of is told once, below the table."""
    told = {
        "failure_risk": [
            Column("failure", lambda row: share(row["failure_probability"])),
            Column("of such runs failed", lambda row: _share_seen(row["seen_rate"])),
        ],
        "run_duration": [Column("duration (10 % to 90 %)", lambda row: _short(row["duration_seconds"], seconds))],
        "run_cost": [Column("cost (10 % to 90 %)", lambda row: _short(row["cost_usd"], usd))],
    }
    return [
        Column("model", lambda row: in_line(row["model"] or UNNAMED), is_number=False),
        *(column for name in answering for column in told[name]),
        Column("runs with it", lambda row: count(row["runs_of_spec"])),
        Column("of the type", lambda row: count(row["runs_of_type"])),
    ]


def _share_seen(seen: Row | None) -> str:
    return UNKNOWN if seen is None else f"{share(seen['share'])} of {seen['n']:,}"


def _short(quantiles: Row, form: Callable[[float | None], str | None]) -> str:
    return f"{form(quantiles['q50'])} ({form(quantiles['q10'])} to {form(quantiles['q90'])})"


def _list(found: list[Row], *, as_json: bool) -> None:
    """The next run of each spec and model, the riskiest first."""
    if as_json:
        write_json(found)
        return
    if not found:
        terminal().print("No spec ran in 30 days: there is no next run to tell of.")
        return
    shown = found[: int(OUTLOOK_LISTED.value)]
    write_table(table_of(shown, OUTLOOK))
    for reason in dict.fromkeys(row["reason"] for row in shown if row["reason"]):
        terminal().print(f"{in_line(reason)}: `analytics predictors` says why", style="dim", markup=False)
    if len(found) > len(shown):
        typer.echo(f"{len(found) - len(shown):,} more: --json", err=True)


def or_unknown(name: str, form: Callable[[float | None], str | None]) -> Callable[[Row], str]:
    """A figure in its form, or that it is not known."""
    return lambda row: form(row[name]) or UNKNOWN


OUTLOOK = (
    text("spec", "spec_id"),
    Column("model", lambda row: in_line(row["model"] or UNNAMED), is_number=False),
    Column("memory", lambda row: in_line(row["memory_limit"] or UNKNOWN), is_number=False),
    Column("failure", or_unknown("failure_probability", share)),
    Column("duration", or_unknown("duration_q50", seconds)),
    Column("cost", or_unknown("cost_q50", usd)),
    Column("runs", lambda row: count(row["runs"])),
    Column("what to do", lambda row: in_line(row["recommended_action"] or "-"), is_number=False),
)


def _predicted(row: Row) -> str:
    """One answer beside what came."""
    forms = {"failure_risk": share, "run_duration": seconds, "run_cost": usd}
    form = forms.get(row["model_name"], count)
    came = row["actual_value"]
    if came is None:
        outcome = "no outcome yet"
    elif row["model_name"] == "failure_risk":
        outcome = "it failed" if came else "it succeeded"
    else:
        outcome = f"it was {form(came)}"
    asked = ", asked by a person" if row["subject_type"] == "asked" else ""
    title = TOLD_BY.get(row["model_name"], row["model_name"])
    return in_line(f"   {title:<10}{form(row['predicted_value'])}; {outcome} ({row['model_id']}, {row['role']}{asked})")
