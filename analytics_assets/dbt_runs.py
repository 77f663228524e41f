"""dbt in this process: the manifest, kept current, and one invocation that builds models and runs their tests.

A dbt subprocess costs 3.7 s each time; in process the import is paid once (2.6 s) and an invocation starts in 0.3 s.
dbt keeps its connection open and DuckDB refuses a second one with another configuration, so all are closed at the end.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import writer_lock

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult

PROJECT = Path(__file__).parent.parent / "dbt_project"
_TARGET = PROJECT / "target"
_UNOPENED = {"ANALYTICS_WAREHOUSE_FILE": "warehouse.duckdb"}
_QUIET = ("--quiet", "--no-print", "--no-use-colors", "--log-level", "none", "--log-level-file", "none")
_SOURCES = ("models", "macros", "tests", "dbt_project.yml", "profiles.yml")


class DbtError(RuntimeError):
    """dbt could not do what it was asked; the message names the models and their errors."""


@dataclass(frozen=True)
class NodeRun:
    """What became of one model or test. ``status`` is dbt's word; ``failures`` counts the rows a test returned."""

    unique_id: str
    status: str
    seconds: float
    message: str | None
    failures: int | None
    sql: str | None

    @property
    def is_done(self) -> bool:
        """A model that was built, or a test that came to a verdict."""
        return self.status in {"success", "pass", "warn", "fail"}

    @property
    def is_trouble(self) -> bool:
        """What must not be published: an error, a test of severity error that returned rows, and all that waited."""
        return self.status not in {"success", "pass", "warn"}


def current_manifest() -> Path:
    """The manifest of the models as they are now; parsed again when a file of the project is newer.

    Raises:
        DbtError: the project does not parse.
    """
    manifest = _TARGET / "manifest.json"
    if _is_current(manifest):
        return manifest
    _TARGET.mkdir(exist_ok=True)
    with (_TARGET / "manifest.lock").open("a+") as lock:
        # Several processes may start at once; the first parses, the others find it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(manifest):
            with tempfile.TemporaryDirectory(dir=_TARGET) as scratch:
                _invoke(["parse", "--target-path", scratch, "--log-path", scratch], _UNOPENED)
                shutil.move(Path(scratch) / "manifest.json", manifest)
    return manifest


def last_models() -> list[tuple[str, str]]:
    """Stage and table of the models that no other model reads."""
    manifest = json.loads(current_manifest().read_text(encoding="utf-8"))
    models = {uid: node for uid, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    read = {parent for node in models.values() for parent in node["depends_on"]["nodes"]}
    return sorted((node["schema"], node["name"]) for uid, node in models.items() if uid not in read)


def build(
    settings: Settings,
    models: Sequence[str] | None = None,
    *,
    with_tests: bool = True,
    on_done: Callable[[str], None] = lambda _: None,
) -> list[NodeRun]:
    """Build the named models (all, when None) in their order, each followed by its tests.

    Raises:
        DbtError: dbt stopped before it ran the models; a failed model or test is a ``NodeRun`` that says so.
        WarehouseBusyError: another process wrote for too long.
    """
    target = settings.warehouse / "dbt"
    arguments = ["build", "--target-path", str(target), "--log-path", str(target)]
    arguments += ["--exclude-resource-type", "unit_test", "--no-write-json"]
    if not with_tests:
        arguments += ["--exclude-resource-type", "test"]
    if models is not None:
        arguments += ["--select", *models, "--indirect-selection", "cautious"]
    with writer_lock(settings):
        results = _invoke(arguments, _environment(settings), on_done)
    return [
        NodeRun(
            unique_id=result.node.unique_id,
            status=str(result.status),
            seconds=result.execution_time,
            message=result.message,
            failures=result.failures,
            sql=getattr(result.node, "compiled_code", None),
        )
        for result in results
    ]


def _is_current(manifest: Path) -> bool:
    try:
        written = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return False
    return all(path.stat().st_mtime_ns <= written for path in _project_files())


def _project_files() -> Iterator[Path]:
    for name in _SOURCES:
        path = PROJECT / name
        if path.is_dir():
            yield path
            yield from (found for found in path.rglob("*") if found.is_dir() or found.suffix in (".sql", ".yml"))
        elif path.exists():
            yield path


def _environment(settings: Settings) -> dict[str, str]:
    """What ``profiles.yml`` and the models read."""
    return {
        "ANALYTICS_WAREHOUSE_FILE": str(settings.warehouse_file),
        "ANALYTICS_WAREHOUSE_MEMORY": settings.warehouse_memory,
        "ANALYTICS_WAREHOUSE_TEMP": str(settings.warehouse / "tmp"),
        "ANALYTICS_HEALTH_MAX_DEBT": repr(settings.health_max_debt),
        "ANALYTICS_AS_OF_UTC": settings.as_of.isoformat() if settings.as_of else "",
    }


def _invoke(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    on_done: Callable[[str], None] = lambda _: None,
) -> Sequence[NodeResult]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def heard(event: Any) -> None:
        if event.info.name == "NodeFinished":
            on_done(event.data.node_info.node_name)

    where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    with _environment_of(environment):
        try:
            outcome = dbtRunner(callbacks=[heard]).invoke([*_QUIET, *arguments, *where])
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if outcome.exception is not None:
        raise DbtError(f"dbt {arguments[0]} stopped: {outcome.exception}") from outcome.exception
    return list(getattr(outcome.result, "results", ()))


@contextmanager
def _environment_of(variables: Mapping[str, str]) -> Iterator[None]:
    """Dbt reads its settings from the environment; they are set for one invocation only."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
