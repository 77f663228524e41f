"""What dies starts again, what keeps dying is given up, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics_assets.supervisor import processes as module
from analytics_assets.supervisor.processes import NotStartedError, Part, Processes, pause_before_restart

SLEEP = "import time; time.sleep(600)"


def part(name, code, is_ready=lambda: True):
    return Part(name, (sys.executable, "-c", code), is_ready)


def process_id(family):
    """The process of the one part that is looked after."""
    (running,) = family._running
    return running.process.pid


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def is_alive(process):
    """Whether a process runs; one that waits to be collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


@pytest.fixture
def said():
    return []


@pytest.fixture
def family(tmp_path, said):
    made = Processes(tmp_path / "logs", os.environ, tmp_path, said.append)
    yield made
    made.stop()


def test_pauses_grow_and_end():
    pauses = [pause_before_restart(deaths) for deaths in range(1, 7)]
    assert pauses == [1, 2, 4, 8, 16, None]


def test_a_part_is_awaited_until_it_is_ready(family, tmp_path):
    sign = tmp_path / "ready"
    family.start(part("ui", f"open({str(sign)!r}, 'w'); {SLEEP}", sign.exists))
    assert sign.exists()


def test_a_part_that_ends_at_once_is_an_error_with_its_log(family):
    with pytest.raises(NotStartedError, match=r"(?s)The code server ended at once.*no such table"):
        family.start(part("code server", "raise SystemExit('no such table')", lambda: False))


@needs_proc
def test_a_killed_part_starts_again_after_a_pause_and_this_is_said(family, said, monkeypatch):
    monkeypatch.setattr(module, "pause_before_restart", lambda _: 0.1)
    family.start(part("daemon", SLEEP))
    first = process_id(family)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: family.look_after() or process_id(family) != first)
    assert is_alive(process_id(family))
    assert "the daemon was ended by SIGKILL" in said[0]


def test_a_part_that_keeps_dying_is_given_up(family, monkeypatch):
    monkeypatch.setattr(module, "pause_before_restart", lambda deaths: 0.0 if deaths <= 2 else None)
    family.start(part("daemon", "raise SystemExit('no space left')"))
    with pytest.raises(NotStartedError, match=r"(?s)ended 3 times in a row.*no space left"):
        wait_until(family.look_after)


@needs_proc
def test_stop_ends_a_part_and_what_it_started(family, tmp_path):
    child = tmp_path / "child"
    code = f"import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
    code += f"open({str(child)!r}, 'w').write(str(c.pid)); c.wait()"
    family.start(part("code server", code, lambda: child.exists() and child.read_text() != ""))
    leader = process_id(family)
    family.stop()
    assert not is_alive(leader)
    wait_until(lambda: not is_alive(int(child.read_text())))
    assert family._running == []


@needs_proc
@pytest.mark.parametrize("signals", ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"], ids=["usual", "ignored"])
def test_parts_end_with_a_supervisor_that_is_killed(tmp_path, signals):
    code = (
        "import os, signal, sys, time; from pathlib import Path\n"
        f"{signals}\n"
        "from analytics_assets.supervisor.processes import Part, Processes\n"
        "folder = Path(sys.argv[1])\n"
        "family = Processes(folder, os.environ, folder, print)\n"
        f"family.start(Part('ui', (sys.executable, '-c', {SLEEP!r}), lambda: True))\n"
        "(folder / 'id.tmp').write_text(str(family._running[0].process.pid))\n"
        "(folder / 'id.tmp').rename(folder / 'id')\n"
        "time.sleep(600)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    try:
        wait_until((tmp_path / "id").exists)
        # Past the tether, which is our own module: the command itself runs.
        ui = int((tmp_path / "id").read_text())
        wait_until(lambda: b"tether" not in Path(f"/proc/{ui}/cmdline").read_bytes())
    finally:
        supervisor.kill()
        supervisor.wait()
    wait_until(lambda: not is_alive(ui))


def test_what_a_death_leaves_behind_is_put_right_before_the_restart(family, said, monkeypatch):
    monkeypatch.setattr(module, "pause_before_restart", lambda _: 0.0)
    code = "raise SystemExit(1)"
    family.start(Part("code server", (sys.executable, "-c", code), lambda: True, lambda: said.append("settled")))
    wait_until(lambda: family.look_after() or len(said) >= 2)
    assert said[0] == "settled"


def test_a_log_that_has_grown_large_is_put_aside_while_it_is_written(family, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOG_BYTES", 10)
    log, sign = tmp_path / "logs" / "ui.log", tmp_path / "sign"
    code = "import time, pathlib; print('a long story', flush=True)\n"
    code += f"while not pathlib.Path({str(sign)!r}).exists(): time.sleep(0.05)\n"
    code += "print('next', flush=True); time.sleep(600)"
    family.start(part("ui", code, lambda: log.stat().st_size > 0))
    family.look_after()
    assert (tmp_path / "logs" / "ui.old.log").read_text() == "a long story\n"
    sign.touch()
    wait_until(lambda: log.read_text() == "next\n")
