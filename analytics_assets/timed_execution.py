"""A tool execution that is recorded when it ends: ``Recorder.execution`` begins one."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from analytics_assets.line_files import iso

if TYPE_CHECKING:
    from types import TracebackType

    from analytics_assets.recorder import Recorder


class Execution:
    """A tool execution under way; leaving the ``with`` block records it, an exception as its failure."""

    def __init__(self, recorder: Recorder, fields: dict[str, object]) -> None:
        self.execution_id = str(fields.get("execution_id") or os.urandom(16).hex())
        self._recorder = recorder
        self._fields: dict[str, object] = {"success": True, **fields, "execution_id": self.execution_id}
        self._began = 0.0

    def set(self, /, **fields: object) -> None:
        """Add what is known by now: ``cost_usd``, ``tokens_used``, ``task_id``, ..."""
        self._fields.update(fields)

    def fail(self, error_type: str, error_message: str | None = None) -> None:
        """Say that the tool did not do what was asked, without an exception."""
        self._fields.update(success=False, error_type=error_type, error_message=error_message)

    def __enter__(self) -> Self:
        self._fields.setdefault("started_at", iso(datetime.now(UTC)))
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._fields.setdefault("duration_seconds", round(time.perf_counter() - self._began, 6))
        if kind is not None:
            self._fields.update(success=False, error_type=kind.__name__, error_message=error)
        self._recorder.record_execution(**self._fields)
