"""The commands on runs and what they suggest, a few lines each; ``app`` takes them in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from analytics_assets.cli.printing import terminal, write_json
from analytics_assets.cli.problems import INTERRUPTED, CommandError
from analytics_assets.cli.suggesting import StatusWord
from analytics_assets.operating_thresholds import QUERY_ROWS_SHOWN
from analytics_assets.settings import load_settings

commands = typer.Typer()
RunStatus = Literal["running", "success", "failed", "error", "timeout", "cancelled", "skipped"]
SpecOption = Annotated[str | None, typer.Option("--spec", help="Id of a spec, or the path of its document.")]
AsJson = Annotated[bool, typer.Option("--json", help="A JSON list and nothing else: every column.")]


@commands.command()
def suggest(
    spec: SpecOption = None,
    status: Annotated[StatusWord | None, typer.Option(help="pending by default.")] = None,
    interactive: Annotated[bool, typer.Option("--interactive", "-i", help="Ask about one at a time.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The rows as a JSON list and nothing else; of every status, or of --status.")
    ] = False,
) -> None:
    """Show what runs suggest: why, how certain it is, what it rests on, and what to do next."""
    from analytics_assets.cli.asking import ask_one_by_one
    from analytics_assets.cli.deciding import in_plain_words
    from analytics_assets.cli.suggesting import chosen_rows, show_list, unseen
    from analytics_assets.queries.errors import NotAnsweredYetError
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.queries.specs import find_spec
    from analytics_assets.queries.suggestions import get_calibration, get_suggestions

    settings, console = load_settings(), terminal()
    with open_snapshot(settings) as snapshot:
        spec_id = None if spec is None else find_spec(spec, snapshot)
        rows = chosen_rows(get_suggestions(snapshot), spec_id, status if as_json else None)
        if as_json:
            write_json(rows)
            return
        if interactive:
            ask_one_by_one(settings, rows, snapshot, console)
            return
        try:
            calibration = get_calibration(snapshot)
        except NotAnsweredYetError:
            calibration = None
        with in_plain_words():
            decided = unseen(settings, rows, snapshot)
        show_list(rows, calibration, console, status=status or "pending", decided=decided)


@commands.command()
def runs(
    spec: SpecOption = None,
    last: Annotated[str | None, typer.Option(help="Up to the newest run: 30d, 4w.")] = None,
    last_30d: Annotated[bool, typer.Option("--last-30d", help="The same as --last 30d.")] = False,
    status: Annotated[RunStatus | None, typer.Option(help="Of this status only.")] = None,
    as_json: AsJson = False,
    limit: Annotated[
        int | None, typer.Option(min=0, help=f"Most runs; a table shows {QUERY_ROWS_SHOWN.value:.0f} by default.")
    ] = None,
) -> None:
    """List runs, the newest first."""
    from analytics_assets.cli.profiles import RUNS, days_of, show
    from analytics_assets.queries.runs import get_runs
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.queries.specs import find_spec

    asked_for = "30d" if last_30d else last
    days = None if asked_for is None else days_of(asked_for)
    most = int(QUERY_ROWS_SHOWN.value) if limit is None and not as_json else limit
    with open_snapshot(load_settings()) as snapshot:
        spec_id = None if spec is None else find_spec(spec, snapshot)
        asked = None if most is None else most + 1
        found = get_runs(spec_id, status=status, last_days=days, limit=asked, snapshot=snapshot)
    shown = found[:most]
    if as_json:
        write_json(shown)
    else:
        show(shown, RUNS, "No run is like that.")
    if len(found) > len(shown):
        typer.echo(f"There are more than these {len(shown)} runs: --limit takes another number.", err=True)


@commands.command()
def models(
    task_type: Annotated[str | None, typer.Option(help="On tasks of this type, as impl; else on whole runs.")] = None,
    spec_type: Annotated[str | None, typer.Option(help="On specs of this type only.")] = None,
    success_rate: Annotated[bool, typer.Option("--success-rate", help="The success rate alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how models do per type of spec, or per type of task: success, cost per success, duration."""
    from analytics_assets.cli.problems import MISUSED
    from analytics_assets.cli.profiles import MODEL_RATES, MODELS, TASK_RATES, TASKS, show
    from analytics_assets.queries.models import get_model_effectiveness, get_task_effectiveness
    from analytics_assets.queries.snapshot import open_snapshot

    if task_type and spec_type:
        raise CommandError("A task has no type of spec: ask --task-type or --spec-type.", exit_code=MISUSED)
    with open_snapshot(load_settings()) as snapshot:
        found = (
            get_task_effectiveness(task_type, snapshot) if task_type else get_model_effectiveness(spec_type, snapshot)
        )
    if as_json:
        write_json(found)
    elif task_type:
        show(found, TASK_RATES if success_rate else TASKS, f"No task of type '{task_type}' ran in 30 days.")
    else:
        what = f" of type '{spec_type}'" if spec_type else ""
        show(found, MODEL_RATES if success_rate else MODELS, f"No spec{what} has a run that succeeded or failed.")


@commands.command()
def resources(
    spec: SpecOption = None,
    show_p95: Annotated[bool, typer.Option("--show-p95", help="The 95th percentiles alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the memory and CPU that runs used, per spec and limits; peaks that a limit cut off are in no percentile."""
    from analytics_assets.cli.profiles import RESOURCES, RESOURCES_P95, show
    from analytics_assets.queries.resources import get_resource_usage
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.queries.specs import find_spec

    with open_snapshot(load_settings()) as snapshot:
        found = get_resource_usage(None if spec is None else find_spec(spec, snapshot), snapshot)
    if as_json:
        write_json(found)
    else:
        show(found, RESOURCES_P95 if show_p95 else RESOURCES, "No run of the last 30 days succeeded or failed.")


@commands.command()
def config(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="Id of a spec, or the path of its document.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object and nothing else.")] = False,
) -> None:
    """Say how to run a spec next: model, memory, CPU, expected cost, duration and risk, each with its reason."""
    from analytics_assets.cli.profiles import show_config
    from analytics_assets.queries.run_config import get_run_config
    from analytics_assets.queries.snapshot import open_snapshot

    settings = load_settings()
    with open_snapshot(settings) as snapshot:
        found = get_run_config(spec, snapshot, settings)
    if as_json:
        write_json(found)
    else:
        show_config(found, terminal())


@commands.command()
def report(
    form: Annotated[Literal["markdown", "html"], typer.Option("--format", help="A text or a page.")] = "markdown",
    out: Annotated[Path | None, typer.Option(help="A file; by default it is printed.")] = None,
) -> None:
    """Write the spec quality report: specs under 70 %, models, resources, failures, costs, suggestions, calibration."""
    from analytics_assets.cli.reporting import write_report

    write_report(load_settings(), form, out, terminal())


@commands.command()
def learn() -> None:
    """Ask 30 days of runs for suggestions, judge what was applied, publish; `analytics up` does so once a day."""
    from analytics_assets.cli.refreshing import refresh

    try:
        refresh(load_settings(), terminal(), job="daily_learning")
    except KeyboardInterrupt:
        raise CommandError(
            "Interrupted.", "The last published version is in place; the next one goes on.", exit_code=INTERRUPTED
        ) from None


@commands.command()
def tui() -> None:
    """Watch specs, suggestions and their evidence in the terminal, and decide there."""
    from analytics_assets.cli.tui.app import Analytics

    Analytics(load_settings()).run()
