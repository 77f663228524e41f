"""Models of failing runs: on real runs, and on worlds whose true risk is known, with and without anything to learn.

Without the true risk a model can be fitted to one set of data by choosing. So the same code and the same numbers are
judged where the answer is known: what is published without a cause would be found here.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from pathlib import Path

import numpy as np

from analytics_assets.lib.rates import wilson_interval
from analytics_assets.predicting.baselines import BASELINES, TO_BEAT
from analytics_assets.predicting.examples import Examples, Run, examples
from analytics_assets.predicting.failure import FailureModel
from analytics_assets.predicting.judging import ENSEMBLE, FailureJudged, judge_failure
from analytics_assets.predicting.runs import outcome
from analytics_assets.predicting.scoring import Scores
from analytics_assets.predicting.splits import time_split
from analytics_assets_tests.predicting.run_worlds import sample_world, shuffled
from benchmarks.results import Row

METR = Path(__file__).parents[2] / "shared" / "data" / "metr-runs" / "runs.jsonl"
SEEDS = 10
NAMES = ("constant", "model_x_spec_type", "model_x_spec_type_as_of", "forest", "boosted", "sequence", ENSEMBLE)
"""In this order; ``sequence`` where PyTorch is installed and it votes."""


def failure_models(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """The table of real runs; worlds with effects, without, and with outcomes that nothing tells apart; the time."""
    real = _real() if METR.exists() else [Row("metr-runs", "not measured", f"{METR} is not there")]
    return [*real, *_worlds(has_effects=True), *_worlds(has_effects=False), _noise(), _seconds()]


def metr_runs() -> list[Run]:
    """The published runs of models on tasks."""
    records = [json.loads(line) for line in METR.read_text(encoding="utf-8").splitlines()]
    found = []
    for record in records:
        started_at, ended_at = (datetime.fromisoformat(record[name]) for name in ("started_at", "completed_at"))
        found.append(
            Run(
                run_id=record["run_id"],
                spec_id=record["spec_id"],
                spec_type=record["spec_type"],
                model=record["model"],
                complexity=record["complexity"],
                started_at=started_at.replace(tzinfo=None),
                known_at=ended_at.replace(tzinfo=None),
                status=record["status"],
                is_failed=outcome(record["status"]),
                duration_seconds=(ended_at - started_at).total_seconds(),
            )
        )
    return found


def _real() -> list[Row]:
    judged = judge_failure(examples(metr_runs()))
    assert judged.scores is not None
    assert judged.rolling is not None
    rows = []
    for name in filter(judged.scores.get, NAMES):
        wanted = "better than both baselines" if name == ENSEMBLE else "to compare with"
        rows.append(Row(f"metr-runs, last 30 % ({judged.test_n:,} runs): {name}", _told(judged.scores[name]), wanted))
    for name in filter(judged.rolling.get, NAMES):
        n = judged.rolling[name].n
        row = Row(f"metr-runs, {judged.folds} looks back ({n:,} runs): {name}", _told(judged.rolling[name]), "the same")
        rows.append(row)
    return [*rows, Row("metr-runs: published", "yes" if judged.is_published else "no", "yes")]


def _told(scores: Scores) -> str:
    figures = (("Brier", "brier"), ("AUC", "auc"), ("accuracy", "accuracy"), ("F1", "f1"), ("ECE", "calibration_error"))
    values = scores.figures()
    return ", ".join(f"{word} {values[name] or 0:.3f}" for word, name in figures)


def _worlds(*, has_effects: bool) -> list[Row]:
    """How near the model comes to the best that anybody could say, and how often it is published."""
    what = "sample with effects" if has_effects else "sample without effects"
    excess: dict[str, list[float]] = {name: [] for name in (ENSEMBLE, *TO_BEAT)}
    briers, oracles, published, rightly = [], [], 0, 0
    for seed in range(SEEDS):
        found, truth = sample_world(seed, has_effects=has_effects)
        judged = judge_failure(found)
        off = _excess(found, truth)
        for name, value in off.items():
            if name in excess:
                excess[name].append(value)
        is_better = off[ENSEMBLE] < min(off[name] for name in TO_BEAT)
        published += judged.is_published
        rightly += judged.is_published and is_better
        briers.append(_brier(judged))
        oracles.append(off["oracle"])
    means = {name: float(np.mean(values)) for name, values in excess.items()}
    return [
        Row(
            f"{what}: mean Brier score of {SEEDS} worlds",
            f"{np.mean(briers):.4f}; the true risk has {np.mean(oracles):.4f}",
            "near that of the true risk",
        ),
        Row(
            f"{what}: mean squared distance from the true risk",
            ", ".join(f"{name} {value:.4f}" for name, value in means.items()),
            "the model's is the least" if has_effects else "not far above the baselines'",
        ),
        Row(
            f"{what}: worlds in which the model is published",
            f"{published} of {SEEDS}, of these nearer to the true risk than both baselines: {rightly}",
            "most" if has_effects else "at most 1: specs differ by their type alone, which a baseline knows",
        ),
    ]


def _excess(found: Examples, truth: np.ndarray) -> dict[str, float]:
    """Mean squared distance from the true risk on the time split's test, by name; the Brier score of that risk."""
    split = time_split(found)
    assert not isinstance(split, str), split
    train, test, risk = found.take(split.train), found.take(split.test), truth[split.test]
    answers = {ENSEMBLE: FailureModel.fit(train).predict(test)}
    answers |= {name: BASELINES[name](train, test) for name in TO_BEAT}
    off = {name: float(np.mean((answer - risk) ** 2)) for name, answer in answers.items()}
    return off | {"oracle": float(np.mean((risk - test.is_failed) ** 2))}


def _brier(judged: FailureJudged) -> float:
    assert judged.scores is not None
    return judged.scores[ENSEMBLE].brier or 0.0


def _noise() -> Row:
    worlds = 3 * SEEDS
    published = 0
    for seed in range(worlds):
        found, _ = sample_world(seed, has_effects=False, days=10)
        published += judge_failure(shuffled(found, seed)).is_published
    interval = wilson_interval(published, worlds)
    assert interval is not None
    told = f"{published} of {worlds} ({interval.low:.1%} to {interval.high:.1%})"
    return Row("outcomes shuffled (10 days): worlds in which the model is published", told, "about 5 % at most")


def _seconds() -> Row:
    """Processor time on real data where there is some: the same figures on any number of cores."""
    found = sample_world(0, has_effects=True)[0]
    started = time.process_time()
    judge_failure(found)
    FailureModel.fit(found)
    spent = time.process_time() - started
    return Row(f"judging and fitting on {len(found):,} runs", f"{spent:.1f} s of processor time", "about 4 s")
