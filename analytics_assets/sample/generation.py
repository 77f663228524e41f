"""Putting a sample together: plan what happens, then write each kind's view of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from analytics_assets.sample import effects as planting
from analytics_assets.sample.decisions import decisions
from analytics_assets.sample.effects import Truth
from analytics_assets.sample.events import events
from analytics_assets.sample.executions import executions
from analytics_assets.sample.issues import issues, plan_issues, reviews
from analytics_assets.sample.metrics import metrics
from analytics_assets.sample.pipelines import pipelines, plan_pipelines
from analytics_assets.sample.procedures import procedure_calls, procedure_feedback
from analytics_assets.sample.run_plans import plan_runs
from analytics_assets.sample.runs import runs
from analytics_assets.sample.specs import documents
from analytics_assets.sample.tracker import plan_tasks, task_executions, tasks
from analytics_assets.sample.window import window
from analytics_assets.sample.world import Record, World
from analytics_assets.sample.writer import refuse_other_sample, write_document, write_records

Progress = Callable[[str, int, int], None]
"""Told the kind that is about to be written, how many are done, and how many there are."""


@dataclass(frozen=True)
class SampleReport:
    """What was written.

    ``records_by_kind`` counts lines: versions of an entity count each. ``left_out`` names the effects that
    were asked for and that so short a sample cannot show.
    """

    records_by_kind: dict[str, int]
    files: tuple[Path, ...]
    truth: tuple[Truth, ...]
    left_out: tuple[str, ...]


def generate(
    out: Path,
    *,
    days: int = 30,
    seed: int = 7,
    effects: Literal["all", "none"] | Collection[str] = "all",
    end: datetime | None = None,
    progress: Progress | None = None,
) -> SampleReport:
    """Write a sample into the folder ``out``: the records, the specs, and what is planted in them.

        out/<kind>/*.jsonl    the lines of each kind, at most eight files a kind
        out/specs/*.json      the spec documents
        out/truth.json        a list of {effect, kind, subject, expected, starts_at}

    ``out`` may be the inbox itself: the inbox takes spec documents in ``specs`` and leaves ``truth.json`` alone.
    The same ``days``, ``seed``, ``effects`` and ``end`` give the same bytes. ``end`` is the last full hour by
    default; no record is later. An effect changes only the records it is about.

    Raises:
        ValueError: ``days`` is not 1 to 365, ``seed`` is negative, there is no such effect, or ``out`` holds a
            sample of another seed or window.
        OSError: the folder cannot be written.
    """
    span = window(days, end)
    wanted = planting.chosen(effects)
    planted = {effect: effect.plant(span) for effect in wanted if days >= effect.MIN_DAYS}
    world = World(span, seed, planted)
    refuse_other_sample(out, world)
    truth = tuple(effect.truth for effect in planted.values())

    counts: dict[str, int] = {}
    files: list[Path] = []
    kinds = views(world)
    for done, (kind, records) in enumerate(kinds.items()):
        if progress is not None:
            progress(kind, done, len(kinds))
        counts[kind], written = write_records(out, world, kind, records)
        files += written
    specs = documents()
    files += [write_document(out / "specs" / f"{spec['id']}.json", spec) for spec in specs]
    files.append(write_document(out / "truth.json", [row.as_json() for row in truth]))
    left_out = tuple(effect.NAME for effect in wanted if effect not in planted)
    return SampleReport(counts | {"specs": len(specs)}, tuple(files), truth, left_out)


def views(world: World) -> dict[str, Iterator[Record]]:
    """The records of each kind; kinds that tell of the same happenings share their plans."""
    run_plans, pipeline_plans = plan_runs(world), plan_pipelines(world)
    task_plans, issue_plans = plan_tasks(world), plan_issues(world)
    return {
        "runs": runs(world, run_plans),
        "executions": executions(world, run_plans),
        "procedure_calls": procedure_calls(world),
        "procedure_feedback": procedure_feedback(world),
        "issues": issues(world, issue_plans),
        "reviews": reviews(world, issue_plans),
        "tasks": tasks(world, task_plans),
        "task_executions": task_executions(world, task_plans),
        "pipelines": pipelines(world, pipeline_plans),
        "metrics": metrics(world),
        "events": events(world, pipeline_plans),
        "decisions": decisions(world),
    }
