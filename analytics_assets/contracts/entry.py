"""One record, checked and brought to canonical form: the slow and explicit reading of a contract.

The fast reading of the same contract is SQL (``analytics_assets.warehouse.typed``). What this module returns is
always accepted there; a property test holds the two together.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analytics_assets.contracts.model import Contract, Field, Type
from analytics_assets.contracts.rejection import RejectedError, kind_of
from analytics_assets.contracts.values import from_text, in_type, is_blank


def canonical(contract: Contract, value: Any, *, now: datetime) -> dict[str, Any]:
    """The record with every field in its contract's type; fields the contract does not know are kept as they are.

    ``now`` is naive UTC: times beyond it by more than the tolerance are refused.

    Raises:
        RejectedError: the record breaks the contract.
    """
    if not isinstance(value, dict):
        raise RejectedError(None, f"expected an object, found {kind_of(value)}", "write one JSON object a line")
    record = _fields(contract.fields, value, now, where="")
    known = contract.names
    for child in contract.children:
        items = value.get(child.list_field)
        if items is None:
            continue
        items = from_text(items)
        if not isinstance(items, list):
            raise RejectedError(child.list_field, f"expected a list, found {kind_of(items)}", "write a JSON list")
        record[child.list_field] = [
            _child(child.fields, item, now, f"{child.list_field}[{n}].") for n, item in enumerate(items)
        ]
    record.update({name: extra for name, extra in value.items() if name not in known})
    return record


def rejections(contract: Contract, value: Any, *, now: datetime) -> list[RejectedError]:
    """Everything that is wrong with a record, one reason per field; empty when ``canonical`` takes it."""
    found = []
    for field in contract.fields if isinstance(value, dict) else ():
        try:
            _value(field, value, now, where="")
        except RejectedError as error:
            found.append(error)
    if not found:
        try:
            canonical(contract, value, now=now)
        except RejectedError as error:
            found.append(error)
    return found


def _child(fields: tuple[Field, ...], item: Any, now: datetime, where: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise RejectedError(where.rstrip("."), f"expected an object, found {kind_of(item)}", "write JSON objects")
    record = _fields(fields, item, now, where)
    names = {field.name for field in fields}
    return record | {name: extra for name, extra in item.items() if name not in names}


def _fields(fields: tuple[Field, ...], value: dict[str, Any], now: datetime, where: str) -> dict[str, Any]:
    record = {field.name: _value(field, value, now, where) for field in fields}
    return {name: given for name, given in record.items() if given is not None}


def _value(field: Field, value: dict[str, Any], now: datetime, where: str) -> Any:
    """The field's value in its type; None where it is not given. A required one that is blank says nothing."""
    given, name = value.get(field.name), where + field.name
    if field.required and (given is None or is_blank(given)):
        state = "missing" if field.name not in value else "null" if given is None else "blank" if given else "empty"
        raise RejectedError(name, f"{state}, but it is required", f"add {field.name}")
    if given is None:
        return None
    if field.type is Type.CHOICE and is_blank(given):
        state = "blank" if given else "empty"
        raise RejectedError(name, f"{state} text where a word is meant", "leave the field out")
    if given == "" and field.type is not Type.TEXT:
        raise RejectedError(name, f"empty text where {field.type.value} is meant", "leave the field out")
    return in_type(field, given, name, now)
