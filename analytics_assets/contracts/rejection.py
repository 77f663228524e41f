"""What is said of a record that breaks its contract."""

from __future__ import annotations

from typing import Any

_KINDS = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true/false",
    int: "a number",
    float: "a number",
}


class RejectedError(ValueError):
    """A record breaks its contract: which field, why, and what to do about it."""

    def __init__(self, field: str | None, reason: str, remedy: str) -> None:
        """Keep the three parts apart: they become columns of ``raw.quarantined_lines``."""
        super().__init__(f"{field}: {reason} ({remedy})" if field else f"{reason} ({remedy})")
        self.field = field
        self.reason = reason
        self.remedy = remedy


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    return "null" if value is None else _KINDS[type(value)]
