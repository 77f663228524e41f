"""What all topics of a sample share: its window, its dice, its keys and what is planted in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from analytics_assets.sample.effects import Effect
from analytics_assets.sample.window import Window

Record = dict[str, object]
EffectT = TypeVar("EffectT", bound=Effect)


@dataclass(frozen=True)
class World:
    """One sample in the making."""

    window: Window
    seed: int
    effects: Mapping[type[Effect], Effect]

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"a seed is a whole number from 0, not {self.seed}")

    def rng(self, *topic: str) -> np.random.Generator:
        """Dice of a topic's own, so that another topic, or an effect in it, changes nothing here.

        Within a topic every draw is made whether an effect needs it or not: an effect changes what a draw is
        compared with, never how many there are.
        """
        digest = hashlib.sha256("/".join(topic).encode()).digest()
        return np.random.default_rng([self.seed, int.from_bytes(digest[:8])])

    def effect(self, kind: type[EffectT]) -> EffectT | None:
        """The effect, if it is planted."""
        found = self.effects.get(kind)
        return found if isinstance(found, kind) else None

    @cached_property
    def tag(self) -> str:
        """Part of every key: samples of other seeds or windows can lie in one inbox without a clash."""
        return hashlib.sha256(f"{self.seed} {self.window.end} {self.window.days}".encode()).hexdigest()[:6]

    def key(self, word: str, number: int) -> str:
        """``run-3fa2c1-000017``."""
        return f"{word}-{self.tag}-{number:06d}"
