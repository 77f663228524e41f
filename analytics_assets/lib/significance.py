"""P-values of what is asked at once: adjusted, judged and told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics_assets.thresholds import SIGNIFICANT


def is_significant(p_adjusted: float | None) -> bool | None:
    """Whether chance alone seldom makes it; None where it could not be told."""
    return None if p_adjusted is None else p_adjusted < SIGNIFICANT.value


def with_adjusted(rows: list[dict[str, Any]], p_values: Sequence[float | None]) -> list[dict[str, Any]]:
    """The rows with ``p_adjusted`` and ``is_significant``, these p-values being what was compared at once."""
    from analytics_assets.lib.effects import adjusted_p_values

    adjusted = adjusted_p_values(p_values)
    return [row | {"p_adjusted": p, "is_significant": is_significant(p)} for row, p in zip(rows, adjusted, strict=True)]


def p_in_words(p_adjusted: float) -> str:
    """A p-value as it stands in a sentence, to two figures.

    >>> p_in_words(0.0004), p_in_words(0.0123), p_in_words(0.614)
    ('< 0.001', '= 0.012', '= 0.61')
    """
    if p_adjusted < 0.001:  # noqa: PLR2004 - what is below is told apart by nobody
        return "< 0.001"
    return f"= {p_adjusted:.3f}" if p_adjusted < 0.1 else f"= {p_adjusted:.2f}"  # noqa: PLR2004 - two figures
