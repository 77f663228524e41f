"""An anomaly in a sentence: what was measured, what is usual, and who says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.signals import in_unit

if TYPE_CHECKING:
    from analytics_assets.lib.signals import Signal

SEASON = "season"
"""Family of the detectors that know what is usual at an hour."""


def reason(signal: Signal, figures: Mapping[str, Any], family: str, families: Sequence[str]) -> str:
    """What was measured, what is usual, and who says so, in a sentence."""
    value = in_unit(figures["value"], signal.unit)
    if signal.series.is_rate and figures["samples"]:
        value = f"{value} ({round(figures['value'] * figures['samples'])} of {figures['samples']})"
    usual = _usual(figures, signal.unit)
    when = " at this hour" if family == SEASON else ""
    names = sorted(set(families))
    who = f"{', '.join(names[:-1])} and {names[-1]} agree" if len(names) > 1 else f"{names[0]} alone says so"
    return f"{signal.title} was {value} where {usual} is usual{when}; {who}"


def _usual(figures: Mapping[str, Any], unit: str | None) -> str:
    """What is expected with its band in brackets, as far as these are known."""
    lower, upper = (None if figures[end] is None else in_unit(figures[end], unit) for end in ("lower", "upper"))
    if lower is not None and upper is not None:
        band = f"{lower.removesuffix(upper.lstrip('-$0123456789.,'))} to {upper}"
    else:
        band = f"up to {upper}" if lower is None else f"at least {lower}"
    return band if figures["expected"] is None else f"{in_unit(figures['expected'], unit)} ({band})"
