"""After a kill: decisions that were begun are finished, or given up where the document was never changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from analytics_assets.feedback import journal
from analytics_assets.feedback.deciding import when
from analytics_assets.feedback.journal import Entry, State
from analytics_assets.feedback.json_edit import get_value
from analytics_assets.feedback.spec_files import SpecFileError, read
from analytics_assets.feedback.targets import keys
from analytics_assets.settings import Settings


def recover(settings: Settings) -> list[str]:
    """Settle every entry that was interrupted; returns a sentence for each.

    Raises:
        BusyError: another command has been deciding for too long.
        JournalError: an entry cannot be read.
    """
    if not _half_written(settings) and not _prepared(settings):
        return []
    # It may be the work of a process that is alive: with the turn it has ended, and the journal is read anew.
    with journal.turn(settings):
        for folder in _half_written(settings):
            # It was being written when its process ended: nothing had been done yet.
            shutil.rmtree(folder, ignore_errors=True)
        return [_settle(settings, entry) for entry in _prepared(settings)]


def _half_written(settings: Settings) -> list[Path]:
    return list(settings.journal.glob(".*.tmp"))


def _prepared(settings: Settings) -> list[Entry]:
    return [entry for entry in journal.entries(settings) if entry.state is State.PREPARED]


def _settle(settings: Settings, entry: Entry) -> str:
    what = f"{entry.suggestion_id} was being {entry.decision} at {when(entry)} and was interrupted"
    try:
        is_done = _is_in_the_document(settings, entry)
    except SpecFileError as problem:
        return f"{what}. Whether it was done cannot be seen: {problem}"
    if not is_done:
        journal.end(settings, entry, State.GIVEN_UP)
        return f"{what} before the document was changed. Nothing was decided."
    journal.announce(settings, entry)
    journal.end(settings, entry, State.DONE)
    return f"{what}. It is finished now."


def _is_in_the_document(settings: Settings, entry: Entry) -> bool:
    """Whether the value is the new one: other parts may have been changed since, by a person or by what is learned.

    A decision without a document was made by the person's word alone.
    """
    if entry.change is None:
        return True
    file = read(settings, entry.change.name)
    return bool(get_value(file.document, keys(entry.change.target)) == entry.change.value_after)
