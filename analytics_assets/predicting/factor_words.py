"""What speaks for a failure, in words with the run's own numbers.

Several columns tell of one thing: the rate of a spec, its latest rate, its streak, its encoding. Together they are one
topic, told once.
"""

from __future__ import annotations

import math
from calendar import day_name
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from analytics_assets.lib.event_words import lasting
from analytics_assets.lib.words import figures, money, percent, plural
from analytics_assets.predicting.features import BY_NAME
from analytics_assets.predicting_thresholds import SMOOTHING

Values = Mapping[str, float]
"""Features of one run by name, and its encodings by theirs; NaN is not known."""


class Counted(NamedTuple):
    """A topic that tells how often something fails: its sentence, and the columns of its numbers.

    ``around`` is the column that ``rate`` is drawn to: from both and ``runs`` the failures come back as a whole number.
    """

    who: str
    of_what: str
    rate: str
    recent: str | None = None
    streak: str | None = None
    runs: str | None = None
    around: str | None = None


LOG_ODDS = "spec_and_model_log_odds"
COUNTED = {
    "spec": Counted("this spec", "", "spec_failure_rate", "recent_spec_failure_rate", "spec_failure_streak"),
    "model": Counted("this model", "", "model_failure_rate", "recent_model_failure_rate"),
    "model and spec": Counted(
        "this model",
        " of this spec",
        "model_spec_failure_rate",
        recent="recent_model_spec_failure_rate",
        runs="model_spec_runs",
        around=LOG_ODDS,
    ),
    "model and type of spec": Counted(
        "this model",
        " of this type of spec",
        "model_spec_type_failure_rate",
        runs="model_spec_type_runs",
        around="model_failure_rate",
    ),
}
TOPICS = {
    **{column: topic for topic, counted in COUNTED.items() for column in counted[2:6] if column is not None},
    LOG_ODDS: "model and spec",
    "spec_id": "spec",
    "hours_since_spec_failure": "spec",
    "spec_error_types": "errors",
    "spec_same_error_twice": "errors",
    "spec_transient_share": "errors",
    "model_x_spec_id": "model and spec",
    **dict.fromkeys(("spec_type", "spec_type_failure_rate"), "type of spec"),
    "model_x_spec_type": "model and type of spec",
    "failure_rate": "all runs",
    **dict.fromkeys(("agent_id", "agent_failure_rate"), "agent"),
    **dict.fromkeys(("project_id", "project_failure_rate"), "project"),
    **dict.fromkeys(("memory_limit", "memory_limit_mb", "spec_memory_used", "spec_oom_share"), "memory"),
    **dict.fromkeys(("cpu_limit", "cpu_limit_mcores", "spec_cpu_used"), "CPU"),
    **dict.fromkeys(("active_runs", "agent_active_runs", "runs_last_hour"), "workload"),
    **dict.fromkeys(("system_load", "tool_error_rate"), "machines and tools"),
    **dict.fromkeys(("hour_sin", "hour_cos", "hour_failure_rate"), "hour"),
    **dict.fromkeys(("weekday", "weekday_failure_rate"), "day of the week"),
    **dict.fromkeys(
        ("hours_since_spec_change", "runs_since_spec_change", "hours_since_model_seen", "hours_since_deployment"),
        "recent changes",
    ),
    "model": "model",
}
"""What each column tells of. A column without a topic is one of its own."""
NAMED = {
    "spec_type": "of type",
    "agent_id": "of the agent",
    "project_id": "of the project",
    "memory_limit": "with a memory limit of",
    "cpu_limit": "with a CPU limit of",
}
"""How a category is told of."""
IN_A_ROW = 3
"""Failures from which a streak is told: two in a row are no news."""
DAY, HOUR = 86_400, 3_600
RELATIVE = "times the usual"
WORDS_ONLY = ("0 or 1", "-1 to 1", "log-odds")
"""Units whose numbers tell a reader nothing."""


def topic_of(column: str) -> str:
    """What a feature or an encoding tells of."""
    return TOPICS.get(column, column)


def described(column: str, values: Values, usual: float | None, category: str | None, started_at: datetime) -> str:
    """Why this column speaks for a failure.

    Args:
        column: a feature, or an encoding.
        values: of the run.
        usual: median of the feature over the runs that were learnt from; None is not known.
        category: the run's own name in the encoding, where ``column`` is one of a single category.
        started_at: of the run, naive UTC.
    """
    topic = topic_of(column)
    if topic in COUNTED:
        return _counted(COUNTED[topic], values)
    if topic == "hour":
        return _rated(f"runs at {started_at:%H}:00 UTC", _known(values, "hour_failure_rate"), values)
    if topic == "day of the week":
        return _rated(f"runs on a {day_name[started_at.weekday()]}", _known(values, "weekday_failure_rate"), values)
    if topic == "memory" and _known(values, "spec_oom_share") > 0:
        killed, room = _share(_known(values, "spec_oom_share")), _known(values, "memory_limit_mb")
        limit = "" if math.isnan(room) else f", and this one may use {quantity(room, 'MB')}"
        return f"{killed} of the runs of this spec ran out of memory{limit}"
    if column in NAMED:
        if category is None:
            return f"nobody says its {column.removesuffix('_id').replace('_', ' ')}"
        return _rated(f"runs {NAMED[column]} {category}", _known(values, column), values)
    return _measured(column, _known(values, column), usual)


def _counted(counted: Counted, values: Values) -> str:
    """This model failed 7 of its 10 runs of this spec (70 %), of late 85 %; usual is 24 %."""
    rate, runs = _known(values, counted.rate), _known(values, counted.runs)
    recent, streak = _known(values, counted.recent), _known(values, counted.streak)
    if runs == 0:
        return f"{counted.who} has no known run{counted.of_what} yet: what is near to it fails in {_share(rate)}"
    failures = _failures(counted, values)
    if math.isnan(rate):
        told = f"how often {counted.who} fails is not known"
    elif failures is None:
        told = f"{counted.who} fails in {percent(rate)} of its runs{counted.of_what}"
    else:
        share = percent(failures / runs)
        told = f"{counted.who} failed {failures:,} of its {plural(int(runs), 'run')}{counted.of_what} ({share})"
    if not math.isnan(recent):
        told += f", of late {percent(recent)}"
    if streak >= IN_A_ROW:
        told += f", the last {streak:.0f} in a row"
    return f"{told}; {_all(values)}"


def _failures(counted: Counted, values: Values) -> int | None:
    """How many runs failed, out of the rate that was drawn to what is around it; None where that is not known."""
    runs, around = _known(values, counted.runs), _known(values, counted.around)
    if counted.around == LOG_ODDS:
        around = 1 / (1 + math.exp(-around))
    failures = _known(values, counted.rate) * (runs + SMOOTHING.value) - SMOOTHING.value * around
    return None if math.isnan(failures) else min(max(round(failures), 0), int(runs))


def _rated(which: str, rate: float, values: Values) -> str:
    """A rate; where it is not above the usual one, only together with the rest does it speak for a failure."""
    together = "" if rate > _known(values, "failure_rate") else ", which with the rest counts against the run"
    return f"{which} fail in {_share(rate)}; {_all(values)}{together}"


def _known(values: Values, column: str | None) -> float:
    """The value of a column; one that the model did not learn is not known."""
    return math.nan if column is None else values.get(column, math.nan)


def _all(values: Values) -> str:
    return f"usual is {_share(_known(values, 'failure_rate'))}"


def _share(share: float) -> str:
    return "an unknown share" if math.isnan(share) else percent(share)


def _measured(column: str, value: float, usual: float | None) -> str:
    """The words of the feature, with its value and the usual one."""
    feature = BY_NAME.get(column)
    if feature is None:
        return column.replace("_", " ")
    meaning = feature.meaning[0].lower() + feature.meaning[1:].removesuffix(".")
    if math.isnan(value):
        return f"{meaning}: not known"
    if value == usual:
        return f"{meaning}: {quantity(value, feature.unit)}, as usual"
    words = feature.rising if usual is None or value > usual else feature.falling
    if feature.unit in WORDS_ONLY:
        return words
    beside = "" if usual is None or feature.unit == RELATIVE else f"; usual is {quantity(usual, feature.unit)}"
    return f"{words} ({quantity(value, feature.unit)}{beside})"


def quantity(value: float, unit: str) -> str:
    """A value in its unit; logarithms as what they are of.

    >>> quantity(0.5, "share"), quantity(math.log(1 + 90), "log(1 + seconds)"), quantity(30, "hours")
    ('50 %', '90 s', '30.0 h')
    >>> quantity(math.log(1 + 250), "log(1 + US cents)"), quantity(3, "runs")
    ('$2.50', '3 runs')
    """
    if unit in ("share", "share of the limit"):
        return percent(value)
    if unit == "percent":
        return f"{figures(value)} %"
    if unit == "log(1 + seconds)":
        return _time(math.expm1(value))
    if unit == "hours":
        return _time(HOUR * value)
    if unit == "log(1 + US cents)":
        return money(math.expm1(value) / 100)
    if unit.startswith("log(1 + "):
        return figures(math.expm1(value), ".3g")
    if unit.startswith("log("):
        return f"{math.exp(value):.2g} times"
    return f"{figures(value, ',.3g' if value % 1 else ',.0f')} {unit}"


def _time(seconds: float) -> str:
    return lasting(seconds) if seconds < 2 * DAY else f"{figures(seconds / DAY)} days"
