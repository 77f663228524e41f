"""A data folder with one spec document and a suggestion about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics_assets.feedback import spec_files
from analytics_assets.settings import Settings

NOW = datetime(2026, 2, 16, 12, 0, tzinfo=UTC)
DOCUMENT = (
    b'{\r\n\t"id": "api-impl",\r\n\t"version": "1.0.0",\r\n\t"resources": {"memory": "2Gi", "cpu": 2},\r\n'
    b'\t"model":   "medium",\r\n\t"note": "\\u00fc \xc3\xbc",\r\n\t"tasks": []\r\n}\r\n\r\n'
)


def row(**fields: Any) -> dict[str, Any]:
    """A pending suggestion, as the published table has it."""
    return {
        "id": "sg-0123456789ab",
        "type": "resource",
        "rule": "memory_raise",
        "spec_id": "api-impl",
        "spec_type": "impl",
        "target": "resources.memory",
        "confidence": 0.99,
        "level": "HIGH",
        "data_points": 47,
        "current_runs": 44,
        "current_failures": 33,
        "suggested_runs": 3,
        "suggested_failures": 0,
        "current_rate": 0.75,
        "suggested_rate": 0.0,
        "difference": -0.75,
        "difference_low": -0.86,
        "difference_high": -0.2,
        "basis": "measured",
        "current_value": "memory: 2Gi",
        "suggested_value": "memory: 4Gi",
        "expected_fewer_failures": 33.0,
        "expected_saving_usd": None,
        "reasoning": "33 of 44 runs were killed for want of memory at 2Gi.",
        "falsified_by": "Kills at 4Gi.",
        "evidence_sql": "select 1",
        "evidence_hash": "0f",
        "status": "pending",
        "resolved_at": None,
        "expires_at": None,
        "decided_at": None,
        "decided_by": None,
        "decision_notes": None,
        "as_of": "2026-02-16T11:00:00Z",
    } | fields


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty data folder."""
    return Settings(data_dir=tmp_path, settle_seconds=0)


class Spec:
    """The one document, under test."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = settings.specs / "team" / "api.json"
        self.path.parent.mkdir(parents=True)
        self.path.write_bytes(DOCUMENT)

    @property
    def fingerprint(self) -> str:
        """As the warehouse has it."""
        return spec_files.find(self.settings, "api-impl").fingerprint

    def decisions(self) -> list[dict[str, Any]]:
        """What lies in the inbox, oldest first."""
        lines = [json.loads(file.read_text()) for file in (self.settings.inbox / "decisions").glob("*.jsonl")]
        return sorted(lines, key=lambda line: line["decided_at"])


@pytest.fixture
def spec(settings: Settings) -> Spec:
    """A document with CRLF, tabs, odd spaces and escapes."""
    return Spec(settings)
