"""What has each spec learned from its runs?

Reads the profiles of specs, models, sizes and failures; writes ``_learned`` into the spec documents, and nothing else.
"""

import json
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.thresholds import PROFILE
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.feedback.learned import Profiles
    from analytics_assets.feedback.learning import Outcome

KEY = ["suggestions", "learned_fields"]
COLUMNS = (
    Column("spec_id", "VARCHAR", "Id that the document gives itself; NULL where it cannot be read or has none."),
    Column("path", "VARCHAR", "Path of the document below the folder of the specs.", required=True),
    Column("runs_count", "BIGINT", "Judged runs of the spec as it is now, in the 30 days before as_of."),
    Column("success_rate", "DOUBLE", "Share of them that succeeded, 0 to 1; NULL without a run."),
    Column("optimal_model", "VARCHAR", "Model for the next run, as `analytics config` chooses it; NULL: not known."),
    Column("recommended_memory", "VARCHAR", "Memory for the next run, as 4Gi; NULL: not known."),
    Column("recommended_cpu", "VARCHAR", "CPU for the next run, as 500m or 2; NULL: not known."),
    Column("avg_duration_minutes", "DOUBLE", "Mean duration of a run, minutes."),
    Column("avg_cost_usd", "DOUBLE", "Mean cost of a priced run, US dollars."),
    Column("common_failures", "VARCHAR", "JSON list of up to 3 error types, most frequent first; NULL without a run."),
    Column("risk_factors", "VARCHAR", "JSON list of what makes a failure likely; NULL without a run."),
    Column("evidence_hash", "VARCHAR", "SHA-256 of these fields; stands in the document too."),
    Column("written_at", "TIMESTAMP", "When `_learned` of the document was last written, UTC; NULL: it has none."),
    Column("problem", "VARCHAR", "Why it could not be written, and what to do; NULL where it could."),
)
SPECS = """
    select
        quality.*, documents.fingerprint as document_fingerprint, documents.task_count, documents.complexity
    from profiles.spec_quality as quality
    inner join staging.stg_specs as documents on quality.spec_id = documents.id
"""
MODELS = "select * from profiles.cost_efficiency"
NEEDS = "select * from profiles.resource_needs"
FAILURES = "select spec_type, task_count, error_type, occurrences, is_frequent from profiles.failure_patterns"
RUNS = f"""
    select spec_type, task_count, complexity, count(*) as runs, count(*) filter (where not is_success) as failures
    from staging.stg_judged_runs
    where started_at > as_of - interval {PROFILE.value:.0f} day and started_at <= as_of
    group by all
"""
ADVICE = """
    select spec_id, id, suggested_value, suggested_runs, reasoning from suggestions.suggestions
    where target = 'model' and status = 'pending' and level in ('HIGH', 'MED')
    order by level = 'HIGH' desc, confidence desc, id
"""


@dg.asset(
    key=KEY,
    deps=[
        ["suggestions", "suggestions"],
        ["profiles", "spec_quality"],
        ["profiles", "cost_efficiency"],
        ["profiles", "resource_needs"],
        ["profiles", "failure_patterns"],
        ["staging", "stg_judged_runs"],
        ["staging", "stg_specs"],
    ],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def learned_fields(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What was learned of each spec and stands in its document. One row per spec document."""
    from datetime import UTC, datetime

    from analytics_assets.feedback.learned import learn
    from analytics_assets.feedback.learning import tell_ledger, write_learned
    from analytics_assets.warehouse.frames import frame_of

    settings, now = warehouse.settings, datetime.now(UTC)
    with warehouse.get_connection() as con:
        outcomes = write_learned(settings, learn(_profiles(con), settings.sizes), now)
        written = [outcome.change for outcome in outcomes if outcome.change is not None]
        for before, after in written:
            tell_ledger(con, before, after, now.replace(tzinfo=None))
    context.log.info("%d documents, %d of them written", len(outcomes), len(written))
    return dg.MaterializeResult(
        value=frame_of(COLUMNS, [_row(outcome) for outcome in outcomes]), metadata={"written": len(written)}
    )


def _profiles(con: "DuckDBPyConnection") -> "Profiles":
    from analytics_assets.feedback.learned import Profiles
    from analytics_assets.warehouse.connection import records

    return Profiles(*(records(con, statement) for statement in (SPECS, MODELS, NEEDS, FAILURES, RUNS, ADVICE)))


def _row(outcome: "Outcome") -> dict[str, Any]:
    fields: dict[str, Any] = outcome.fields or {}
    sizes = fields.get("recommended_resources") or {}
    lists = {name: fields.get(name) for name in ("common_failures", "risk_factors")}
    cpu = sizes.get("cpu")
    return {
        **fields,
        **{name: None if value is None else json.dumps(value) for name, value in lists.items()},
        "spec_id": outcome.spec_id,
        "path": outcome.path,
        "recommended_memory": sizes.get("memory"),
        "recommended_cpu": None if cpu is None else str(cpu),
        "written_at": outcome.written_at,
        "problem": outcome.problem,
    }


@dg.asset_check(asset=KEY, description="Every spec document could be written.")
def learned_fields_are_written(learned_fields: Frame) -> dg.AssetCheckResult:
    """What stands in the way of a document is for its owner to see to: it is told, and nothing fails."""
    problems = learned_fields.loc[learned_fields["problem"].notna(), ["path", "problem"]]
    return dg.AssetCheckResult(
        passed=problems.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "documents": len(learned_fields),
            "problems": shown_rows(("path", "problem"), problems.head(EXAMPLES).to_numpy().tolist()),
        },
    )


@dg.asset_check(asset=KEY, description="The documents hold what the table says.")
def learned_fields_match_the_files(learned_fields: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Read every written document again and compare the hash of its evidence."""
    from analytics_assets.feedback.learning import differing

    written = learned_fields[learned_fields["problem"].isna() & learned_fields["written_at"].notna()]
    hashes = written.loc[written["evidence_hash"].notna(), ["path", "evidence_hash"]]
    wrong = differing(warehouse.settings, dict(hashes.to_numpy().tolist()))
    return dg.AssetCheckResult(
        passed=not wrong,
        # A person may have changed a document since: the next refresh puts it right.
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"compared": len(hashes), "differing": wrong[:EXAMPLES]},
    )
