"""How far what is said of pipelines can be believed: worlds of noise, and worlds with a step that was planted."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from analytics_assets_tests.lib.pipeline_worlds import END, START, World
from benchmarks.results import Row

WORLDS = 100
"""Twice the standard error of a rate of 5 % is 4 points."""
PLANTED_WORLDS = 50
STEP = "unit_tests"
NOISE = {
    "18 executions and 3 commits a day": World(),
    "1 commit a day": World(commits_per_day=1),
    "each failure tried again on its commit": World(tried_again=True),
    "a quarter of executions fail": World(fails=0.25),
    "4 executions a day": World(per_day=4),
    "days that differ by a fifth": World(day_sigma=0.2),
}
QUESTIONS = {"flaky": "is_flaky", "failing": "is_failing", "changed": "is_changed"}
PLANTED = {
    "fails 12 % on its own": ("is_flaky", World(flaky={STEP: 0.12})),
    "fails 6 % on its own": ("is_flaky", World(flaky={STEP: 0.06})),
    "fails 12 % on its own, tried again": ("is_flaky", World(flaky={STEP: 0.12}, tried_again=True)),
    "is broken on a quarter of commits": ("is_failing", World(broken={STEP: 0.25})),
    "takes twice as long from half on": ("is_changed", World(slow={STEP: 2.0})),
    "takes 1.5 times as long, 4 executions a day": ("is_changed", World(slow={STEP: 1.5}, per_day=4)),
    "takes 1.5 times as long, days that differ by a fifth": ("is_changed", World(slow={STEP: 1.5}, day_sigma=0.2)),
}


def pipeline_patterns(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Worlds with a step that is falsely called, then worlds in which the planted step was found, and no other."""
    return [*_chance(), *_planted()]


def _chance() -> Iterable[Row]:
    for name, world in NOISE.items():
        rows = [replace(world, seed=seed).rows().values() for seed in range(WORLDS)]
        for question, flag in QUESTIONS.items():
            found = sum(any(row[flag] for row in steps) for steps in rows)
            yield Row(f"{name}: worlds with a step called {question}", f"{found} of {WORLDS}", "about 5 % or less")


def _planted() -> Iterable[Row]:
    half = START + (END - START) / 2
    for name, (flag, world) in PLANTED.items():
        worlds = [replace(world, seed=1_000 + seed).rows() for seed in range(PLANTED_WORLDS)]
        found = [rows[STEP] for rows in worlds if rows[STEP][flag]]
        others = sum(any(row[flag] for step, row in rows.items() if step != STEP) for rows in worlds)
        yield Row(f"a step that {name}: found", f"{len(found)} of {PLANTED_WORLDS}", "nearly all")
        yield Row("the same, worlds with another step called", f"{others} of {PLANTED_WORLDS}", "about 5 % or less")
        if flag == "is_failing":
            flaky = sum(any(row["is_flaky"] for row in rows.values()) for rows in worlds)
            yield Row("the same, worlds with a step called flaky", f"{flaky} of {PLANTED_WORLDS}", "about 5 % or less")
        if flag == "is_changed" and found:
            off = np.median([abs((row["change_at"] - half).total_seconds()) / 3600 for row in found])
            ratio = np.median([row["change_ratio"] for row in found])
            yield Row("the same, median hours off, and ratio found", f"{off:.1f} h, {ratio:.2f}", "shown")
