"""``analytics up``: something to see first, then the processes that keep it current."""

from __future__ import annotations

import subprocess
import sys

from rich.console import Console

from analytics_assets.cli.problems import INTERRUPTED, CommandError
from analytics_assets.cli.sampling import fill_empty_inbox
from analytics_assets.settings import Settings
from analytics_assets.supervisor.home import prepare_home
from analytics_assets.supervisor.lock import AlreadyUpError, holder, the_only_one
from analytics_assets.supervisor.processes import NotStartedError
from analytics_assets.supervisor.up import PortTakenError, check_port, serve
from analytics_assets.warehouse.arrivals import plan


def start(settings: Settings, console: Console, *, with_sample: bool) -> None:
    """Sample where nothing is, a first refresh with its progress, then the UI until it is told to stop.

    Raises:
        CommandError: the port is taken, another one is up, or a process does not start.
    """
    try:
        with the_only_one(settings):
            check_port(settings)
            _settle_crashed_runs(settings)
            if with_sample:
                fill_empty_inbox(settings, console)
            _first_refresh(settings, console)
            serve(settings, lambda words: console.print(words, markup=False))
    except (AlreadyUpError, PortTakenError, NotStartedError) as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        raise CommandError("Interrupted before the UI was up.", exit_code=INTERRUPTED) from None


def _settle_crashed_runs(settings: Settings) -> None:
    """Runs of an earlier process that was killed would otherwise hold their slots for ever."""
    from dagster import DagsterInstance

    from analytics_assets.reconcile import is_foreground, reconcile_crashed_runs

    # No daemon runs yet, so only a refresh that somebody started by hand can be alive: it holds the writer's lock.
    by_hand = holder(settings.writer_lock) is not None
    with DagsterInstance.from_config(str(prepare_home(settings))) as instance:
        reconcile_crashed_runs(instance, is_alive=lambda run: by_hand and is_foreground(run))


def _first_refresh(settings: Settings, console: Console) -> None:
    """In a process of its own: what it imports would stay in memory for as long as the UI is up."""
    if plan(settings).is_empty and settings.pointer.exists():
        return
    done = subprocess.run([sys.executable, "-m", "analytics_assets.cli", "refresh"], check=False)
    if done.returncode == INTERRUPTED:
        raise KeyboardInterrupt
    if done.returncode:
        console.print("The UI starts all the same, and the inbox is tried again.", style="yellow")
