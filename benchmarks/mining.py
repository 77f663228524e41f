"""How far what is mined of runs and tasks can be believed: worlds without an effect, and worlds with planted ones."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from analytics_assets.lib.clustering import Clustering, stable_clusters
from analytics_assets.lib.outcome_rules import outcome_rules
from analytics_assets.lib.rule_tests import Sides
from analytics_assets.lib.sequence_rules import Sequences, sequence_rules
from analytics_assets.lib.transactions import Transactions
from analytics_assets_tests.lib import mining_worlds
from benchmarks.results import Row

WORLDS = 40
"""Twice the standard error of a rate of 5 % is 7 points: a world of rules takes half a second."""
CLOUDS = 60
KINDS = 20
"""Of two kinds: a world takes a second."""
LOGARITHMIC = [f"x{n}" for n in range(mining_worlds.RUN_AMOUNTS)]
CHANCE, RARE = "about 5 %", "5 % or less"
OOM = ({"memory_limit=1Gi", "spec_id=spec-1"}, "oom")
BETTER = ({"model=model-0", "spec_type=type-1"}, "success")
TRUE_FIELDS = ("spec_id=spec-1", "spec_id=spec-2", "spec_id=spec-3", "spec_type=type-1")
"""What is planted is of these; a rule without one of them, or with an agent, is false or says too much."""
Rows = Sequence[Mapping[str, Any]]


def mining(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Worlds with a false finding, then worlds in which what was planted was found, and what was found beside it."""
    return [*_rules_by_chance(), *_planted_rules(), *_sequences(), *_clusters()]


def rules_of(rows: Sequence[Mapping[str, Any]]) -> Rows:
    """The significant rules of runs."""
    found = outcome_rules(Transactions.of_rows("runs", rows, mining_worlds.FIELDS))
    return [row for row in found if row["is_significant"]]


def sequences_of(rows: Sequence[Mapping[str, Any]]) -> Rows:
    """The significant sequences of tasks."""
    return [row for row in sequence_rules(Sequences.of_rows("tools", rows)) if row["is_significant"]]


def clusters_of(points: Any, logarithmic: Sequence[str] = ()) -> Clustering:
    """The groups of points."""
    names, ids = [f"x{n}" for n in range(points.shape[1])], [str(n) for n in range(len(points))]
    return stable_clusters(points, names, ids, logarithmic=logarithmic)


def _of(holds: Iterable[object]) -> str:
    told = [bool(one) for one in holds]
    return f"{sum(told)} of {len(told)}"


def _rules_by_chance() -> Iterable[Row]:
    for name, bad_days in {"independent runs": False, "bad days": True}.items():
        worlds = [mining_worlds.runs(seed, bad_days=bad_days) for seed in range(WORLDS)]
        yield Row(f"worlds of {name} with a significant rule", _of(map(rules_of, worlds)), CHANCE)
        with patch.object(Sides, "_between_spans", lambda _: 0.0):
            yield Row(f"the same by Fisher's test alone, {name}", _of(map(rules_of, worlds)), "shown, not used")


def _planted_rules() -> Iterable[Row]:
    for n in (750, 1_500):
        worlds = [rules_of(mining_worlds.runs(seed, n, planted=True)) for seed in range(WORLDS)]
        for name, wanted in {"killed at one size": OOM, "a model better for one type": BETTER}.items():
            found = _of(
                any((set(json.loads(row["antecedent"])), row["outcome"]) == wanted for row in rows) for rows in worlds
            )
            yield Row(f"worlds of {n:,} runs in which the planted rule is told: {name}", found, "most")
        told = [json.loads(row["antecedent"]) for rows in worlds for row in rows]
        right = [
            any(item in TRUE_FIELDS for item in items) and not any("agent" in item for item in items) for items in told
        ]
        yield Row(f"of all rules told there, those of what was planted, {n:,} runs", _of(right), "95 % or more")


def _sequences() -> Iterable[Row]:
    for name, longer in {"independent tasks": False, "tasks that fail the more, the longer": True}.items():
        worlds = [sequences_of(mining_worlds.tasks(seed, longer=longer)) for seed in range(WORLDS)]
        yield Row(f"worlds of {name} with a significant sequence", _of(worlds), CHANCE)
    for stuck in (0.02, 0.05):
        worlds = [sequences_of(mining_worlds.tasks(seed, stuck=stuck)) for seed in range(WORLDS)]
        loops = [
            [row for row in rows if row["is_in_a_row"] and json.loads(row["sequence"])[0] == "c"] for rows in worlds
        ]
        yield Row(f"worlds with {stuck:.0%} stuck tasks in which the loop is told", _of(loops), "most")
        yield Row(
            f"of all sequences told there, that loop, {stuck:.0%}",
            f"{sum(map(len, loops))} of {sum(map(len, worlds))}",
            "most",
        )


def _clusters() -> Iterable[Row]:
    normal = [clusters_of(mining_worlds.points(seed)) for seed in range(CLOUDS)]
    yield Row("normal clouds of 150 points without groups that have some", _of(one.clusters for one in normal), RARE)
    for shape in mining_worlds.SHAPES:
        clouds = [clusters_of(mining_worlds.cloud(seed, shape)) for seed in range(CLOUDS)]
        yield Row(f"the same, {shape}", _of(one.clusters for one in clouds), RARE)
    runs = [clusters_of(mining_worlds.kinds_of_runs(seed), LOGARITHMIC) for seed in range(CLOUDS)]
    yield Row("worlds of 300 runs of independent figures that have groups", _of(one.clusters for one in runs), RARE)
    found = [clusters_of(mining_worlds.points(seed, groups=3)) for seed in range(CLOUDS)]
    three = [sorted(len(c.members) for c in one.clusters if c.algorithm == "k_means" and c.is_stable) for one in found]
    yield Row("clouds of three groups found, all stable", _of(sizes == [50, 50, 50] for sizes in three), "95 %")
    for apart in (2, 3, 4):
        kinds = [clusters_of(mining_worlds.kinds_of_runs(n, apart=apart), LOGARITHMIC) for n in range(KINDS)]
        what = f"worlds of 300 runs of two kinds, {apart} sd apart in 4 of 11 figures, in which there are groups"
        yield Row(what, _of(one.clusters for one in kinds), "most of 3 sd")
