"""What an application imports to record what it does: each record is one line in a file of the inbox.

    from analytics_assets.recorder import Recorder

    recorder = Recorder()
    with recorder.execution(tool_name="search", agent_id="agent-1") as execution:
        execution.set(tokens_used=1200)

Recording never raises into the application: what cannot be recorded is a warning of this module's logger,
with the reason. ``strict=True`` raises instead. A record that lacks a required field is written all the same,
with a warning: it ends in ``quarantined_lines``, where people look. Keyword arguments are the fields of the
kind's contract (``analytics schema KIND`` lists them); further ones are kept in ``extra``. Ids and times are
filled in when absent. Records are safe across threads and processes, forked ones included, and are with the
operating system when the call returns: they survive the process, not a power cut. Importing this costs
milliseconds: standard library only.
"""

from __future__ import annotations

import hashlib
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_assets.contracts import CONTRACTS
from analytics_assets.line_files import LineFiles, iso, json_line
from analytics_assets.timed_execution import Execution

if TYPE_CHECKING:
    from analytics_assets.contracts import Contract

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 64 * 2**20
"""A new file is begun beyond this: small enough to be moved and unpacked, large enough to be few."""
REMEMBERED = 10_000
"""Entities whose first time this recorder remembers; an application has fewer of them open at once."""


class Recorder:
    """Appends records to the inbox of a data folder.

    Without ``data_dir`` that is the folder that ``ANALYTICS_DATA_DIR`` names, else ``data`` here. Each method
    returns the record's id, or None when the record was not written. An entity (run, issue, task, task
    execution, pipeline, spec) may be recorded again under its id: the latest version counts, whole, so repeat what
    still holds. Its first time is repeated for you when this recorder filled it in.
    """

    def __init__(
        self,
        data_dir: Path | str | None = None,
        *,
        strict: bool = False,
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        self.data_dir = Path(data_dir).expanduser().absolute() if data_dir is not None else _data_dir()
        self.strict = strict
        self._files = LineFiles(self.data_dir / "inbox", max_file_bytes)
        self._first_times: dict[tuple[str, str], str] = {}

    def record_execution(self, /, **fields: object) -> str | None:
        """Record a tool execution: ``tool_name`` and ``success`` are needed.

        ``cost_actual`` is taken as ``cost_usd``. Without ``started_at`` it began ``duration_seconds`` ago.
        """
        if "cost_actual" in fields:
            cost = fields.pop("cost_actual")
            fields.setdefault("cost_usd", cost)
        return self.record("executions", **fields)

    def execution(self, /, **fields: object) -> Execution:
        """Time a tool execution and record how it ended, in a ``with`` block."""
        return Execution(self, fields)

    def record_run(self, /, **fields: object) -> str | None:
        """Record a run of a spec, or its new state: ``spec_id`` and ``status`` are needed."""
        return self.record("runs", **fields)

    def record_procedure_call(self, /, **fields: object) -> str | None:
        """Record a use of a procedure: ``satellite_id``, ``procedure_id`` and ``status`` are needed."""
        return self.record("procedure_calls", **fields)

    def record_procedure_feedback(self, /, **fields: object) -> str | None:
        """Record feedback on a procedure: ``procedure_id`` is needed; clarity and usefulness are 1 to 5."""
        return self.record("procedure_feedback", **fields)

    def record_issue(self, /, **fields: object) -> str | None:
        """Record a problem or its new state: ``issue``, ``category``, ``priority``, ``status`` are needed."""
        return self.record("issues", **fields)

    def record_review(self, /, **fields: object) -> str | None:
        """Record an optimization run: ``scope`` is needed."""
        return self.record("reviews", **fields)

    def record_task(self, /, **fields: object) -> str | None:
        """Record a work item, or its new state: ``title`` and ``status`` are needed."""
        return self.record("tasks", **fields)

    def record_task_execution(self, /, **fields: object) -> str | None:
        """Record an attempt at a task, or its new state: ``task_id`` and ``status`` are needed."""
        return self.record("task_executions", **fields)

    def record_pipeline(self, /, **fields: object) -> str | None:
        """Record a pipeline execution or its new state.

        ``pipeline_name``, ``status`` and ``trigger_type`` are needed.
        """
        return self.record("pipelines", **fields)

    def record_metric(self, /, **fields: object) -> str | None:
        """Record a sample of a metric: ``metric_name``, ``metric_value`` and ``source_system`` are needed.

        A sample has no id, so None is returned.
        """
        return self.record("metrics", **fields)

    def record_event(self, /, **fields: object) -> str | None:
        """Record an integration event: ``event_type``, ``source_system`` and ``status`` are needed."""
        return self.record("events", **fields)

    def record_decision(self, /, **fields: object) -> str | None:
        """Record what was decided about a suggestion, pattern, alert or prediction.

        ``subject_type``, ``subject_id`` and ``decision`` are needed.
        """
        return self.record("decisions", **fields)

    def record_spec(self, /, **fields: object) -> str | None:
        """Record a spec, or a new version of it: ``id`` is needed.

        It becomes a document of its own, as those that people write in ``specs``; the same one again changes nothing.
        """
        return self.record("specs", **fields)

    def record(self, kind: str, /, **fields: object) -> str | None:
        """Record one record of a kind, by the fields of its contract."""
        try:
            contract = CONTRACTS[kind]
            record = self._completed(contract, fields)
            missing = [f.name for f in contract.fields if f.required and f.name not in record]
            if missing and self.strict:
                raise ValueError(f"{kind}: {', '.join(missing)} missing")
            if missing:
                log.warning("a record of %s lacks %s and will be quarantined", kind, ", ".join(missing))
            if kind == "specs":
                _write_document(self.data_dir / "inbox" / kind, json_line(dict(sorted(record.items()))))
            else:
                self._files.append(kind, json_line(record))
        except Exception as problem:
            # The promise of this module: a log that cannot be written does not stop the work that it is
            # about.
            if self.strict:
                raise
            log.warning("a record of %s was not written: %s: %s", kind, type(problem).__name__, problem)
            return None
        key = None if contract.surrogate_key else record.get(contract.key[0])
        return None if key is None else str(key)

    def close(self) -> None:
        """Close the files; a later record begins new ones."""
        self._files.close()

    def _completed(self, contract: Contract, fields: dict[str, object]) -> dict[str, object]:
        """The fields that have a value, with id, time and version filled in."""
        now = datetime.now(UTC)
        record = {name: value for name, value in fields.items() if value is not None}
        # The id of a spec is its author's: runs name it.
        if not contract.surrogate_key and contract.kind != "specs":
            record.setdefault(contract.key[0], os.urandom(16).hex())
        if contract.time_field and contract.time_field not in record:
            began = now - _duration(record.get("duration_seconds"))
            record[contract.time_field] = self._first_time(contract, record, iso(began))
        # A version of a spec is its content alone: a time would make each recording of it a new one.
        if "updated_at" in contract.names:
            record.setdefault("updated_at", iso(now))
        return record

    def _first_time(self, contract: Contract, record: dict[str, object], began: str) -> str:
        """When an entity was first recorded here: a second version of a run did not start the run again."""
        if not contract.is_entity:
            return began
        if len(self._first_times) >= REMEMBERED:
            self._first_times.pop(next(iter(self._first_times)), None)
        return self._first_times.setdefault((contract.kind, str(record[contract.key[0]])), began)


def _write_document(folder: Path, content: bytes) -> None:
    """One file per content, complete the moment it has its name."""
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.json"
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{path.name}.{os.urandom(8).hex()}.tmp"
    fresh.write_bytes(content)
    fresh.replace(path)


def _duration(seconds: object) -> timedelta:
    """How long ago something began that has just ended; zero where that is not a sane number of seconds."""
    if isinstance(seconds, (int, float)) and 0 <= seconds < 86_400 * 366:
        return timedelta(seconds=float(seconds))
    return timedelta(0)


def _data_dir() -> Path:
    # Read here and not through ``settings``: that needs pydantic, and an application may have another
    # version.
    return Path(os.environ.get("ANALYTICS_DATA_DIR") or "data").expanduser().absolute()


_recorders: dict[Path, Recorder] = {}


def default_recorder() -> Recorder:
    """The recorder of the data folder that the environment names now; made on first use and kept."""
    folder = _data_dir()
    known = _recorders.get(folder)
    # Of two threads that come first together, one's recorder is dropped before it has opened a file.
    return known if known is not None else _recorders.setdefault(folder, Recorder(folder))


def execution(**fields: object) -> Execution:
    """``Recorder.execution`` of the default recorder."""
    return default_recorder().execution(**fields)


def record_execution(**fields: object) -> str | None:
    """``Recorder.record_execution`` of the default recorder."""
    return default_recorder().record_execution(**fields)


def record_run(**fields: object) -> str | None:
    """``Recorder.record_run`` of the default recorder."""
    return default_recorder().record_run(**fields)


def record_procedure_call(**fields: object) -> str | None:
    """``Recorder.record_procedure_call`` of the default recorder."""
    return default_recorder().record_procedure_call(**fields)


def record_procedure_feedback(**fields: object) -> str | None:
    """``Recorder.record_procedure_feedback`` of the default recorder."""
    return default_recorder().record_procedure_feedback(**fields)


def record_issue(**fields: object) -> str | None:
    """``Recorder.record_issue`` of the default recorder."""
    return default_recorder().record_issue(**fields)


def record_review(**fields: object) -> str | None:
    """``Recorder.record_review`` of the default recorder."""
    return default_recorder().record_review(**fields)


def record_task(**fields: object) -> str | None:
    """``Recorder.record_task`` of the default recorder."""
    return default_recorder().record_task(**fields)


def record_task_execution(**fields: object) -> str | None:
    """``Recorder.record_task_execution`` of the default recorder."""
    return default_recorder().record_task_execution(**fields)


def record_pipeline(**fields: object) -> str | None:
    """``Recorder.record_pipeline`` of the default recorder."""
    return default_recorder().record_pipeline(**fields)


def record_metric(**fields: object) -> str | None:
    """``Recorder.record_metric`` of the default recorder."""
    return default_recorder().record_metric(**fields)


def record_event(**fields: object) -> str | None:
    """``Recorder.record_event`` of the default recorder."""
    return default_recorder().record_event(**fields)


def record_decision(**fields: object) -> str | None:
    """``Recorder.record_decision`` of the default recorder."""
    return default_recorder().record_decision(**fields)


def record_spec(**fields: object) -> str | None:
    """``Recorder.record_spec`` of the default recorder."""
    return default_recorder().record_spec(**fields)
