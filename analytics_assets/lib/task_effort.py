"""Do tasks take longer than estimated, and which are attempted more often than is usual?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.count_tails import as_many_or_more
from analytics_assets.lib.significance import with_adjusted
from analytics_assets.mining_thresholds import EFFORT_MIN_TASKS, EFFORT_OVERRUN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

ALL = "all tasks"
FIELDS = ("tags", "project_id", "assigned_to")
CONFIDENCE = 0.95


def effort_overruns(tasks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per group of tasks that take longer than estimated, that of all tasks first.

    A tag, project or assignee is a group where its tasks overrun, and more than the others do (Mann-Whitney, adjusted
    over all groups): where everything takes a sixth longer, no tag is told.

    Args:
        tasks: ``id``, ``ended_at``, ``estimated_effort_minutes``, ``actual_effort_minutes``, ``tags``, ``project_id``
            and ``assigned_to``. Without an estimate and a time above 0 a task is in no group.
    """
    import numpy as np

    known = [task for task in tasks if _is_known(task)]
    ratios = np.array([task["actual_effort_minutes"] / task["estimated_effort_minutes"] for task in known])
    groups: dict[tuple[str, str], list[int]] = {}
    for place, task in enumerate(known):
        for field in FIELDS:
            value = task[field]
            for one in set(value) if isinstance(value, list) else {value}:
                if one:
                    groups.setdefault((field, str(one)), []).append(place)
    rows = [_group(known, ratios, list(range(len(known))), "", ALL)] if len(known) >= EFFORT_MIN_TASKS.value else []
    if not rows:
        return []
    asked = [
        _group(known, ratios, places, *name)
        for name, places in sorted(groups.items())
        if EFFORT_MIN_TASKS.value <= len(places) <= len(known) - EFFORT_MIN_TASKS.value
    ]
    rows = with_adjusted(rows, [row["p_value"] for row in rows]) + with_adjusted(
        asked, [row["p_value"] for row in asked]
    )
    return [
        row for row in rows if row["is_significant"] and row["ratio_low"] > 1 and row["ratio"] >= EFFORT_OVERRUN.value
    ]


def usual_attempts_exceeded(attempts: Mapping[str, int]) -> list[dict[str, Any]]:
    """One row per task that was attempted more often than the spread of all tasks explains, most often first.

    Attempts beyond the first are held against the negative binomial distribution with the mean and variance of
    the other tasks (Poisson's where they vary no more than that); p-values are adjusted over all tasks.

    Args:
        attempts: number of attempts, 1 or more, by task.
    """
    import numpy as np

    more = np.array(list(attempts.values()), dtype=np.float64) - 1
    if len(more) < EFFORT_MIN_TASKS.value or not more.any():
        return []
    # Of the others: a task that is far out would hide behind the spread that it makes.
    n = len(more) - 1
    means = (more.sum() - more) / n
    variances = np.maximum((more @ more - more**2 - n * means**2) / (n - 1), 0.0)
    p_values = as_many_or_more(more, means, variances)
    rows: list[dict[str, Any]] = [
        {"task_id": task, "attempts": count, "usual": 1 + float(mean), "p_value": float(p)}
        for (task, count), mean, p in zip(attempts.items(), means, p_values, strict=True)
    ]
    told = [row for row in with_adjusted(rows, [row["p_value"] for row in rows]) if row["is_significant"]]
    return sorted(told, key=lambda row: (-row["attempts"], row["task_id"]))


def median_interval(values: Sequence[float] | Numbers) -> tuple[float, float]:
    """The interval of a median by order statistics, 95 % or more; the range where the values are too few.

    >>> median_interval(range(1, 18))
    (5.0, 13.0)
    """
    import numpy as np
    from scipy.stats import binom

    ordered = np.sort(np.asarray(values, dtype=np.float64))
    # The most values that may be cut off at each end: the median is outside with at most 2.5 % on that side.
    cut = max(0, int(binom.ppf((1 - CONFIDENCE) / 2, len(ordered), 0.5)) - 1)
    return float(ordered[cut]), float(ordered[-1 - cut])


def _group(
    known: Sequence[Mapping[str, Any]], ratios: Numbers, places: Sequence[int], field: str, value: str
) -> dict[str, Any]:
    import numpy as np
    from scipy.stats import binomtest

    from analytics_assets.lib.effects import rank_test

    own = ratios[places]
    others = np.delete(ratios, places)
    if field:
        test = rank_test(own.tolist(), others.tolist())
        assert test is not None, "both sides have ten tasks"
        p_value = test.p_value if test.superiority > 1 / 2 else 1.0
    else:
        decided = own[own != 1]
        p_value = float(binomtest(int((decided > 1).sum()), len(decided)).pvalue) if len(decided) else 1.0
    low, high = median_interval(own)
    newest = sorted(places, key=lambda place: known[place]["ended_at"], reverse=True)
    return {
        "field": field,
        "value": value,
        "tasks": len(places),
        "ratio": float(np.median(own)),
        "ratio_low": low,
        "ratio_high": high,
        "ratio_others": float(np.median(others)) if len(others) else None,
        "minutes_over": float(
            sum(known[p]["actual_effort_minutes"] - known[p]["estimated_effort_minutes"] for p in places)
        ),
        "p_value": p_value,
        "task_ids": [known[place]["id"] for place in newest],
        "last_observed_at": known[newest[0]]["ended_at"],
    }


def _is_known(task: Mapping[str, Any]) -> bool:
    """Whether both figures are there and above 0; NaN is not."""
    figures = (task["estimated_effort_minutes"], task["actual_effort_minutes"])
    return all(figure is not None and 0 < figure < float("inf") for figure in figures)
