"""JSON Schema of a kind, derived from its contract."""

from __future__ import annotations

from typing import Any

from analytics_assets.contracts.model import Contract, Field, Type

_NUMERIC_TEXT = "^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$"
_SCHEMAS: dict[Type, dict[str, Any]] = {
    Type.TEXT: {"type": ["string", "number", "boolean"]},
    Type.INT: {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^-?[0-9]+$"}]},
    Type.REAL: {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMERIC_TEXT}]},
    Type.BOOL: {"enum": [True, False, "true", "false", 0, 1]},
    Type.TIME: {
        "anyOf": [
            {"type": "string", "format": "date-time"},
            {"type": "number", "description": "Unix seconds; above 1e11 milliseconds"},
        ]
    },
    Type.CHOICE: {"type": "string"},
    Type.MAP: {"type": ["object", "array"]},
    Type.TAGS: {"type": "object"},
    Type.TEXTS: {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
}


def json_schema(contract: Contract) -> dict[str, Any]:
    """The schema (draft 2020-12) of one record; unknown fields are allowed and kept."""
    properties = {field.name: _property(field) for field in contract.fields}
    for child in contract.children:
        properties[child.list_field] = {
            "type": ["array", "null"],
            "description": child.meaning,
            "items": _object(child.fields),
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": contract.kind,
        "description": contract.grain,
        "type": "object",
        "properties": properties,
        "required": [field.name for field in contract.fields if field.required],
        "additionalProperties": True,
    }


def _object(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": True,
    }


def _property(field: Field) -> dict[str, Any]:
    schema = dict(_SCHEMAS[field.type])
    if field.date_allowed:
        schema["anyOf"] = [*schema["anyOf"], {"type": "string", "format": "date"}]
    if field.choice is not None:
        words = list(field.choice.values)
        schema["examples" if field.choice.open else "enum"] = words
        if field.choice.synonyms:
            schema.pop("enum", None)
            schema["examples"] = words
            schema["x-synonyms"] = dict(field.choice.synonyms)
    if field.minimum is not None:
        schema["minimum"] = field.minimum
    if field.maximum is not None:
        schema["maximum"] = field.maximum
    if not field.required:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return schema | {"description": field.meaning}
