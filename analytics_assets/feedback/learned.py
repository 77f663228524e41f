"""``_learned``: what a spec's document is told about its runs, and the evidence that it rests on."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics_assets.feedback.json_edit import parse, set_value
from analytics_assets.feedback.targets import LEARNED
from analytics_assets.lib.configuring import Advice, Scope, configure
from analytics_assets.lib.effects import newcombe_interval
from analytics_assets.lib.sizes import Sizes
from analytics_assets.thresholds import DOMINANT_ERROR_SHARE, SUGGEST_MIN_OOM_KILLS, SUGGEST_MIN_RUNS

Row = Mapping[str, Any]
Fields = dict[str, Any]
"""The content of ``_learned`` without its date: what is not known is None."""
SECONDS_PER_MINUTE = 60
# Sums of many threads differ in their last digits from run to run; a difference there is no news.
RATE_DIGITS, MINUTES_DIGITS, USD_DIGITS = 4, 2, 4


@dataclass(frozen=True)
class Profiles:
    """The rows that are learned from, all of one window.

    Args:
        specs: one per spec: the columns of ``profiles.spec_quality``, with the document's fingerprint, task_count and
            complexity.
        models: rows of ``profiles.cost_efficiency``.
        needs: rows of ``profiles.resource_needs``.
        failures: rows of ``profiles.failure_patterns``.
        runs: judged runs and failures per spec_type, task_count and complexity.
        advice: pending suggestions of another model, the most certain first.
    """

    specs: Sequence[Row]
    models: Sequence[Row]
    needs: Sequence[Row]
    failures: Sequence[Row]
    runs: Sequence[Row]
    advice: Sequence[Row] = ()


def learn(profiles: Profiles, sizes: Sizes) -> dict[str, Fields]:
    """What is known of each spec, by its id; model and sizes are those that ``analytics config`` gives."""
    models: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in profiles.models:
        models[row["scope"], row["scope_id"]].append(row)
    needs = {(row["scope"], row["scope_id"]): row for row in profiles.needs}
    advised = {row["spec_id"]: Advice.of(row) for row in reversed(profiles.advice)}
    learned = {}
    for spec in profiles.specs:
        scopes = [Scope(*key, models.get(key, ()), needs.get(key, {})) for key in _scopes(spec)]
        config = configure(scopes, sizes, advised.get(spec["spec_id"]))
        learned[str(spec["spec_id"])] = with_hash(
            {
                "runs_count": spec["runs_count"],
                "success_rate": _rounded(spec["success_rate"], RATE_DIGITS),
                "optimal_model": config.model.value,
                "recommended_resources": {"memory": config.memory.value, "cpu": _cores(config.cpu.value)},
                "avg_duration_minutes": _rounded(spec["avg_duration_seconds"], MINUTES_DIGITS, SECONDS_PER_MINUTE),
                "avg_cost_usd": _rounded(spec["avg_cost_usd"], USD_DIGITS),
                "common_failures": None if spec["common_failures"] is None else json.loads(spec["common_failures"]),
                "risk_factors": risk_factors(spec, profiles) if spec["runs_count"] else None,
            }
        )
    return learned


def with_hash(fields: Fields) -> Fields:
    """The fields and ``evidence_hash``, the SHA-256 of them."""
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {**fields, "evidence_hash": hashlib.sha256(text.encode()).hexdigest()}


def noted(content: bytes, fields: Fields, now: datetime) -> bytes:
    """The document with this in ``_learned``; as it is where it says so already, or where there is nothing to say.

    A document is written only for news: each write makes it a changed file, and a changed file asks for a refresh.

    Raises:
        JsonEditError: it cannot be changed.
    """
    _, document = parse(content)
    present = document.get(LEARNED)
    if present is None and not fields["runs_count"]:
        return content
    if isinstance(present, dict) and {name: present.get(name) for name in fields} == fields:
        return content
    return set_value(content, (LEARNED,), {"last_updated": now.strftime("%Y-%m-%dT%H:%M:%SZ"), **fields})


def risk_factors(spec: Row, profiles: Profiles) -> list[str]:
    """What makes a failure likely, each measured in the window.

    ``low_success_rate``: under 70 %. ``out_of_memory``: killed twice or more. ``high_complexity``, ``many_tasks``:
    specs of its type that have as much or more fail more often than those that have less (95 % Newcombe interval).
    ``mostly_X``: error X is half or more of the failures of specs of its type with as many tasks.
    """
    found = []
    if spec["needs_review"]:
        found.append("low_success_rate")
    if spec["oom_runs"] >= SUGGEST_MIN_OOM_KILLS.value:
        found.append("out_of_memory")
    peers = [row for row in profiles.runs if row["spec_type"] == spec["spec_type"]]
    for name, column in (("high_complexity", "complexity"), ("many_tasks", "task_count")):
        if spec[column] is not None and _fails_more(peers, column, spec[column]):
            found.append(name)
    return [*found, *(f"mostly_{error}" for error in _dominant_errors(spec, profiles.failures))]


def _dominant_errors(spec: Row, failures: Iterable[Row]) -> list[str]:
    """Frequent errors that are most of the failures of specs like it."""
    like = (spec["spec_type"], spec["task_count"])
    rows = [row for row in failures if (row["spec_type"], row["task_count"]) == like]
    total = sum(row["occurrences"] for row in rows)
    return sorted(
        row["error_type"]
        for row in rows
        if row["error_type"] is not None
        and row["is_frequent"]
        and row["occurrences"] >= DOMINANT_ERROR_SHARE.value * total
    )


def _fails_more(peers: Iterable[Row], column: str, value: float) -> bool:
    """Whether runs with at least so much fail more often than those with less, beyond chance."""
    above = below = failed_above = failed_below = 0
    for row in peers:
        if row[column] is None:
            continue
        if row[column] >= value:
            above, failed_above = above + row["runs"], failed_above + row["failures"]
        else:
            below, failed_below = below + row["runs"], failed_below + row["failures"]
    if min(above, below) < SUGGEST_MIN_RUNS.value:
        return False
    interval = newcombe_interval(failed_above, above, failed_below, below)
    return interval is not None and interval.low > 0


def _scopes(spec: Row) -> list[tuple[str, str]]:
    """The scopes that can stand for its next run, the narrowest first."""
    ids = {
        "fingerprint": spec["document_fingerprint"] or spec["spec_fingerprint"],
        "spec": spec["spec_id"],
        "spec_type": spec["spec_type"],
        "project": spec["project_id"],
    }
    return [(name, key) for name, key in ids.items() if key is not None]


def _rounded(value: float | None, digits: int, divisor: float = 1) -> float | None:
    return None if value is None else round(value / divisor, digits)


def _cores(cpu: str | None) -> str | int | None:
    """Whole cores as a number, as documents have them."""
    return int(cpu) if cpu is not None and cpu.isdecimal() else cpu
