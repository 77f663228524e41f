"""``analytics up``: something to see first, then the processes that keep it current."""

from __future__ import annotations

import subprocess
import sys

from rich.console import Console

from analytics_assets.cli.problems import INTERRUPTED, CommandError
from analytics_assets.cli.sampling import fill_empty_inbox
from analytics_assets.settings import Settings
from analytics_assets.supervisor.lock import AlreadyUpError, the_only_one
from analytics_assets.supervisor.processes import NotStartedError
from analytics_assets.supervisor.up import PortTakenError, check_port, serve, settle_crashed_runs
from analytics_assets.warehouse.arrivals import plan


def start(settings: Settings, console: Console, *, with_sample: bool) -> None:
    """Sample where nothing is, a first refresh with its progress, then the UI until it is told to stop.

    Raises:
        CommandError: the port is taken, another one is up, or a process does not start.
    """
    try:
        with the_only_one(settings):
            check_port(settings)
            settle_crashed_runs(settings)
            if with_sample:
                fill_empty_inbox(settings, console)
            _first_refresh(settings, console)
            serve(settings, lambda words: console.print(words, markup=False))
    except (AlreadyUpError, PortTakenError, NotStartedError) as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        raise CommandError("Interrupted before the UI was up.", exit_code=INTERRUPTED) from None


def _first_refresh(settings: Settings, console: Console) -> None:
    """In a process of its own: what it imports would stay in memory for as long as the UI is up."""
    if plan(settings).is_empty and settings.pointer.exists():
        return
    console.print("computing what is in the inbox; the first time takes about a minute")
    done = subprocess.run([sys.executable, "-m", "analytics_assets.cli", "refresh"], check=False)
    if done.returncode == INTERRUPTED:
        raise KeyboardInterrupt
    if done.returncode:
        console.print("The UI starts all the same, and the inbox is tried again.", style="yellow")
