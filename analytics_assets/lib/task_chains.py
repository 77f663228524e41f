"""How long do open tasks wait for one another? The longest chains of ``blocks`` dependencies, and circles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from analytics_assets.mining_thresholds import CHAIN_MIN_TASKS, CHAINS_SHOWN


@dataclass(frozen=True)
class Chain:
    """Tasks in the order in which they can be done, and what is left to do in them.

    ``unknown`` of them have no estimate: they are not in ``minutes``, which is None where no task has one.
    """

    tasks: tuple[str, ...]
    minutes: float | None
    unknown: int


@dataclass(frozen=True)
class Chains:
    """The longest chains, one per task that ends one; and circles, in which each task waits for itself."""

    chains: tuple[Chain, ...]
    circles: tuple[tuple[str, ...], ...]


def blocked_chains(remaining: Mapping[str, float | None], blocked_by: Iterable[tuple[str, str]]) -> Chains:
    """The longest chains of open tasks, longest first; at most ten.

    Args:
        remaining: minutes left by open task; None where there is no estimate.
        blocked_by: pairs of a task and the one it waits for. What waits for a task that is done waits for nothing.
    """
    waits: dict[str, set[str]] = {task: set() for task in remaining}
    for task, other in blocked_by:
        if task in waits and other in waits:
            waits[task].add(other)
    circles = []
    while (circle := _circle(waits)) is not None:
        circles.append(circle)
        # A circle has no end: it is told, and its tasks are in no chain.
        for task in circle:
            del waits[task]
        for others in waits.values():
            others.difference_update(circle)
    longest: dict[str, Chain] = {}
    for task in TopologicalSorter({task: sorted(others) for task, others in sorted(waits.items())}).static_order():
        before = max((longest[other] for other in sorted(waits[task])), key=_rank, default=Chain((), None, 0))
        own = remaining[task]
        minutes = before.minutes if own is None else own + (before.minutes or 0.0)
        longest[task] = Chain((*before.tasks, task), minutes, before.unknown + (own is None))
    waited_for = {other for others in waits.values() for other in others}
    ends = [chain for task, chain in longest.items() if task not in waited_for]
    told = sorted(
        (chain for chain in ends if len(chain.tasks) >= CHAIN_MIN_TASKS.value),
        key=lambda chain: (*(-part for part in _rank(chain)), chain.tasks),
    )
    return Chains(tuple(told[: int(CHAINS_SHOWN.value)]), tuple(circles))


def _rank(chain: Chain) -> tuple[float, int]:
    return chain.minutes or 0.0, len(chain.tasks)


def _circle(waits: Mapping[str, set[str]]) -> tuple[str, ...] | None:
    """Tasks of one circle from the first of the alphabet on; None where there is none."""
    sorter = TopologicalSorter({task: sorted(others) for task, others in sorted(waits.items())})
    try:
        sorter.prepare()
    except CycleError as error:
        circle: list[str] = error.args[1][:-1]
        first = circle.index(min(circle))
        return tuple(circle[first:] + circle[:first])
    return None
