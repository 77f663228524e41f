"""Records of tool executions: one for each call of the tasks that have ended."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analytics_assets.sample.draws import Odds
from analytics_assets.sample.effects import ToolDegrades
from analytics_assets.sample.run_plans import Call, RunPlan, TaskPlan
from analytics_assets.sample.runs import COST_SOURCES, split_tokens, token_prices
from analytics_assets.sample.world import Record, World

EFFORTS: Odds[str | None] = Odds(("LOW", 63.0), ("MEDIUM", 20.0), ("HIGH", 7.0), (None, 10.0))
"""How much of a person the calls needed; one in ten was not rated."""
USUAL_ERROR_SHARE = 0.7
"""Share of a tool's errors that are of its first type."""


def executions(world: World, plans: list[RunPlan]) -> Iterator[Record]:
    """Execution records, run by run."""
    for plan in plans:
        # Dice for each run: one that ends earlier has fewer calls and must not move those of the next.
        rng = world.rng("executions", str(plan.number))
        for task in plan.tasks:
            for call in task.calls:
                yield _record(world, plan, task, call, rng.random(4))


def _record(world: World, plan: RunPlan, task: TaskPlan, call: Call, draws: np.ndarray) -> Record:
    success_u, error_u, source_u, effort_u = draws
    tool = call.tool
    rate, degrades = tool.success_rate, world.effect(ToolDegrades)
    if degrades is not None:
        rate = degrades.success_rate(tool.name, call.started_at, rate)
    success = bool(success_u < rate)
    error = None if success else tool.errors[0 if error_u < USUAL_ERROR_SHARE else 1]
    source = COST_SOURCES.pick(source_u)
    tokens = split_tokens(call.tokens)
    cost = tool.fee_usd + sum(price * tokens[field] for field, price in token_prices(plan.model).items())
    return {
        "execution_id": f"{plan.run_id}-e{call.number:03d}",
        "task_id": task.task_id,
        "run_id": plan.run_id,
        "agent_id": plan.agent_id,
        "tool_name": tool.name,
        "started_at": call.started_at,
        "duration_seconds": call.duration_seconds,
        "success": success,
        "cost_usd": round(cost, 6) if source else None,
        "cost_source": source,
        "tokens_used": call.tokens,
        "human_effort_level": EFFORTS.pick(effort_u),
        "browser_used": tool.browser,
        "error_type": error,
        "error_message": f"{tool.name}: {error}" if error else None,
    }
