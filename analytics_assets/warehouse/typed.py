"""The fast reading of a contract: SQL that types, checks and maps every record of a batch in one statement.

An expression raises on the first value it cannot take, and the files then go line by line
(``analytics_assets.contracts.entry``), where each line gets its own verdict. DuckDB's reader is more lenient in one
place: true and false stand for 1 and 0 in a number field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from analytics_assets.contracts.line import MAX_DEPTH
from analytics_assets.contracts.model import Child, Choice, Contract, Field, Type
from analytics_assets.contracts.values import BLANKS, MAX_EXACT_INT, MILLISECONDS_ABOVE

_READ_AS = {
    Type.TEXT: "VARCHAR",
    Type.INT: "DOUBLE",
    Type.REAL: "DOUBLE",
    Type.BOOL: "VARCHAR",
    Type.TIME: "VARCHAR",
    Type.CHOICE: "VARCHAR",
    Type.MAP: "JSON",
    Type.TAGS: "MAP(VARCHAR, VARCHAR)",
    Type.TEXTS: "VARCHAR[]",
}


_FIRST_BEYOND_ASCII = min(blank for blank in BLANKS if not blank.isascii())
"""Of ASCII, every blank stands before ``!``."""


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A name as an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def objects_of(files: Sequence[str], max_line_bytes: int) -> str:
    """Relation of the lines of some files: ``json``, ``filename``."""
    listed = ", ".join(quoted(f) for f in files)
    return (
        f"read_ndjson_objects([{listed}], hive_partitioning = false, filename = true, "
        f"maximum_object_size = {max_line_bytes})"
    )


def records_of(contract: Contract, unknown: Sequence[str], files: Sequence[str], max_line_bytes: int) -> str:
    """Relation of the records of some files, each field in the type it is read as; raises on a wrong type."""
    columns = {f.name: _READ_AS[f.type] for f in contract.fields}
    columns |= {child.list_field: "JSON" for child in contract.children}
    columns |= dict.fromkeys(unknown, "JSON")
    declared = ", ".join(f"{quoted(column)}: {quoted(kind)}" for column, kind in columns.items())
    listed = ", ".join(quoted(f) for f in files)
    return (
        f"read_json([{listed}], columns = {{{declared}}}, format = 'newline_delimited', records = true, "
        f"hive_partitioning = false, filename = true, maximum_object_size = {max_line_bytes})"
    )


def select_list(contract: Contract, unknown: Sequence[str], *, is_checked: bool = False) -> list[str]:
    """Expressions, named as the raw table's columns, over ``records_of``; ``is_checked`` as in ``converted``."""
    chosen = [f"{converted(f, name(f.name), is_checked=is_checked)} as {name(f.column)}" for f in contract.fields]
    if contract.surrogate_key:
        parts = ", chr(31), ".join(_key_part(contract.field(part)) for part in contract.key)
        chosen.insert(0, f"md5(concat({parts})) as {name(contract.surrogate_key)}")
    return [*chosen, f"{_extra(unknown)} as extra"]


def child_select_list(child: Child, *, is_checked: bool = False) -> list[str]:
    """Expressions, named as the child table's columns, over a JSON column ``item``; see ``converted``."""
    chosen = []
    for field in child.fields:
        path = quoted("$." + json.dumps(field.name))
        if field.type in (Type.MAP, Type.TAGS):
            source = f"nullif(json_extract(item, {path}), 'null'::json)"
        else:
            source = f"json_extract_string(item, {path})"
        if field.type in (Type.INT, Type.REAL):
            source = f"cast({source} as double)"
        chosen.append(f"{converted(field, source, is_checked=is_checked)} as {name(field.column)}")
    known = json.dumps({field.name: None for field in child.fields})
    chosen.append(f"nullif(json_merge_patch(item, {quoted(known)}::json)::varchar, '{{}}') as extra")
    return chosen


def converted(field: Field, source: str, *, is_checked: bool = False) -> str:
    """Expression of the field's column type over a source of the type it is read as; raises on what it refuses.

    A text that begins like an object or a list may be one: DuckDB writes them alike. ``is_checked`` says that the lines
    were read one by one, so what is there is text.
    """
    match field.type:
        case Type.TEXT:
            kept = f"left({source}, {field.kept_characters})" if field.kept_characters else source
            refused = f"when left({source}, 1) in ('{{', '[') then {_refuse(field)} "
            return kept if is_checked else f"case {refused}else {kept} end"
        case Type.INT:
            exact = f"{source} = trunc({source}) and abs({source}) < {MAX_EXACT_INT}{_in_range(field, source)}"
            return f"case when {source} is null then null when {exact} then {source}::bigint else {_refuse(field)} end"
        case Type.REAL:
            finite = f"isfinite({source}){_in_range(field, source)}"
            return f"case when {source} is null or ({finite}) then {source} else {_refuse(field)} end"
        case Type.BOOL:
            return (
                f"case {source} when 'true' then true when 'false' then false else case "
                f"when {source} is null then null when lower({source}) in ('t', '1', 'yes', 'true') then true "
                f"when lower({source}) in ('f', '0', 'no', 'false') then false else {_refuse(field)} end end"
            )
        case Type.TIME:
            return _time(field, source)
        case Type.CHOICE:
            assert field.choice is not None, "a choice field has a choice"
            return _choice(field, field.choice, source, is_checked=is_checked)
        case Type.MAP:
            is_object = f"left({source}::varchar, 1) in ('{{', '[')"
            kept = f"({is_object} and not {_may_be_deep(f'{source}::varchar')})"
            return f"case when {source} is null or {kept} then {source}::varchar else {_refuse(field)} end"
        case Type.TAGS:
            return _tags(source)
        case Type.TEXTS:
            return source


def _tags(source: str) -> str:
    return f"to_json(map_from_entries(list_sort(map_entries({source}))))::varchar"


def _time(field: Field, source: str) -> str:
    # A cast to TIMESTAMP reads Z as UTC but drops an offset, so an offset goes through TIMESTAMPTZ.
    utc = f"length({source}) >= 20 and right({source}, 1) = 'Z'"
    offset = f"length({source}) >= 22 and substr({source}, -6, 1) in ('+', '-') and substr({source}, -3, 1) = ':'"
    number = f"regexp_full_match({source}, '-?[0-9]+([.][0-9]+)?')"
    seconds = (
        f"case when abs({source}::double) > {MILLISECONDS_ABOVE} then {source}::double / 1000 else {source}::double end"
    )
    day = f"when regexp_full_match({source}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') then {source}::timestamp"
    return (
        f"case when {source} is null then null when {utc} then {source}::timestamp "
        f"when {offset} then {source}::timestamptz at time zone 'UTC' "
        f"when {number} then make_timestamp((({seconds}) * 1e6)::bigint) "
        f"{day if field.date_allowed else ''} else {_refuse(field)} end"
    )


def _choice(field: Field, choice: Choice, source: str, *, is_checked: bool) -> str:
    exact = " ".join(f"when {quoted(word)} then {quoted(word)}" for word in choice.values)
    mapped = " ".join(f"when {quoted(spelling)} then {quoted(word)}" for spelling, word in choice.table.items())
    folded = f"replace(replace(lower(trim({source})), '-', '_'), ' ', '_')"
    stranger = _is_blank(source) if is_checked else f"left({source}, 1) in ('{{', '[') or {_is_blank(source)}"
    otherwise = f"when {stranger} then {_refuse(field)} else {source}" if choice.open else f"else {_refuse(field)}"
    return (
        f"case {source} {exact} else coalesce(case {folded} {mapped} end, "
        f"case when {source} is null then null {otherwise} end) end"
    )


def is_missing(field: Field) -> str:
    """Condition that is true of a row in which a required field says nothing."""
    column = name(field.column)
    return f"({column} is null or {_is_blank(column)})" if field.type is Type.TEXT else f"{column} is null"


def _is_blank(source: str) -> str:
    # Trimming is slow (11 s for 5 million ids), so the first character decides for nearly all (0.01 s).
    can_be = f"({source} < '!' or {source} >= chr({ord(_FIRST_BEYOND_ASCII)}))"
    return f"({can_be} and trim({source}, {quoted(BLANKS)}) = '')"


def _in_range(field: Field, source: str) -> str:
    low = "" if field.minimum is None else f" and {source} >= {field.minimum}"
    high = "" if field.maximum is None else f" and {source} <= {field.maximum}"
    return low + high


def _refuse(field: Field) -> str:
    return f"error({quoted(f'{field.name} breaks its contract')})"


def _key_part(field: Field) -> str:
    source = name(field.name)
    if field.type is Type.TAGS:
        return f"coalesce({_tags(source)}, '')"
    if field.type is Type.TIME:
        return f"coalesce(epoch_us({converted(field, source)})::varchar, '')"
    return f"coalesce({source}, '')"


def _extra(unknown: Iterable[str]) -> str:
    pairs = ", ".join(f"{quoted(field)}, {name(field)}" for field in unknown)
    if not pairs:
        return "null::varchar"
    # The merge drops the fields that a record does not have.
    merged = f"nullif(json_merge_patch('{{}}', json_object({pairs}))::varchar, '{{}}')"
    return f"case when {_may_be_deep(merged)} then error('nested too deep') else {merged} end"


def _may_be_deep(text: str) -> str:
    """Whether a JSON text has enough brackets to be nested too deep; the line-by-line reading counts exactly."""
    brackets = f"strlen({text}) - strlen(replace(replace({text}, '[', ''), '{{', ''))"
    return f"coalesce(strlen({text}) > {MAX_DEPTH} and {brackets} > {MAX_DEPTH}, false)"


def violations(contract: Contract, newest_allowed: str) -> list[str]:
    """Conditions that are true of a row that breaks the contract in a way no single expression sees."""
    found = []
    for field in contract.fields:
        column = name(field.column)
        if field.required:
            found.append(is_missing(field))
        if field.type is Type.TIME:
            found.append(f"{column} not between timestamp '1970-01-01' and {newest_allowed}")
    return found
