"""`analytics up`: a sample only where nothing is, clear words when it cannot start, and all of it once for real."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from analytics_assets.cli.sampling import fill_empty_inbox
from analytics_assets.supervisor.lock import the_only_one
from analytics_assets.supervisor.up import check_port
from analytics_assets_tests.cli.conftest import execution, write


@pytest.fixture
def small_sample(monkeypatch):
    from analytics_assets import sample

    generate = sample.generate
    monkeypatch.setattr(sample, "generate", lambda out: generate(out, days=1))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.usefixtures("small_sample")
def test_an_empty_inbox_gets_a_sample_with_its_truth_beside_it(cli):
    from analytics_assets.warehouse.arrivals import plan

    assert fill_empty_inbox(cli.settings, Console(quiet=True))
    kinds = {file.kind for file in plan(cli.settings).files}
    assert {"runs", "executions", "specs"} <= kinds
    assert None not in kinds
    assert (cli.settings.data_dir / "truth.json").exists()
    # Where decisions and what is learned are written to; the inbox is read and never written.
    assert list(cli.settings.specs.glob("*.json"))
    assert not (cli.settings.inbox / "specs").exists()
    assert not list(cli.settings.data_dir.glob(".sample-*"))


def test_an_inbox_that_was_used_gets_no_sample(cli):
    file = cli.land("executions/a.jsonl", [execution("a")])
    assert not fill_empty_inbox(cli.settings, Console(quiet=True))
    cli.publish()
    file.unlink()
    assert not fill_empty_inbox(cli.settings, Console(quiet=True))


def test_a_taken_port_is_said_with_the_variable_to_set(cli, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("ANALYTICS_UI_PORT", str(port))
        said = cli.run("up", "--no-sample", exit_code=1).stderr
    assert f"Port {port} of 127.0.0.1 cannot be used" in said
    assert "ANALYTICS_UI_PORT=" in said


def test_a_port_that_was_just_given_up_can_be_had(cli):
    check_port(cli.settings.model_copy(update={"ui_port": free_port()}))


def test_a_second_one_on_the_same_data_is_refused(cli):
    with the_only_one(cli.settings):
        assert "already runs" in cli.run("up", "--no-sample", exit_code=1).stderr


class Up:
    """`analytics up` in a process of its own."""

    def __init__(self, log):
        self.port = free_port()
        self.log = log
        with log.open("w") as handle:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "analytics_assets.cli", "up", "--no-sample"],
                env=os.environ | {"ANALYTICS_UI_PORT": str(self.port)},
                stdout=handle,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, condition, seconds=120):
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)

    def graphql(self, query):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read())["data"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_up_shows_the_graph_answers_a_file_that_arrives_and_ends_with_all_it_started(cli, tmp_path):
    up = Up(tmp_path / "up.log")
    try:
        up.wait_for(lambda: "stop with Ctrl-C" in up.log.read_text())
        nodes = up.graphql("{ assetNodes { assetKey { path } } }")["assetNodes"]
        assert ["raw", "executions"] in [node["assetKey"]["path"] for node in nodes]
        started = [*_descendants(up.process.pid)]
        assert len(started) >= 3
        cli.run("ingest", write(tmp_path / "executions.jsonl", [execution("arrived")]))
        count = "select count(*) as n from raw.executions"
        up.wait_for(
            lambda: cli.settings.pointer.exists() and cli.json("query", count, "--json") == [{"n": 1}], seconds=150
        )
        up.process.send_signal(signal.SIGTERM)
        assert up.process.wait(90) == 0
    finally:
        up.process.kill()
        up.process.wait()
    assert up.log.read_text().rstrip().endswith("stopped")
    deadline = time.monotonic() + 10
    while left := [process for process in started if _is_alive(process)]:
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.1)


def _descendants(process):
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if stat.read_text().rsplit(")", 1)[1].split()[1] == str(process):
                yield int(stat.parent.name)
                yield from _descendants(int(stat.parent.name))


def _is_alive(process):
    """Whether a process runs; one that waits to be collected by its parent does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
