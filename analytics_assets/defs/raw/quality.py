"""Quality checks on the newest batch of every raw table: is its structure held, and is it likely?

Reads the published snapshot; feeds nobody. Entry enforces the structure already, so these checks run in the job
``quality``, beside the refresh and not before its answer: Great Expectations alone takes seconds to import.
"""

import multiprocessing
import os
from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from analytics_assets.lib.expectations import evaluate, severity
from analytics_assets.lib.suites import SUITES, Suite
from analytics_assets.queries.batches import new_batches, read_batches, tools_before
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import load_settings
from analytics_assets.thresholds import QUALITY_ROWS

_NICENESS = 10
"""Half way to the lowest priority: a tenth of the processor remains while a refresh runs."""


class BatchesToJudge(dg.Config):
    """Which batches a quality run looks at."""

    after_batch: int | None = Field(
        default=None,
        ge=0,
        description="Judge every batch later than this one; by default the newest one of the kind alone.",
    )


def check_keys(suite: Suite) -> list[dg.AssetCheckKey]:
    """The checks of a table, in the order of its claims."""
    table = dg.AssetKey(["raw", suite.table])
    return [dg.AssetCheckKey(table, claim.name) for claim in suite.claims]


def _specs(suite: Suite) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            claim.name, asset=["raw", suite.table], description=claim.description, blocking=claim.is_structure
        )
        for claim in suite.claims
    ]


def _judge(suite: Suite, after_batch: int | None) -> list[dg.AssetCheckResult]:
    """One result per claim, on the records of the snapshot that readers see now.

    Raises:
        NoSnapshotError: something is published, but cannot be read.
        ExpectationError: an expectation could not be judged.
    """
    settings = load_settings()
    if not settings.pointer.exists():
        return _nothing_to_judge(suite, "nothing is published yet")
    with open_snapshot(settings) as snapshot:
        newest = [new.batch_id for new in new_batches(snapshot, after_batch or 0) if new.kind == suite.kind]
        if not newest:
            since = f" after batch {after_batch}" if after_batch else ""
            return _nothing_to_judge(suite, f"no batch brought records of {suite.kind}{since}")
        last = newest[0]
        first = last if after_batch is None else after_batch + 1
        batch = read_batches(snapshot, suite, first, last)
        named = f"batch {last}" if first == last else f"batches {first} to {last}"
        if batch.rows.empty:
            return _nothing_to_judge(suite, f"{named} has no row in raw.{suite.table}, or retention has purged it")
        history = tools_before(snapshot, first) if suite.table == "executions" else None
        origin: dict[str, dg.MetadataValue] = {
            "batches": dg.MetadataValue.text(named),
            "snapshot_version": dg.MetadataValue.int(snapshot.version),
            "rows_in_batches": dg.MetadataValue.int(batch.total),
        }
    if batch.is_sample:
        origin["sample"] = dg.MetadataValue.text(f"{len(batch.rows)} of {batch.total} rows. {QUALITY_ROWS.why}")
    return evaluate(suite, batch.rows, history, origin)


def _nothing_to_judge(suite: Suite, reason: str) -> list[dg.AssetCheckResult]:
    """An idle system is no failure: passed, and the reason says that nothing was looked at."""
    return [
        dg.AssetCheckResult(
            asset_key=dg.AssetKey(["raw", suite.table]),
            check_name=claim.name,
            passed=True,
            severity=severity(claim),
            description=f"{claim.description} Nothing to judge: {reason}.",
            metadata={"evaluated_rows": 0, "reason": reason},
        )
        for claim in suite.claims
    ]


def _checks_of(suite: Suite) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"quality_of_{suite.table}",
        description=f"Structure and plausibility of the newest batch in raw.{suite.table}.",
        specs=_specs(suite),
        can_subset=True,
    )
    def quality(context: dg.AssetCheckExecutionContext, config: BatchesToJudge) -> Iterator[dg.AssetCheckResult]:
        _step_back()
        chosen = {key.name for key in context.selected_asset_check_keys}
        yield from (result for result in _judge(suite, config.after_batch) if result.check_name in chosen)

    return quality


def _step_back() -> None:
    """Leave the processor to a refresh that starts meanwhile: somebody waits for its answer.

    Only in a process that was started for the run; one that runs it in the foreground keeps its priority.
    """
    if multiprocessing.parent_process() is not None and os.nice(0) == 0:
        os.nice(_NICENESS)


checks_by_table = [_checks_of(suite) for suite in SUITES.values()]

QUALITY_CHECKS = tuple(key for suite in SUITES.values() for key in check_keys(suite))
"""Their keys, for jobs: a definition that is imported into another module would be loaded twice."""
