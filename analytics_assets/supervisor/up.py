"""The three processes behind ``analytics up``: code server, daemon and UI."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics_assets.operating_thresholds import UP_STOP
from analytics_assets.settings import Settings
from analytics_assets.supervisor.home import LOCATION, prepare_home, write_workspace
from analytics_assets.supervisor.lock import holder
from analytics_assets.supervisor.processes import Part, Processes
from analytics_assets.supervisor.web import HOST

CODE_SERVER, DAEMON, UI = "code server", "daemon", "ui"
_ASK_SECONDS = 2.0
_POLL_SECONDS = 0.5
_LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries {
    locationOrLoadError { ... on PythonError { message } } } } } }"""


class PortTakenError(RuntimeError):
    """The port of the UI is in use."""


def address(settings: Settings) -> str:
    """Where the UI is."""
    return f"http://{HOST}:{settings.ui_port}"


def check_port(settings: Settings) -> None:
    """Make sure that the UI's port can be had.

    Raises:
        PortTakenError: another program has it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, settings.ui_port))
        except OSError as error:
            raise PortTakenError(
                f"Port {settings.ui_port} of {HOST} cannot be used: {error.strerror}. "
                "Choose another one: ANALYTICS_UI_PORT=3001 make run"
            ) from error


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Run everything until SIGINT or SIGTERM, and end it.

    Raises:
        NotStartedError: a process did not start, or died too often; the others are ended.
    """
    home = prepare_home(settings)
    code_port = _free_port()
    workspace = write_workspace(settings, code_port)
    processes = Processes(settings.logs, _environment(settings, home), home, say)
    with _stop_signals() as asked_to_stop:
        try:
            for part in _parts(settings, code_port, workspace):
                processes.start(part, keep_waiting=lambda: not asked_to_stop())
            if not asked_to_stop():
                _announce(settings, say)
            while not asked_to_stop():
                processes.look_after()
                time.sleep(_POLL_SECONDS)
            say("stopping")
            # Nothing starts any more once the daemon is gone; what is under way may end.
            processes.stop(DAEMON)
            _wait_for_runs(home, say, hurry=lambda: asked_to_stop() > 1)
        finally:
            processes.stop()
    settle_crashed_runs(settings)
    say("stopped")


def settle_crashed_runs(settings: Settings) -> None:
    """Fail the runs that are noted as running while no code server of ours is alive.

    Dagster does not notice them, and each would hold its pool slot for ever.
    """
    from dagster import DagsterInstance

    from analytics_assets.reconcile import is_foreground, reconcile_crashed_runs

    # A refresh that somebody started by hand lives by itself, and holds the writer's lock as long as it does.
    by_hand = holder(settings.writer_lock) is not None
    with DagsterInstance.from_config(str(prepare_home(settings))) as instance:
        reconcile_crashed_runs(instance, is_alive=lambda run: by_hand and is_foreground(run))


def _parts(settings: Settings, code_port: int, workspace: Path) -> tuple[Part, ...]:
    python = (sys.executable, "-m")
    quiet = ("--log-level", "warning")
    module = ("-m", "analytics_assets.definitions", "--location-name", LOCATION)
    code_server = (*python, "dagster", "code-server", "start", "-h", HOST, "-p", str(code_port), *module, *quiet)
    # The module behind the command dagster-daemon.
    daemon = (*python, "dagster._daemon", "run", "-w", str(workspace), *quiet)
    ui = (*python, "analytics_assets.supervisor.web", str(settings.ui_port), str(workspace))
    return (
        # Runs live in its process group, so all have died with it.
        Part(CODE_SERVER, code_server, lambda: _answers(code_port), after_death=lambda: settle_crashed_runs(settings)),
        Part(UI, ui, lambda: _asked(settings, "/server_info") is not None),
        Part(DAEMON, daemon, lambda: True),
    )


def _environment(settings: Settings, home: Path) -> dict[str, str]:
    return os.environ | {
        "DAGSTER_HOME": str(home),
        "ANALYTICS_DATA_DIR": str(settings.data_dir),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def _stop_signals() -> Iterator[Callable[[], int]]:
    """Count SIGINT and SIGTERM instead of dying of them."""
    count = 0

    def note(_number: int, _frame: object) -> None:
        nonlocal count
        count += 1

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: count
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(settings: Settings, say: Callable[[str], None]) -> None:
    wrong = _load_error(settings)
    if wrong is not None:
        say(f"the definitions do not load, so the graph is empty: {wrong}")
    say(f"Dagster UI: {address(settings)}")
    say(f"inbox: {settings.inbox}")
    say("stop with Ctrl-C")


def _load_error(settings: Settings) -> str | None:
    """What Dagster says of definitions that it cannot load."""
    answer = _asked(settings, "/graphql", {"query": _LOCATIONS})
    entries = json.loads(answer)["data"]["workspaceOrError"].get("locationEntries", []) if answer else []
    errors = [(entry["locationOrLoadError"] or {}).get("message") for entry in entries]
    return next((message.strip() for message in errors if message), None)


def _asked(settings: Settings, path: str, question: dict[str, str] | None = None) -> bytes | None:
    """The UI's answer; None while it does not answer."""
    body = None if question is None else json.dumps(question).encode()
    request = urllib.request.Request(  # noqa: S310 - our own address
        address(settings) + path, data=body, headers={"Content-Type": "application/json"}
    )
    # The first answer of GraphQL builds its schema; and no proxy of the environment stands before this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ASK_SECONDS if body is None else 30) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return None


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(_ASK_SECONDS)
        return probe.connect_ex((HOST, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for_runs(home: Path, say: Callable[[str], None], hurry: Callable[[], bool]) -> None:
    """Give runs that are under way a while to end: a killed one is taken up again, but costs its work."""
    from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

    under_way = RunsFilter(statuses=[DagsterRunStatus.STARTING, DagsterRunStatus.STARTED])
    deadline = time.monotonic() + UP_STOP.value
    with DagsterInstance.from_config(str(home)) as instance:
        running = instance.get_runs_count(under_way)
        if running:
            say(f"waiting up to {UP_STOP.value:.0f} s for {running} run{'s' * (running > 1)} to end; Ctrl-C again: now")
        while instance.get_runs_count(under_way) and time.monotonic() < deadline and not hurry():
            time.sleep(_POLL_SECONDS)
