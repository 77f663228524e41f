"""A pull request for a spec: what the pending suggestions would change in its document, and the data behind it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics_assets.feedback.changes import DecisionError, Suggestion, changed, unified_diff
from analytics_assets.feedback.spec_files import SpecFile
from analytics_assets.feedback.targets import stated
from analytics_assets.settings import Settings

LEVELS = ("HIGH", "MED")
"""Levels that are worth a colleague's time, the higher first."""
NEARLY_CERTAIN = 0.99
_SLUG_CHARACTERS = 60


@dataclass(frozen=True)
class Proposal:
    """A change of one document with its reasons; nothing is done by making one."""

    spec_id: str
    file: SpecFile
    suggestions: tuple[Suggestion, ...]
    after: bytes

    @property
    def branch(self) -> str:
        """The same suggestions make the same branch."""
        slug = re.sub(r"[^A-Za-z0-9]+", "-", self.spec_id).strip("-")[:_SLUG_CHARACTERS].strip("-") or "spec"
        digest = hashlib.sha256("\n".join(self.suggestion_ids).encode()).hexdigest()[:8]
        return f"analytics/{slug}-{digest}"

    @property
    def suggestion_ids(self) -> tuple[str, ...]:
        """Ids of the suggestions in it."""
        return tuple(str(suggestion["id"]) for suggestion in self.suggestions)

    @property
    def changes(self) -> str:
        """What changes, each from one value to another."""
        changes = ", ".join(f"{s['current_value']} -> {stated(s['suggested_value'])}" for s in self.suggestions)
        return " ".join(changes.split())

    @property
    def title(self) -> str:
        """One line: what changes in which spec."""
        return f"{' '.join(self.spec_id.split())}: {self.changes}"

    @property
    def diff(self) -> str:
        """The change of the document as it lies in the folder of the specs."""
        return unified_diff(self.file.content, self.after, f"specs/{self.file.name}")

    @property
    def message(self) -> str:
        """The commit's message."""
        reasons = "\n".join(f"{s['id']}: {s['reasoning']}" for s in self.suggestions)
        return f"{self.title}\n\n{reasons}\n"

    @property
    def body(self) -> str:
        """The text of the pull request, in Markdown."""
        parts = [f"Changes `{_code(self.file.name)}`: {_text(self.changes)}."]
        parts += [_section(suggestion) for suggestion in self.suggestions]
        parts.append(
            "## How to undo it\n\nRevert this commit. A suggestion resolves itself when the runs no longer say it: "
            "`analytics suggest` shows how they stand."
        )
        return "\n\n".join(parts) + "\n"


def applicable(suggestions: Iterable[Suggestion], spec_id: str) -> list[Suggestion]:
    """The pending suggestions of a spec that change its document: of each target the surest one."""
    fitting = [
        suggestion
        for suggestion in suggestions
        if suggestion["spec_id"] == spec_id
        and suggestion["status"] == "pending"
        and suggestion["target"] is not None
        and suggestion["level"] in LEVELS
    ]
    fitting.sort(key=lambda s: (LEVELS.index(s["level"]), -(s["confidence"] or 0.0), s["id"]))
    best: dict[str, Suggestion] = {}
    for suggestion in fitting:
        best.setdefault(suggestion["target"], suggestion)
    return list(best.values())


def propose(settings: Settings, file: SpecFile, suggestions: Sequence[Suggestion], fingerprint: str | None) -> Proposal:
    """The proposal of what ``applicable`` found.

    Raises:
        DecisionError: there is nothing to propose, or the document is no longer what the suggestions are about.
        SpecFileError: the document cannot be changed.
    """
    if not suggestions:
        raise DecisionError(
            f"Nothing is pending for '{file.spec_id}' that would change its document with enough confidence.",
            "`analytics suggest` lists what there is.",
        )
    shown = str(settings.specs / file.name)
    return Proposal(str(file.spec_id), file, tuple(suggestions), changed(file, suggestions, fingerprint, shown))


def _section(suggestion: Suggestion) -> str:
    return "\n\n".join(
        [
            f"## {_text(suggestion['current_value'])} -> {_text(stated(suggestion['suggested_value']))}",
            _text(suggestion["reasoning"]),
            _counts(suggestion),
            _certainty(suggestion),
            f"It would be wrong if: {_text(suggestion['falsified_by'])}",
            _evidence(suggestion),
        ]
    )


def _counts(suggestion: Suggestion) -> str:
    """What was counted on each side; a claim about one side has no other."""
    columns = ("value", "runs", "failures")
    sides = [[suggestion[f"{side}_{column}"] for column in columns] for side in ("current", "suggested")]
    rows = [
        f"| {_text(value)} | {runs} | {failures} ({failures / runs:.0%}) |" if runs else f"| {_text(value)} | 0 | |"
        for value, runs, failures in sides
        if runs is not None
    ]
    return "\n".join(["| | runs | of these counted against it |", "|---|---|---|", *rows])


def _certainty(suggestion: Suggestion) -> str:
    """How sure it is, and what is gained by it."""
    words = [f"{suggestion['level']}: {_sure(suggestion['confidence'])} sure"]
    words.append(f"from {suggestion['data_points']} runs ({suggestion['basis']}).")
    if suggestion["difference"] is not None:
        shares = (suggestion[name] for name in ("difference", "difference_low", "difference_high"))
        words.append("Difference of the shares: {:+.0%}, 95 % interval {:+.0%} to {:+.0%}.".format(*shares))
    fewer, saving = suggestion["expected_fewer_failures"], suggestion["expected_saving_usd"]
    gains = [] if fewer is None else [f"{fewer:.1f} failures fewer"]
    if saving is not None:
        gains.append(f"{abs(saving):.2f} US dollars {'saved' if saving >= 0 else 'more spent'}")
    words.append(f"Expected in 30 days: {', '.join(gains) or 'not known'}.")
    return " ".join(words)


def _evidence(suggestion: Suggestion) -> str:
    fence = "```"
    while fence in suggestion["evidence_sql"]:
        fence += "`"
    end = suggestion["as_of"]
    # The warehouse has a naive time of UTC, the published answer its text.
    as_of = f"{end.isoformat()}Z" if isinstance(end, datetime) else end
    return (
        f"Evidence of `{_code(suggestion['id'])}` (as of {as_of}), on the published tables:\n\n"
        f"{fence}sql\n{suggestion['evidence_sql']}\n{fence}"
    )


def _sure(confidence: float | None) -> str:
    """Never 100%: nothing that was counted is certain."""
    if confidence is None:
        return "not known how"
    return "over 99%" if confidence > NEARLY_CERTAIN else f"{confidence:.0%}"


def _text(value: object) -> str:
    """Text of the data within Markdown: it mentions nobody, links to nothing and starts no markup."""
    return re.sub(r"([\\`*_\[\]<>#@|~])", r"\\\1", " ".join(str(value).split()))


def _code(value: object) -> str:
    return str(value).replace("`", "'")
