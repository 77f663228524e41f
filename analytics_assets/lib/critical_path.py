"""When could each step of a pipeline begin, and which steps does an execution wait for?

A schedule is the longest chain of steps that wait for each other: what a step needs is declared by its configuration,
or seen in an execution, where a step that ended before another began may be what it waited for. Gaps between steps are
no part of it. The method is the critical path of J. E. Kelley and M. R. Walker (1959): a step's slack is how much
longer it could take without an execution taking longer; one without slack is critical.

Nothing may run beside another step unless the needs are declared: that two steps ran one after the other does not say
whether they had to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics_assets.mining_thresholds import STEP_OVERLAP

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

HOW_TO_DECLARE = 'declare them in the configuration of its executions as "needs": {"step": ["step it waits for"]}'
NO_SLACK = 1e-6
"""Seconds: what rounding leaves of no slack."""
CYCLE_SHOWN = 10


@dataclass(frozen=True)
class Needs:
    """What each step waits for; ``earlier`` is None where nothing usable is declared, and ``notes`` say why."""

    earlier: Mapping[str, tuple[str, ...]] | None
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """``declared`` or ``none``."""
        return "none" if self.earlier is None else "declared"


@dataclass(frozen=True)
class Paths:
    """Schedules of executions (rows) with their steps (columns), in seconds.

    Args:
        starts: when each step begins if it waits for nothing but what it needs.
        slack: how much longer each could take without the execution taking longer.
        total: length of the longest chain, by execution.
    """

    starts: Numbers
    slack: Numbers
    total: Numbers


def declared_needs(configuration: str | None, steps: Sequence[str]) -> Needs:
    """The needs that a configuration declares for these steps; none where they are missing or go in a circle.

    A step that declares nothing, or needs one that nobody has seen, keeps its place: it waits for all before it.

    Args:
        configuration: JSON object, with ``needs`` = {step: [steps]}.
        steps: names in their order.

    >>> declared_needs('{"needs": {"b": ["a"], "c": "a"}}', ["a", "b", "c"]).earlier
    {'a': (), 'b': ('a',), 'c': ('a',)}
    """
    declared = _object(configuration).get("needs")
    if not isinstance(declared, dict) or not declared:
        return Needs(None, (f"it is not declared which step needs which; {HOW_TO_DECLARE}",))
    earlier: dict[str, tuple[str, ...]] = {}
    notes = [f"{name} has needs, but no execution has such a step" for name in sorted(set(declared) - set(steps))]
    for place, step in enumerate(steps):
        asked = declared.get(step)
        asked = [asked] if isinstance(asked, str) else asked
        if isinstance(asked, list) and all(isinstance(name, str) and name in steps for name in asked):
            earlier[step] = tuple(sorted(set(asked), key=steps.index))
            continue
        earlier[step] = tuple(steps[:place])
        if place:
            notes.append(f"{step} keeps its place: {_why(asked, steps)}")
    circle = _circle(earlier)
    if circle:
        return Needs(None, (f"the declared needs go in a circle: {' needs '.join(circle)}", *notes))
    return Needs(earlier, tuple(notes))


def in_order(steps: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The needs of steps that run one after the other.

    >>> in_order(["a", "b", "c"])
    {'a': (), 'b': ('a',), 'c': ('a', 'b')}
    """
    return {step: tuple(steps[:place]) for place, step in enumerate(steps)}


def simulated_paths(seconds: Numbers, steps: Sequence[str], earlier: Mapping[str, Sequence[str]]) -> Paths:
    """The schedules of executions in which each step begins as soon as what it needs has ended.

    Args:
        seconds: durations, executions by steps; NaN where a step did not run: then it takes no time.
        steps: names of the columns.
        earlier: what each waits for, without a circle.
    """
    import numpy as np

    order = _sorted(earlier)
    columns = [steps.index(step) for step in order]
    needed = np.array([[one in earlier[later] for later in order] for one in order], dtype=bool).reshape(len(order), -1)
    paths = _longest(np.nan_to_num(seconds[:, columns]), lambda one, later: needed[one, later])
    back = np.argsort(columns)
    return Paths(paths.starts[:, back], paths.slack[:, back], paths.total)


def observed_paths(starts: Numbers, ends: Numbers, seconds: Numbers | None = None) -> Paths:
    """The schedules of executions as they ran: a step waits for those that had ended when it began.

    Args:
        starts: when each step began, executions by steps, in seconds since any moment; NaN where it did not run.
        ends: when each ended. Where a step did not run its slack is NaN.
        seconds: durations in place of theirs, in the same order of steps.
    """
    import numpy as np

    order = np.argsort(np.where(np.isnan(starts), np.inf, starts), axis=1, kind="stable")
    begun, ended = np.take_along_axis(starts, order, 1), np.take_along_axis(ends, order, 1)
    taken = ended - begun if seconds is None else np.take_along_axis(seconds, order, 1)
    # A comparison with NaN is False: a step that did not run waits for nothing.
    paths = _longest(
        np.nan_to_num(np.maximum(0.0, taken)), lambda one, later: ended[:, one] <= begun[:, later] + STEP_OVERLAP.value
    )
    back = np.argsort(order, axis=1, kind="stable")
    slack = np.take_along_axis(paths.slack, back, 1)
    return Paths(np.take_along_axis(paths.starts, back, 1), np.where(np.isnan(ends), np.nan, slack), paths.total)


def _longest(seconds: Numbers, precedes: Callable[[int, int], Any]) -> Paths:
    """Longest chains; columns stand in an order in which nothing needs a later one."""
    import numpy as np

    count = seconds.shape[1]
    starts, tails = np.zeros_like(seconds), np.zeros_like(seconds)
    for later in range(count):
        for one in range(later):
            ends = np.where(precedes(one, later), starts[:, one] + seconds[:, one], 0.0)
            starts[:, later] = np.maximum(starts[:, later], ends)
    for one in reversed(range(count)):
        for later in range(one + 1, count):
            rest = np.where(precedes(one, later), seconds[:, later] + tails[:, later], 0.0)
            tails[:, one] = np.maximum(tails[:, one], rest)
    total = (starts + seconds).max(axis=1, initial=0.0)
    slack = np.maximum(0.0, total[:, None] - starts - seconds - tails)
    return Paths(starts, np.where(slack < NO_SLACK, 0.0, slack), total)


def _sorted(earlier: Mapping[str, Sequence[str]]) -> list[str]:
    """Steps so that each comes after what it needs; those in a circle, and what needs them, are left out."""
    placed: dict[str, None] = {}
    while True:
        ready = [step for step in earlier if step not in placed and all(name in placed for name in earlier[step])]
        if not ready:
            return list(placed)
        placed |= dict.fromkeys(ready)


def _circle(earlier: Mapping[str, Sequence[str]]) -> list[str]:
    """Steps that need each other in a circle, the first one again at the end; empty where there is none."""
    stuck = set(earlier) - set(_sorted(earlier))
    if not stuck:
        return []
    seen = [min(stuck)]
    while True:
        following = min(name for name in earlier[seen[-1]] if name in stuck)
        if following in seen:
            return [*seen[seen.index(following) :][: CYCLE_SHOWN - 1], following]
        seen.append(following)


def _why(asked: object, steps: Sequence[str]) -> str:
    """Why what is declared of a step cannot be used, in words."""
    if asked is None:
        return "nothing is declared of it"
    if not isinstance(asked, list) or not all(isinstance(name, str) for name in asked):
        return "its needs are no list of names"
    return f"no execution has {', '.join(name for name in asked if name not in steps)}, which it needs"


def _object(text: str | None) -> dict[str, Any]:
    """A JSON object; an empty one where it is none."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
