"""One data folder that is refreshed as a user does it, in the foreground, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from analytics_assets.definitions import defs
from analytics_assets.defs.automation.inbox import inbox_sensor
from analytics_assets.refresh import RefreshEvent, RefreshSummary, run_refresh
from analytics_assets.settings import Settings, load_settings

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def executions(count: int = 300) -> list[dict[str, object]]:
    """Two agents and three tools over five hours: ``shell`` fails two times in five, one ``search`` is dear."""
    tools = ("search", "shell", "edit")
    return [
        {
            "execution_id": f"e{n}",
            "agent_id": f"agent-{n % 2}",
            "tool_name": tools[n % 3],
            "started_at": (START + timedelta(minutes=n)).isoformat(),
            "duration_seconds": 1 + n % 5,
            "success": not (tools[n % 3] == "shell" and n % 5 < 2),
            "cost_usd": 2.0 if n == 150 else 0.01,
            "tokens_used": 100,
            "cost_source": "provider",
            "error_type": "timeout" if tools[n % 3] == "shell" and n % 5 < 2 else None,
        }
        for n in range(count)
    ]


def land(settings: Settings, name: str, records: list[dict[str, object]] | str) -> None:
    """Put a file into the inbox."""
    path = settings.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(records if isinstance(records, str) else "".join(json.dumps(r) + "\n" for r in records))


class Journey:
    """A data folder with the summaries and events of each refresh."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.events: list[RefreshEvent] = []

    def refresh(self) -> RefreshSummary:
        """As ``analytics refresh`` does."""
        self.events.clear()
        return run_refresh(self.settings, on_event=self.events.append)

    def daemon_refresh(self) -> bool:
        """As the daemon does for what has arrived: what the sensor asks for, and nothing else; whether it succeeded."""
        with (
            dg.DagsterInstance.ephemeral() as instance,
            dg.build_sensor_context(instance, repository_def=defs().get_repository_def()) as context,
        ):
            asked = inbox_sensor(context)
        # The sensor's checks too, else those of the quality suites would come along.
        run = (
            defs()
            .resolve_job_def("refresh")
            .get_subset(asset_selection=set(asked.asset_selection), asset_check_selection=set(asked.asset_check_keys))
        )
        return run.execute_in_process().success


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """An empty data folder, named by the environment as for a user."""
    folder: Path = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ANALYTICS_DATA_DIR", str(folder))
        environment.setenv("ANALYTICS_SETTLE_SECONDS", "0")
        # Training and competition have tests of their own, and one journey in the slow suite; here each would take a
        # minute more.
        environment.setenv("ANALYTICS_FORECAST_SERIES", "1")
        environment.setenv("ANALYTICS_MODEL_TRAINING_ENABLED", "false")
        yield Journey(load_settings())
