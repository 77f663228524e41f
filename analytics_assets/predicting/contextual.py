"""What is run, with what, beside what, and by whom."""

from __future__ import annotations

import math

from analytics_assets.predicting.feature import Feature
from analytics_assets.predicting.history import History
from analytics_assets.predicting.runs import Run, at_least_zero
from analytics_assets.predicting.surroundings import Surroundings
from analytics_assets.predicting_thresholds import ACTIVE_AT_MOST, SMOOTHING


def _plain(name: str, meaning: str, unit: str, logic: str, rising: str, falling: str) -> Feature:
    return Feature(name, "contextual", meaning, unit, logic, rising, falling)


ACTIVE = f"runs that had started and not ended, none for longer than {ACTIVE_AT_MOST.value:g} hours"
DRAWN = f"(failures + {SMOOTHING.value:g} x failure_rate) / (runs + {SMOOTHING.value:g})"
CONTEXTUAL = (
    _plain(
        "complexity_log",
        "Complexity of the spec.",
        "log(1 + complexity)",
        "logarithm of 1 + the complexity told with the run",
        "the spec is complex",
        "the spec is simple",
    ),
    _plain("task_count", "Tasks of the spec.", "tasks", "as told with the run", "many tasks", "few tasks"),
    _plain(
        "memory_limit_mb",
        "Memory that the run may use.",
        "MB",
        "memory_limit in MB",
        "a large memory limit",
        "a small memory limit",
    ),
    _plain(
        "cpu_limit_mcores",
        "CPU that the run may use.",
        "thousandths of a core",
        "cpu_limit in thousandths of a core",
        "a large CPU limit",
        "a small CPU limit",
    ),
    _plain(
        "dependencies",
        "Tasks that must be done before this one.",
        "tasks",
        "dependencies of the task of this name, as ingested by the start; not known where it was not told yet",
        "it depends on many tasks",
        "it depends on few tasks",
    ),
    _plain("active_runs", "Runs at work at the start.", "runs", ACTIVE, "many runs at once", "few runs at once"),
    _plain(
        "agent_active_runs",
        "Runs of the same agent at work at the start.",
        "runs",
        f"{ACTIVE}, of the agent",
        "its agent does much at once",
        "its agent does little else",
    ),
    _plain(
        "system_load",
        "Use of the CPU in the hour before.",
        "percent",
        "mean of the components in the last hour that was over",
        "the machines were busy",
        "the machines were idle",
    ),
    _plain(
        "tool_error_rate",
        "Share of tool executions that failed in the hour before.",
        "share",
        "failures / executions that ended in the last hour that was over",
        "tools were failing",
        "tools were working",
    ),
    _plain(
        "agent_failure_rate",
        "Share of the agent's known runs that failed.",
        "share",
        DRAWN,
        "its agent often fails",
        "its agent rarely fails",
    ),
    _plain(
        "project_failure_rate",
        "Share of the project's known runs that failed.",
        "share",
        DRAWN,
        "runs of its project often fail",
        "runs of its project rarely fail",
    ),
)


def contextual(past: History, run: Run, around: Surroundings, failure_rate: float) -> dict[str, float]:
    """The contextual features of a run; NaN is not known."""
    agent = past.told("agent", run.agent_id)
    project = past.told("project", run.project_id)
    return {
        "complexity_log": math.log1p(at_least_zero(run.complexity)),
        "task_count": at_least_zero(run.task_count),
        "memory_limit_mb": at_least_zero(run.memory_limit_mb),
        "cpu_limit_mcores": at_least_zero(run.cpu_limit_mcores),
        "dependencies": around.dependencies_of(run.spec_id, run.started_at),
        "active_runs": past.active.get(("all", ""), 0),
        "agent_active_runs": math.nan if run.agent_id is None else past.active.get(("agent", run.agent_id), 0),
        "system_load": around.system_load(run.started_at),
        "tool_error_rate": around.tool_error_rate(run.started_at),
        "agent_failure_rate": agent.rate(failure_rate, SMOOTHING.value),
        "project_failure_rate": project.rate(failure_rate, SMOOTHING.value),
    }
