"""Runs a command that ends with its parent: ``python -m analytics_assets.supervisor.tether PARENT COMMAND ...``.

A killed ``analytics up`` cannot stop its processes; left behind, a second daemon would start every run twice. Linux
sends them SIGTERM. Elsewhere they stay until they are ended by hand.
"""

from __future__ import annotations

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Become the command.

    A process keeps what its parent ignored or held back of signals, over an exec too: started so, neither its
    supervisor nor the death of that could end it.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the parent has ended already")
    os.execv(command[0], command)  # noqa: S606 - the supervisor's own command, without a shell


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
