"""How far suggestions can be believed: worlds whose truth is known, and samples in which there is nothing to find."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from analytics_assets.lib.rates import wilson_interval
from analytics_assets.suggesting.engine import propose
from analytics_assets_tests.suggesting.worlds import SAMPLE_SIZES, Stated, sample_history, stated_of_models
from benchmarks.results import Row

BINS = ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))


def calibration(options: argparse.Namespace, _folder: Path) -> list[Row]:
    """A row per bin of stated confidence, and one of the false discoveries in samples without effects."""
    rng = np.random.default_rng(1)
    stated = [claim for _ in range(options.worlds) for claim in stated_of_models(rng)]
    rows = [_bin(low, high, stated) for low, high in BINS]
    high = [claim for claim in stated if claim.level == "HIGH"]
    wrong = sum(not claim.holds for claim in high)
    return [
        *rows,
        Row("HIGH suggestions of a better model that are wrong", f"{wrong} of {len(high)}", "under 10 %"),
        _null(),
    ]


def _bin(low: float, high: float, stated: list[Stated]) -> Row:
    said = [claim for claim in stated if low <= claim.confidence < high or (high == 1 and claim.confidence == 1)]
    held = sum(claim.holds for claim in said)
    interval = wilson_interval(held, len(said))
    assert interval is not None, "every bin is filled"
    shown = f"{held} of {len(said)} hold: {held / len(said):.1%} ({interval.low:.1%} to {interval.high:.1%})"
    return Row(
        f"better models stated at {low:.0%} to {high:.0%}", shown, f"{low:.0%} to {high:.0%} within the interval"
    )


def _null() -> Row:
    high = 0
    for seed in range(20):
        history, end = sample_history(seed, "none")
        high += sum(suggestion.level == "HIGH" for suggestion in propose(history.con, end, SAMPLE_SIZES))
        history.con.close()
    return Row("HIGH suggestions in 20 samples without effects", str(high), "0")
