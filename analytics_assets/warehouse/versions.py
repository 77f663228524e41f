"""Which of the records just read are new, and which version of an entity counts.

Events go straight into their raw table and copies are taken out again; versions of an entity wait in a temporary
table until it is known which are new. ``first_id`` bounds the files of the load at hand: ids only grow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics_assets.contracts import Child, Contract
from analytics_assets.warehouse import typed
from analytics_assets.warehouse.columns import ORIGIN, entry_columns
from analytics_assets.warehouse.schema import declaration

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class OrderMattersError(Exception):
    """Two records of one key differ, so the first line must be known: read the files again in order."""


def target(contract: Contract) -> str:
    """The table that the records of a kind are read into."""
    return f"incoming_{contract.kind}" if contract.is_entity else f"raw.{contract.kind}"


def list_columns(contract: Contract) -> list[str]:
    """Lists of records, kept as JSON until their own rows are made."""
    return [f"{typed.name(child.list_field)} as {typed.name(child.list_field)}" for child in contract.children]


def prepare(con: DuckDBPyConnection, contract: Contract) -> None:
    """Make the waiting room of an entity."""
    if not contract.is_entity:
        return
    read = {field.column for field in contract.fields} | {column.name for column in ORIGIN}
    columns = declaration(tuple(c for c in entry_columns(contract) if c.name in read))
    lists = "".join(f', "{child.list_field}" JSON' for child in contract.children)
    con.execute(f"create or replace temp table incoming_{contract.kind} ({columns}{lists})")


def settle(
    con: DuckDBPyConnection, contract: Contract, first_id: int, batch_id: int, *, in_order: bool, is_checked: bool
) -> None:
    """Leave only what is new, and say which versions count; ``is_checked`` as in ``typed.converted``.

    Raises:
        OrderMattersError: which record came first cannot be told, as they were not read in order.
    """
    if not contract.is_entity:
        _drop_copies(con, contract, first_id, in_order=in_order)
        return
    _add_versions(con, contract)
    _choose_current(con, contract, first_id)
    for child in contract.children:
        _add_children(con, contract, child, first_id, is_checked=is_checked)
    if contract.kind == "pipelines":
        _add_configurations(con, first_id, batch_id)


def new_records(con: DuckDBPyConnection, contract: Contract, first_id: int) -> dict[int, int]:
    """New records (or versions) per file."""
    rows = con.execute(
        f"select file_id, count(*) from raw.{contract.kind} where file_id >= {first_id} group by file_id"
    ).fetchall()
    return dict(rows)


def touch_hours(con: DuckDBPyConnection, contract: Contract, first_id: int, batch_id: int) -> None:
    """Queue the hours of the new records and, of an entity, those of the versions they replace."""
    time, key = contract.time_field, contract.key_column
    # Whole microseconds are grouped, not date_trunc: it is several times faster on millions of rows.
    hours = f"select distinct epoch_us({time}) // 3600000000 as h from raw.{contract.kind} where file_id >= {first_id}"
    if contract.is_entity:
        hours += (
            f" union select epoch_us({time}) // 3600000000 from raw.{contract.kind} "
            f"where {key} in (select {key} from raw.{contract.kind} where file_id >= {first_id})"
        )
    con.execute(
        f"insert into raw.touched_hours "
        f"select '{contract.kind}', make_timestamp(h * 3600000000), {batch_id} from ({hours})"
    )


def _drop_copies(con: DuckDBPyConnection, contract: Contract, first_id: int, *, in_order: bool) -> None:
    table, key = f"raw.{contract.kind}", contract.key_column
    # Two steps: finding the few repeated keys is cheap, numbering millions of rows is not.
    con.execute(
        f"create or replace temp table repeated as select {key} as key from {table} "
        f"where file_id >= {first_id} group by {key} having count(*) > 1"
    )
    if con.execute("select 1 from repeated limit 1").fetchone() is not None:
        copies = f"from {table} where file_id >= {first_id} and {key} in (select key from repeated)"
        if not in_order:
            content = ", ".join([*(typed.name(field.column) for field in contract.fields), "extra"])
            differ = f"select 1 {copies} group by {key} having count(distinct hash(({content}))) > 1 limit 1"
            if con.execute(differ).fetchone() is not None:
                raise OrderMattersError
        con.execute(
            f"delete from {table} where rowid in (select rowid from (select rowid, "
            f"row_number() over (partition by {key} order by file_id, rowid) as copy {copies}) where copy > 1)"
        )
    fresh = f"select {key} from {table} where file_id >= {first_id}"
    seen = [f"select {key} from {table} where file_id < {first_id} and {key} in ({fresh})"]
    if contract.kind == "executions":
        seen.append(f"select {key} from raw.executions_slim where {key} in ({fresh})")
    con.execute(f"delete from {table} where file_id >= {first_id} and {key} in ({' union all '.join(seen)})")
    if _has_retired(con, contract):
        con.execute(
            f"delete from {table} where file_id >= {first_id} and md5_number_lower({key}) in ({_retired(contract)})"
        )


def _has_retired(con: DuckDBPyConnection, contract: Contract) -> bool:
    return con.execute(f"{_retired(contract)} limit 1").fetchone() is not None


def _retired(contract: Contract) -> str:
    return f"select key_hash from raw.retired_keys where kind = '{contract.kind}'"


def _add_versions(con: DuckDBPyConnection, contract: Contract) -> None:
    incoming, table, key = f"incoming_{contract.kind}", f"raw.{contract.kind}", contract.key_column
    columns = [field.column for field in contract.fields] + ["extra"]
    content = [*columns, *(child.list_field for child in contract.children)]
    parts = ", ".join(f"coalesce({typed.name(c)}::varchar, chr(30))" for c in content)
    version_at = "coalesce(updated_at, ingested_at)" if "updated_at" in columns else "ingested_at"
    con.execute(
        f"create or replace temp table {incoming} as "
        f"select *, md5(concat_ws(chr(31), {parts})) as version_hash, {version_at} as version_at, "
        f"rowid as line_order from {incoming}"
    )
    # A record that comes again is a copy, whichever version it was; a document that returns to an old version is not.
    state = "and known.is_current" if contract.kind == "specs" else ""
    retired = f"and md5_number_lower({key}) not in ({_retired(contract)})" if _has_retired(con, contract) else ""
    con.execute(
        f"create or replace temp table {incoming} as select * exclude (line_order), "
        f"(select coalesce(max(version_number), 0) from {table}) + row_number() over (order by line_order) "
        f"as version_number from {incoming} as fresh "
        f"where line_order in (select min(line_order) from {incoming} group by {key}, version_hash) "
        f"and not exists (select 1 from {table} as known "
        f"where known.{key} = fresh.{key} and known.version_hash = fresh.version_hash {state}) {retired}"
    )
    taken = [typed.name(c.name) for c in entry_columns(contract) if c.name != "is_current"]
    listed = ", ".join(taken)
    con.execute(f"insert into {table} ({listed}, is_current) select {listed}, false from {incoming}")


def _choose_current(con: DuckDBPyConnection, contract: Contract, first_id: int) -> None:
    """The version with the latest ``version_at`` counts, the later ingested of equals."""
    table, key = f"raw.{contract.kind}", contract.key_column
    con.execute(
        f"create or replace temp table verdicts as select rowid as row_id, "
        f"row_number() over (partition by {key} order by version_at desc, version_number desc) = 1 as counts "
        f"from {table} where {key} in (select {key} from {table} where file_id >= {first_id})"
    )
    con.execute(
        f"update {table} set is_current = counts from verdicts "
        f"where {table}.rowid = verdicts.row_id and is_current <> counts"
    )


def _add_children(
    con: DuckDBPyConnection, contract: Contract, child: Child, first_id: int, *, is_checked: bool
) -> None:
    key, parent = contract.key_column, typed.name(child.parent_column)
    chosen = ", ".join(typed.child_select_list(child, is_checked=is_checked))
    source = typed.name(child.list_field)
    con.execute(
        f"insert into raw.{child.table} by name select {key} as {parent}, {chosen}, file_id, batch_id, ingested_at, "
        f"version_number, false as is_current from (select {key}, file_id, batch_id, ingested_at, version_number, "
        f"unnest(from_json({source}, '[\"JSON\"]')) as item from incoming_{contract.kind} "
        f"where {source} is not null)"
    )
    required = " or ".join(typed.is_missing(field) for field in child.fields if field.required)
    broken = con.execute(
        f"select error('{child.list_field}: a required field is missing') from raw.{child.table} "
        f"where file_id >= {first_id} and ({required}) limit 1"
    )
    broken.fetchall()
    con.execute(
        f"update raw.{child.table} set is_current = parent.is_current "
        f"from raw.{contract.kind} as parent where parent.{key} = {child.table}.{parent} "
        f"and parent.version_number = {child.table}.version_number "
        f"and {child.table}.is_current <> parent.is_current"
    )


def _add_configurations(con: DuckDBPyConnection, first_id: int, batch_id: int) -> None:
    con.execute(
        f"insert into raw.pipeline_configurations "
        f"select pipeline_name, configuration_version, any_value(configuration order by started_at), "
        f"min(started_at), {batch_id} from raw.pipelines as pipelines "
        f"where file_id >= {first_id} and configuration_version is not null and not exists ("
        f"select 1 from raw.pipeline_configurations as known where known.pipeline_name = pipelines.pipeline_name "
        f"and known.configuration_version = pipelines.configuration_version) "
        f"group by pipeline_name, configuration_version"
    )
