"""A warehouse with pipeline executions, as staging leaves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.warehouse import frames
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.lib.pipeline_worlds import END, START, World

TABLES = """
    create table staging.stg_pipelines (
        id varchar, pipeline_name varchar, started_at timestamp, completed_at timestamp, status varchar,
        configuration_version varchar, configuration varchar, head_sha varchar, attempt bigint, queued_seconds double
    );
    create table staging.stg_steps (
        pipeline_id varchar, step_name varchar, step_order bigint, started_at timestamp, completed_at timestamp,
        status varchar, performance_data varchar, resource_consumption varchar
    );
    create table staging.stg_pipeline_configurations (
        pipeline_name varchar, configuration_version varchar, configuration varchar, first_seen_at timestamp
    );
    create table staging.stg_as_of (kind varchar, as_of timestamp, is_stale boolean)
"""


class Pipelines:
    """Fills the tables that are read, and computes assets."""

    def __init__(self) -> None:
        self.warehouse = WarehouseResource()
        with connect(self.warehouse.settings) as con:
            create_schema(con)
            con.execute(TABLES)

    def has(self, *worlds: World, needs: Mapping[str, Any] | None = None, as_of: datetime = END) -> Pipelines:
        """The executions of these worlds, with these needs declared."""
        for world in worlds:
            self.add(world, needs)
        self.execute("delete from staging.stg_as_of")
        self.execute("insert into staging.stg_as_of values ('pipelines', ?, false)", [as_of])
        return self

    def add(self, world: World, needs: Mapping[str, Any] | None) -> None:
        """One world."""
        configuration = json.dumps({"needs": needs} if needs else {"runner": "x"})
        executions, steps = world.frames()
        status = pd.Series("success", index=steps.index).mask(steps["failures"] > 0, "failed")
        entries = steps.assign(
            status=status.where(steps["ran"], "skipped"),
            performance_data=[json.dumps({"cache_hit": bool(hit)} if hit >= 0 else {}) for hit in steps["cache_hit"]],
            resource_consumption='{"memory_mb": 512, "cpu_seconds": 4.5}',
        ).rename(columns={"began_at": "started_at", "ended_at": "completed_at"})
        self.insert("stg_pipelines", executions.assign(pipeline_name=world.name, configuration=configuration))
        self.insert("stg_steps", entries)
        first = executions.groupby("configuration_version")["started_at"].min().rename("first_seen_at").reset_index()
        self.insert("stg_pipeline_configurations", first.assign(pipeline_name=world.name, configuration=configuration))

    def insert(self, table: str, frame: pd.DataFrame) -> None:
        """Add rows by the names of the columns."""
        with self.warehouse.get_connection() as con:
            names = [row[0] for row in con.execute(f"describe staging.{table}").fetchall()]
            con.register("added", frame.reindex(columns=names))
            con.execute(f"insert into staging.{table} select * from added")
            con.unregister("added")

    def execute(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Run a statement."""
        with self.warehouse.get_connection() as con:
            return con.execute(sql, parameters).fetchall()

    def written(self, asset: Any, **given: Any) -> pd.DataFrame:
        """Compute an asset and write its table, as a refresh does: its frame."""
        result = called(asset, warehouse=self.warehouse, **given)
        with self.warehouse.get_connection() as con:
            frames.write(con, *asset.key.path, frame=result.value)
            return frames.read(con, *asset.key.path)


__all__ = ["END", "START", "Pipelines"]
