"""The terminal application, headless: what it shows, what its keys do, and that it follows a publication."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from io import StringIO

import pytest
from rich.console import Console
from textual.widgets import DataTable, Input, Static

from analytics_assets.cli.tui import app as module
from analytics_assets.cli.tui.app import Analytics
from analytics_assets.cli.tui.dialogs import Confirm, Reason
from analytics_assets_tests.cli.analysed import EVIL, publish_analysis, suggested
from analytics_assets_tests.cli.suggested import APPLIED, ID
from analytics_assets_tests.feedback.conftest import DOCUMENT
from analytics_assets_tests.queries.published import publish

OTHER = "sg-00000000000b"


class Screen:
    """The application with its pilot."""

    def __init__(self, app, pilot):
        self.app, self.pilot = app, pilot

    async def settle(self):
        """Until nothing more is drawn or asked, but for dialogs that wait for an answer."""
        for _ in range(3):
            await self.pilot.pause()
        while any(worker.name == "show_evidence" and worker.is_running for worker in self.app.workers):
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.settle()

    @property
    def about(self):
        """What stands beside the lists."""
        console = Console(file=StringIO(), width=200)
        console.print(self.app.query_one("#about", Static).content)
        return console.file.getvalue()

    def column(self, table, number):
        found = self.app.query_one(f"#{table}", DataTable)
        return [found.get_row_at(place)[number].plain for place in range(found.row_count)]

    @property
    def notices(self):
        return " ".join(notice.message for notice in self.app._notifications)


@asynccontextmanager
async def opened(cli):
    app = Analytics(cli.settings)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = Screen(app, pilot)
        await screen.settle()
        yield screen


def decisions(cli):
    files = (cli.settings.inbox / "decisions").glob("*.jsonl")
    return {(line := json.loads(file.read_text()))["subject_id"]: line for file in files}


@pytest.fixture
def document(cli):
    by_hand = suggested(id=OTHER, target=None, level="LOW", reasoning=EVIL, confidence=0.6)
    return publish_analysis(cli.settings, suggested(), by_hand)


@pytest.fixture
def on_screen(cli, document):
    """Runs a scene of a test on the application."""

    def run(scene):
        async def play():
            async with opened(cli) as screen:
                await scene(screen)

        asyncio.run(play())

    return run


def test_it_shows_poor_specs_pending_suggestions_and_the_evidence_of_the_first(on_screen):
    async def scene(screen):
        assert screen.column("specs", 0) == ["api-impl"]
        assert screen.column("specs", 1) == ["25.0 %"]
        assert screen.column("suggestions", 0) == ["HIGH", "LOW"]
        assert screen.column("suggestions", 3) == ["99 %", "60 %"]
        assert screen.app.sub_title == "version 1, newest run 2026-02-16 12:00 (UTC)"
        assert "failed 33 of 44 now, 0 of 3 as suggested; -75 points, interval -86 to -20" in screen.about
        assert "current │    1 │        1" in screen.about
        assert "Proven wrong by: Kills at 4Gi." in screen.about
        assert "84 % held" in str(screen.app.query_one("#calibration", Static).content)

    on_screen(scene)


def test_moving_the_cursor_shows_the_evidence_of_that_row_and_nothing_acts_on_the_terminal(on_screen):
    async def scene(screen):
        await screen.press("down")
        assert OTHER in screen.about
        assert "by hand" in screen.about
        assert "\\x1b[31m" in screen.about
        assert "\x1b" not in screen.about

    on_screen(scene)


def test_a_spec_is_shown_beside_its_version_before(on_screen):
    async def scene(screen):
        await screen.press("shift+tab")
        assert "11 of 44 runs (25 %, interval 15 to 40 %)" in screen.about
        assert "90 % of 60 runs, interval 80 to 95 %" in screen.about

    on_screen(scene)


def test_a_shows_the_change_and_y_makes_it(cli, document, on_screen):
    async def scene(screen):
        await screen.press("a")
        assert isinstance(screen.app.screen, Confirm)
        assert document.read_bytes() == DOCUMENT
        await screen.press("y")
        assert f"analytics undo {ID} --yes" in screen.notices
        assert screen.column("suggestions", 0) == ["applied", "LOW"]

    on_screen(scene)
    assert document.read_bytes() == APPLIED
    assert decisions(cli)[ID]["decision"] == "applied"


@pytest.mark.parametrize("key", ["n", "escape", "q", "a"])
def test_any_other_key_leaves_the_document_as_it_is(cli, document, on_screen, key):
    async def scene(screen):
        await screen.press("a", key)

    on_screen(scene)
    assert document.read_bytes() == DOCUMENT
    assert decisions(cli) == {}


def test_what_cannot_be_applied_is_said(cli, on_screen):
    async def scene(screen):
        await screen.press("down", "a")
        assert "names nothing that could be changed" in screen.notices

    on_screen(scene)
    assert decisions(cli) == {}


def test_i_asks_for_the_reason_and_keeps_it(cli, on_screen):
    async def scene(screen):
        await screen.press("i")
        assert isinstance(screen.app.screen, Reason)
        await screen.press("enter")
        assert isinstance(screen.app.screen, Reason), "nothing written is no reason"
        screen.app.screen.query_one(Input).value = "seasonal"
        await screen.press("enter")
        assert screen.column("suggestions", 0) == ["rejected", "LOW"]

    on_screen(scene)
    assert decisions(cli)[ID]["notes"] == "seasonal"


def test_a_reason_that_is_not_given_decides_nothing(cli, on_screen):
    async def scene(screen):
        await screen.press("i", "escape")
        assert not isinstance(screen.app.screen, Reason)

    on_screen(scene)
    assert decisions(cli) == {}


def test_a_new_version_is_shown_by_itself_and_the_cursor_stays_on_its_row(cli, on_screen, monkeypatch):
    monkeypatch.setattr(module, "LOOK_EVERY_SECONDS", 0.05)

    async def scene(screen):
        await screen.press("down")
        before = suggested(id="sg-000000000000", level="HIGH", confidence=1.0)
        publish_analysis(cli.settings, before, suggested(), suggested(id=OTHER, level="LOW"), version=2)
        while not screen.app.sub_title.startswith("version 2"):
            await screen.pilot.pause(0.02)
        await screen.settle()
        assert screen.column("suggestions", 0) == ["HIGH", "HIGH", "LOW"]
        assert screen.app.query_one("#suggestions", DataTable).cursor_row == 2
        assert OTHER in screen.about

    on_screen(scene)


def test_r_asks_anew_and_q_ends_it(cli, on_screen):
    async def scene(screen):
        publish_analysis(cli.settings, suggested(level="MED"), version=1)
        await screen.press("r")
        assert screen.column("suggestions", 0) == ["MED"]
        await screen.press("q")
        assert not screen.app.is_running

    on_screen(scene)


def test_with_nothing_published_or_nothing_to_say_it_says_so(cli):
    async def scene():
        async with opened(cli) as screen:
            assert "nothing is published yet: run `analytics refresh`" in screen.about
            await screen.press("a", "i")
            publish(cli.settings)
            await screen.press("r")
            assert "No spec is under 70 %, and no suggestion waits." in screen.about

    asyncio.run(scene())


def test_evidence_that_cannot_be_counted_is_said_in_its_place(cli):
    publish_analysis(cli.settings, suggested() | {"evidence_sql": "select * from nowhere"})

    async def scene():
        async with opened(cli) as screen:
            assert "nowhere does not exist" in screen.about
            assert "Proven wrong by" in screen.about

    asyncio.run(scene())
