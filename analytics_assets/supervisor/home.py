"""Dagster's home folder: its instance configuration and the workspace that names the running code server."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

from analytics_assets.settings import Settings
from analytics_assets.warehouse.touched import write_atomically

LOCATION = "analytics-assets"
"""Name of the code location, the same as in workspace.yaml and pyproject.toml."""


def prepare_home(settings: Settings) -> Path:
    """Make ``settings.dagster_home`` ready for a ``DagsterInstance`` and return it.

    The configuration is the package's own and is renewed when it differs; Dagster's records stay as they are.

    Raises:
        OSError: the folder cannot be written.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    template = files("analytics_assets.supervisor").joinpath("dagster.yaml").read_text(encoding="utf-8")
    wanted = re.sub(r"HOME(/\S+)", lambda place: json.dumps(f"{home}{place[1]}"), template)
    target = home / "dagster.yaml"
    if not target.exists() or target.read_text(encoding="utf-8") != wanted:
        write_atomically(target, wanted)
    return home


def write_workspace(settings: Settings, port: int) -> Path:
    """Name the code server on this port of 127.0.0.1 in a workspace file, and return the file."""
    path = settings.dagster_home / "workspace.yaml"
    server = f'  - grpc_server:\n      host: "127.0.0.1"\n      port: {port}\n      location_name: "{LOCATION}"\n'
    write_atomically(path, f"# Written by `analytics up`.\nload_from:\n{server}")
    return path
