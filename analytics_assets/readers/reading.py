"""What readers are given and what they give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from analytics_assets.contracts.issues import ISSUES

Record = dict[str, Any]
OWN_NAMES = ISSUES.names | {"source"}
"""What no foreign field may be called: ``source`` says where a record was found."""


class NotUnderstoodError(ValueError):
    """A value cannot be read without guessing: why, and what to write instead."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} ({remedy})")
        self.reason = reason
        self.remedy = remedy


class UnreadableFileError(ValueError):
    """A whole file is not what it should be; the message says why and what to do."""


@dataclass(frozen=True)
class Source:
    """A file that is read, and what is said about it from outside.

    ``modified_at`` is ISO 8601 in UTC. ``category`` and ``priority`` stand in for what a record does not have, ``zone``
    for the zone that a time does not name.
    """

    name: str
    modified_at: str
    category: str | None = None
    priority: int | None = None
    zone: tzinfo | None = None


@dataclass(frozen=True)
class Problem:
    """Why a record is not one yet: the field, the reason, the remedy."""

    field: str | None
    reason: str
    remedy: str


@dataclass
class Found:
    """One record where it was found: ``place`` is a line (``line 12``), an item from 1 on (``item 3``), or its id.

    ``hints`` say of a field that is missing where it may be.
    """

    place: str
    record: Record = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    hints: Mapping[str, str] = field(default_factory=dict)

    def put(self, name: str, given: Any, meaning: Callable[[Any], Any]) -> None:
        """Set a field to what the given value means; what is not understood stays as it is, with the problem.

        Nothing given, and a meaning of None, leave the field out: it is not known.
        """
        if given is None or given in ("", []):
            return
        try:
            value = meaning(given)
        except NotUnderstoodError as problem:
            self.problems.append(Problem(name, problem.reason, problem.remedy))
            value = given
        if value is not None:
            self.record[name] = value

    def keep(self, unknown: Record, prefix: str, own_names: AbstractSet[str] = OWN_NAMES) -> None:
        """Keep the fields that nothing maps; one that is called as a field of the contract gets the prefix."""
        for name, value in unknown.items():
            if value is None or value in ("", []):
                continue
            self.record[f"{prefix}_{name}" if name in own_names else name] = value


@dataclass(frozen=True)
class Reading:
    """The records of one kind in a file.

    ``notes`` are sentences on what was left alone and what stands in for what is missing.
    """

    found: list[Found]
    notes: list[str]
    kind: str = ISSUES.kind


def default_fields(found: list[Found], source: Source) -> list[str]:
    """Fill what is missing from what was said about the file, and say how often that was done."""
    notes = []
    for name, value in (("category", source.category), ("priority", source.priority)):
        without = [one for one in found if one.record.get(name) is None]
        if value is None or not without:
            continue
        for one in without:
            one.record[name] = value
        notes.append(f"{name}: {value} where none is given ({len(without)} of {len(found)} issues)")
    return notes


def refuse_copies(found: list[Found]) -> None:
    """Of issues with one id the first counts: which is true cannot be told, and two would look like a change."""
    first: dict[str, str] = {}
    for one in found:
        key = one.record.get("id")
        if key is None:
            continue
        seen = first.setdefault(str(key), one.place)
        if seen != one.place:
            one.problems.append(
                Problem(
                    "id", f"{key} stands at {seen} too, and that one counts", "keep one of them, or give another id"
                )
            )
