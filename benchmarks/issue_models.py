"""Models of issues: how often a planted signal is published, how often noise is, and what 10,000 issues cost."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from analytics_assets.lib.critical_outlook import critical_outlook
from analytics_assets.lib.file_risks import judge_file_risks
from analytics_assets.lib.fix_times import fit_fix_times
from analytics_assets.lib.judged_models import Judged
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.root_causes import fit_root_causes
from analytics_assets.lib.weekly_forecasts import Week, forecast_week
from analytics_assets_tests.lib.planted import critical_issues, fixes, risky_files, traced
from benchmarks.results import Row

ISSUES = 250
WITH_CRITICAL = 500
"""Issues of which enough are critical to judge by."""
MANY = 10_000


def issue_models(options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Two rows per model, the riskiest files, the forecast of a random walk, and the time of many issues."""
    models: dict[str, Callable[[int, bool], Judged]] = {
        "fix time": lambda seed, is_noise: fit_fix_times(fixes(seed, ISSUES, is_noise=is_noise)).judged,
        "root cause": lambda seed, is_noise: fit_root_causes(traced(seed, ISSUES, is_noise=is_noise)).judged,
        "file risk": lambda seed, is_noise: (
            judge_file_risks(*risky_files(seed, is_noise=is_noise, issues=ISSUES)).judged
        ),
        "critical category": lambda seed, is_noise: (
            critical_outlook(*critical_issues(seed, WITH_CRITICAL, is_noise=is_noise)).judged
        ),
    }
    rows = []
    for name, fit in models.items():
        noise = [fit(seed, True) for seed in range(options.seeds)]
        signal = [fit(seed, False) for seed in range(max(1, options.seeds // 5))]
        rows.append(_published(f"{name}: noise that is published", noise, "about 5 % at most"))
        rows.append(_published(f"{name}: planted signal that is published", signal, "most"))
        if name == "file risk":
            rows += [_found(signal, figure) for figure in ("precision", "recall")]
    return [*rows, _walks(options.seeds), _many()]


def _published(what: str, judged: list[Judged], wanted: str) -> Row:
    published = sum(one.is_published for one in judged)
    interval = wilson_interval(published, len(judged))
    assert interval is not None
    return Row(what, f"{published} of {len(judged)} ({interval.low:.1%} to {interval.high:.1%})", wanted)


def _found(judged: list[Judged], figure: str) -> Row:
    known = [one.details for one in judged if one.details]
    own, naive = (np.mean([details[f"{prefix}{figure}_at_10"] for details in known]) for prefix in ("", "naive_"))
    return Row(f"file risk: {figure} of the ten riskiest", f"{own:.2f}", f"more than the naive {naive:.2f}")


def _walks(seeds: int) -> Row:
    others = 0
    for seed in range(seeds):
        health = 70 + np.cumsum(np.random.default_rng(seed).normal(0, 1.5, 40))
        others += forecast_week([Week(float(score), 0, 0) for score in health.clip(0, 100)]).method != "naive"
    return Row("health: random walks not forecast naively", f"{others} of {seeds}", "about 5 % at most")


def _many() -> Row:
    fixed, texts = fixes(0, MANY, is_noise=False), traced(0, MANY, is_noise=False)
    files = risky_files(0, is_noise=False, files=2_000, issues=MANY)
    critical = critical_issues(0, MANY, is_noise=False)
    started = time.perf_counter()
    fit_fix_times(fixed)
    fit_root_causes(texts)
    judge_file_risks(*files)
    critical_outlook(*critical)
    return Row(f"all four models on {MANY:,} issues", f"{time.perf_counter() - started:.1f} s", "under 30 s")
