"""Questions over the list: shall the document be changed so, and why is a suggestion put away?"""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Confirm(ModalScreen[bool]):
    """Shows a change; ``y`` does it, anything else does not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "answer(True)", "change it"),
        ("n,escape,q", "answer(False)", "leave it"),
    ]

    def __init__(self, question: str, diff: Text) -> None:
        super().__init__()
        self._question = question
        self._diff = diff

    def compose(self) -> ComposeResult:
        """The question over the change."""
        with Vertical(id="dialog"):
            yield Static(Text(self._question, style="bold"))
            with VerticalScroll():
                yield Static(self._diff)
            yield Static(Text("[y] change it   [n] leave it", style="dim"))

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)


class Reason(ModalScreen[str | None]):
    """Asks why; None where it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "leave it")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question over a line to write in."""
        with Vertical(id="dialog"):
            yield Static(Text(self._question, style="bold"))
            yield Input(placeholder="why; the next person will read it")
            yield Static(Text("[enter] put it away   [escape] leave it", style="dim"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with what was written; nothing written is no reason."""
        if event.value.strip():
            self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Close without a reason."""
        self.dismiss(None)
