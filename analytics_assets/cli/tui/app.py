"""The terminal application: two lists, the evidence beside them, and four keys."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import DataTable, Footer, Header, Static

from analytics_assets.cli import acting
from analytics_assets.cli.deciding import NEXT, diff_text, in_plain_words
from analytics_assets.cli.problems import CommandError
from analytics_assets.cli.suggesting import COLOURS, headline, subject
from analytics_assets.cli.tui.dialogs import Confirm, Reason
from analytics_assets.cli.tui.view import View, about_spec, about_suggestion, in_words, load
from analytics_assets.queries.errors import QueryError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.reports.figures import Row, between, certainty, count, plain, said
from analytics_assets.settings import Settings

LOOK_EVERY_SECONDS = 2.0
"""How soon a new version is seen; looking costs some 20 ms."""


class Analytics(App[None]):
    """Specs under 70 % and pending suggestions; the evidence of the chosen one; a, i, r, q."""

    TITLE = "analytics"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #lists { width: 55%; }
    #specs { height: 1fr; }
    #suggestions { height: 2fr; }
    #evidence { width: 45%; padding: 0 1; border-left: solid $primary; }
    .caption { color: $text-muted; padding: 0 1; }
    Confirm, Reason { align: center middle; }
    #dialog { width: 80%; height: auto; max-height: 80%; padding: 1 2; background: $surface; border: solid $primary; }
    #dialog VerticalScroll { height: auto; max-height: 20; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("a", "apply", "apply"),
        ("i", "ignore", "ignore"),
        ("r", "reload", "reload"),
        ("q", "quit", "quit"),
    ]

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._view = View()

    def compose(self) -> ComposeResult:
        """Lists to the left, evidence to the right."""
        yield Header()
        with Horizontal():
            with Vertical(id="lists"):
                yield Static("Specs under 70 %", classes="caption")
                yield DataTable[Text](id="specs", cursor_type="row")
                yield Static("Suggestions", classes="caption")
                yield DataTable[Text](id="suggestions", cursor_type="row")
                yield Static(id="calibration", classes="caption")
            with VerticalScroll(id="evidence"):
                yield Static(id="about")
        yield Footer()

    def on_mount(self) -> None:
        """Show the current version, and look for a newer one from then on."""
        self._specs.add_columns("spec", "succeeded", "interval", "runs", "fails of")
        self._suggestions.add_columns("level", "spec", "what", "sure")
        self._finish_interrupted()
        self.action_reload()
        self._suggestions.focus()
        self.set_interval(LOOK_EVERY_SECONDS, self.look)

    def _finish_interrupted(self) -> None:
        """Settle what a killed command left behind, and say so."""
        from analytics_assets.feedback.recovery import recover

        try:
            with in_plain_words():
                for sentence in recover(self._settings):
                    self.notify(plain(sentence), severity="warning", markup=False)
        except CommandError as error:
            self.notify(in_words(error), severity="error", markup=False)

    @property
    def _specs(self) -> DataTable[Text]:
        return self.query_one("#specs", DataTable)

    @property
    def _suggestions(self) -> DataTable[Text]:
        return self.query_one("#suggestions", DataTable)

    def look(self) -> None:
        """Show the newer version once there is one."""
        try:
            with open_snapshot(self._settings) as snapshot:
                current: int | None = snapshot.version
        except QueryError:
            current = None
        if current != self._view.version:
            self.action_reload()

    def action_reload(self) -> None:
        """Ask everything anew; the chosen rows stay chosen."""
        self._view = view = load(self._settings)
        self.sub_title = view.title
        _fill(self._specs, {row["spec_id"]: _spec_cells(row) for row in view.specs})
        cells = {row["id"]: _suggestion_cells(row, view.decided.get(row["id"])) for row in view.suggestions}
        _fill(self._suggestions, cells)
        self.query_one("#calibration", Static).update(Text(view.calibration))
        if view.problem is not None:
            self._show(Text(view.problem))
        elif not view.suggestions and not view.specs:
            self._show(Text("No spec is under 70 %, and no suggestion waits."))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Tell of the row that the cursor is on, in the list that has the focus."""
        if event.data_table.has_focus or not self._view.suggestions:
            self._tell(event.data_table, event.row_key.value)

    def on_descendant_focus(self, event: Any) -> None:
        """Tell of the chosen row of the list that was entered."""
        if isinstance(event.widget, DataTable):
            self._tell(event.widget, _chosen(event.widget))

    def _tell(self, table: DataTable[Text], key: str | None) -> None:
        if table.id == "specs":
            spec = next((row for row in self._view.specs if row["spec_id"] == key), None)
            if spec is not None:
                self._show(about_spec(spec))
        elif (row := self._suggestion(key)) is not None:
            self.show_evidence(row)

    @work(thread=True, exclusive=True)
    def show_evidence(self, row: Row) -> None:
        """Run the suggestion's query beside the screen, which stays alive, and show its answer."""
        shown = about_suggestion(self._settings, row)
        self.call_from_thread(self._show, shown)

    def _show(self, content: RenderableType) -> None:
        self.query_one("#about", Static).update(content)

    def _suggestion(self, key: str | None) -> Row | None:
        return next((row for row in self._view.suggestions if row["id"] == key), None)

    @work
    async def action_apply(self) -> None:
        """Show what applying the chosen suggestion changes, and change it on request."""
        row = self._suggestion(_chosen(self._suggestions))
        if row is None:
            return
        try:
            with open_snapshot(self._settings) as snapshot:
                planned = acting.plan(self._settings, row, snapshot)
            question = f"{subject(row)}: {headline(row)}"
            if await self.push_screen_wait(Confirm(question, diff_text(planned.diff))):
                acting.apply(self._settings, planned)
                self._decided(f"applied; analytics undo {row['id']} --yes takes it back")
        except (CommandError, QueryError) as error:
            self.notify(in_words(error), severity="error", markup=False)

    @work
    async def action_ignore(self) -> None:
        """Ask why, and put the chosen suggestion away."""
        row = self._suggestion(_chosen(self._suggestions))
        if row is None:
            return
        reason = await self.push_screen_wait(Reason(f"Put away: {subject(row)}, {headline(row)}"))
        if reason is None:
            return
        try:
            with open_snapshot(self._settings) as snapshot:
                acting.reject(self._settings, row, reason, snapshot)
            self._decided(f"rejected; analytics undo {row['id']} --yes takes it back")
        except (CommandError, QueryError) as error:
            self.notify(in_words(error), severity="error", markup=False)

    def _decided(self, words: str) -> None:
        self.notify(f"{words}\n{NEXT}", markup=False)
        self.action_reload()


def _fill(table: DataTable[Text], rows: dict[str, tuple[Text, ...]]) -> None:
    """Replace the rows; the cursor stays on the row it was on, where that is still there."""
    key = _chosen(table)
    table.clear()
    for name, cells in rows.items():
        table.add_row(*cells, key=name)
    if key in rows:
        table.move_cursor(row=table.get_row_index(key))


def _chosen(table: DataTable[Text]) -> str | None:
    """Key of the row under the cursor; None of an empty list."""
    if not table.row_count:
        return None
    return table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value


def _spec_cells(row: Row) -> tuple[Text, ...]:
    interval = between(row["success_rate_low"], row["success_rate_high"])
    # What is just under the limit must not be rounded to it.
    figures = (f"{100 * row['success_rate']:.1f} %", interval, count(row["runs_count"]), row["top_error_type"])
    return (Text(said(row["spec_id"])), *(Text(said(figure)) for figure in figures))


def _suggestion_cells(row: Row, decision: str | None) -> tuple[Text, ...]:
    sure = said(None if row["confidence"] is None else certainty(row["confidence"]))
    # What was decided on waits for the next refresh to leave the list.
    level = Text(decision, style="dim") if decision else Text(row["level"], style=COLOURS.get(row["level"], ""))
    return (level, *(Text(words) for words in (subject(row), headline(row), sure)))
