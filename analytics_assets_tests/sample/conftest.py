"""Two samples of the same 14 days: with everything planted, and with nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from analytics_assets.contracts import CONTRACTS
from analytics_assets.sample import SampleReport, generate

END = datetime(2026, 1, 19, 9)
"""A Monday in office hours, so that work is under way at the end."""


@dataclass(frozen=True)
class Sample:
    """A sample as a reader of its files sees it."""

    folder: Path
    report: SampleReport

    @cached_property
    def lines(self) -> dict[str, list[dict[str, Any]]]:
        """Every line by kind, in the order of the files."""
        return {
            kind: [json.loads(line) for file in sorted((self.folder / kind).glob("*.jsonl")) for line in file.open()]
            for kind in CONTRACTS
            if kind != "specs"
        }

    @cached_property
    def latest(self) -> dict[str, list[dict[str, Any]]]:
        """The latest version of every entity; events as they are."""
        return {
            kind: list(
                {line[CONTRACTS[kind].key[0]]: line for line in sorted(lines, key=lambda r: r["updated_at"])}.values()
            )
            if CONTRACTS[kind].is_entity
            else lines
            for kind, lines in self.lines.items()
        }

    @cached_property
    def truth(self) -> dict[str, dict[str, Any]]:
        """Rows of ``truth.json`` by effect."""
        return {row["effect"]: row for row in json.loads((self.folder / "truth.json").read_text())}


@pytest.fixture(scope="session")
def make_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Sample]:
    """Generate into a new folder."""

    def make(**options: Any) -> Sample:
        folder = tmp_path_factory.mktemp("sample")
        return Sample(folder, generate(folder, **({"end": END} | options)))

    return make


@pytest.fixture(scope="session")
def planted(make_sample: Callable[..., Sample]) -> Sample:
    return make_sample(days=14)


@pytest.fixture(scope="session")
def plain(make_sample: Callable[..., Sample]) -> Sample:
    return make_sample(days=14, effects="none")
