"""What do the records add up to? Every dbt model of every stage, in one step, because each start of dbt costs a second.

Reads raw; fills staging, summaries, and what SQL can count of profiles, kpis, patterns and suggestions. The models
stand in ``dbt_project/models``, a folder per stage.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from pydantic import Field

from analytics_assets import dbt_runs
from analytics_assets.dbt_runs import NodeRun
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.metadata import Materialized, Metadata, shown_rows
from analytics_assets.pictures import drawn_from
from analytics_assets.warehouse import accounting, touched
from analytics_assets.warehouse.connection import count
from analytics_assets.warehouse.schema import create_schema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNIQUE_ID = "dagster_dbt/unique_id"
"""Where dagster-dbt keeps a node's id in the metadata of its spec."""
TOUCHED_KIND = "touched_kind"
"""Tag of a model that replaces the touched hours or days of a kind."""
MODULE = "module"
"""Tag of a table of the seven modules: M1 to M7."""


class StageTranslator(DagsterDbtTranslator):
    """Stage = folder = group = first part of the key, as everywhere else."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """``stage/table``, for models and sources alike."""
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The stage."""
        return str(dbt_resource_props["schema"])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """What the model says of itself, without its SQL."""
        return str(dbt_resource_props["description"]).strip()

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 -- its signature
        """The owners that the cards of the other stages name."""
        return ["team:analytics"]

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> dict[str, str]:
        """Which kind's touched hours the model replaces, and to which of the seven modules it belongs."""
        meta = dbt_resource_props.get("config", {}).get("meta", {})
        return {tag: meta[tag] for tag in (TOUCHED_KIND, MODULE) if tag in meta}


class Rebuild(dg.Config):
    """Hours to summarise again, besides those that wait because a batch has touched them."""

    start: str | None = Field(
        default=None,
        alias="from",
        description="First hour to rebuild, ISO 8601 in UTC. Only hours that still have raw records change.",
    )
    end: str | None = Field(default=None, alias="to", description="Where to stop, exclusive.")

    def span(self) -> tuple[datetime, datetime] | None:
        """Both ends as naive UTC; None when only what waits is to be built.

        Raises:
            ValueError: one end is missing, it is no time, or they are in the wrong order.
        """
        if self.start is None and self.end is None:
            return None
        if self.start is None or self.end is None:
            raise ValueError("give both `from` and `to`, as in 2026-01-31T00:00 and 2026-02-01T00:00, or neither")
        start, end = _naive_utc(self.start), _naive_utc(self.end)
        if start >= end:
            raise ValueError(f"`from` ({start}) is not before `to` ({end})")
        return start, end


@dbt_assets(
    manifest=dbt_runs.current_manifest(),
    dagster_dbt_translator=StageTranslator(DagsterDbtTranslatorSettings(enable_code_references=False)),
    name="dbt_models",
    pool="warehouse",
)
def dbt_models(
    context: dg.AssetExecutionContext, config: Rebuild, warehouse: WarehouseResource
) -> Iterator[Materialized | dg.AssetCheckResult]:
    """Build the selected models for the hours that wait, and run their tests."""
    selected = _selected(context)
    with warehouse.get_connection() as con:
        create_schema(con)
        span = config.span()
        if span is not None:
            touched.touch_again(con, *span)
        newest = touched.newest_batch(con)
    runs = dbt_runs.build(
        warehouse.settings,
        _selection(context),
        with_tests=bool(context.selected_asset_check_keys),
        on_done=context.log.info,
    )
    troubles = [run for run in runs if run.is_trouble]
    with warehouse.get_connection() as con:
        if not troubles:
            touched.clear(con, newest, _finished_kinds(context))
        for run in runs:
            if run.unique_id in selected and run.is_done:
                yield _result(con, selected[run.unique_id], run)
    if troubles:
        raise dg.Failure(
            "dbt could not finish:\n" + "\n".join(f"{run.unique_id}: {run.message or run.status}" for run in troubles)
        )


def _naive_utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _selected(context: dg.AssetExecutionContext) -> dict[str, dg.AssetKey | dg.AssetCheckKey]:
    """Models and tests that were asked for, by their dbt id."""
    models = {s.metadata[UNIQUE_ID]: s.key for s in _specs(context)}
    tests = {
        s.metadata[UNIQUE_ID]: s.key
        for s in context.assets_def.check_specs
        if s.key in context.selected_asset_check_keys
    }
    return {**models, **tests}


def _specs(context: dg.AssetExecutionContext) -> list[dg.AssetSpec]:
    return [spec for spec in context.assets_def.specs if spec.key in context.selected_asset_keys]


def _selection(context: dg.AssetExecutionContext) -> list[str] | None:
    """Names for dbt's ``--select``; None for all."""
    chosen = _specs(context)
    if len(chosen) == len(list(context.assets_def.specs)):
        return None
    return [spec.key.path[-1] for spec in chosen]


def _finished_kinds(context: dg.AssetExecutionContext) -> list[str]:
    """Kinds of which every summary was among the selected models: none of their hours waits any more."""
    every = {(spec.tags[TOUCHED_KIND], spec.key) for spec in context.assets_def.specs if TOUCHED_KIND in spec.tags}
    missing = {kind for kind, key in every if key not in context.selected_asset_keys}
    return sorted({kind for kind, _ in every} - missing)


def _result(
    con: "DuckDBPyConnection", key: dg.AssetKey | dg.AssetCheckKey, run: NodeRun
) -> Materialized | dg.AssetCheckResult:
    if isinstance(key, dg.AssetCheckKey):
        return _verdict(con, key, run)
    table = ".".join(key.path)
    rows = count(con, f"select count(*) from {table}")
    metadata: Metadata = {"dagster/row_count": rows, "seconds": run.seconds, **drawn_from(con, table)}
    return dg.MaterializeResult(asset_key=key, metadata=metadata)


def _verdict(con: "DuckDBPyConnection", key: dg.AssetCheckKey, run: NodeRun) -> dg.AssetCheckResult:
    metadata: Metadata = {"failing_rows": run.failures or 0, "query": dg.MetadataValue.md(f"```sql\n{run.sql}\n```")}
    if run.failures and run.sql:
        found = con.execute(f"select * from ({run.sql}) limit {accounting.EXAMPLES}")
        metadata["examples"] = shown_rows([column[0] for column in found.description], found.fetchall())
    return dg.AssetCheckResult(
        passed=run.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if run.status == "warn" else dg.AssetCheckSeverity.ERROR,
        asset_key=key.asset_key,
        check_name=key.name,
        metadata=metadata,
    )
