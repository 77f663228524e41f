"""``analytics apply``, ``reject`` and ``undo``: what is decided about a suggestion, shown first and done on request."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from analytics_assets.cli.problems import CommandError
from analytics_assets.feedback.spec_files import FeedbackError
from analytics_assets.reports.figures import certainty, plain
from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from analytics_assets.feedback.changes import Suggestion
    from analytics_assets.queries.snapshot import Snapshot

NEXT = "next: `analytics refresh` counts it, or nothing where `analytics up` runs"
ALERT = "al-"
"""How the ids of alerts begin."""
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def apply(settings: Settings, console: Console, suggestion_id: str, *, yes: bool, notes: str | None = None) -> None:
    """Show what a suggestion changes in the spec's document; with ``yes`` do it.

    Raises:
        CommandError: it cannot be applied; nothing was changed.
    """
    from analytics_assets.feedback import deciding
    from analytics_assets.queries.decisions import get_decision_ids, get_fingerprint
    from analytics_assets.queries.snapshot import open_snapshot

    with in_plain_words():
        finish_interrupted(settings, console)
        with open_snapshot(settings) as snapshot:
            suggestion = chosen(suggestion_id, snapshot)
            published = get_decision_ids(suggestion_id, snapshot)
            if suggestion_id.startswith(deciding.OPPORTUNITY):
                _begin(settings, console, suggestion, published, yes=yes, notes=notes)
                return
            fingerprint = get_fingerprint(suggestion["spec_id"], snapshot)
        planned = deciding.plan_application(settings, suggestion, fingerprint, published)
        console.print(heading(suggestion), markup=False)
        show_diff(console, planned.diff)
        if not yes:
            console.print(f"Nothing was changed. To do it: analytics apply {suggestion_id} --yes", markup=False)
            return
        deciding.apply(settings, planned, by=me(), notes=notes, now=datetime.now(UTC))
    console.print(f"applied: {settings.specs / planned.file.name} is changed", markup=False)
    console.print(f"to take it back: analytics undo {suggestion_id} --yes", style="dim", markup=False)
    console.print(NEXT, style="dim")


def _begin(
    settings: Settings,
    console: Console,
    opportunity: Suggestion,
    published: frozenset[str],
    *,
    yes: bool,
    notes: str | None,
) -> None:
    """Show an opportunity; with ``yes`` note that it is in progress."""
    from analytics_assets.feedback import deciding

    console.print(heading(opportunity), markup=False)
    if not yes:
        deciding.refuse_decided(settings, opportunity, published)
        asked = f"analytics apply {opportunity['id']} --yes"
        console.print(f"No document holds it. To note that it is being done: {asked}", markup=False)
        return
    deciding.begin(settings, opportunity, by=me(), notes=notes, now=datetime.now(UTC), published=published)
    console.print(f"in progress: {opportunity['id']}; it is completed when the records show it", markup=False)
    console.print(f"to take it back: analytics undo {opportunity['id']} --yes", style="dim", markup=False)
    console.print(NEXT, style="dim")


def reject(settings: Settings, console: Console, suggestion_id: str, *, reason: str) -> None:
    """Put a suggestion away for a reason.

    Raises:
        CommandError: it cannot be rejected.
    """
    from analytics_assets.feedback import deciding
    from analytics_assets.queries.decisions import get_decision_ids
    from analytics_assets.queries.snapshot import open_snapshot

    if suggestion_id.startswith(ALERT):
        _decide_on_alert(settings, console, suggestion_id, "rejected", reason)
        return
    with in_plain_words():
        finish_interrupted(settings, console)
        with open_snapshot(settings) as snapshot:
            suggestion = chosen(suggestion_id, snapshot)
            published = get_decision_ids(suggestion_id, snapshot)
        deciding.reject(settings, suggestion, reason=reason, by=me(), now=datetime.now(UTC), published=published)
    console.print(f"rejected: {heading(suggestion)}", markup=False)
    console.print(f"to take it back: analytics undo {suggestion_id} --yes", style="dim", markup=False)
    console.print(NEXT, style="dim")


def undo(settings: Settings, console: Console, suggestion_id: str, *, yes: bool, notes: str | None = None) -> None:
    """Show what taking the last decision back changes; with ``yes`` do it.

    Raises:
        CommandError: it cannot be taken back; nothing was changed.
    """
    from analytics_assets.feedback import undoing
    from analytics_assets.feedback.changes import Application

    if suggestion_id.startswith(ALERT):
        if yes:
            _decide_on_alert(settings, console, suggestion_id, "undone", notes)
        else:
            console.print(f"Nothing was changed. To do it: analytics undo {plain(suggestion_id)} --yes", markup=False)
        return
    with in_plain_words():
        finish_interrupted(settings, console)
        planned = undoing.plan_undo(settings, suggestion_id)
        if isinstance(planned, Application) and planned.diff:
            show_diff(console, planned.diff)
        elif isinstance(planned, Application):
            console.print("The document has its old value already; only the decision is taken back.", markup=False)
        else:
            console.print(
                f"{suggestion_id} was {planned.decision}{_why(planned.notes)}. No document is changed.", markup=False
            )
        if not yes:
            console.print(f"Nothing was changed. To do it: analytics undo {suggestion_id} --yes", markup=False)
            return
        undoing.undo(settings, suggestion_id, planned, by=me(), notes=notes, now=datetime.now(UTC))
    console.print(f"undone: {suggestion_id}", markup=False)
    console.print(NEXT, style="dim")


def _decide_on_alert(settings: Settings, console: Console, alert_id: str, decision: str, notes: str | None) -> None:
    """No document holds an alert: a word in the inbox is enough."""
    from analytics_assets.cli.alerts import decide

    decide(settings, console, alert_id, decision, notes)


def chosen(suggestion_id: str, snapshot: Snapshot) -> Suggestion:
    """The published suggestion or opportunity with this id.

    Raises:
        DecisionError: there is none, or no decision is kept of it.
    """
    from analytics_assets.feedback.deciding import OPPORTUNITY, choose, of_opportunity
    from analytics_assets.queries.recommendations import get_opportunities
    from analytics_assets.queries.suggestions import get_suggestions

    if suggestion_id.startswith(OPPORTUNITY):
        return choose([of_opportunity(row) for row in get_opportunities(snapshot)], suggestion_id)
    return choose(get_suggestions(snapshot), suggestion_id)


def _why(notes: str | None) -> str:
    return f": {notes}" if notes else ""


def heading(suggestion: Suggestion) -> str:
    """What it says, in a line of its own and one of its evidence."""
    if "recommendation_text" in suggestion:
        return plain(f"{suggestion['id']}  {suggestion['recommendation_text']}")
    confidence = "" if suggestion["confidence"] is None else f", {certainty(suggestion['confidence'])} sure"
    known = f"{suggestion['level']}{confidence}, {suggestion['data_points']} runs"
    what = f"{suggestion['spec_id']}: {suggestion['current_value']} -> {suggestion['suggested_value']}"
    return plain(f"{suggestion['id']}  {what}\n{known}. {suggestion['reasoning']}")


def show_diff(console: Console, diff: str) -> None:
    """Print a unified diff."""
    console.print(diff_text(diff), end="")


def diff_text(diff: str) -> Text:
    """A unified diff in its colours; what a document holds never acts on the terminal."""
    shown = Text()
    for line in diff.replace("\r\n", "\n").splitlines(keepends=True):
        shown.append(plain(line), style=_COLOURS.get(line[0], ""))
    return shown


def finish_interrupted(settings: Settings, console: Console) -> None:
    """Settle what a killed command left behind, and say so."""
    from analytics_assets.feedback.recovery import recover

    for sentence in recover(settings):
        console.print(plain(sentence), style="yellow", markup=False)


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Let what a person can act on end the command with a sentence.

    Raises:
        CommandError: in place of the errors of ``feedback`` and of the file system.
    """
    try:
        yield
    except FeedbackError as error:
        raise CommandError(plain(str(error).replace("\r\n", "\n")), error.remedy) from error
    except OSError as error:
        raise CommandError(
            f"{error.filename or 'The data folder'} cannot be written: {error.strerror or error}.",
            "Make that possible and give the command again: it finishes what was begun, or says that nothing was.",
        ) from error


def me() -> str | None:
    """Who decides; None where the system has no name for them, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
