"""The life of a version: trained, on trial, champion, retired; and what people decide about it.

Pure: rows in, rows out. A version never changes but for its stage and its score in use; each change says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from analytics_assets.lib.words import plural
from analytics_assets.predicting.artefacts import version_number
from analytics_assets.predicting.stages import ANSWERING, CANARY, CHAMPION, SHADOW, TRIAL, Row
from analytics_assets.predicting.trials import Live, SameSplit, in_short, on_trial
from analytics_assets.predicting_thresholds import ARTEFACTS_KEPT, VERSIONS_KEPT

KEPT_OF_TRAINING = (
    *("id", "model_name", "version", "trained_at", "trained_until", "algorithm_name", "parameters", "data_hash"),
    *("artifact_path", "artifact_sha256", "is_better_than_baselines"),
)
UNTOLD = ("predecessor", "promoted_at", "retired_at", "artifact_removed_at", "decision_id", "decided_at", "problem")
"""Of a version that was just trained."""
Problem = Callable[[Mapping[str, Any]], str | None]


@dataclass(frozen=True)
class Evidence:
    """What is known now, besides the versions as they were.

    Args:
        trained: rows of ``model_training_data``, of every version.
        decisions: rows of ``stg_decisions`` on models, oldest first; the subject is the id of a version.
        same_split: of a new version against the champion, on runs that neither had learnt from; by id.
        live: losses in use, by id.
        scores: figures of the time split, by id.
        problem: why the files of a version cannot be used, in a sentence; None where they are whole.
        strategy: ``switch``, ``shadow`` or ``canary``.
        now: naive UTC.
    """

    trained: Sequence[Mapping[str, Any]]
    now: datetime
    strategy: str = "shadow"
    decisions: Sequence[Mapping[str, Any]] = ()
    same_split: Mapping[str, SameSplit] = field(default_factory=dict)
    live: Mapping[str, Live] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    problem: Problem = lambda _: None


def advance(versions: Iterable[Mapping[str, Any]], evidence: Evidence) -> list[Row]:
    """The rows after a look at the evidence, by model and number; the last of a model is its newest version."""
    by_model: dict[str, list[Row]] = defaultdict(list)
    for row in versions:
        by_model[row["model_name"]].append(dict(row))
    for row in evidence.trained:
        by_model[row["model_name"]] += []
    return [row for name in sorted(by_model) for row in _Model(by_model[name], evidence).advanced(name)]


class _Model:
    """The versions of one model while they move."""

    def __init__(self, rows: list[Row], evidence: Evidence) -> None:
        self.evidence = evidence
        self.rows = {row["id"]: row for row in sorted(rows, key=_number)}

    def advanced(self, name: str) -> list[Row]:
        evidence = self.evidence
        new = [row for row in evidence.trained if row["model_name"] == name and row["id"] not in self.rows]
        for trained in sorted(new, key=_number):
            self._enter(trained)
        for decision in self._open_decisions():
            self._decide(decision)
        for row in [one for one in self.rows.values() if one["stage"] in TRIAL]:
            self._try(row)
        for row in self.rows.values():
            _measure(row, evidence.live.get(row["id"]))
        return self._kept()

    @property
    def champion(self) -> Row | None:
        return next((row for row in self.rows.values() if row["stage"] == CHAMPION), None)

    @property
    def vacancy(self) -> str | None:
        """Why nobody answers, in a sentence: then what beats the baselines needs to win against no other version."""
        champion = self.champion
        if champion is None:
            return "no version answered"
        broken = self.evidence.problem(champion)
        return f"{champion['version']} could not answer: {broken}" if broken is not None else None

    def _enter(self, trained: Mapping[str, Any]) -> None:
        """A version that was just trained: does it answer, is it tried, or neither?"""
        row: Row = dict.fromkeys(UNTOLD) | {name: trained[name] for name in KEPT_OF_TRAINING} | {"stage": "new"}
        row |= self.evidence.scores.get(trained["id"], {})
        self.rows[row["id"]] = row
        champion, against = self.champion, self.evidence.same_split.get(row["id"])
        if against is not None and (champion is None or against.champion_id != champion["id"]):
            against = None
        if not trained["is_better_than_baselines"]:
            self._move(row, "unpublished", trained["verdict"])
        elif (broken := self.evidence.problem(row)) is not None:
            self._move(row, "rejected", broken)
        elif champion is None or self.vacancy is not None:
            self._promote(row, f"it beats the baselines, and {self.vacancy}")
        elif against is not None and against.is_lost:
            self._move(row, "rejected", against.in_words)
        elif self.evidence.strategy == "switch" and against is not None and against.is_won:
            self._promote(row, against.in_words)
        else:
            for other in self.rows.values():
                if other["stage"] in TRIAL and other is not row:
                    self._move(other, "retired", f"{row['version']} is tried instead: it knows more")
            stage = CANARY if self.evidence.strategy == "canary" else SHADOW
            told = against.in_words if against else f"too few runs to compare it with {champion['version']} yet"
            self._move(row, stage, told)

    def _open_decisions(self) -> list[Mapping[str, Any]]:
        """Of each version the newest decision, where it is not carried out yet; oldest first."""
        newest = {one["subject_id"]: one for one in self.evidence.decisions if one["subject_id"] in self.rows}
        is_open = (one for key, one in newest.items() if self.rows[key].get("decision_id") != one["decision_id"])
        return sorted(is_open, key=lambda one: one["decided_at"])

    def _decide(self, decision: Mapping[str, Any]) -> None:
        row = self.rows[decision["subject_id"]]
        row |= {"decision_id": decision["decision_id"], "decided_at": decision["decided_at"]}
        notes = f": {decision['notes']}" if decision["notes"] else ""
        by = f"{decision['decided_by'] or 'a person'}{notes}"
        if decision["decision"] == "applied":
            self._choose(row, by)
        elif decision["decision"] == "rejected":
            self._withdraw(row, by)

    def _choose(self, row: Row, by: str) -> None:
        """A person makes it champion: over every score but that of the baselines."""
        refusal = why_not(row, self.evidence.problem)
        if refusal:
            row["stage_reason"] = f"not made champion, as {by} asked: {refusal}"
        elif row["stage"] != CHAMPION:
            self._promote(row, f"made champion by {by}")

    def _withdraw(self, row: Row, by: str) -> None:
        was_champion = row["stage"] == CHAMPION
        self._move(row, "withdrawn", f"withdrawn by {by}")
        row["retired_at"] = self.evidence.now
        if not was_champion:
            return
        chosen = before(self.rows.values(), row, self.evidence.problem)
        if chosen is None:
            row["stage_reason"] += "; no earlier version can answer"
            return
        self._move(chosen, CHAMPION, f"answers again: {row['version']} was withdrawn by {by}")
        chosen |= {"promoted_at": self.evidence.now, "retired_at": None}

    def _try(self, row: Row) -> None:
        champion = self.champion
        live = self.evidence.live.get(row["id"])
        if (broken := self.evidence.problem(row)) is not None:
            self._move(row, "rejected", broken)
        elif champion is None or self.vacancy is not None:
            self._promote(row, f"it beats the baselines, and {self.vacancy}")
        elif live is not None and live.champion_id == champion["id"]:
            verdict = on_trial(row["stage"], live)
            if verdict is True:
                self._promote(row, in_short(live, champion["version"]))
            elif verdict is False:
                self._move(row, "rejected", in_short(live, champion["version"]))
                row["retired_at"] = self.evidence.now

    def _promote(self, row: Row, why: str) -> None:
        champion = self.champion
        if champion is not None:
            self._move(champion, "retired", f"{row['version']} took over: {why}")
            champion["retired_at"] = self.evidence.now
            row["predecessor"] = champion["id"]
        self._move(row, CHAMPION, why)
        row |= {"promoted_at": self.evidence.now, "retired_at": None}

    def _move(self, row: Row, stage: str, why: str) -> None:
        row |= {"stage": stage, "stage_since": self.evidence.now, "stage_reason": why}

    def _kept(self) -> list[Row]:
        """Bounded, and marked where the files go; what is in use stays whatever its age."""
        champion = self.champion
        used = {row["id"] for row in self.rows.values() if row["stage"] in ANSWERING}
        used |= {champion.get("predecessor")} if champion else set()
        newest = list(self.rows.values())
        for row in newest[: -int(ARTEFACTS_KEPT.value)]:
            if row["id"] not in used and row.get("artifact_removed_at") is None:
                row["artifact_removed_at"] = self.evidence.now
                row["stage_reason"] += (
                    f"; its files were removed: {plural(int(ARTEFACTS_KEPT.value), 'version')} came since"
                )
        for row in newest:
            row["problem"] = self.evidence.problem(row) if row["id"] in used else None
        beyond = {row["id"] for row in newest[: -int(VERSIONS_KEPT.value)]} - used
        return [row for row in newest if row["id"] not in beyond]


def why_not(row: Mapping[str, Any], problem: Problem) -> str | None:
    """Why a version cannot answer; None where it can."""
    if not row["is_better_than_baselines"]:
        return "it does not beat both baselines"
    if row.get("artifact_removed_at") is not None:
        return "its files were removed"
    return problem(row)


def before(versions: Iterable[Mapping[str, Any]], champion: Mapping[str, Any], problem: Problem) -> Any:
    """The version that answers again when the champion is withdrawn: the one it took over from, else the newest able.

    None where no earlier champion can; what never answered or lost its trial is none.
    """
    able = [row for row in versions if row["stage"] == "retired" and row["promoted_at"] and not why_not(row, problem)]
    newest = max(able, key=_number, default=None)
    return next((row for row in able if row["id"] == champion["predecessor"]), newest)


def _measure(row: Row, live: Live | None) -> None:
    """Its losses in use: of one on trial beside the champion's of the same runs; of others as they were last."""
    if live is not None:
        row |= {"live_n": live.n, "live_score": live.score, "champion_live_score": live.champion_score}


def _number(row: Mapping[str, Any]) -> int:
    return version_number(row["version"])
