"""Executions of a pipeline as they could have been: noise, and what is planted in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from analytics_assets.lib.bottlenecks import judged_rows, step_rows
from analytics_assets.lib.pipeline_steps import Pipeline, pipeline_of

START, END = datetime(2026, 2, 1), datetime(2026, 3, 1)
STEPS = {"checkout": 8.0, "install": 40.0, "lint": 25.0}
STEPS |= {"unit_tests": 120.0, "integration_tests": 200.0, "package": 30.0}
BESIDE = ("lint", "unit_tests", "integration_tests")
NEEDS = {"install": ["checkout"], **{step: ["install"] for step in BESIDE}, "package": list(BESIDE)}
NOT_RECORDED = ("memory_mb", "memory_limit_mb", "cores", "cpu_limit")


@dataclass(frozen=True)
class World:
    """One pipeline: 28 days, a commit a day or more, steps one after the other.

    Args:
        fails: how often an execution fails, at any step alike.
        slow: steps with the factor on their duration from ``since`` (share of the window) on.
        flaky: steps with how often they fail on their own.
        broken: steps with the share of commits on which they fail on every attempt.
        cached: steps with the factor on their duration that a cache hit makes.
        beside: steps that begin with the one before them.
        tried_again: each execution is a commit of its own, and one that fails is tried again on it.
        day_sigma: standard deviation of what all executions of a day share, in logarithms.
    """

    seed: int = 0
    steps: Mapping[str, float] = field(default_factory=lambda: STEPS)
    per_day: float = 18
    days: int = 28
    commits_per_day: int = 3
    fails: float = 0.1
    slow: Mapping[str, float] = field(default_factory=dict)
    since: float = 0.5
    flaky: Mapping[str, float] = field(default_factory=dict)
    broken: Mapping[str, float] = field(default_factory=dict)
    cached: Mapping[str, float] = field(default_factory=dict)
    beside: Sequence[str] = ()
    tried_again: bool = False
    day_sigma: float = 0.0
    queued: float = 10.0
    name: str = "ci"

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Executions, and their steps as ``pipeline_of`` takes them."""
        rng = np.random.default_rng(self.seed)
        n, k = rng.poisson(self.per_day * self.days), len(self.steps)
        at = np.sort(rng.random(n)) * self.days
        commits = np.floor(at * self.commits_per_day).astype(int)
        hits = rng.random((n, k)) < 0.6
        seconds = self._seconds(rng, at, hits)
        is_failing = self._failing(rng, commits, k)
        first = np.where(is_failing.any(axis=1), is_failing.argmax(axis=1), k)
        attempt: Any = np.ones(n)
        if self.tried_again:
            failed_before = np.concatenate([[False], first[:-1] < k]) if n else np.zeros(0, dtype=bool)
            commits = np.cumsum(~failed_before)
            attempt = np.arange(n) - np.searchsorted(commits, commits) + 1.0
        ran = np.arange(k)[None, :] <= first[:, None]
        begins = np.cumsum(np.where(ran, seconds, 0.0), axis=1) - np.where(ran, seconds, 0.0)
        for step in self.beside:
            place = list(self.steps).index(step)
            begins[:, place] = begins[:, place - 1]
        started = pd.Series(pd.Timestamp(START) + pd.to_timedelta(at, unit="D")).dt.floor("us")
        total = np.where(ran, begins + seconds, 0.0).max(axis=1, initial=0.0)
        executions = pd.DataFrame(
            {
                "id": [f"{self.name}-{number:05d}" for number in range(n)],
                "started_at": started,
                "completed_at": started + _timedelta(total),
                "status": np.where(first < k, "failed", "success"),
                "configuration_version": np.where(at >= 0.5 * self.days, "1.1.0", "1.0.0"),
                "head_sha": [f"{self.name} {commit:04d}" for commit in commits],
                "attempt": attempt,
                "queued_seconds": self.queued,
            }
        )
        return executions, self._steps(executions, begins, seconds, ran, first, hits)

    def _seconds(self, rng: np.random.Generator, at: Any, hits: Any) -> Any:
        seconds = np.array(list(self.steps.values())) * np.exp(0.2 * rng.standard_normal(hits.shape))
        shared = rng.standard_normal((self.days + 1, len(self.steps)))
        seconds *= np.exp(self.day_sigma * shared)[np.floor(at).astype(int)]
        for place, step in enumerate(self.steps):
            seconds[:, place] *= np.where(at >= self.since * self.days, self.slow.get(step, 1.0), 1.0)
            seconds[:, place] *= np.where(hits[:, place], self.cached.get(step, 1.0), 1.0)
        return seconds

    def _failing(self, rng: np.random.Generator, commits: Any, k: int) -> Any:
        n = len(commits)
        fail_at = np.where(rng.random(n) < self.fails, rng.integers(0, k, n), k)
        is_failing = np.arange(k)[None, :] == fail_at[:, None]
        for place, step in enumerate(self.steps):
            is_broken = rng.random(commits.max(initial=0) + 1) < self.broken.get(step, 0.0)
            is_failing[:, place] |= (rng.random(n) < self.flaky.get(step, 0.0)) | is_broken[commits]
        return is_failing

    def _steps(self, executions: pd.DataFrame, begins: Any, seconds: Any, ran: Any, first: Any, hits: Any) -> Any:
        n, k = begins.shape
        there, starts = ran.ravel(), executions["started_at"].repeat(k).reset_index(drop=True)
        failed = (np.arange(k)[None, :] == first[:, None]).ravel()
        begun = starts + _timedelta(begins.ravel())
        ended = begun + _timedelta(seconds.ravel())
        return pd.DataFrame(
            {
                "pipeline_id": executions["id"].to_numpy().repeat(k),
                "step_name": np.tile(np.array(list(self.steps), dtype=object), n),
                "step_order": np.tile(np.arange(k) + 1, n),
                "began_at": begun.where(there),
                "ended_at": ended.where(there),
                "seconds": (ended - begun).dt.total_seconds().where(there),
                "ran": there,
                "failures": failed.astype(int),
                "successes": (there & ~failed).astype(int),
                "cache_hit": pd.Series(hits.ravel().astype(float)).where(there),
                **dict.fromkeys(NOT_RECORDED, np.nan),
            }
        )

    def pipeline(self, needs: Mapping[str, Any] | None = None) -> Pipeline:
        """The pipeline, with these needs declared."""
        executions, steps = self.frames()
        configuration = None if needs is None else json.dumps({"needs": needs})
        return pipeline_of(self.name, executions, steps, configuration=configuration)

    def rows(self, needs: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
        """What is said of its steps, by their names."""
        return {row["step_name"]: row for row in judged_rows(step_rows(self.pipeline(needs)))}


def _timedelta(seconds: Any) -> Any:
    return pd.to_timedelta(np.round(seconds, 6), unit="s").round("us")
