"""What a suggestion may change in a spec document, and how its words and the document's values compare."""

from __future__ import annotations

from typing import Any

from analytics_assets.lib.sizes import cpu_mcores, memory_mb

LEARNED = "_learned"
"""The key of a document that is ours."""
TARGETS: dict[str, tuple[str, ...]] = {
    "model": ("model",),
    "resources.memory": ("resources", "memory"),
    "resources.cpu": ("resources", "cpu"),
}
_SIZES = {TARGETS["resources.memory"]: memory_mb, TARGETS["resources.cpu"]: cpu_mcores}


def keys(target: str) -> tuple[str, ...]:
    """The path of keys of a target.

    Raises:
        ValueError: it is none of those that may be changed.
    """
    if target not in TARGETS:
        raise ValueError(f"{target!r} is nothing that may be changed; these are: {', '.join(TARGETS)}")
    return TARGETS[target]


def stated(value: str) -> str:
    """The value in a suggestion's words.

    >>> stated("memory: 2Gi")
    '2Gi'
    """
    return value.partition(": ")[2]


def is_stated(path: tuple[str, ...], present: Any, value: str) -> bool:
    """Whether the document's value is this one, whatever the spelling of a size.

    >>> is_stated(("resources", "memory"), "2048Mi", "2Gi"), is_stated(("resources", "cpu"), 2, "2000m")
    (True, True)
    """
    size = _SIZES.get(path)
    if size is None or present is None or isinstance(present, bool):
        return bool(present == value)
    try:
        return size(str(present)) == size(value)
    except ValueError:
        return str(present) == value


def new_value(path: tuple[str, ...], suggested: str, present: Any) -> str | int:
    """What to write: a count of cores stays a number where the author has one.

    >>> new_value(("resources", "cpu"), "4", 2), new_value(("resources", "cpu"), "500m", 2)
    (4, '500m')
    """
    is_number = isinstance(present, int | float) and not isinstance(present, bool)
    return int(suggested) if path == TARGETS["resources.cpu"] and is_number and suggested.isdecimal() else suggested
