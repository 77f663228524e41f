"""What repeats in runs, tasks and tools: failures under a condition, loops, overruns, chains of waiting?

Reads what was mined of them, the tasks and their dependencies; feeds the store of patterns.
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.contracts.words import OPEN_STATUS
from analytics_assets.defs.patterns.mined import AS_OF, ATTEMPTS, TASKS, ends
from analytics_assets.defs.patterns.tables import none_wrong, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.mining_thresholds import ATTEMPTS_SHOWN, CLOSED_TASKS, DONE_TASKS, MINED_TRANSACTIONS
from analytics_assets.pattern_store.coverage import note_coverage
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.pattern_thresholds import PATTERN_DAYS
from analytics_assets.warehouse.columns import RECORDS_END, Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.pattern_store.observed import Observed

KEY = ["patterns", "task_patterns"]
RULES, SEQUENCES, CLUSTERS = (["patterns", name] for name in ("outcome_rules", "task_sequences", "clusters"))
DEPENDENCIES = ["staging", "stg_task_dependencies"]
READ = [TASKS, DEPENDENCIES, ATTEMPTS, AS_OF]
PATTERNS = (
    *OBSERVED,
    Column("pattern_data", "VARCHAR", "Figures it rests on, as a JSON object.", required=True),
    Column("task_ids", "VARCHAR", "Newest runs and tasks that show it, as a JSON list.", required=True),
    Column("impact_assessment", "VARCHAR", "What it costs or gains, as a JSON object.", required=True),
    *RECORDS_END,
)
QUESTIONS = 6
"""Rules, sequences, clusters, overruns, chains and attempts: all are asked of all records of the window."""


def _words(meanings: tuple[str, ...], more: tuple[str, ...]) -> str:
    """The words of trackers that mean one of these, as the contracts know them, and more, as a list in SQL."""
    known = {word for word, meaning in OPEN_STATUS.synonyms.items() if meaning in meanings}
    quoted = (word.replace("'", "''") for word in sorted(known.union(meanings, more)))
    return ", ".join(f"'{word}'" for word in quoted)


DONE = _words(("success",), DONE_TASKS.values)
ENDED = _words(("success", "cancelled", "skipped"), DONE_TASKS.values + CLOSED_TASKS.values)
EFFORT = f"""
    select
        id, coalesce(updated_at, created_at) as ended_at,
        estimated_effort_minutes, actual_effort_minutes, tags, project_id, assigned_to
    from staging.stg_tasks
    where lower(status) in ({DONE}) and coalesce(updated_at, created_at) > $until - to_days({int(PATTERN_DAYS.value)})
    order by ended_at desc, id
    limit {int(MINED_TRANSACTIONS.value)}
"""
OPEN = f"""
    select
        id,
        case
            when estimated_effort_minutes is not null
                then greatest(0, estimated_effort_minutes - coalesce(actual_effort_minutes, 0))
        end as remaining
    from staging.stg_tasks
    where lower(status) not in ({ENDED})
"""
BLOCKS = "select task_id, depends_on_task_id from staging.stg_task_dependencies where dependency_type = 'blocks'"
ATTEMPTED = f"""
    select task_id, count(*) as attempts, max(started_at) as newest_at
    from staging.stg_task_executions
    where started_at > $until - to_days({int(PATTERN_DAYS.value)})
    group by task_id
    order by task_id
"""
SHOWN = ("pattern_type", "pattern_name", "confidence_score", "significance_score")


@dg.asset(
    key=KEY,
    ins={key[-1]: dg.AssetIn(key=key) for key in (RULES, SEQUENCES, CLUSTERS)},
    deps=READ,
    kinds={"python"},
    pool="warehouse",
    tags={"module": "M1"},
    metadata={"dagster/column_schema": column_schema(PATTERNS)},
)
def task_patterns(
    outcome_rules: Frame, task_sequences: Frame, clusters: Frame, warehouse: WarehouseResource
) -> dg.MaterializeResult[Frame]:
    """What repeats in runs, tasks and tools now, as the store of patterns takes it. One row per type and subject."""
    from analytics_assets.lib import task_patterns as told
    from analytics_assets.lib.plain_rows import plain_rows
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        window, of_tasks, of_attempts = (ends(con, kind) for kind in ("runs", "tasks", "task_executions"))
        tracked = _of_tasks(con, of_tasks["as_of"]) + _of_attempts(con, of_attempts["as_of"])
        note_coverage(con, ".".join(KEY), subjects=QUESTIONS, examined=QUESTIONS, as_of=window["as_of"])
    mined = [
        *told.rule_patterns(plain_rows(outcome_rules)),
        *told.sequence_patterns(plain_rows(task_sequences)),
        *told.cluster_patterns(plain_rows(clusters)),
    ]
    # Each pattern is as old as the window of its own kind.
    stale = {ends["as_of"]: ends["is_stale"] for ends in (window, of_tasks, of_attempts)}
    rows = [
        one.row | {"as_of": one.detected_at, "is_stale": stale.get(one.detected_at, window["is_stale"])}
        for one in (*mined, *tracked)
    ]
    frame = frame_of(PATTERNS, rows)
    types = frame["pattern_type"].value_counts().to_dict()
    return dg.MaterializeResult(value=frame, metadata={"types": types, "patterns": shown(frame, SHOWN)})


def _of_tasks(con: "DuckDBPyConnection", until: datetime | None) -> "list[Observed]":
    """Overruns of ended tasks, and chains of open ones."""
    from analytics_assets.lib.task_chains import blocked_chains
    from analytics_assets.lib.task_effort import effort_overruns
    from analytics_assets.lib.task_patterns import chain_patterns, overrun_patterns

    if until is None:
        return []
    overruns = effort_overruns(_rows(con, EFFORT, until))
    remaining = {row["id"]: row["remaining"] for row in _rows(con, OPEN)}
    chains = blocked_chains(remaining, con.execute(BLOCKS).fetchall())
    left = sum(minutes for minutes in remaining.values() if minutes is not None)
    return overrun_patterns(overruns, until) + chain_patterns(chains, left, until, until)


def _rows(con: "DuckDBPyConnection", statement: str, until: datetime | None = None) -> list[dict[str, Any]]:
    found = con.execute(statement, {"until": until} if until else {})
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _of_attempts(con: "DuckDBPyConnection", until: datetime | None) -> "list[Observed]":
    """Tasks that were attempted more often than is usual."""
    from analytics_assets.lib.task_effort import usual_attempts_exceeded
    from analytics_assets.lib.task_patterns import attempt_patterns

    if until is None:
        return []
    found = {row["task_id"]: row for row in _rows(con, ATTEMPTED, until)}
    exceeded = usual_attempts_exceeded({task: row["attempts"] for task, row in found.items()})
    newest = [row | {"at": found[row["task_id"]]["newest_at"]} for row in exceeded[: int(ATTEMPTS_SHOWN.value)]]
    return attempt_patterns(newest, until)


@dg.asset_check(asset=KEY, description="Each pattern has one row, and none is newer than its window.")
def task_patterns_have_identity(task_patterns: Frame) -> dg.AssetCheckResult:
    """The store keeps a pattern by its type and subject: two rows of one would be two histories."""
    is_double = task_patterns["id"].duplicated(keep=False)
    is_ahead = task_patterns["last_observed_at"] > task_patterns["detected_at"]
    wrong = task_patterns[(is_double | is_ahead).astype(bool)]
    return none_wrong("patterns", task_patterns, wrong, ("pattern_type", "subject", "detected_at"))


@dg.asset_check(
    asset=KEY,
    additional_ins={"outcome_rules": dg.AssetIn(key=RULES)},
    description="Every significant failure has its pattern.",
)
def significant_failures_are_patterns(task_patterns: Frame, outcome_rules: Frame) -> dg.AssetCheckResult:
    """A rule that is in the table and in no pattern is kept from the store, and nobody is told of it.

    Where a reason is said, that things failed is not said again, so each antecedent is asked for.
    """
    from analytics_assets.lib.plain_rows import plain_rows

    wanted = {row["antecedent"] for row in plain_rows(outcome_rules) if row["is_significant"]}
    told = {json.loads(data).get("antecedent") for data in task_patterns["pattern_data"]}
    return dg.AssetCheckResult(
        passed=wanted <= told, metadata={"antecedents": len(wanted), "missing": sorted(wanted - told)}
    )
