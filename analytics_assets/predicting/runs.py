"""One run as it was recorded: what was known when it started, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

FAILED = frozenset({"failed", "error", "timeout"})
SUCCEEDED = "success"
CATEGORIES = ("spec_id", "spec_type", "model", "agent_id", "project_id", "memory_limit", "cpu_limit")
"""What a run belongs to. A model learns from them as rates of their own, see ``encoding``."""

NOT_YET: Mapping[str, Any] = dict.fromkeys(
    (
        "status",
        "known_at",
        "is_failed",
        "error_type",
        "is_oom",
        "is_transient",
        "duration_seconds",
        "memory_peak_mb",
        "cpu_peak_mcores",
        "llm_cost_usd",
    )
)
"""What is not known of a run before it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run; what is not known is None.

    Args:
        memory_limit: Kubernetes quantity, as 4Gi; memory_limit_mb is the same in MB of 2^20 bytes.
        cpu_limit: Kubernetes quantity, as 500m; cpu_limit_mcores is the same in thousandths of a core.
        complexity: of the spec, in its author's own scale.
        started_at: when it began, naive UTC.
        known_at: when its outcome was known: its end, naive UTC. None: it is used as no history.
        is_failed: failed, error or timeout; None for what is running, was cancelled or was skipped.
    """

    run_id: str
    spec_id: str
    started_at: datetime
    spec_type: str | None = None
    spec_fingerprint: str | None = None
    spec_version: str | None = None
    model: str | None = None
    agent_id: str | None = None
    project_id: str | None = None
    memory_limit: str | None = None
    memory_limit_mb: float | None = None
    cpu_limit: str | None = None
    cpu_limit_mcores: float | None = None
    task_count: int | None = None
    complexity: float | None = None
    status: str | None = None
    known_at: datetime | None = None
    is_failed: bool | None = None
    error_type: str | None = None
    is_oom: bool | None = None
    is_transient: bool | None = None
    duration_seconds: float | None = None
    memory_peak_mb: float | None = None
    cpu_peak_mcores: float | None = None
    llm_cost_usd: float | None = None

    @property
    def place(self) -> tuple[datetime, str]:
        """Order of the runs: by start, and by name where two start at one moment."""
        return self.started_at, self.run_id

    @property
    def told_at(self) -> datetime | None:
        """When its outcome was known; one that is dated before its start was known at the start."""
        return None if self.known_at is None else max(self.known_at, self.started_at)

    def as_known_at(self, moment: datetime) -> Run:
        """What was recorded of it at a moment after its start: without its outcome, where that was not told by then."""
        if self.told_at is not None and self.told_at <= moment:
            return self
        return replace(self, **NOT_YET)


def outcome(status: str | None) -> bool | None:
    """Whether a run of this status failed; None where it has no outcome.

    >>> outcome("timeout"), outcome("success"), outcome("cancelled")
    (True, False, None)
    """
    return True if status in FAILED else False if status == SUCCEEDED else None


def at_least_zero(value: float | None) -> float:
    """A quantity that cannot be below 0; what is, or is no number, is not known (NaN).

    >>> at_least_zero(2), at_least_zero(-1), at_least_zero(None)
    (2.0, nan, nan)
    """
    return float(value) if value is not None and math.isfinite(value) and value >= 0 else math.nan
