"""Replaying history: at which days to look back, and which of the looks may be counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from analytics_assets.lib.calibrating import Outcome, Tally, opinion
from analytics_assets.thresholds import BACKTEST_HORIZON, BACKTEST_STEP

STEP = timedelta(days=BACKTEST_STEP.value)
HORIZON = timedelta(days=BACKTEST_HORIZON.value)


def cutoffs(first_run_at: datetime, as_of: datetime) -> list[datetime]:
    """Weekly moments from a week after the first run to a week before the last one; none of a shorter history.

    >>> [f"{day:%d}" for day in cutoffs(datetime(2026, 1, 1), datetime(2026, 1, 23))]
    ['08', '15']
    """
    found = []
    moment = first_run_at + STEP
    while moment <= as_of - STEP:
        found.append(moment)
        moment += STEP
    return found


def counted(made: Iterable[tuple[tuple[str, ...], datetime]]) -> list[bool]:
    """For each suggestion and cut-off, in the order of time, whether it counts.

    What stands for weeks is looked at each week, over windows that share most of their runs, and what is said of three
    specs of a type may be one claim about the type. It counts the first time, and again when the window of that time
    is over: no run proves the same thing twice.

    Args:
        made: under which names it is the same thing (its id, its claim), and the cut-off.
    """
    last: dict[str, datetime] = {}
    answers = []
    for names, cutoff_at in made:
        is_new = all(name not in last or cutoff_at >= last[name] + HORIZON for name in names)
        if is_new:
            last.update(dict.fromkeys(names, cutoff_at))
        answers.append(is_new)
    return answers


def rule_scores(rules: Mapping[str, str], backtests: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """One row per rule, also of those that never suggested anything.

    Args:
        rules: name of the rule -> type of what it suggests.
        backtests: rows with rule, is_counted, is_testable, confidence and held.
    """
    told = [row for row in backtests if row["is_counted"]]
    scores = []
    for rule, kind in rules.items():
        own = [row for row in told if row["rule"] == rule]
        tally = Tally.of(outcomes(own))
        scores.append(
            {
                "rule": rule,
                "type": kind,
                "suggested": len(own),
                "testable": tally.n,
                **tally.columns(),
                "opinion": opinion(tally),
            }
        )
    return scores


def outcomes(backtests: Iterable[Mapping[Any, Any]]) -> list[Outcome]:
    """What was stated and whether it held, of the rows that count and could be tested."""
    known = (row for row in backtests if row["is_counted"] and row["is_testable"])
    return [Outcome(float(row["confidence"]), bool(row["held"])) for row in known]
