"""One suggestion: what a rule says about a spec, with the evidence that it can be held to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from analytics_assets.lib.rates import Interval
from analytics_assets.suggesting.claim import Claim, Counts
from analytics_assets.thresholds import (
    LEVEL_HIGH_CONFIDENCE,
    LEVEL_HIGH_RUNS,
    LEVEL_MED_CONFIDENCE,
    LEVEL_MED_RUNS,
)


class Level(StrEnum):
    """How far a suggestion may be acted on."""

    HIGH = "HIGH"
    MED = "MED"
    LOW = "LOW"


class Basis(StrEnum):
    """Where the suggested side is known from."""

    MEASURED = "measured"
    """Runs of the suggested side."""
    ESTIMATED = "estimated"
    """A model: too few have run that way, or nothing can."""


@dataclass(frozen=True)
class Rule:
    """What a rule looks for. ``highest`` is the level it can reach, and ``why_not_higher`` the reason of a lower one.

    A suggestion of level HIGH needs ``min_current_runs`` and ``min_suggested_runs`` on its sides.
    """

    name: str
    type: str
    example: str
    reason: str
    remedy: str
    highest: Level = Level.HIGH
    why_not_higher: str = ""
    min_current_runs: int = 0
    min_suggested_runs: int = 0

    def level(self, confidence: float, counts: Counts, basis: Basis) -> Level:
        """HIGH needs a confidence of 0.9, 30 runs, and runs of the suggested side; MED 0.75 and 10 runs."""
        has_high = confidence >= LEVEL_HIGH_CONFIDENCE.value and counts.data_points >= LEVEL_HIGH_RUNS.value
        now, tried = (side.runs for side in counts.compared) if counts.compared else (counts.current.runs, 0)
        has_sides = now >= self.min_current_runs and tried >= self.min_suggested_runs
        if self.highest is Level.HIGH and has_high and has_sides and basis is Basis.MEASURED:
            return Level.HIGH
        if confidence >= LEVEL_MED_CONFIDENCE.value and counts.data_points >= LEVEL_MED_RUNS.value:
            return Level.MED
        return Level.LOW


class Subject(NamedTuple):
    """What a finding is about: a version of a spec, or a sort of specs, which has no id."""

    spec_id: str | None
    spec_type: str | None
    fingerprint: str | None


@dataclass(frozen=True)
class Finding:
    """What a rule found, before it is counted: the claim and the words. Money and effects are per 30 days."""

    rule: Rule
    claim: Claim
    subject: Subject
    current_value: str
    suggested_value: str
    reasoning: str
    falsified_by: str
    target: str | None = None
    alternatives: int = 0
    expected_fewer_failures: float | None = None
    expected_saving_usd: float | None = None
    sort: str | None = None
    """Which sort of the type's specs; None where it is about a spec."""
    missing: str | None = None
    """What is still needed before the claim can be judged; None where there is enough."""


@dataclass(frozen=True)
class Suggestion:
    """A finding with its counted evidence. ``confidence`` is None where there is not enough to judge."""

    finding: Finding
    counts: Counts
    confidence: float | None
    level: Level
    basis: Basis
    difference: float | None
    difference_interval: Interval | None
    evidence_sql: str
    evidence_runs: tuple[str, ...] = field(default=(), repr=False)
    newest_evidence_at: datetime | None = None

    @property
    def id(self) -> str:
        """The same advice on the same spec has the same id, however its numbers move."""
        f = self.finding
        # What nobody can apply is said of one version: a rewritten spec is another one to those who would rewrite it.
        what: list[str | None] = [f.current_value, f.suggested_value] if f.target else [f.subject.fingerprint]
        said = [f.rule.name, f.subject.spec_id, f.subject.spec_type, f.sort, *what]
        return "sg-" + hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]

    @property
    def is_enough(self) -> bool:
        """Whether it says something; otherwise it says what is missing."""
        return self.finding.missing is None

    @property
    def claim(self) -> Claim:
        """What has to be true of runs."""
        return self.finding.claim

    @property
    def evidence_hash(self) -> str:
        """SHA-256 of the counts and of the ids behind them."""
        other = self.counts.suggested
        counted = [self.counts.current.runs, self.counts.current.failures]
        counted += [other.runs, other.failures] if other else []
        return hashlib.sha256(json.dumps([counted, self.evidence_runs]).encode()).hexdigest()
