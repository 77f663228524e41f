"""Taking a decision back: the document gets the bytes it had, unless something else was changed in it since."""

from __future__ import annotations

import difflib
from datetime import datetime

from analytics_assets.feedback import journal
from analytics_assets.feedback.changes import Application, DecisionError, unified_diff
from analytics_assets.feedback.deciding import carry_out, when
from analytics_assets.feedback.journal import Entry, State
from analytics_assets.feedback.json_edit import JsonEditError, get_value, parse, set_value
from analytics_assets.feedback.spec_files import read
from analytics_assets.feedback.targets import LEARNED, keys
from analytics_assets.settings import Settings


def plan_undo(settings: Settings, suggestion_id: str) -> Application | Entry:
    """What taking the last decision back would change: a document, or, for a rejection, nothing but its status.

    The document gets back the bytes it had. What was learned since stays in ``_learned``: it is no part of the change.

    Raises:
        DecisionError: nothing was decided here, it was taken back before, or the document was changed since.
        SpecFileError: the document cannot be found or read.
    """
    decided = [entry for entry in journal.entries(settings, suggestion_id) if entry.state is State.DONE]
    if not decided:
        known = sorted({entry.suggestion_id for entry in journal.entries(settings)})
        close = difflib.get_close_matches(suggestion_id, known, n=3)
        raise DecisionError(
            f"Nothing was decided about '{suggestion_id}' with this data folder.",
            f"Did you mean {' or '.join(close)}?" if close else None,
        )
    last = decided[-1]
    if last.decision == "undone":
        raise DecisionError(f"{suggestion_id} was taken back at {when(last)}.", "There is nothing more to undo.")
    if last.change is None:
        return last
    before, after = journal.contents(settings, last)
    file = read(settings, last.change.name)
    if get_value(file.document, keys(last.change.target)) == last.change.value_before:
        # Somebody set it back by hand: only the decision is left to take back.
        return Application(suggestion_id, last.change.target, file, file.content, decided=last.decision_id)
    restored = _without_the_change(file.content, before, after)
    if restored is None:
        shown = settings.specs / file.name
        since = [entry.suggestion_id for entry in journal.entries(settings) if _is_later_change(entry, last)]
        hint = f"Undo {since[-1]} first. " if since else ""
        raise DecisionError(
            f"{shown} was changed after {suggestion_id} was applied at {when(last)}:\n"
            + unified_diff(after, file.content, f"specs/{file.name}").rstrip(),
            f"{hint}Undo would lose that. To undo by hand, set {last.change.target} to {last.change.value_before!r}.",
        )
    return Application(suggestion_id, last.change.target, file, restored, decided=last.decision_id)


def undo(
    settings: Settings,
    suggestion_id: str,
    planned: Application | Entry,
    *,
    by: str | None,
    notes: str | None,
    now: datetime,
) -> Entry:
    """Take the decision back as planned.

    Raises:
        BusyError: another command has been deciding for too long.
        DecisionError: somebody decided since it was planned.
        SpecFileError: the document cannot be written; it is as it was, and the decision stands.
    """
    application = planned if isinstance(planned, Application) else None
    change = application.change() if application else None
    entry = Entry(journal.new_id(), suggestion_id, "undone", now, by, notes, change=change)
    return carry_out(
        settings, entry, application, planned.decided if isinstance(planned, Application) else planned.decision_id
    )


def _without_the_change(content: bytes, before: bytes, after: bytes) -> bytes | None:
    """The bytes to restore; None where something other than what we learned was changed since."""
    if content == after:
        return before
    try:
        learned = parse(content)[1].get(LEARNED)
        if learned is None or set_value(after, (LEARNED,), learned) != content:
            return None
        return set_value(before, (LEARNED,), learned)
    except JsonEditError:
        return None


def _is_later_change(entry: Entry, than: Entry) -> bool:
    assert than.change is not None, "asked for a change only"
    is_same_file = entry.change is not None and entry.change.name == than.change.name
    return is_same_file and entry.decided_at > than.decided_at and entry.state is State.DONE
