"""What a suggestion claims of runs, how the claim is counted, and how likely it is to be true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.posterior import probability_below, probability_lower, probability_of_a_difference
from analytics_assets.lib.stratified import Stratum, standardised
from analytics_assets.thresholds import MAY_BE_EXCEEDED, SUGGEST_TRIED_RUNS, UNTRIED_TRUST
from analytics_assets.warehouse.typed import quoted

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

RUNS = "staging.stg_judged_runs"
"""Where claims are counted: in the warehouse, and under the same name in the published snapshot."""
RUNS_END = "select as_of, is_stale from staging.stg_as_of where kind = 'runs' and as_of is not null"
"""Where the window of runs ends; no row before the first run."""


class Kind(StrEnum):
    """What is said of the shares of failures."""

    BETTER = "better"
    """The suggested side fails less often than the current one."""
    NOT_WORSE = "not_worse"
    """The suggested side fails at most ``bound`` more often."""
    ABOVE = "above"
    """The current side fails more often than ``bound``."""
    BELOW = "below"
    """The current side fails less often than ``bound``."""


@dataclass(frozen=True)
class Side:
    """Runs of one configuration, and those of them that count against it."""

    runs: int
    failures: int

    @property
    def rate(self) -> float | None:
        """Share of failures; None without runs."""
        return self.failures / self.runs if self.runs else None


@dataclass(frozen=True)
class Counts:
    """Both sides of a claim as they ran; a claim of one side has no ``suggested``.

    ``compared`` is what the two are compared by: themselves, or what is left of them with the same mix of strata.
    """

    current: Side
    suggested: Side | None
    compared: tuple[Side, Side] | None = None

    @property
    def data_points(self) -> int:
        """Runs of both sides."""
        return self.current.runs + (self.suggested.runs if self.suggested else 0)


@dataclass(frozen=True)
class Claim:
    """What must be true of runs for a suggestion to be right. Its parts are SQL conditions on ``RUNS``.

    Args:
        kind: how the shares of failures are compared.
        scope: what holds of the runs of both sides.
        failure: what counts against a run.
        current: which runs are of the current side.
        suggested: which are of the other one; None where only one side is judged.
        strata: columns; the two sides are compared within their values.
        bound: the limit of ABOVE and BELOW, the margin of NOT_WORSE: a share of runs.
    """

    kind: Kind
    scope: tuple[str, ...]
    failure: str
    current: str = "true"
    suggested: str | None = None
    bound: float | None = None
    strata: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.suggested is not None) != (self.kind in (Kind.BETTER, Kind.NOT_WORSE)):
            raise ValueError(f"{self.kind}: two sides are compared, or one with a bound")
        if (self.bound is None) != (self.kind is Kind.BETTER):
            raise ValueError(f"{self.kind}: a bound belongs to every kind but BETTER")

    def sql(self, start: datetime, end: datetime) -> str:
        """The statement that counts it: a row per side and stratum, over ``start`` < started_at <= ``end``."""
        strata = "".join(f", {column}" for column in self.strata)
        return (
            f"select case when {self.current} then 'current' else 'suggested' end as side,\n"
            f"    count(*) as runs, count(*) filter (where {self.failure}) as failures{strata}\n"
            f"from {RUNS}\nwhere {self._where(start, end)}\ngroup by side{strata} order by side{strata}"
        )

    def runs_sql(self, start: datetime, end: datetime) -> str:
        """The statement that names the runs behind it, newest first."""
        return f"select run_id, started_at from {RUNS} where {self._where(start, end)} order by started_at desc, run_id"

    def _where(self, start: datetime, end: datetime) -> str:
        sides = self.current if self.suggested is None else f"(({self.current}) or ({self.suggested}))"
        span = f"started_at > {literal(start)} and started_at <= {literal(end)}"
        return " and ".join((*self.scope, sides, span))


def literal(value: str | float | datetime) -> str:
    """A value as SQL writes it.

    >>> literal("it's"), literal(2048.0), literal(0.1)
    ("'it''s'", '2048', '0.1')
    """
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else repr(value)
    return f"timestamp '{value.isoformat(sep=' ')}'"


def same(column: str, value: str | float | None) -> str:
    """A condition: the column has this value, which may be NULL."""
    return f"{column} is null" if value is None else f"{column} = {literal(value)}"


def count_claim(con: DuckDBPyConnection, claim: Claim, start: datetime, end: datetime) -> Counts:
    """Count both sides over ``start`` < started_at <= ``end``."""
    return counts_of(claim, con.execute(claim.sql(start, end)).fetchall())


def counts_of(claim: Claim, rows: Iterable[tuple[Any, ...]]) -> Counts:
    """Both sides out of the rows of the claim's statement."""
    totals = {"current": Side(0, 0), "suggested": Side(0, 0)}
    strata: dict[tuple[Any, ...], dict[str, Side]] = {}
    for side, runs, failures, *stratum in rows:
        totals[side] = Side(totals[side].runs + runs, totals[side].failures + failures)
        strata.setdefault(tuple(stratum), {})[side] = Side(runs, failures)
    if claim.suggested is None:
        return Counts(totals["current"], None)
    if not claim.strata:
        return Counts(totals["current"], totals["suggested"], (totals["current"], totals["suggested"]))
    none = Side(0, 0)
    pairs = [(sides.get("current", none), sides.get("suggested", none)) for sides in strata.values()]
    return Counts(totals["current"], totals["suggested"], matched(pairs) or (none, none))


def matched(pairs: Iterable[tuple[Side, Side]]) -> tuple[Side, Side] | None:
    """What is left of two sides with the same mix of strata, a pair each; None where they share none."""
    one = standardised(Stratum(a.failures, a.runs, b.failures, b.runs) for a, b in pairs)
    return one and (Side(one.runs, one.failures), Side(one.other_runs, one.other_failures))


def probability(claim: Claim, counts: Counts) -> float:
    """P(the claim is true), given the counts."""
    if counts.compared is not None:
        current, other = counts.compared
        margin = claim.bound or 0.0
        return probability_lower(current.failures, current.runs, other.failures, other.runs, margin)
    assert claim.bound is not None, "a claim of one side has a bound"
    below = probability_below(counts.current.failures, counts.current.runs, claim.bound)
    return below if claim.kind is Kind.BELOW else 1.0 - below


def confidence(claim: Claim, counts: Counts, alternatives: int = 0) -> float:
    """The probability, or what stands for it where a side was chosen among several, or was never tried.

    Args:
        claim: what is claimed.
        counts: what was counted.
        alternatives: how many other sides were looked at before this one was chosen: the probability is multiplied by
            that of a difference at all. 0 where nothing was chosen and only one direction is possible, as with more
            memory against kills for want of it: then a side that was hardly tried is as good as the model says, that
            whoever is killed at one size needs a larger one.
    """
    stated = probability(claim, counts)
    if claim.kind is not Kind.BETTER or counts.compared is None:
        return stated
    current, other = counts.compared
    if alternatives:
        return stated * probability_of_a_difference(
            current.failures, current.runs, other.failures, other.runs, alternatives
        )
    if other.failures or other.runs >= SUGGEST_TRIED_RUNS.value:
        return stated
    is_no_accident = 1.0 - probability_below(current.failures, current.runs, MAY_BE_EXCEEDED.value)
    return max(stated, UNTRIED_TRUST.value * is_no_accident)
