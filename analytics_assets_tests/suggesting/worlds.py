"""Worlds whose truth is known: drawn at random, or planted by the sample, in the table that rules read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analytics_assets.lib.sizes import Sizes, cpu_mcores, memory_mb
from analytics_assets.sample import effects as planting
from analytics_assets.sample.run_plans import plan_runs
from analytics_assets.sample.runs import runs as run_records
from analytics_assets.sample.specs import documents
from analytics_assets.sample.window import window
from analytics_assets.sample.world import World
from analytics_assets.suggesting.engine import propose
from analytics_assets_tests.suggesting.conftest import AS_OF, COLUMNS, SIZES, History

MODELS = ("a", "b", "c", "d")
TRANSIENT = ("timeout", "network")


@dataclass(frozen=True)
class Stated:
    """What was stated of a claim, and whether it is so."""

    rule: str
    confidence: float
    level: str
    holds: bool


def fill(history: History, frame: pd.DataFrame) -> None:
    """Put runs into the table; columns that are not given are NULL."""
    whole = frame.reindex(columns=list(COLUMNS)).astype({"run_id": "object"})
    history.con.register("given", whole)
    casts = ", ".join(f"cast({name} as {kind})" for name, kind in COLUMNS.items())
    history.con.execute(f"insert into staging.stg_judged_runs select {casts} from given")
    history.con.unregister("given")


SPECS = ("easy", "usual", "hard")


def random_models(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[tuple[str, str], float]]:
    """Ten types of three specs each, four models, and how much more often each fails than ``a``, the present one.

    Specs of one type are as different as chance makes them, and each model runs its own mix of them. In half of the
    comparisons that a type offers (shared among its alternatives) a model differs, by any amount; else it is alike.
    """
    cells, truth = [], {}
    for number in range(10):
        kind = f"t{number}"
        usual = {spec: rng.random() for spec in SPECS}
        for model in MODELS:
            differs = model != MODELS[0] and rng.random() < 0.5 / (len(MODELS) - 1)
            better = rng.random() < 0.5
            truth[kind, model] = (-1.0 if better else 1.0) * rng.random() if differs else 0.0
            for spec, rate in usual.items():
                # The share of what can be lost or won: the sign is the same on every spec.
                moved = truth[kind, model] * (rate if better else 1 - rate)
                runs = int(rng.integers(3, 60))
                failed = rng.random(runs) < rate + moved
                named = {"spec_id": f"{kind}-{spec}", "spec_type": kind, "model": model}
                cells.append(pd.DataFrame(named | {"is_success": ~failed}))
    return _complete(pd.concat(cells, ignore_index=True)), truth


def confounded_models(rng: np.random.Generator) -> pd.DataFrame:
    """Two models that are alike on either of two specs, one eight times as hard; each model ran mostly one of them."""
    cells = []
    for spec, rate, mix in (("hard", 0.8, (110, 10)), ("easy", 0.1, (10, 110))):
        for model, runs in zip(("old", "new"), mix, strict=True):
            failed = rng.random(runs) < rate
            cells.append(pd.DataFrame({"spec_id": spec, "spec_type": "t", "model": model, "is_success": ~failed}))
    return _complete(pd.concat(cells, ignore_index=True))


def random_memory(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[tuple[str, str], float]]:
    """Twenty specs that are run at 2Gi and at 4Gi, and how many of their runs are killed there: any share at either."""
    cells, truth = [], {}
    for number in range(20):
        for size in ("2Gi", "4Gi"):
            truth[f"s{number}", size] = rng.random()
            runs = int(rng.integers(3, 60))
            killed = rng.random(runs) < truth[f"s{number}", size]
            cells.append(
                pd.DataFrame(
                    {
                        "spec_id": f"s{number}",
                        "memory_limit": size,
                        "is_success": ~killed,
                        "is_oom": killed,
                        "model": "a",
                    }
                )
            )
    frame = _complete(pd.concat(cells, ignore_index=True))
    frame["memory_limit_mb"] = frame["memory_limit"].map(memory_mb)
    return frame, truth


def _complete(frame: pd.DataFrame) -> pd.DataFrame:
    blank: dict[str, Any] = {
        "is_oom": False,
        "is_transient": False,
        "is_memory_censored": False,
        "is_cpu_censored": False,
    }
    filled = frame.assign(**{name: value for name, value in blank.items() if name not in frame})
    return filled.assign(
        run_id=[f"r{n}" for n in range(len(frame))],
        started_at=[AS_OF - timedelta(days=20) + timedelta(seconds=n) for n in range(len(frame))],
    )


def stated_of_models(rng: np.random.Generator) -> Iterator[Stated]:
    """What one random world of models makes the rules say."""
    frame, truth = random_models(rng)
    history = History()
    fill(history, frame)
    for number in range(10):
        # One spec a type speaks for it: the others say the same.
        history.document(f"t{number}-usual", model=MODELS[0])
    for said in propose(history.con, AS_OF, SIZES):
        finding = said.finding
        is_spoken_for = str(finding.subject.spec_id).endswith("-usual")
        if finding.rule.name == "better_model" and said.confidence is not None and is_spoken_for:
            kind, model = str(finding.subject.spec_type), finding.suggested_value.removeprefix("model: ")
            yield Stated("better_model", said.confidence, said.level.value, truth[kind, model] < 0)
    history.con.close()


def stated_of_memory(rng: np.random.Generator) -> Iterator[Stated]:
    """What one random world of memory makes the rules say of 4Gi, where no run was killed at it."""
    frame, truth = random_memory(rng)
    history = History()
    fill(history, frame)
    for number in range(20):
        history.document(f"s{number}", memory_limit="2Gi")
    for said in propose(history.con, AS_OF, SIZES):
        finding = said.finding
        if finding.rule.name == "memory_raise" and said.confidence and finding.suggested_value == "memory: 4Gi":
            holds = truth[str(finding.subject.spec_id), "4Gi"] < truth[str(finding.subject.spec_id), "2Gi"]
            yield Stated("memory_raise", said.confidence, said.level.value, holds)
    history.con.close()


def sample_history(seed: int, effects: Collection[str] | str, days: int = 30) -> tuple[History, datetime]:
    """The runs and documents of a sample, counted here without the warehouse: the last version of each judged run."""
    span = window(days, datetime(2026, 3, 31, tzinfo=UTC))
    world = World(span, seed, {effect: effect.plant(span) for effect in planting.chosen(effects)})
    latest: dict[object, dict[str, Any]] = {
        record["run_id"]: dict(record) for record in run_records(world, plan_runs(world))
    }
    judged = [run for run in latest.values() if run["status"] in ("success", "failed", "error", "timeout")]
    history = History()
    fill(history, pd.DataFrame([_judged(run) for run in judged]))
    for document in documents():
        asked = document["resources"]
        history.document(document["id"], model=document["model"], memory_limit=asked["memory"], cpu_limit=asked["cpu"])
    return history, max(run["started_at"] for run in judged).replace(tzinfo=None)


def _judged(run: dict[str, Any]) -> dict[str, Any]:
    failed = run["status"] != "success"
    errors = [task["error_type"] for task in run["tasks"] if task["status"] == "failed"]
    error = (errors[0] if errors else run["failure_reason"]) if failed else None
    limit, cpu = memory_mb(run["memory_limit"]), cpu_mcores(run["cpu_limit"])
    is_oom = failed and run["failure_reason"] == "oom"
    return {name: run.get(name) for name in COLUMNS} | {
        "memory_limit_mb": limit,
        "cpu_limit_mcores": cpu,
        "error_type": error,
        "is_success": not failed,
        "is_oom": is_oom,
        "is_transient": run["status"] == "timeout" or error in TRANSIENT,
        "is_memory_censored": is_oom or run["memory_peak_mb"] >= limit,
        "is_cpu_censored": run["cpu_peak_mcores"] >= cpu,
        "started_at": run["started_at"].replace(tzinfo=None),
    }


SAMPLE_SIZES = Sizes.of(("256Mi", "512Mi", "1Gi", "2Gi", "4Gi", "8Gi"), ("250m", "500m", "1", "2", "4"))
