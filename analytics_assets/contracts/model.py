"""What a contract is: the words in which every kind of record is declared, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Type(Enum):
    """The types a field can have."""

    TEXT = "text"
    INT = "int"
    REAL = "real"
    BOOL = "bool"
    TIME = "time"
    CHOICE = "enum"
    MAP = "map"
    TAGS = "tags"
    TEXTS = "list of text"

    @property
    def column(self) -> str:
        """The DuckDB type of the column; times are naive UTC, objects are their JSON text."""
        return _COLUMN_TYPES[self]


_COLUMN_TYPES = {
    Type.TEXT: "VARCHAR",
    Type.INT: "BIGINT",
    Type.REAL: "DOUBLE",
    Type.BOOL: "BOOLEAN",
    Type.TIME: "TIMESTAMP",
    Type.CHOICE: "VARCHAR",
    Type.MAP: "VARCHAR",
    Type.TAGS: "VARCHAR",
    Type.TEXTS: "VARCHAR[]",
}


class Identity(Enum):
    """How a second record with the same key is understood."""

    EVENT = "event"
    """Never changes: the second one is a duplicate."""
    ENTITY = "entity"
    """Changes: the version with the latest ``updated_at``, else the latest ingested, wins."""


@dataclass(frozen=True)
class Choice:
    """The values a field may take and the synonyms that are mapped to them on entry.

    ``open`` choices keep a value they do not know; closed ones quarantine it.
    """

    values: tuple[str, ...]
    synonyms: Mapping[str, str] = field(default_factory=dict)
    open: bool = False

    def __post_init__(self) -> None:
        strangers = set(self.synonyms.values()) - set(self.values)
        if strangers:
            raise ValueError(f"synonyms lead to values that are not declared: {sorted(strangers)}")

    @property
    def table(self) -> dict[str, str]:
        """Folded spelling -> canonical value."""
        return {fold(word): word for word in self.values} | {fold(k): v for k, v in self.synonyms.items()}


def fold(word: str) -> str:
    """Spelling in which words are compared: ``Timed-Out`` and ``timed_out`` are one word."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")


@dataclass(frozen=True)
class Field:
    """One field of a record: its name carries the unit, ``meaning`` says the rest."""

    name: str
    type: Type
    meaning: str
    required: bool = False
    choice: Choice | None = None
    minimum: float | None = None
    maximum: float | None = None
    kept_characters: int | None = None
    date_allowed: bool = False
    column_name: str | None = None

    def __post_init__(self) -> None:
        if (self.type is Type.CHOICE) != (self.choice is not None):
            raise ValueError(f"{self.name}: a choice field has a choice, and no other has")

    @property
    def column(self) -> str:
        """Name of the column that holds the field."""
        return self.column_name or self.name


@dataclass(frozen=True)
class Child:
    """A list of records inside a record; its elements become rows of their own table."""

    list_field: str
    table: str
    grain: str
    parent_column: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    meaning: str


@dataclass(frozen=True)
class Contract:
    """What one kind of record is.

    ``key`` names fields; a key of several fields is stored as ``key_column``, their MD5.
    ``time_field`` is the moment the record belongs to: hours and windows go by it.
    """

    kind: str
    grain: str
    identity: Identity
    key: tuple[str, ...]
    time_field: str | None
    fields: tuple[Field, ...]
    children: tuple[Child, ...] = ()
    surrogate_key: str | None = None

    def __post_init__(self) -> None:
        names = [f.name for f in self.fields] + [c.list_field for c in self.children]
        repeated = {n for n in names if names.count(n) > 1}
        missing = {*self.key, *([self.time_field] if self.time_field else [])} - set(names)
        if repeated or missing:
            raise ValueError(f"{self.kind}: repeated {sorted(repeated)}, undeclared {sorted(missing)}")
        if (len(self.key) > 1) != (self.surrogate_key is not None):
            raise ValueError(f"{self.kind}: a surrogate key stands for a key of several fields")

    @property
    def is_entity(self) -> bool:
        """Whether records of this kind change."""
        return self.identity is Identity.ENTITY

    @property
    def key_column(self) -> str:
        """The one column that identifies a record."""
        return self.surrogate_key or self.field(self.key[0]).column

    @property
    def names(self) -> frozenset[str]:
        """Every field name a record may use; any other goes to ``extra``."""
        return frozenset(f.name for f in self.fields) | {c.list_field for c in self.children}

    def field(self, name: str) -> Field:
        """The field of that name.

        Raises:
            KeyError: the kind has no such field.
        """
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.kind} has no field {name!r}")


def text(name: str, meaning: str, *, required: bool = False, kept: int | None = None) -> Field:
    """A text field; ``kept`` limits how many characters are stored."""
    return Field(name, Type.TEXT, meaning, required, kept_characters=kept)


def integer(
    name: str,
    meaning: str,
    *,
    required: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Field:
    """A whole number, with an inclusive range where one is meant."""
    return Field(name, Type.INT, meaning, required, minimum=minimum, maximum=maximum)


def real(
    name: str,
    meaning: str,
    *,
    required: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Field:
    """A finite number, with an inclusive range where one is meant."""
    return Field(name, Type.REAL, meaning, required, minimum=minimum, maximum=maximum)


def boolean(name: str, meaning: str, *, required: bool = False) -> Field:
    """True or false."""
    return Field(name, Type.BOOL, meaning, required)


def time(name: str, meaning: str, *, required: bool = False, date_allowed: bool = False) -> Field:
    """An instant, stored in UTC; ``date_allowed`` fields take a bare date as its midnight."""
    return Field(name, Type.TIME, meaning, required, date_allowed=date_allowed)


def choice(name: str, meaning: str, values: Choice, *, required: bool = False) -> Field:
    """One of a list of words."""
    return Field(name, Type.CHOICE, meaning, required, choice=values)


def mapping(name: str, meaning: str) -> Field:
    """A JSON object, kept as its text."""
    return Field(name, Type.MAP, meaning)


def tags(name: str, meaning: str) -> Field:
    """A JSON object of short labels, kept with sorted keys so that it can be part of a key."""
    return Field(name, Type.TAGS, meaning)


def texts(name: str, meaning: str) -> Field:
    """A list of texts."""
    return Field(name, Type.TEXTS, meaning)
