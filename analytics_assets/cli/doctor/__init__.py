"""What is wrong with an installation, in plain words, each with its remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console

from analytics_assets.cli.doctor import data, feedback, machine, models, runs
from analytics_assets.cli.doctor.finding import Finding, Level, problem
from analytics_assets.settings import Settings

EXAMINATIONS: tuple[Callable[[Settings, datetime], list[Finding]], ...] = (
    machine.unknown_variables,
    machine.repository,
    machine.disk,
    machine.locks,
    data.snapshot,
    data.unexamined,
    data.unpublished,
    data.waiting_files,
    data.quarantine,
    feedback.documents,
    feedback.decisions,
    models.model_files,
    runs.daemon,
    runs.last_runs,
)


def examine(settings: Settings, now: datetime | None = None) -> list[Finding]:
    """Everything that was looked at, in a fixed order; ``now`` is naive UTC."""
    moment = now or datetime.now(UTC).replace(tzinfo=None)
    return [finding for examination in EXAMINATIONS for finding in _examined(examination, settings, moment)]


def _examined(
    examination: Callable[[Settings, datetime], list[Finding]], settings: Settings, now: datetime
) -> list[Finding]:
    """An examination that fails is a finding: a full disk must not keep the doctor from telling the rest."""
    try:
        return examination(settings, now)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is told and the others go on
        topic = examination.__name__.replace("_", " ")
        words = f"it could not be examined: {type(error).__name__}: {str(error).strip().splitlines()[0]}"
        return [problem(topic, words, "If the disk is full or the folder cannot be written, that comes first.")]


def show(findings: list[Finding], console: Console) -> None:
    """Print the findings, the problems last, where the eye is when the command ends."""
    styles = {Level.FINE: ("✓", "green"), Level.NOTE: ("·", "yellow"), Level.PROBLEM: ("✗", "bold red")}
    for level, (mark, style) in styles.items():
        for finding in (f for f in findings if f.level is level):
            console.print(mark, style=style, end=" ")
            console.print(f"{finding.topic}: {finding.message}", markup=False)
            for line in finding.details:
                console.print(f"    {line}", style="dim", markup=False)
            if finding.remedy:
                console.print(f"    → {finding.remedy}", markup=False)
    wrong = sum(finding.level is Level.PROBLEM for finding in findings)
    console.print(f"{wrong} problem{'s' * (wrong != 1)}" if wrong else "nothing is wrong", style="bold")


__all__ = ["Finding", "Level", "examine", "problem", "show"]
