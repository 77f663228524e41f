"""What a decision does to a spec document: its content before and after, as it is shown and as the journal has it."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from analytics_assets.feedback.journal import Change
from analytics_assets.feedback.json_edit import JsonEditError, get_value, parse, set_value
from analytics_assets.feedback.spec_files import FeedbackError, SpecFile, SpecFileError
from analytics_assets.feedback.targets import is_stated, keys, new_value, stated

Suggestion = Mapping[str, Any]
"""A row of ``suggestions.suggestions``, times as ISO 8601 texts."""


class DecisionError(FeedbackError):
    """A decision cannot be made as asked."""


@dataclass(frozen=True)
class Application:
    """A decision that changes a document: what it was read as, and what it becomes."""

    suggestion_id: str
    target: str
    file: SpecFile
    after: bytes
    baseline: dict[str, Any] | None = None
    decided: str | None = None
    """Key of the last decision about the suggestion when this was planned; None where there was none."""

    @property
    def before(self) -> bytes:
        """The document as it is."""
        return self.file.content

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        return unified_diff(self.before, self.after, f"specs/{self.file.name}")

    def change(self) -> Change:
        """As the journal has it."""
        path = keys(self.target)
        return Change(
            name=self.file.name,
            target=self.target,
            value_before=get_value(self.file.document, path),
            value_after=get_value(parse(self.after)[1], path),
            sha256_before=hashlib.sha256(self.before).hexdigest(),
            sha256_after=hashlib.sha256(self.after).hexdigest(),
        )


def changed(file: SpecFile, suggestions: Iterable[Suggestion], fingerprint: str | None, shown: str) -> bytes:
    """The document's content with these suggestions applied.

    Args:
        file: the document as it is.
        suggestions: at most one of each target.
        fingerprint: of the document when they were computed.
        shown: what messages call the document.

    Raises:
        DecisionError: it is no longer what the suggestions were computed for.
        SpecFileError: it cannot be changed.
    """
    content = edited(file, suggestions, shown)
    if file.fingerprint != fingerprint:
        raise DecisionError(
            f"{shown} was changed since the suggestions were computed.",
            "`analytics refresh` counts it as it is now; then look at the suggestions again.",
        )
    return content


def edited(file: SpecFile, suggestions: Iterable[Suggestion], shown: str) -> bytes:
    """As ``changed``, whatever else the document says: the values that the suggestions are about are compared alone.

    Raises:
        DecisionError: it has other values than the suggestions are about.
        SpecFileError: it cannot be changed.
    """
    content = file.content
    for suggestion in suggestions:
        path = keys(str(suggestion["target"]))
        present = get_value(file.document, path)
        current, suggested = stated(suggestion["current_value"]), stated(suggestion["suggested_value"])
        if is_stated(path, present, suggested):
            raise DecisionError(f"{shown} has {suggestion['suggested_value']} already.", "There is nothing to apply.")
        if present is not None and not is_stated(path, present, current):
            raise DecisionError(
                f"{shown} has {path[-1]}: {present}, and the suggestion is about {suggestion['current_value']}.",
                "Somebody changed it since: `analytics refresh`, and look at the suggestions again.",
            )
        try:
            content = set_value(content, path, new_value(path, suggested, present))
        except JsonEditError as error:
            raise SpecFileError(f"{shown} {error}.", "Mend the document; nothing was changed.") from error
    return content


def unified_diff(before: bytes, after: bytes, name: str) -> str:
    """The difference of two contents, three lines around it."""
    # Of what str.splitlines cuts at, a JSON text may hold some within its strings.
    old, new = (StringIO(content.decode("utf-8", "replace"), newline="\n").readlines() for content in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
