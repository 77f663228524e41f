"""Where signals go and where they have jumped to: a trend of each, and the newest lasting change.

All signals are asked at once, so p-values are adjusted over all of them, those without a change counting as sure of
none. NumPy is imported on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.signals import is_worse
from analytics_assets.lib.significance import with_adjusted

if TYPE_CHECKING:
    from analytics_assets.lib.detectors import Trend
    from analytics_assets.lib.signals import Signal

DIRECTIONS = {"increasing": 1, "decreasing": -1}
ALGORITHM = "rank_cusum"


def trend_rows(signals: Sequence[Signal]) -> list[dict[str, Any]]:
    """One row per signal, also of one that nothing can be said of: its ``reason`` then says why.

    A direction is one that is left when all signals are asked at once; of other slopes the days are stable or volatile.
    """
    from analytics_assets.lib.detectors import trend

    lines = [trend(signal.series) for signal in signals]
    tested = with_adjusted([{"p_value": line.p_value} for line in lines], [line.p_value for line in lines])
    return [_trend(*given) for given in zip(signals, lines, tested, strict=True)]


def _trend(signal: Signal, line: Trend, tested: dict[str, Any]) -> dict[str, Any]:
    direction = line.direction_if(bool(tested["is_significant"]))
    relative = line.slope_per_day / abs(line.mean) if line.mean and line.slope_per_day is not None else None
    return {
        **signal.key,
        "trend_direction": direction,
        "slope_per_day": line.slope_per_day,
        "slope_low": line.low,
        "slope_high": line.high,
        "relative_slope": relative,
        **tested,
        "days": line.n_days,
        "mean": line.mean,
        "volatility": line.volatility,
        "is_worse": is_worse(DIRECTIONS.get(direction or "", 0), signal.series.worse),
        "reason": line.reason,
        **signal.ends,
    }


def shift_rows(signals: Sequence[Signal]) -> list[dict[str, Any]]:
    """One row per signal that has a lasting change, the surest first."""
    from analytics_assets.lib.detectors import level_shift

    shifts = [level_shift(signal.series) for signal in signals]
    rows = []
    tested = with_adjusted([{} for _ in signals], [1.0 if shift is None else shift.p_value for shift in shifts])
    for signal, shift, verdict in zip(signals, shifts, tested, strict=True):
        if shift is None:
            continue
        rows.append(
            {
                **signal.key,
                "changed_at": shift.changed_at,
                "before": shift.before,
                "after": shift.after,
                "ratio": shift.after / shift.before if shift.before else None,
                "difference": shift.after - shift.before,
                "n_before": shift.n_before,
                "n_after": shift.n_after,
                "p_value": shift.p_value,
                **verdict,
                "is_worse": is_worse((shift.after > shift.before) - (shift.after < shift.before), signal.series.worse),
                "algorithm": ALGORITHM,
                **signal.ends,
            }
        )
    return sorted(rows, key=lambda row: (row["p_adjusted"], row["signal"]))
