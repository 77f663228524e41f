"""Claims about what is likely: a mistaken unit, clock or price, or a misspelt name, breaks them.

Some compare a record with something beside it; those go by computed columns, which ``COMPARISONS`` names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from analytics_assets.contracts import Field, Type
from analytics_assets.lib.claims import Claim, Expectation, between, claim, columns_of, in_set, not_below
from analytics_assets.thresholds import CLOCK_SKEW, PLAUSIBLE_COST_RATIO, PLAUSIBLE_DURATION

SECONDS_PER_UNIT = {"_seconds": 1.0, "_ms": 0.001, "_minutes": 60.0}
"""Endings of columns that hold durations, as CONTRACTS names them."""
COST_ENDINGS = ("_usd", "_eur")
SPANS = (("started_at", "completed_at"), ("first_seen", "end_of_fixed_date"), ("created_at", "updated_at"))
"""Begin and end of one thing, where a table has both."""
PARTS = (("tasks_completed", "tasks_total"), ("reasoning_tokens", "output_tokens"))
"""Part and whole."""


@dataclass(frozen=True)
class History:
    """What was known of tools before the batch; empty: nothing to compare with.

    ``average_cost_usd`` has the tools with enough priced executions for an average to mean something.
    """

    known_tools: frozenset[str] = frozenset()
    average_cost_usd: Mapping[str, float] = field(default_factory=dict)


COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "latest_possible_time": ("ingested_at",),
    "end_of_fixed_date": ("fixed_date",),
    "tool_is_new": ("tool_name",),
    "times_the_usual_cost": ("tool_name", "cost_usd"),
    "percentage": ("metric_unit", "metric_value"),
    "depends_on_itself": ("task_id", "depends_on_task_id"),
}
"""Columns that are computed for judging, and the columns they come from."""


def plausibility_claims(fields: tuple[Field, ...], key: tuple[str, ...]) -> Iterator[Claim]:
    """What is likely of records with these fields; a key may be compared too."""
    present = {*columns_of(fields, *Type), *key}
    yield from _about_durations_and_costs(fields)
    yield from _about_times(fields)
    yield from _about_tools(present)
    yield claim(
        "parts_within_wholes",
        "No part exceeds its whole: tasks completed of tasks, reasoning of output tokens.",
        [not_below(whole, part) for part, whole in PARTS if {part, whole} <= present],
        is_structure=False,
    )
    yield claim(
        "rates_between_0_and_1",
        "Rates are shares of 1; above it, they are percentages.",
        [between(column, low=0, high=1) for column in columns_of(fields, Type.REAL) if column.endswith("_rate")],
        is_structure=False,
    )
    yield claim(
        "percentages_between_0_and_100",
        "Samples in percent lie between 0 and 100; beyond it, they count cores or another unit.",
        _compared(present, "percentage", low=0, high=100, shows=("metric_name",)),
        is_structure=False,
    )
    yield claim(
        "statuses_known",
        "Every status is a word the project knows: another one counts neither as success nor as failure.",
        [
            in_set(one.column, one.choice.values)
            for one in fields
            if one.column == "status" and one.choice is not None and one.choice.open
        ],
        is_structure=False,
    )
    yield claim(
        "no_task_depends_on_itself",
        "No task waits for itself.",
        _compared(present, "depends_on_itself", high=0),
        is_structure=False,
    )


def _about_durations_and_costs(fields: tuple[Field, ...]) -> Iterator[Claim]:
    numbers = list(columns_of(fields, Type.REAL))
    units = {c: seconds for c in numbers for end, seconds in SECONDS_PER_UNIT.items() if c.endswith(end)}
    yield claim(
        "durations_not_negative",
        "No duration is below zero.",
        [between(column, low=0) for column in units],
        is_structure=False,
    )
    yield claim(
        "durations_plausible",
        "No call, wait or run takes longer than a day, and no effort in minutes more than a month.",
        [between(column, high=_longest(column) / seconds) for column, seconds in units.items()],
        is_structure=False,
        limit=PLAUSIBLE_DURATION,
    )
    yield claim(
        "costs_not_negative",
        "No cost is below zero.",
        [between(column, low=0) for column in numbers if column.endswith(COST_ENDINGS)],
        is_structure=False,
    )


def _longest(column: str) -> float:
    """Effort of people is counted in minutes and may well take days."""
    return PLAUSIBLE_DURATION.error if column.endswith("_minutes") else PLAUSIBLE_DURATION.warn


def _about_times(fields: tuple[Field, ...]) -> Iterator[Claim]:
    present = set(columns_of(fields, Type.TIME))
    yield claim(
        "ends_not_before_beginnings",
        "Nothing ends before it begins.",
        [
            not_below(end, begin, COMPARISONS.get(end, ()))
            for begin, end in SPANS
            if {begin, *COMPARISONS.get(end, (end,))} <= present
        ],
        is_structure=False,
    )
    yield claim(
        "times_not_in_the_future",
        "No time lies after the ingestion of its record.",
        [not_below("latest_possible_time", column, ("ingested_at",)) for column in columns_of(fields, Type.TIME)],
        is_structure=False,
        limit=CLOCK_SKEW,
    )


def _about_tools(present: Collection[str]) -> Iterator[Claim]:
    yield claim(
        "tools_known",
        "Every tool was seen before this batch: a new name is a new tool, or an old one misspelt.",
        _compared(present, "tool_is_new", high=0),
        is_structure=False,
    )
    yield claim(
        "costs_near_the_tools_average",
        "No execution costs many times what its tool did on average before this batch.",
        _compared(present, "times_the_usual_cost", high=PLAUSIBLE_COST_RATIO.value),
        is_structure=False,
        limit=PLAUSIBLE_COST_RATIO,
    )


def _compared(
    present: Collection[str], name: str, *, low: float | None = None, high: float, shows: tuple[str, ...] = ()
) -> Iterator[Expectation]:
    """The range of a comparison, where there is what it compares."""
    sources = COMPARISONS[name]
    if set(sources) <= set(present):
        yield between(name, low=low, high=high, shows=(*shows, *sources))
