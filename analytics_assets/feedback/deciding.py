"""Decisions on suggestions: applied to the spec's document, or rejected. On opportunities: begun, or rejected.

Each is planned first, which changes nothing and refuses what cannot be done; what is planned can be shown. Carried out,
it is in the journal first, then in the document, then in the inbox, then noted as done: a kill between any two steps
leaves a document that is whole, and ``recovery`` says from the journal which step came last. All of it is done in one
turn, and only if nobody has decided since it was planned.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from analytics_assets.feedback import journal
from analytics_assets.feedback.changes import Application, DecisionError, Suggestion, changed
from analytics_assets.feedback.journal import Entry, State
from analytics_assets.feedback.spec_files import SpecFileError, find, replace
from analytics_assets.settings import Settings

BASELINE = ("as_of", "data_points", "current_rate", "confidence", "level", "current_value", "suggested_value")
"""Columns of a suggestion that are frozen with the decision: what was known when it was made."""
STANDING = ("applied", "rejected")
"""Decisions that hold until they are taken back."""

OPPORTUNITY = "op-"
"""How the ids of ``suggestions.optimization_opportunities`` begin."""
BY_HAND = ("cp-", "pl-")
"""How the ids of capacities and of items of plans begin, which keep no decision."""
_AS_SUGGESTED = {"identified": "pending", "in_progress": "applied", "dismissed": "rejected", "completed": "resolved"}


def choose(suggestions: Iterable[Suggestion], suggestion_id: str) -> Suggestion:
    """The suggestion with this id.

    Raises:
        DecisionError: there is none, and the remedy names ids that are close; or it is one that is not decided on.
    """
    if suggestion_id.startswith(BY_HAND):
        raise DecisionError(
            f"No decision is kept of {suggestion_id}: what a plan or a capacity asks for is gone once it is done.",
            "Do it by hand, and the next records show it. `analytics recommendations --evidence RANK` tells more.",
        )
    by_id = {str(row["id"]): row for row in suggestions}
    if suggestion_id in by_id:
        return by_id[suggestion_id]
    close = difflib.get_close_matches(suggestion_id, by_id, n=3)
    listing = "recommendations --all --json" if suggestion_id.startswith(OPPORTUNITY) else "suggest"
    remedy = f"Did you mean {' or '.join(close)}?" if close else f"`analytics {listing}` lists them."
    raise DecisionError(f"There is no suggestion '{suggestion_id}'.", remedy)


def of_opportunity(row: Mapping[str, Any]) -> Suggestion:
    """An opportunity as decisions see it: its status in the words of suggestions."""
    return {**row, "status": _AS_SUGGESTED[row["status"]], "resolved_at": row["ended_at"]}


def plan_application(
    settings: Settings, suggestion: Suggestion, fingerprint: str | None, published: Collection[str] = ()
) -> Application:
    """What applying a suggestion would change.

    Args:
        settings: names the folders.
        suggestion: the row.
        fingerprint: of the spec's document when the suggestion was computed; None where no document was known.
        published: keys of the decisions that the suggestion's status already counts.

    Raises:
        DecisionError: it was decided before, is not pending, or has nothing to apply, or the document has changed.
        SpecFileError: the document cannot be found or read.
    """
    decided = _key(journal.last_decision(settings, str(suggestion["id"])))
    refuse_decided(settings, suggestion, published)
    target = suggestion["target"]
    if target is None:
        raise DecisionError(
            f"{suggestion['id']} names nothing that could be changed in the document: {suggestion['suggested_value']}.",
            "Do that by hand: the suggestion resolves itself once the runs show it. "
            f"To put it away: analytics reject {suggestion['id']} --reason TEXT",
        )
    file = find(settings, str(suggestion["spec_id"]))
    return Application(
        str(suggestion["id"]),
        str(target),
        file,
        changed(file, [suggestion], fingerprint, str(settings.specs / file.name)),
        {name: suggestion.get(name) for name in BASELINE},
        decided,
    )


def apply(settings: Settings, application: Application, *, by: str | None, notes: str | None, now: datetime) -> Entry:
    """Change the document, and tell the inbox; ``now`` is in UTC.

    Raises:
        BusyError: another command has been deciding for too long.
        DecisionError: somebody decided since it was planned.
        SpecFileError: the document cannot be written; it is as it was, and nothing is decided.
    """
    entry = Entry(
        journal.new_id(),
        application.suggestion_id,
        "applied",
        now,
        by,
        notes,
        baseline=application.baseline,
        change=application.change(),
    )
    return carry_out(settings, entry, application, application.decided)


def begin(
    settings: Settings,
    opportunity: Suggestion,
    *,
    by: str | None,
    notes: str | None,
    now: datetime,
    published: Collection[str] = (),
) -> Entry:
    """Note that something is being done about an opportunity; no document is changed.

    Raises:
        BusyError: another command has been deciding for too long.
        DecisionError: it was decided before, or is not open.
    """
    return _by_word(settings, opportunity, "applied", by, notes, now, published)


def reject(
    settings: Settings,
    suggestion: Suggestion,
    *,
    reason: str,
    by: str | None,
    now: datetime,
    published: Collection[str] = (),
) -> Entry:
    """Put a suggestion away; no document is changed.

    Raises:
        BusyError: another command has been deciding for too long.
        DecisionError: it was decided before, is not pending, or there is no reason.
    """
    if not reason.strip():
        raise DecisionError("A rejection needs a reason: it is what the next person will read.", "--reason TEXT")
    return _by_word(settings, suggestion, "rejected", by, reason.strip(), now, published)


def _by_word(
    settings: Settings,
    suggestion: Suggestion,
    decision: str,
    by: str | None,
    notes: str | None,
    now: datetime,
    published: Collection[str],
) -> Entry:
    """Carry out a decision that no document holds."""
    decided = _key(journal.last_decision(settings, str(suggestion["id"])))
    refuse_decided(settings, suggestion, published)
    baseline = {name: suggestion.get(name) for name in BASELINE}
    entry = Entry(journal.new_id(), str(suggestion["id"]), decision, now, by, notes, baseline=baseline)
    return carry_out(settings, entry, None, decided)


def refuse_decided(settings: Settings, suggestion: Suggestion, published: Collection[str]) -> None:
    """Refuse a second decision: the published status is older than what the journal has and the refresh has not seen.

    Raises:
        DecisionError: it was decided before, or is not pending.
    """
    last = journal.last_decision(settings, str(suggestion["id"]))
    is_unseen = last is not None and last.decision_id not in published
    if last is not None and is_unseen and last.decision in STANDING:
        raise DecisionError(
            _was_decided(last),
            f"To take that back: analytics undo {suggestion['id']}",
        )
    if suggestion["status"] == "pending" or (last is not None and is_unseen):
        return
    since = suggestion.get({"resolved": "resolved_at", "expired": "expires_at"}.get(suggestion["status"], "decided_at"))
    raise DecisionError(
        f"{suggestion['id']} is not pending: it is {str(suggestion['status']).replace('_', ' ')}"
        + (f" since {since}." if since else "."),
        _NEXT.get(str(suggestion["status"])),
    )


_NEXT = {
    "applied": "`analytics undo ID` takes it back.",
    "rejected": "`analytics undo ID` takes it back.",
    "not_enough_data": "It says what is missing: `analytics suggest --status not_enough_data`.",
    "resolved": "What it said is no longer true; it comes back by itself if it is again.",
    "expired": "Its evidence is too old; it comes back by itself when new runs say the same.",
}


def when(entry: Entry) -> str:
    """When it was decided, for people."""
    return f"{entry.decided_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _was_decided(last: Entry) -> str:
    by = f" by {last.decided_by}" if last.decided_by else ""
    return f"{last.suggestion_id} was {last.decision} at {when(last)}{by}."


def _key(decision: Entry | None) -> str | None:
    return None if decision is None else decision.decision_id


def carry_out(settings: Settings, entry: Entry, application: Application | None, decided: str | None) -> Entry:
    """Do what was decided, step by step; an entry that cannot change its document is given up.

    ``decided`` is the key of the last decision about the suggestion that the person knew of.

    Raises:
        BusyError: another command has been deciding for too long.
        DecisionError: there is a later decision.
        SpecFileError: the document cannot be written; it is as it was.
    """
    with journal.turn(settings):
        last = journal.last_decision(settings, entry.suggestion_id)
        if last is not None and last.decision_id != decided:
            raise DecisionError(f"{_was_decided(last)} That was a moment ago.", "Look at it, and ask again.")
        return _in_steps(settings, entry, application)


def _in_steps(settings: Settings, entry: Entry, application: Application | None) -> Entry:
    contents = (application.before, application.after) if application else None
    journal.prepare(settings, entry, contents)
    if application:
        try:
            replace(settings, application.file, application.after)
        except SpecFileError:
            journal.end(settings, entry, State.GIVEN_UP)
            raise
    journal.announce(settings, entry)
    return journal.end(settings, entry, State.DONE)
