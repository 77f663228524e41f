"""``analytics runs``, ``models``, ``resources`` and ``config``: which figures of a row are shown to people, and how."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Console

from analytics_assets.cli.printing import write_table
from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.cli.tables import table_of
from analytics_assets.reports.figures import (
    UNKNOWN,
    Column,
    Row,
    between,
    count,
    figure,
    interval,
    mcores,
    megabytes,
    moment,
    said,
    seconds,
    share,
    text,
    usd,
)

DAYS = {"d": 1, "w": 7}
MOST_DAYS = 100_000

RUNS = (
    figure("started (UTC)", "started_at", moment),
    text("run", "run_id"),
    text("spec", "spec_id"),
    text("model", "model"),
    text("status", "status"),
    text("reason", "failure_reason"),
    figure("took", "duration_seconds", seconds),
    figure("cost", "llm_cost_usd", usd),
    figure("peak", "memory_peak_mb", megabytes),
    text("limit", "memory_limit"),
)
_RATE = (figure("succeeded", "success_rate", share), interval("95 % interval", "success_rate"))
MODELS = (
    text("spec type", "spec_type"),
    text("model", "model"),
    figure("runs", "runs", count),
    *_RATE,
    figure("per success", "cost_per_success_usd", usd),
    figure("per run", "avg_cost_usd", usd),
    figure("median time", "p50_duration_seconds", seconds),
    figure("p95", "p95_duration_seconds", seconds),
    figure("specs", "specs", count),
)
MODEL_RATES = MODELS[:5]
TASKS = (
    text("task type", "task_type"),
    text("model", "model"),
    figure("attempts", "attempts", count),
    *_RATE,
    figure("retried", "retried_tasks", count),
    figure("per attempt", "avg_cost_usd", usd),
    figure("mean time", "avg_duration_seconds", seconds),
    text("most frequent error", "top_error_type"),
)
TASK_RATES = TASKS[:5]
_LIMITS = (text("spec", "spec_id"), text("memory", "memory_limit"), text("cpu", "cpu_limit"))
_KILLED = Column("killed (OOM)", lambda row: f"{row['oom_runs']:,} of {row['runs']:,}")
RESOURCES = (
    *_LIMITS,
    _KILLED,
    figure("memory p50", "memory_p50_mb", megabytes),
    figure("p95", "memory_p95_mb", megabytes),
    figure("p99", "memory_p99_mb", megabytes),
    figure("cut off", "memory_censored_runs", count),
    figure("cpu p50", "cpu_p50_mcores", mcores),
    figure("p95", "cpu_p95_mcores", mcores),
    figure("p99", "cpu_p99_mcores", mcores),
    figure("held up", "cpu_censored_runs", count),
)
RESOURCES_P95 = (
    *_LIMITS,
    _KILLED,
    figure("memory p95", "memory_p95_mb", megabytes),
    figure("of runs", "memory_measured_runs", count),
    figure("cpu p95", "cpu_p95_mcores", mcores),
    figure("of runs", "cpu_measured_runs", count),
)


def days_of(last: str) -> int:
    """How many days ``--last`` asks for.

    >>> days_of("30d"), days_of("4w"), days_of("7")
    (30, 28, 7)

    Raises:
        CommandError: it is no length of time.
    """
    found = re.fullmatch(r"(\d+)([dw]?)", last.strip().lower())
    days = int(found[1]) * DAYS[found[2] or "d"] if found and len(found[1]) < len(str(MOST_DAYS)) else 0
    if not days:
        raise CommandError(f"'{last}' is no length of time.", "Write days or weeks: 30d, 4w.", exit_code=MISUSED)
    return days


def show(rows: Sequence[Row], columns: Sequence[Column], nothing: str) -> None:
    """Print rows as a table, or say that there are none."""
    if rows:
        write_table(table_of(rows, columns))
    else:
        Console(soft_wrap=True, highlight=False).print(nothing, markup=False)


def show_config(config: Row, console: Console) -> None:
    """Print the next run of a spec: each value, where it comes from and why."""
    console.print(f"{said(config['spec_id'])}, the next run", style="bold", markup=False)
    document = config["document"]
    for name in ("model", "memory", "cpu"):
        found = config[name]
        asked = document[name]
        now = f" (its document: {said(asked)})" if asked is not None and asked != found["value"] else ""
        _line(console, name, f"{said(found['value'])}{now}", found)
    cost, duration, risk = config["expected_cost_usd"], config["expected_duration_seconds"], config["failure_risk"]
    _line(console, "cost", _spread(usd(cost["p50"]), usd(cost["p95"])), cost)
    _line(console, "duration", _spread(seconds(duration["p50"]), seconds(duration["p95"])), duration)
    known = f"{share(risk['share'])}, interval {between(risk['low'], risk['high'])}"
    _line(console, "failure", UNKNOWN if risk["share"] is None else known, risk)


def _spread(p50: str | None, p95: str | None) -> str:
    return UNKNOWN if p50 is None else f"{p50} in the middle, {p95} at the 95th percentile"


def _line(console: Console, name: str, value: str, found: Row) -> None:
    console.print(f"  {name:<9} {value}", markup=False)
    console.print(f"            from {_scope(found)}. {said(found['reason'])}", style="dim", markup=False)


def _scope(found: Row) -> str:
    """The scope as people say it."""
    words = {
        "fingerprint": "the runs of this version of the spec",
        "spec": "the runs of every version of the spec",
        "spec_type": f"specs of type {said(found['scope_id'])}",
        "project": f"project {said(found['scope_id'])}",
        "suggestion": f"suggestion {said(found['scope_id'])}",
    }
    return words.get(found["scope"], "nowhere")
