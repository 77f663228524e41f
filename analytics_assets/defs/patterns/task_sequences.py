"""Which tools follow one another within a task, which tasks within a run, and which of it goes with failure?

Reads the judged runs, their tasks and the tool calls of these; feeds ``task_patterns``.
"""

import json
from typing import Any

import dagster as dg

from analytics_assets.defs.patterns.mined import (
    AS_OF,
    EXECUTIONS,
    LAST_OBSERVED,
    RUN_TASKS,
    RUNS,
    SAMPLE_IDS,
    SEQUENCE_STATEMENTS,
    ends,
)
from analytics_assets.defs.patterns.tables import TESTED, none_wrong, p_values_verdict, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.warehouse.columns import RECORDS_END, Column
from analytics_assets.warehouse.connection import records

KEY = ["patterns", "task_sequences"]
READ = [RUNS, RUN_TASKS, EXECUTIONS, AS_OF]
SEQUENCES = (
    Column("population", "VARCHAR", "tools: within a task of a run; tasks: their types within a run.", required=True),
    Column("sequence", "VARCHAR", "Items in order, others between them or not, as a JSON list.", required=True),
    Column("is_in_a_row", "BOOLEAN", "Whether nothing is between them: a loop of one item.", required=True),
    Column("length", "BIGINT", "Items of the sequence, 1 to 5.", required=True),
    Column("support_count", "BIGINT", "Tasks (runs) with the sequence: 20 or more.", required=True),
    Column("sequences", "BIGINT", "Tasks (runs) that were looked at.", required=True),
    Column("support", "DOUBLE", "support_count / sequences, 0 to 1.", required=True),
    Column(
        "failing_support_count",
        "BIGINT",
        "Of these, those that failed or were retried.",
        required=True,
    ),
    Column("failure_rate", "DOUBLE", "failing_support_count / support_count, 0 to 1.", required=True),
    Column("failure_rate_others", "DOUBLE", "The same of those without the sequence; NULL where all have it."),
    *TESTED,
    Column("lift", "DOUBLE", "Support, by that of items drawn one by one; 1 is chance.", required=True),
    SAMPLE_IDS,
    LAST_OBSERVED,
    *RECORDS_END,
)
SHOWN = (
    "population",
    "sequence",
    "is_in_a_row",
    "support_count",
    "failure_rate",
    "failure_rate_others",
    "p_adjusted",
    "lift",
)
RECOUNTED = 40


@dg.asset(
    key=KEY,
    deps=READ,
    kinds={"python", "scipy"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(SEQUENCES)},
)
def task_sequences(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Sequences of tools and tasks that go with failure, or are frequent beyond chance. One row per sequence.

    PrefixSpan over the newest 10,000 tasks (runs). What success goes with is not told: work that ends at its failure
    has not what would have come later.
    """
    from analytics_assets.lib.sequence_rules import Sequences, sequence_rules
    from analytics_assets.warehouse.frames import frame_of

    rows: list[dict[str, Any]] = []
    sizes: dict[str, int] = {}
    with warehouse.get_connection() as con:
        window = ends(con, "runs")
        for name, statement in SEQUENCE_STATEMENTS.items():
            sequences = Sequences.of_rows(name, records(con, statement))
            sizes[name] = len(sequences.items)
            rows += [row | window for row in sequence_rules(sequences)]
    frame = frame_of(SEQUENCES, rows)
    return dg.MaterializeResult(value=frame, metadata={"sequences": sizes, "surest": shown(frame, SHOWN)})


@dg.asset_check(asset=KEY, additional_deps=READ, description="The counts of sequences recount.")
def sequences_recount(task_sequences: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Regular expressions count them again, which know nothing of PrefixSpan; another count is a fault of one."""
    import pandas as pd

    from analytics_assets.lib.sequence_rules import Sequences, recounted

    first = task_sequences.head(RECOUNTED)
    with warehouse.get_connection() as con:
        found = {
            name: Sequences.of_rows(name, records(con, statement)) for name, statement in SEQUENCE_STATEMENTS.items()
        }
    is_wrong = [
        recounted(found[row["population"]], json.loads(row["sequence"]), in_a_row=bool(row["is_in_a_row"]))
        != (row["support_count"], row["failing_support_count"])
        for row in first.to_dict("records")
    ]
    wrong = first[pd.Series(is_wrong, index=first.index, dtype=bool)]
    return none_wrong("recounted", first, wrong, SHOWN)


@dg.asset_check(asset=KEY, description="P-values are shares, and adjusting makes none smaller.")
def sequence_p_values_are_sound(task_sequences: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(task_sequences)
