"""Signals as the detectors take them: one series of hours each, with what it is a measurement of.

An hour without a sample has no point. NumPy is imported on first use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.words import figures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analytics_assets.lib.detectors.series import Series

METRIC = "metric"
"""Kind of the signals that systems report themselves; all others are counted from records."""
HOUR = timedelta(hours=1)
_TYPES = {"response_time": "response time", "error_rate": "error rate", "throughput": "throughput", "cost": "cost"}


@dataclass(frozen=True, eq=False)
class Signal:
    """One signal and its hours. ``as_of`` is the end of the window of its kind; None where that is not known."""

    series: Series
    component_kind: str
    component: str
    metric_type: str
    unit: str | None
    as_of: datetime | None
    is_stale: bool

    @property
    def name(self) -> str:
        """Its key, as ``tool/web_fetch/error_rate``."""
        return self.series.name

    @property
    def title(self) -> str:
        """Its name in a sentence."""
        return title_of(self.name, self.component_kind, self.component, self.metric_type)

    @property
    def key(self) -> dict[str, Any]:
        """The columns that say what a row is about."""
        return {
            "signal": self.name,
            "component_kind": self.component_kind,
            "component": self.component,
            "metric_type": self.metric_type,
            "unit": self.unit,
        }

    @property
    def ends(self) -> dict[str, Any]:
        """The columns that say where its window ends."""
        return {"as_of": self.as_of, "is_stale": self.is_stale}

    @property
    def hours(self) -> int:
        """Hours with a value."""
        return int(self.series.is_known.sum())


def title_of(signal: str, component_kind: str, component: str, metric_type: str) -> str:
    """A signal in a sentence.

    >>> title_of("tool/web_fetch/error_rate", "tool", "web_fetch", "error_rate")
    'error rate of tool web_fetch'
    >>> title_of("metric/api/requests{zone=a} [ms]", "metric", "api", "requests")
    'requests{zone=a} of api'
    """
    if component_kind != METRIC:
        return f"{_TYPES.get(metric_type, metric_type)} of {component_kind} {component}"
    own = signal.removeprefix(f"{METRIC}/{component}/")
    # A unit stands behind every value: in the name it only tells two signals apart.
    return f"{own.partition(' [')[0] or metric_type} of {component}"


def signals_of(named: Sequence[Mapping[str, Any]], points: Mapping[str, Any]) -> list[Signal]:
    """The signals in the given order, each with its points.

    Args:
        named: one row per signal: its key, ``is_rate``, ``worse``, ``as_of`` and ``is_stale``.
        points: columns ``place`` (of the signal in ``named``, from 0), ``hour``, ``value`` (NULL: not measured) and
            ``samples``, ordered by place and hour.
    """
    import numpy as np

    from analytics_assets.lib.detectors.series import Series

    places = np.asarray(points["place"])
    hours = np.asarray(points["hour"]).astype("datetime64[s]")
    values, samples = _numbers(points["value"]), _numbers(points["samples"])
    starts = np.searchsorted(places, np.arange(len(named) + 1))
    found = []
    for place, row in enumerate(named):
        own = slice(int(starts[place]), int(starts[place + 1]))
        series = Series(
            row["signal"],
            hours[own],
            values[own],
            samples[own],
            is_rate=bool(row["is_rate"]),
            worse=row["worse"],
        )
        found.append(
            Signal(
                series,
                component_kind=row["component_kind"],
                component=row["component"],
                metric_type=row["metric_type"],
                unit=row["unit"],
                as_of=row["as_of"],
                is_stale=bool(row["is_stale"]),
            )
        )
    return found


def _numbers(column: NDArray[Any]) -> NDArray[np.float64]:
    """A column as floats; the database masks NULL."""
    import numpy as np

    return np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)


def moment(time: np.datetime64) -> datetime:
    """A time of a series as the tables hold it: naive UTC.

    >>> import numpy as np
    >>> moment(np.datetime64("2026-03-04T10:00:00", "s"))
    datetime.datetime(2026, 3, 4, 10, 0)
    """
    found = time.astype("datetime64[s]").item()
    assert isinstance(found, datetime), f"{time} is no moment"
    return found


def is_worse(direction: int, worse: str | None) -> bool | None:
    """Whether a move up (1) or down (-1) is trouble; None where that is not known, or nothing moved.

    >>> is_worse(1, "up"), is_worse(-1, "up"), is_worse(1, None)
    (True, False, None)
    """
    if worse is None or not direction:
        return None
    return (direction > 0) == (worse == "up")


def in_unit(value: float, unit: str | None) -> str:
    """A value of a signal with its unit, to three figures.

    >>> in_unit(0.45, "share"), in_unit(0.0042, "share"), in_unit(251.44, "ms"), in_unit(3, None)
    ('45 %', '0.42 %', '251 ms', '3')
    >>> in_unit(45.4, "percent"), in_unit(0.0123, "USD"), in_unit(12345.6, "calls"), in_unit(1, "calls")
    ('45.4 %', '$0.0123', '12,346 calls', '1 call')
    """
    if unit in {"share", "ratio"}:
        return f"{_figures(100 * value)} %"
    if unit in {"percent", "%"}:
        return f"{_figures(value)} %"
    if unit == "USD":
        return f"-${_figures(-value)}" if value < 0 else f"${_figures(value)}"
    if not unit:
        return _figures(value)
    told = _figures(value)
    return f"{told} {unit.removesuffix('s') if told == '1' and len(unit) > len('ms') else unit}"


def _figures(value: float) -> str:
    return figures(value) if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three figures either way
