"""RESULTS.md: what was measured, on which machine, with which versions; each part replaces its own rows."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("RESULTS.md")
_LIBRARIES = ("duckdb", "dagster", "dbt-core", "dbt-duckdb", "pandas")


@dataclass(frozen=True)
class Row:
    """One figure: a ratio or a count with its target; times only beside what they are compared with."""

    what: str
    measured: str
    wanted: str


def record(part: str, rows: list[Row]) -> None:
    """Replace a part's rows and write the page anew."""
    kept = _read()
    kept[part] = {
        "measured_on": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": _machine(),
        "rows": [asdict(row) for row in rows],
    }
    FILE.write_text(_page(kept), encoding="utf-8")


def _read() -> dict[str, dict[str, Any]]:
    if not FILE.exists():
        return {}
    stored = re.search(r"<!-- data: (.*) -->", FILE.read_text(encoding="utf-8"))
    return json.loads(stored.group(1)) if stored else {}


def _page(parts: dict[str, dict[str, Any]]) -> str:
    lines = [
        "# Measured",
        "",
        "Written by `make bench`. Ratios compare runs on the same machine within minutes.",
        "",
    ]
    for name, part in parts.items():
        lines += [f"## {name}", "", f"{part['measured_on']}, {part['machine']}", ""]
        lines += ["| what | measured | wanted |", "|---|---|---|"]
        lines += [f"| {row['what']} | {row['measured']} | {row['wanted']} |" for row in part["rows"]]
        lines.append("")
    return "\n".join([*lines, f"<!-- data: {json.dumps(parts)} -->", ""])


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {gib:.0f} GiB, {platform.system()}, Python {python}, {libraries}"
