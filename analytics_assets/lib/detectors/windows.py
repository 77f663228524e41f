"""What the last points look like, in figures; and when a model of them is learned anew.

The figures are those that feature extraction for time series begins with (M. Christ et al., "Time series feature
extraction on basis of scalable hypothesis tests", Neurocomputing 307 (2018), 72-77): mean, deviation, extremes, last
value, last step, sum of steps, slope. They are of deviations from what is usual, so a season is not in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from analytics_assets.detector_thresholds import (
    MODEL_DAYS,
    MODEL_GROWTH,
    MODEL_MIN_WINDOWS,
    WINDOW_POINTS,
)
from analytics_assets.lib.detectors.expectation import expectation
from analytics_assets.lib.detectors.tails import DAY, reference_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.lib.detectors.series import Numbers, Series


def compressed_deviations(series: Series) -> Numbers:
    """Deviations from what is usual; large ones as their logarithm, so that one does not hide the others."""
    return np.asarray(np.arcsinh(expectation(series).deviations(series)))


def window_features(values: Numbers) -> Numbers:
    """One row per point: eight figures of the window that ends with it; NaN where a value of it was not measured."""
    width = int(WINDOW_POINTS.value)
    features = np.full((len(values), 8), np.nan)
    if len(values) < width:
        return features
    windows = sliding_window_view(values, width)
    steps = np.diff(windows, axis=1)
    places = np.arange(width) - (width - 1) / 2
    features[width - 1 :] = np.column_stack(
        [
            windows.mean(axis=1),
            windows.std(axis=1),
            windows.min(axis=1),
            windows.max(axis=1),
            windows[:, -1],
            steps[:, -1],
            np.abs(steps).sum(axis=1),
            windows @ places / (places @ places),
        ]
    )
    return features


def learned_spans(series: Series, rows: Numbers, first: int) -> Iterator[tuple[Numbers, slice, NDArray[np.intp]]]:
    """What is learned from and what is judged by it: rows without NaN before a point, and the ones until the next.

    A model is learned anew as its past has grown by half, and from then on once a week, or in 96 points. The places
    depend on the number of points alone, so what comes later never changes what was judged.

    Yields:
        The rows to learn from (those of the trailing window), the span to judge, and places within it without NaN.
    """
    n, window = len(rows), reference_points(series)
    is_whole: NDArray[np.bool_] = np.asarray(np.isfinite(rows).all(axis=1))
    start = int(MODEL_MIN_WINDOWS.value)
    most = max(start, round(MODEL_DAYS.value * DAY / (series.step_seconds or DAY)))
    while start < n:
        stop = min(n, start + min(most, int(start * MODEL_GROWTH.value)))
        if stop > first:
            before = np.flatnonzero(is_whole[max(0, start - window) : start]) + max(0, start - window)
            span = slice(max(start, first), stop)
            if len(before) >= MODEL_MIN_WINDOWS.value / 2:
                yield rows[before], span, np.flatnonzero(is_whole[span]) + span.start
        start = stop
