"""Dagster's own SQLite files, kept open while their process lives (docs/adr/0015-dagsters-files-stay-open.md).

The stock storages make an engine, a connection and every compiled statement anew for each event, and a run has
thousands of events: a third of the processor time of a refresh. The files, their tables and their place are the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from sqlalchemy import create_engine, event

if TYPE_CHECKING:
    from dagster._serdes import ConfigurableClassData
    from sqlalchemy.engine import Connection, Engine

BUSY_SECONDS = 60
"""How long a statement waits for another process that writes to the same file."""
FILES_OPEN = 8
"""Event logs of runs that are kept open: more than run at once."""


class OpenEventLogStorage(SqliteEventLogStorage):
    """The stock event log, one file per run, of which the newest used stay open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """As Dagster makes it from dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as con:
                yield con

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            self._engines[shard] = _open(self.conn_string_for_shard(shard))
        self._engines.move_to_end(shard)
        while len(self._engines) > FILES_OPEN:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def wipe(self) -> None:
        """Delete every event. A file that stayed open has no name then, and would take what comes next with it."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close every file, after whoever watches them has stopped: it would open them again."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


class OpenRunStorage(SqliteRunStorage):
    """The stock storage of runs, whose one file stays open."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engine = _open(conn_string)
        super().__init__(conn_string, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """As Dagster makes it from dagster.yaml."""
        return cls.from_local(inst_data=inst_data, **config_value)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection within a transaction."""
        with self._engine.begin() as con:
            yield con

    def dispose(self) -> None:
        """Close the file."""
        super().dispose()
        self._engine.dispose()


def _open(address: str) -> Engine:
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(con: Any, _: object) -> None:
        # Beside a write-ahead log, as these files have, a loss of power then costs the last events and harms no file.
        con.execute("pragma synchronous = normal")

    return engine
