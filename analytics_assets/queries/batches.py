"""The newest records of each kind, batch by batch: what the quality checks judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics_assets.contracts import Type
from analytics_assets.lib.plausibility import History
from analytics_assets.lib.suites import Suite
from analytics_assets.queries.snapshot import Snapshot
from analytics_assets.thresholds import COST_BASELINE_MIN, QUALITY_ROWS

if TYPE_CHECKING:
    import pandas as pd

KEPT_CHARACTERS = 100
"""Of a required text only its presence is judged; a key is read whole."""

NEWEST = """
    select kind, max(batch_id) as batch_id, max(ingested_at) as ingested_at
    from raw.ingested_files
    where new_records > 0 and batch_id > $after
    group by kind
    order by kind
"""
TOOLS_BEFORE = """
    -- Materialized, all kept executions would be copied: 0.4 s of 20 million instead of 0.01 s.
    with kept as not materialized (
        select tool_name, cost_usd, started_at, batch_id from raw.executions
        union all
        select tool_name, cost_usd, started_at, batch_id from raw.executions_slim
    ),
    touched as (
        select distinct cast(started_at as date) as day from kept where batch_id >= $first
    ),
    earlier as (
        select tool_name, priced_executions, cost_usd
        from summaries.daily_tool_usage
        where day not in (select day from touched)
        union all
        select tool_name, count(cost_usd), sum(cost_usd)
        from kept
        where batch_id < $first
            and started_at >= (select min(day) from touched)
            and started_at < (select max(day) + interval 1 day from touched)
            and cast(started_at as date) in (select day from touched)
        group by tool_name
    )
    select tool_name, sum(priced_executions) as priced, sum(cost_usd) / nullif(sum(priced_executions), 0) as average
    from earlier
    group by tool_name
"""


@dataclass(frozen=True)
class NewBatch:
    """The newest batch that brought records of a kind; ``ingested_at`` is ISO 8601 in UTC."""

    kind: str
    batch_id: int
    ingested_at: str


@dataclass(frozen=True)
class BatchRows:
    """Rows of a table from some batches: all ``total`` of them, or a sample where that is too many."""

    rows: pd.DataFrame
    total: int

    @property
    def is_sample(self) -> bool:
        """Whether rows were left out."""
        return len(self.rows) < self.total


def new_batches(snapshot: Snapshot, after: int = 0) -> list[NewBatch]:
    """One entry per kind that got records in a batch later than ``after``."""
    found = snapshot.query(NEWEST, {"after": after}).records()
    return [NewBatch(row["kind"], row["batch_id"], row["ingested_at"]) for row in found]


def read_batches(
    snapshot: Snapshot, suite: Suite, first: int, last: int, *, limit: int = int(QUALITY_ROWS.value)
) -> BatchRows:
    """The columns of the suite and ``origin_file``, for the rows of the batches from ``first`` to ``last``.

    Of more than ``limit`` rows a sample is read: all rows of some keys, so that a repeated key is still seen.
    """
    batches: dict[str, object] = {"first": first, "last": last}
    within = "batch_id between $first and $last"
    total = snapshot.query(f"select count(*) from raw.{suite.table} where {within}", batches).rows[0][0]
    statement = f"""
        select {", ".join(_read(suite, column) for column in suite.columns)}, files.path as origin_file
        from raw.{suite.table} as records
        left join raw.ingested_files as files using (file_id)
        where records.{within} and hash(records."{suite.key[0]}") % $every = 0
        limit $limit
    """
    every = max(1, -(-total // limit))
    return BatchRows(snapshot.frame(statement, batches | {"every": every, "limit": limit}), total)


def tools_before(snapshot: Snapshot, first: int) -> History:
    """The tools of the executions from before a batch, and what they cost on average.

    Days that the batch and later ones do not touch are read from the daily rollup, which is kept for good; of the
    others the records of earlier batches are, as far as they are kept. So the cost follows the batch.
    """
    tools = snapshot.query(TOOLS_BEFORE, {"first": first}).records()
    return History(
        known_tools=frozenset(tool["tool_name"] for tool in tools),
        average_cost_usd={
            tool["tool_name"]: tool["average"]
            for tool in tools
            if tool["priced"] >= COST_BASELINE_MIN.value and tool["average"] > 0
        },
    )


def _read(suite: Suite, column: str) -> str:
    source = f'records."{column}"'
    if suite.types.get(column) is Type.TEXT and column not in suite.key:
        return f'left({source}, {KEPT_CHARACTERS}) as "{column}"'
    return source
