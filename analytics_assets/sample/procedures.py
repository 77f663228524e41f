"""Uses of procedures, and what agents say of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from analytics_assets.sample import cast
from analytics_assets.sample.draws import Odds, log_normal
from analytics_assets.sample.effects import FailingProcedure
from analytics_assets.sample.season import arrivals
from analytics_assets.sample.world import Record, World

CALLS_PER_DAY = 200.0
FEEDBACK_PER_DAY = 17.0
ABORTED_SHARE = 0.3
"""Share of the uses without success that the agent gave up itself."""
COMMENTS = (None, "worked as written", "step 2 could name the branch", "had to guess the order of the steps")
BEST_MARK = 5
PROCEDURES = Odds(*((procedure, procedure.weight) for procedure in cast.PROCEDURES))
TASK_TYPES = Odds.even(cast.TASK_TYPES)
ONE_MARK_SHARE = 0.2


def procedure_calls(world: World) -> Iterator[Record]:
    """One record for each use that has ended."""
    rng = world.rng("procedure_calls")
    failing = world.effect(FailingProcedure)
    for number, at in enumerate(arrivals(rng, world.window, CALLS_PER_DAY)):
        which_u, agent_u, type_u, success_u, kind_u = rng.random(5)
        procedure = PROCEDURES.pick(which_u)
        seconds = round(log_normal(procedure.seconds, 0.4, rng.standard_normal()), 3)
        rate = FailingProcedure.RATE_OTHERS
        if failing is not None:
            rate = failing.success_rate(procedure.id, rate)
        lost = "aborted" if kind_u < ABORTED_SHARE else "failure"
        if at + timedelta(seconds=seconds) > world.window.end:
            continue
        yield {
            "call_id": world.key("call", number),
            "satellite_id": procedure.satellite,
            "procedure_id": procedure.id,
            "agent_id": cast.AGENTS.pick(agent_u),
            "task_type": TASK_TYPES.pick(type_u),
            "started_at": at,
            "duration_seconds": seconds,
            "status": "success" if success_u < rate else lost,
        }


def procedure_feedback(world: World) -> Iterator[Record]:
    """One record for each piece of feedback; agents often leave out the mark for usefulness."""
    rng = world.rng("procedure_feedback")
    failing = world.effect(FailingProcedure)
    for number, at in enumerate(arrivals(rng, world.window, FEEDBACK_PER_DAY)):
        which_u, agent_u, clear_u, useful_u, one_u, comment_u = rng.random(6)
        procedure = PROCEDURES.pick(which_u)
        lost = FailingProcedure.CLARITY_LOST if failing is not None and procedure.id == failing.SUBJECT else 0
        yield {
            "feedback_id": world.key("feedback", number),
            "procedure_id": procedure.id,
            "agent_id": cast.AGENTS.pick(agent_u),
            "clarity": BEST_MARK - int(clear_u * 3) - lost,
            "usefulness": None if one_u < ONE_MARK_SHARE else BEST_MARK - int(useful_u * 3),
            "comment": COMMENTS[int(comment_u * len(COMMENTS))],
            "created_at": at,
        }
