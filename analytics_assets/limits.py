"""What a number of ``thresholds`` is: a value with its unit and its reason, refused where one of them is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Setting:
    """One number that is not a verdict by itself."""

    value: float
    unit: str
    why: str

    def __post_init__(self) -> None:
        _refuse_undefined(self)


@dataclass(frozen=True)
class Floor:
    """Below ``warn`` is a warning, below ``error`` an error."""

    warn: float
    error: float
    unit: str
    why: str

    def __post_init__(self) -> None:
        _refuse_undefined(self)
        if self.error > self.warn:
            raise ValueError(f"a floor warns before it fails: error {self.error} is above warn {self.warn}")


@dataclass(frozen=True)
class Ceiling:
    """Above ``warn`` is a warning, above ``error`` an error."""

    warn: float
    error: float
    unit: str
    why: str

    def __post_init__(self) -> None:
        _refuse_undefined(self)
        if self.error < self.warn:
            raise ValueError(f"a ceiling warns before it fails: error {self.error} is below warn {self.warn}")


@dataclass(frozen=True)
class Words:
    """Words that mean the same to us, in lower case."""

    values: tuple[str, ...]
    why: str

    def __post_init__(self) -> None:
        if not self.values or not self.why.strip():
            raise ValueError("Words without words, or without a why")


def _refuse_undefined(number: Setting | Floor | Ceiling) -> None:
    """Refuse NaN, which passes every comparison unnoticed, and a number nobody can explain."""
    for field in fields(number):
        content = getattr(number, field.name)
        if isinstance(content, str):
            if not content.strip():
                raise ValueError(f"{type(number).__name__} without a {field.name}")
        elif math.isnan(content):
            raise ValueError(f"{type(number).__name__}.{field.name} is not a number")
