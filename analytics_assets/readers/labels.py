"""What labels say of an issue, for trackers that have no fields of their own for it.

| label | field |
|---|---|
| `P1`, `high`, `high priority`, `priority: high`, `priority/1`, `priority-high`, `prio: 1` | priority |
| `agents` (one of the four categories), `category: NAME`, `area: NAME`, `component/NAME` | category |
| `subcategory: oversized` | subcategory |
| `RCA-001`, `root cause: RCA-001`, `rca/RCA-001` | root_cause_id |
| any other | stays in `labels` |
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from analytics_assets.contracts.issues import CATEGORY
from analytics_assets.readers.foreign_values import PRIORITY_WORDS, priority_of
from analytics_assets.readers.reading import Found, NotUnderstoodError

_NAMED = {
    "priority": re.compile(r"(?:priority|prio) ?[:/=_-] ?(.+)", re.IGNORECASE),
    "category": re.compile(r"(?:category ?[:/=_-]|(?:area|component) ?[:/=]) ?(.+)", re.IGNORECASE),
    "subcategory": re.compile(r"subcategory ?[:/=_-] ?(.+)", re.IGNORECASE),
    "root_cause_id": re.compile(r"(?:root[ _-]?cause|rca) ?[:/=] ?(.+)", re.IGNORECASE),
}
_ALONE = {
    "priority": re.compile(rf"(p[0-3]|{'|'.join(PRIORITY_WORDS)})(?:[ -]priority)?", re.IGNORECASE),
    "category": re.compile(rf"({'|'.join(CATEGORY.values)})", re.IGNORECASE),
    "root_cause_id": re.compile(r"(RCA-\d+)", re.IGNORECASE),
}


def put_labels(found: Found, labels: Iterable[str]) -> None:
    """Set the fields that labels name and that are not set yet; all labels stay in ``labels`` too."""
    kept = [label for label in labels if label]
    said: dict[str, list[str]] = {}
    for label in kept:
        for name, value in _meaning(label.strip()):
            said.setdefault(name, []).append(value)
    for name, values in said.items():
        if name not in found.record:
            found.put(name, list(dict.fromkeys(values)), partial(_one, name))
    if kept:
        found.record["labels"] = kept


def _meaning(label: str) -> Iterable[tuple[str, str]]:
    for patterns in (_NAMED, _ALONE):
        for name, pattern in patterns.items():
            match = pattern.fullmatch(label)
            if match:
                return [(name, match[1].strip())]
    return []


def _one(name: str, words: list[str]) -> object:
    values = {priority_of(word) if name == "priority" else word for word in words}
    if len(values) > 1:
        raise NotUnderstoodError(f"its labels name several: {', '.join(words)}", "leave one of them")
    return values.pop()
