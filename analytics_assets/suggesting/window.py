"""The runs that rules look at, and what each spec is today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.sizes import cpu_mcores, memory_mb
from analytics_assets.suggesting.claim import RUNS, same
from analytics_assets.suggesting.suggestion import Subject
from analytics_assets.thresholds import PROFILE, SUGGEST_MIN_RUNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Runs without a type are compared with those of their own spec alone.
CLUSTER = "coalesce(spec_type, spec_id)"
_WINDOW = f"""
    create or replace temp table window_runs as
    select
        runs.*, {CLUSTER} as cluster,
        spec_fingerprint is not distinct from last_value(spec_fingerprint) over (
            partition by spec_id order by started_at, run_id rows between unbounded preceding and unbounded following
        ) as is_current
    from {RUNS} as runs
    where started_at > $start and started_at <= $end
"""
# What a spec asks for is what its document says; without one, what most of its newest runs were given.
_SPECS = f"""
    with newest as (
        select *, row_number() over (partition by spec_id order by started_at desc, run_id desc) as place
        from window_runs
    ),
    usual as (
        select spec_id, mode(model) as model, mode(memory_limit) as memory_limit, mode(cpu_limit) as cpu_limit
        from newest
        where place <= {SUGGEST_MIN_RUNS.value:.0f}
        group by spec_id
    )
    select
        newest.spec_id, newest.spec_type, newest.spec_fingerprint,
        coalesce(documents.model, usual.model),
        coalesce(documents.memory_limit, usual.memory_limit),
        coalesce(documents.cpu_limit, usual.cpu_limit)
    from newest
    inner join usual on newest.spec_id = usual.spec_id
    left join staging.stg_specs as documents on newest.spec_id = documents.id and $with_documents
    where newest.place = 1
    order by newest.spec_id
"""


@dataclass(frozen=True)
class Spec:
    """A spec as it is now. Sizes are None where there is none, or where nobody can read it."""

    spec_id: str
    spec_type: str | None
    fingerprint: str | None
    model: str | None
    memory: str | None
    memory_mb: float | None
    cpu: str | None
    cpu_mcores: float | None

    @property
    def subject(self) -> Subject:
        """As findings name it."""
        return Subject(self.spec_id, self.spec_type, self.fingerprint)

    @property
    def scope(self) -> tuple[str, ...]:
        """Conditions: runs of the spec as it is now; a rewritten spec starts a new history."""
        return (same("spec_id", self.spec_id), same("spec_fingerprint", self.fingerprint))

    @property
    def cluster(self) -> tuple[str, ...]:
        """Conditions: runs of specs that can be compared with it."""
        return (same("spec_type", self.spec_type),) if self.spec_type else (same("spec_id", self.spec_id),)

    @property
    def is_readable(self) -> bool:
        """Whether its sizes could be read, where it has any."""
        return (self.memory is None) == (self.memory_mb is None) and (self.cpu is None) == (self.cpu_mcores is None)


@dataclass(frozen=True)
class Window:
    """The 30 days before ``end``; its runs stand in the temporary table ``window_runs``."""

    con: DuckDBPyConnection
    end: datetime

    @property
    def start(self) -> datetime:
        """Exclusive."""
        return self.end - timedelta(days=PROFILE.value)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a statement on ``window_runs``."""
        return self.con.execute(sql).fetchall()

    def specs(self, *, with_documents: bool = True) -> list[Spec]:
        """Every spec with a judged run in the window, by id; as its document says, or as its newest runs were."""
        found = self.con.execute(_SPECS, {"with_documents": with_documents}).fetchall()
        return [
            Spec(
                spec_id=spec_id,
                spec_type=spec_type,
                fingerprint=fingerprint,
                model=model,
                memory=memory,
                memory_mb=_read(memory_mb, memory),
                cpu=cpu,
                cpu_mcores=_read(cpu_mcores, cpu),
            )
            for spec_id, spec_type, fingerprint, model, memory, cpu in found
        ]


def open_window(con: DuckDBPyConnection, end: datetime) -> Window:
    """Gather the judged runs of the 30 days before ``end``."""
    window = Window(con, end)
    con.execute(_WINDOW, {"start": window.start, "end": window.end})
    return window


def _read(reader: Callable[[str], float], quantity: str | None) -> float | None:
    """The size; None where it cannot be read: a check counts those specs."""
    if quantity is None:
        return None
    try:
        return reader(quantity)
    except ValueError:
        return None
