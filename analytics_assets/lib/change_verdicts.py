"""Did a change work? Thirty days before it against up to thirty after it, and the word for what they show.

The baseline is mostly the days that the suggestion was made of, and a spec that did badly by chance does better by
itself. Of changes that do nothing to specs chosen in that way, 3 to 4 % are said to have worked, where 2.5 % would be
of specs chosen at random: the adjusted p-values leave room for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from analytics_assets.lib.effects import (
    RankTest,
    adjusted_p_values,
    needed_runs,
    newcombe_interval,
    proportions_p_value,
    rank_test,
)
from analytics_assets.lib.periods import Period
from analytics_assets.lib.rates import Interval
from analytics_assets.thresholds import (
    EXPECTED_EFFECT,
    OUTCOME,
    OUTCOME_MIN_DAYS,
    SIGNIFICANT,
    SIGNIFICANT_EARLY,
    TOLERATED_DROP,
    VOLUME_SHIFT,
)


class Metric(StrEnum):
    """What a change was made for."""

    SUCCESS_RATE = "success_rate"
    COST_USD = "cost_usd"
    """What models are paid for a run."""
    INFRASTRUCTURE_COST_EUR = "infrastructure_cost_eur"
    """What memory and CPU cost a run: a smaller size changes this and no model's price."""


class Word(StrEnum):
    """The verdicts."""

    WORKED = "worked"
    NO_EFFECT = "no effect"
    HARMED = "harmed"
    MEASURING = "measuring"


@dataclass(frozen=True)
class Change:
    """A change and what is known of it.

    Args:
        metric: what it was made for.
        baseline: before it.
        after: since it, until it was undone or thirty days had passed.
        is_over: whether nothing more is to come.
        needed_runs: on each side, to see what was expected with 80 % power; None where it could not be seen.
    """

    metric: Metric
    baseline: Period
    after: Period
    is_over: bool
    needed_runs: int | None

    @property
    def is_for_success(self) -> bool:
        """Whether it was made for fewer failures; otherwise for less money."""
        return self.metric is Metric.SUCCESS_RATE

    @property
    def difference(self) -> float | None:
        """Success rate after less before, shares of 0 to 1; None without runs on a side."""
        before, after = self.baseline.success_rate, self.after.success_rate
        return None if before is None or after is None else after - before

    @property
    def difference_interval(self) -> Interval | None:
        """The Newcombe interval of ``difference``."""
        return newcombe_interval(self.after.successes, self.after.runs, self.baseline.successes, self.baseline.runs)

    @property
    def volume_ratio(self) -> float | None:
        """Runs per day after, over those before; None without runs before, or less than a day after."""
        watched = (self.after.end - self.after.start).total_seconds() / 86_400
        if not self.baseline.runs or watched < OUTCOME_MIN_DAYS.value:
            return None
        return (self.after.runs / self.after.days) / (self.baseline.runs / self.baseline.days)

    @property
    def is_volume_shifted(self) -> bool | None:
        """Whether there are more than twice as many runs a day, or less than half; None where that is not known."""
        ratio = self.volume_ratio
        return None if ratio is None else not 1 / VOLUME_SHIFT.value <= ratio <= VOLUME_SHIFT.value

    @property
    def success_p_value(self) -> float | None:
        """Of the success rates."""
        before, after = self.baseline, self.after
        return proportions_p_value(after.successes, after.runs, before.successes, before.runs)

    def ranks(self, name: str) -> RankTest | None:
        """The values after against those before; a superiority above 0.5 says that they grew."""
        return rank_test(self.after.values[name], self.baseline.values[name])


@dataclass(frozen=True)
class Judged:
    """A verdict with its reason, and the p-values it rests on: of the metric, and of the success rate beside it."""

    word: Word
    reason: str
    p_value: float | None
    p_adjusted: float | None
    success_p_adjusted: float | None


def runs_needed(metric: Metric, before: float | None, expected: float | None) -> int | None:
    """Runs on each side that a verdict needs; None where nothing could be seen.

    For success: to see the expected improvement, or ten points where none was stated. For money: to see the success
    rate fall by ten points, since that is what a saving puts at risk.
    """
    if before is None:
        return None
    if metric is Metric.SUCCESS_RATE:
        return needed_runs(before, min(1.0, before + (expected or EXPECTED_EFFECT.value)))
    return needed_runs(before, max(0.0, before - TOLERATED_DROP.value))


def judge(changes: Iterable[Change]) -> list[Judged]:
    """The verdicts of changes that are judged together, in their order; their p-values are adjusted for each other."""
    every = list(changes)
    success = [change.success_p_value for change in every]
    costs = [None if change.is_for_success else change.ranks(change.metric) for change in every]
    own = [test.p_value if test else None for test in costs]
    adjusted = adjusted_p_values([*success, *own])
    verdicts = []
    for place, change in enumerate(every):
        success_adjusted, cost_adjusted = adjusted[place], adjusted[place + len(every)]
        p_value = success[place] if change.is_for_success else own[place]
        p_adjusted = success_adjusted if change.is_for_success else cost_adjusted
        word, reason = _verdict(change, costs[place], p_adjusted, success_adjusted)
        verdicts.append(Judged(word, reason, p_value, p_adjusted, success_adjusted))
    return verdicts


def _verdict(
    change: Change, cost: RankTest | None, p_adjusted: float | None, success_adjusted: float | None
) -> tuple[Word, str]:
    # While more is to come each refresh looks again, and who looks often finds chance: an early word needs more.
    limit = SIGNIFICANT.value if change.is_over else SIGNIFICANT_EARLY.value
    figures = _figures(change, p_adjusted)
    if _is_below(success_adjusted, limit) and (change.difference or 0) < 0:
        return Word.HARMED, f"{_success(change, success_adjusted)}{_shift(change)}"
    if _is_below(p_adjusted, limit) and cost is not None and _grew(cost):
        return Word.HARMED, f"{figures}{_shift(change)}"
    missing = _missing(change, cost)
    if missing is not None:
        return Word.MEASURING, f"{missing} {figures}".strip()
    # What is over and has its runs is judged at the usual limit.
    if not _is_below(p_adjusted, SIGNIFICANT.value):
        return Word.NO_EFFECT, f"{figures} That may be chance alone."
    return Word.WORKED, figures


def _missing(change: Change, cost: RankTest | None) -> str | None:
    """Why nothing can be said yet; None where there is enough."""
    before, after, needed = change.baseline, change.after, change.needed_runs
    if not before.runs:
        return "No run in the days before the change: there is nothing to compare with."
    watched = (after.end - after.start).total_seconds() / 86_400
    if not change.is_over:
        return f"Day {watched:.0f} of {OUTCOME.value:.0f}."
    if change.is_volume_shifted:
        return f"{_shift(change).strip()} That is other work than before."
    if needed is None:
        return (
            "Every run before the change succeeded: there was nothing to improve."
            if change.is_for_success
            else "Every run before the change failed: whether it costs successes cannot be seen."
        )
    if min(before.runs, after.runs) < needed:
        return f"It takes {needed:,} runs on each side to tell, and there are {before.runs:,} and {after.runs:,}."
    if not change.is_for_success and cost is None:
        return "What a run costs is not recorded on both sides."
    return None


def _figures(change: Change, p_adjusted: float | None) -> str:
    """What was measured of the metric; empty where nothing was."""
    if change.is_for_success:
        return _success(change, p_adjusted)
    before, after = change.baseline.median(change.metric), change.after.median(change.metric)
    if before is None or after is None:
        return _success(change, None)
    unit = "$" if change.metric is Metric.COST_USD else "EUR "
    shown = f"The median run costs {unit}{after:.3g}, before {unit}{before:.3g} ({_p(p_adjusted)})."
    return f"{shown} {_success(change, None)}".strip()


def _success(change: Change, p_adjusted: float | None) -> str:
    interval = change.difference_interval
    if interval is None:
        return ""
    before, after = change.baseline, change.after
    p_shown = f"; {_p(p_adjusted)}" if p_adjusted is not None else ""
    return (
        f"{after.successes:,} of {after.runs:,} runs succeed ({after.success_rate:.0%}), before "
        f"{before.successes:,} of {before.runs:,} ({before.success_rate:.0%}): {100 * (change.difference or 0):+.0f} "
        f"points, 95 % interval {100 * interval.low:+.0f} to {100 * interval.high:+.0f}{p_shown}."
    )


def _shift(change: Change) -> str:
    ratio = change.volume_ratio
    return f" There are {ratio:.1f} times as many runs a day." if change.is_volume_shifted and ratio else ""


def _p(p_adjusted: float | None) -> str:
    if p_adjusted is None:
        return "no test"
    return f"adjusted p {p_adjusted:.3f}" if p_adjusted >= SIGNIFICANT_EARLY.value else "adjusted p below 0.001"


def _is_below(p_value: float | None, limit: float) -> bool:
    return p_value is not None and p_value < limit


def _grew(cost: RankTest) -> bool:
    return cost.superiority > 0.5  # noqa: PLR2004 - an even chance
