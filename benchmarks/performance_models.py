"""Models of how long a run takes and what it costs: on real runs, on the sample's, and on worlds of known truth."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from analytics_assets.lib.rates import wilson_interval
from analytics_assets.predicting.examples import Examples, Run, examples
from analytics_assets.predicting.performance import (
    ALGORITHMS,
    BAR,
    PerformanceJudged,
    PerformanceParameters,
    QuantileModel,
    QuantileScores,
    judge_performance,
)
from analytics_assets.predicting.runs import outcome
from analytics_assets.sample import effects as planting
from analytics_assets.sample.run_plans import MEMORY_MB, plan_runs
from analytics_assets.sample.runs import runs as records_of
from analytics_assets.sample.window import window
from analytics_assets.sample.world import Record, World
from analytics_assets_tests.predicting.quantity_worlds import quantities
from analytics_assets_tests.predicting.run_worlds import END
from benchmarks.failure_models import METR, metr_runs
from benchmarks.results import Row

DURATION, COST = "duration_seconds", "llm_cost_usd"
WORLDS = 60
ONE_BY_ONE = 200


def performance_models(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """All contestants on real runs and the sample's; worlds with something to find, and without; the time."""
    rows = []
    if METR.exists():
        rows += _contest("metr-runs, duration", judge_performance(examples(metr_runs()), DURATION))
    else:
        rows.append(Row("metr-runs", "not measured", f"{METR} is not there"))
    sample = sample_runs(0)
    rows += _contest("sample, duration", judge_performance(sample, DURATION))
    rows += _contest("sample, cost", judge_performance(sample, COST))
    return [*rows, _worlds(size_matters=False), _worlds(size_matters=True), *_later(), *_times(sample)]


def sample_runs(seed: int, days: int = 30) -> Examples:
    """The runs of a sample with all effects, as they are recorded."""
    span = window(days, END)
    world = World(span, seed, {effect: effect.plant(span) for effect in planting.chosen("all")})
    last = {record["run_id"]: record for record in records_of(world, plan_runs(world))}
    return examples([_run(record) for record in last.values()])


def _run(record: Record) -> Run:
    known: dict[str, Any] = {name: record[name] for name in Run.__dataclass_fields__ if name in record}
    status = str(record["status"])
    moments: dict[str, Any] = {"started_at": record["started_at"], "known_at": record.get("completed_at")}
    told: dict[str, Any] = {name: at.replace(tzinfo=None) if at else None for name, at in moments.items()}
    memory = MEMORY_MB[str(record["memory_limit"])]
    return Run(**(known | told | {"memory_limit_mb": memory, "is_failed": outcome(status)}))


def _contest(what: str, judged: PerformanceJudged) -> list[Row]:
    rows = []
    for name in (*ALGORITHMS, BAR):
        told, rolling = _told(judged.scores[name]), _told(judged.rolling[name])
        wanted = "the least: chosen before" if name == judged.winner else "to compare with"
        rows.append(Row(f"{what}, last 30 % ({judged.test_n:,} runs): {name}", told, wanted))
        rows.append(Row(f"the same, {judged.folds} looks back ({judged.rolling[name].n:,} runs)", rolling, "the same"))
    return [*rows, Row(f"{what}: published", judged.reason, "only what is better than the simple answer")]


def _told(scores: QuantileScores) -> str:
    told = f"pinball loss {scores.pinball:.4f}, {scores.coverage:.1%} within the band"
    return told if scores.ms is None else f"{told}, {scores.ms:.3f} ms"


def _worlds(*, size_matters: bool) -> Row:
    published = sum(
        judge_performance(quantities(1_000 + seed, size_matters=size_matters), DURATION).is_published
        for seed in range(WORLDS)
    )
    interval = wilson_interval(published, WORLDS)
    assert interval is not None
    what = "durations that follow the size of a run" if size_matters else "durations of spec, model and chance alone"
    told = f"{published} of {WORLDS} ({interval.low:.1%} to {interval.high:.1%})"
    return Row(f"{what}: worlds in which a model is published", told, "most" if size_matters else "about 5 % at most")


def _later() -> list[Row]:
    """How often the band of what is kept holds on a thousand runs that it never saw, over twenty worlds."""
    rows = []
    for name in ALGORITHMS:
        held = []
        for seed in range(20):
            model = QuantileModel.fit(quantities(seed, size_matters=True), PerformanceParameters(DURATION, name))
            later = quantities(500 + seed, 1_000, size_matters=True)
            found = model.predict(later)
            actual = np.array([run.duration_seconds for run in later.runs])
            held.append(float(np.mean((found[:, 0] <= actual) & (actual <= found[:, 2]))))
        told = f"{np.mean(held):.1%} (worlds: {min(held):.1%} to {max(held):.1%})"
        rows.append(Row(f"{name}: later runs within the band", told, "75 % to 85 %"))
    return rows


def _times(sample: Examples) -> list[Row]:
    """Processor time of a training, and the time of answers one by one."""
    began = time.process_time()
    judged = judge_performance(sample, DURATION)
    model = QuantileModel.fit(sample, PerformanceParameters(DURATION, judged.winner or "gradient_boosting"))
    spent = time.process_time() - began
    asked = [sample.take([row]) for row in range(ONE_BY_ONE)]
    began = time.perf_counter()
    for one in asked:
        model.predict(one)
    each = 1_000 * (time.perf_counter() - began) / ONE_BY_ONE
    return [
        Row(f"judging and fitting on {len(sample):,} runs", f"{spent:.1f} s of processor time", "about 5 s"),
        Row(f"one answer at a time, {judged.winner}", f"{each:.1f} ms", "under 50 ms"),
    ]
