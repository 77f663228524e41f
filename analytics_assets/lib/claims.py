"""Claims about a table: what is expected of it, as data, and the claims that its contract alone makes.

A claim groups the expectations of one property over all columns that have it, so that a table has about ten checks
and not a hundred. Nothing here judges: ``analytics_assets.lib.expectations`` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics_assets.contracts import Field, Type
from analytics_assets.limits import Ceiling, Setting

EPOCH = datetime(1970, 1, 1)
EXISTS = "ExpectColumnToExist"
PANDAS_TYPES: Mapping[Type, tuple[str, ...]] = {
    Type.TEXT: ("str",),
    # DuckDB hands columns with NULL over as pandas' own nullable types.
    Type.INT: ("int64", "Int64Dtype"),
    Type.REAL: ("float64",),
    Type.BOOL: ("bool", "BooleanDtype"),
    Type.TIME: ("datetime64[us]", "datetime64[ns]"),
    Type.CHOICE: ("str",),
}
"""Lists and objects are JSON texts that no expectation reads, so they are not loaded."""


@dataclass(frozen=True)
class Expectation:
    """One Great Expectations expectation as data: its class name and its arguments.

    ``shows`` names further columns that a failing row is shown with.
    """

    type: str
    arguments: Mapping[str, object]
    shows: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it judges."""
        given = (self.arguments.get(name) for name in ("column", "column_A", "column_B"))
        listed = self.arguments.get("column_list", ())
        assert isinstance(listed, tuple), "a list of columns is a tuple"
        return (*(str(column) for column in given if column is not None), *listed)


@dataclass(frozen=True)
class Claim:
    """One check: a property, the expectations that hold it, and the limit it rests on, where there is one."""

    name: str
    description: str
    is_structure: bool
    expectations: tuple[Expectation, ...]
    limit: Setting | Ceiling | None = None


def structure_claims(fields: tuple[Field, ...], unique: tuple[str, ...]) -> Iterator[Claim]:
    """What the contract demands: a row that breaks it should not have come past the entry.

    ``unique`` names the columns that no two rows of a batch share; empty where the contract demands no such thing.
    """
    yield claim("columns_as_declared", "Every column is there and has its declared type.", _declared(fields))
    yield claim("required_fields_present", "No required field is NULL or an empty text.", _required(fields))
    yield claim("keys_unique", f"No two rows of the batch have the same {', '.join(unique)}.", _unique(unique))
    yield claim("choices_declared", "Closed choices hold no other word than the declared ones.", _choices(fields))
    yield claim("values_in_declared_range", "Numbers lie in the range their field declares.", _ranges(fields))
    yield claim(
        "times_not_before_1970",
        "No time lies before 1970: that is a mistaken unit or an unset clock.",
        [between(column, low=EPOCH) for column in columns_of(fields, Type.TIME)],
    )


def _unique(columns: tuple[str, ...]) -> Iterator[Expectation]:
    if len(columns) == 1:
        yield Expectation("ExpectColumnValuesToBeUnique", {"column": columns[0]})
    elif columns:
        yield Expectation("ExpectCompoundColumnsToBeUnique", {"column_list": columns})


def _declared(fields: tuple[Field, ...]) -> Iterator[Expectation]:
    for one in fields:
        # Free text that nobody must give is not loaded: any text is right.
        if one.type in PANDAS_TYPES and (one.type is not Type.TEXT or one.required):
            yield Expectation(EXISTS, {"column": one.column})
            types = list(PANDAS_TYPES[one.type])
            yield Expectation("ExpectColumnValuesToBeInTypeList", {"column": one.column, "type_list": types})


def _required(fields: tuple[Field, ...]) -> Iterator[Expectation]:
    for one in fields:
        if one.required:
            yield Expectation("ExpectColumnValuesToNotBeNull", {"column": one.column})
            if one.type is Type.TEXT:
                yield Expectation("ExpectColumnValuesToNotBeInSet", {"column": one.column, "value_set": [""]})


def _choices(fields: tuple[Field, ...]) -> Iterator[Expectation]:
    for one in fields:
        if one.choice is not None and not one.choice.open:
            yield in_set(one.column, one.choice.values)


def _ranges(fields: tuple[Field, ...]) -> Iterator[Expectation]:
    for one in fields:
        if one.minimum is not None or one.maximum is not None:
            yield between(one.column, low=one.minimum, high=one.maximum)


def claim(
    name: str,
    description: str,
    expectations: Iterable[Expectation],
    *,
    is_structure: bool = True,
    limit: Setting | Ceiling | None = None,
) -> Claim:
    """A claim of any number of expectations; with none of them it does not apply."""
    return Claim(name, description, is_structure, tuple(expectations), limit)


def between(
    column: str, *, low: float | datetime | None = None, high: float | None = None, shows: tuple[str, ...] = ()
) -> Expectation:
    """Values within inclusive bounds."""
    bounds = {"min_value": low, "max_value": high}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return Expectation("ExpectColumnValuesToBeBetween", {"column": column, **given}, shows)


def not_below(upper: str, lower: str, shows: tuple[str, ...] = ()) -> Expectation:
    """In no row is ``upper`` below ``lower``; rows without both do not count."""
    arguments = {"column_A": upper, "column_B": lower, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    return Expectation("ExpectColumnPairValuesAToBeGreaterThanB", arguments, shows)


def in_set(column: str, words: tuple[str, ...]) -> Expectation:
    """Values among some words."""
    return Expectation("ExpectColumnValuesToBeInSet", {"column": column, "value_set": list(words)})


def columns_of(fields: Iterable[Field], *types: Type) -> Iterator[str]:
    """The columns of these types."""
    return (field.column for field in fields if field.type in types)
