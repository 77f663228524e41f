"""Lists and maps as the text of a table's cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any


def json_text(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON with sorted keys; figures to six digits, times as ISO 8601. What is no number (NaN) or has no end is null.

    >>> json_text({"b": 1 / 3, "a": [None, datetime(2026, 3, 1)], "c": float("nan")})
    '{"a": [null, "2026-03-01T00:00:00"], "b": 0.333333, "c": null}'
    """
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if isfinite(value) else None
    return value.isoformat() if isinstance(value, datetime) else value
