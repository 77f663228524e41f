"""Large logs, written fast: millions of executions with a realistic spread of tools, agents and failures."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

_TOOLS = 40
_AGENTS = 20


def write_executions(path: Path, count: int, *, start: datetime, seed: int = 1, spacing_seconds: float = 0.5) -> None:
    """Write ``count`` executions as JSON lines, evenly spaced from ``start`` (UTC) on."""
    draw = random.Random(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as target:
        for n in range(count):
            moment = (start + timedelta(seconds=n * spacing_seconds)).isoformat(timespec="milliseconds")
            failed = draw.random() < 0.05
            target.write(
                f'{{"execution_id":"{draw.getrandbits(64):016x}{n:08x}","task_id":"task-{n // 10}",'
                f'"run_id":"run-{n // 100}","agent_id":"agent_{n % _AGENTS}",'
                f'"tool_name":"tool_{draw.randrange(_TOOLS)}",'
                f'"started_at":"{moment}Z","duration_seconds":{draw.random() * 10:.3f},'
                f'"success":{"false" if failed else "true"},"cost_usd":{draw.random() / 100:.5f},'
                f'"tokens_used":{draw.randrange(5000)},"human_effort_level":"LOW","browser_used":false,'
                f'"error_type":{chr(34) + "timeout" + chr(34) if failed else "null"}}}\n'
            )


def hours_ago(hours: float) -> datetime:
    """A naive UTC time so long before now."""
    return datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=hours)
