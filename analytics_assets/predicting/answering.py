"""What the versions in use say of runs: an answer with its input, what it rests on, and how long it took.

A version answers for runs that it did not learn from: for every one of them, be it the champion or on trial, so that
they can be compared. Whose answer counts is another matter: that of the champion; where there is a canary, its own
for a tenth of the runs, by the hash of their id.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.json_text import json_text
from analytics_assets.predicting import artefacts
from analytics_assets.predicting.stages import ANSWERING
from analytics_assets.predicting_thresholds import CANARY_SHARE

if TYPE_CHECKING:
    from analytics_assets.predicting.examples import Examples, Run
    from analytics_assets.predicting.factors import Action
    from analytics_assets.predicting.purpose import Model, Purpose
    from analytics_assets.settings import Settings

Row = Mapping[str, Any]
_HASHED = 16**8
"""Values that the first eight figures of a hash have."""


@dataclass(frozen=True)
class Version:
    """A version that answers, with its model.

    Args:
        id: as ``failure_risk/v3``.
        role: champion, shadow or canary.
        trained_until: newest outcome that it learnt from, naive UTC.
        reliability: bins of the reliability curve of its test; empty where there is none.
        coverage: share of its test within its band; None of a probability.
    """

    id: str
    model_name: str
    version: str
    role: str
    trained_until: datetime
    purpose: Purpose
    model: Model
    reliability: tuple[Row, ...] = ()
    coverage: float | None = None

    @property
    def is_probability(self) -> bool:
        """Whether it says how likely a failure is; else it says how much."""
        return self.purpose.model_type == "classification"


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer about one run.

    Args:
        run: that was asked about.
        inputs: what was known of it: features and categories.
        input_hash: SHA-256 of that.
        value: the probability of a failure, or the middle quantile in the target's unit.
        confidence: 0 to 1. Of a probability that of the likelier outcome; of a quantity how often its band held in the
            test; None where that is not known.
        output: as ``prediction_output`` has it.
        latency_ms: of the answer with its reasons, the mean of all that were made together.
        lacking: features that the version learnt from and that are not computed any more: to it they are not known.
    """

    run: Run
    inputs: Mapping[str, Any]
    input_hash: str
    value: float
    confidence: float | None
    output: dict[str, Any]
    latency_ms: float
    lacking: Sequence[str] = ()


def load(settings: Settings, versions: Iterable[Row], metrics: Iterable[Row]) -> tuple[list[Version], list[str]]:
    """The versions in use whose files are as they were written, and a sentence for each whose are not.

    Args:
        settings: where the files are.
        versions: rows of ``model_versions``.
        metrics: rows of ``model_performance_metrics``.
    """
    from analytics_assets.predicting.purposes import PURPOSES

    tested = [row for row in metrics if row["evaluation_dataset"] == "time_split"]
    loaded, problems = [], []
    for row in sorted(versions, key=lambda row: (row["model_name"], ANSWERING.index(row["stage"]))):
        if row["model_name"] not in PURPOSES:
            problems.append(f"{row['id']} does not answer: there is no model {row['model_name']} any more.")
            continue
        try:
            model = artefacts.load(settings, row["model_name"], row["artifact_path"], row["artifact_sha256"])
        except artefacts.ArtefactError as error:
            problems.append(f"{row['id']} does not answer: {error} {error.remedy}")
            continue
        own = [metric for metric in tested if metric["model_id"] == row["id"]]
        loaded.append(
            Version(
                id=row["id"],
                model_name=row["model_name"],
                version=row["version"],
                role=row["stage"],
                trained_until=row["trained_until"],
                purpose=PURPOSES[row["model_name"]],
                model=model,
                reliability=_reliability(own),
                coverage=next((one["metric_value"] for one in own if one["metric_name"] == "coverage"), None),
            )
        )
    return loaded, problems


def is_canarys(run_id: str) -> bool:
    """Whether a canary answers for this run, if there is one: the same runs for every version, a tenth of all.

    >>> sum(is_canarys(f"run-{number}") for number in range(10_000))
    1008
    """
    return int(hashlib.sha256(run_id.encode()).hexdigest()[:8], 16) < CANARY_SHARE.value * _HASHED


def answers(version: Version, examples: Examples) -> list[Answered]:
    """What the version says of each example, in their order."""
    if not len(examples):
        return []
    began = time.perf_counter()
    said = _probabilities(version, examples) if version.is_probability else _quantities(version, examples)
    milliseconds = 1000 * (time.perf_counter() - began) / len(examples)
    lacking = version.model.lacking(examples)
    return [
        Answered(run, inputs, input_hash(inputs), value, confidence, output, milliseconds, lacking)
        for run, inputs, (value, confidence, output) in zip(examples.runs, _inputs(examples), said, strict=True)
    ]


def with_actions(answered: Sequence[Answered], actions: Sequence[Action | None]) -> list[Answered]:
    """The answers of a model of failures with what would lower the risk of each."""
    for one, action in zip(answered, actions, strict=True):
        one.output["recommended_actions"] = [asdict(action)] if action else []
    return list(answered)


def input_hash(inputs: Mapping[str, Any]) -> str:
    """SHA-256 of what was known of a run: the same question has the same one."""
    return hashlib.sha256(json_text(inputs).encode()).hexdigest()


def prediction_id(version_id: str, subject_id: str, hashed_input: str) -> str:
    """Key of a prediction: the same version asked the same about the same subject answers once."""
    return hashlib.sha256(f"{version_id}\n{subject_id}\n{hashed_input}".encode()).hexdigest()[:32]


def _probabilities(version: Version, examples: Examples) -> list[tuple[float, float, dict[str, Any]]]:
    from analytics_assets.predicting.factors import risk_factors
    from analytics_assets.predicting.failure import FailureModel

    model = version.model
    # Only trees can be asked why.
    reasons = risk_factors(model, examples) if isinstance(model, FailureModel) else [[] for _ in examples.runs]
    found = []
    for value, factors in zip(model.predict(examples).tolist(), reasons, strict=True):
        output = {
            "failure_probability": value,
            "seen_rate": seen_rate(version.reliability, value),
            "risk_factors": [asdict(factor) for factor in factors],
            "recommended_actions": [],
        }
        found.append((value, max(value, 1 - value), output))
    return found


def _quantities(version: Version, examples: Examples) -> list[tuple[float, float | None, dict[str, Any]]]:
    return [
        (middle, version.coverage, {"q10": low, "q50": middle, "q90": high})
        for low, middle, high in version.model.predict(examples).tolist()
    ]


def seen_rate(reliability: Sequence[Row], probability: float) -> dict[str, Any] | None:
    """How many runs of the test with about this probability failed, with its 95 % interval; None: there was none.

    >>> bins = [{"low": 0.2, "high": 0.3, "n": 40, "failed_share": 0.25, "share_low": 0.14, "share_high": 0.4}]
    >>> seen_rate(bins, 0.25)["share"], seen_rate(bins, 0.7)
    (0.25, None)
    """
    for part in reliability:
        # The last bin holds its end too.
        if part["low"] <= probability < part["high"] or probability == part["high"] == 1:
            return {
                "share": part["failed_share"],
                "low": part["share_low"],
                "high": part["share_high"],
                "n": part["n"],
            }
    return None


def _reliability(metrics: Sequence[Row]) -> tuple[Row, ...]:
    import json

    curve = next((row for row in metrics if row["metric_name"] == "reliability"), None)
    return () if curve is None else tuple(json.loads(curve["evaluation_context"]).get("points", ()))


def _inputs(examples: Examples) -> Iterable[dict[str, Any]]:
    """What was known of each: features that are no NaN, categories that are not None."""
    names = [str(name) for name in examples.features.columns]
    categories = [str(name) for name in examples.categories.columns]
    numbers, words = examples.features.to_numpy(dtype=float).tolist(), examples.categories.to_numpy().tolist()
    for values, texts in zip(numbers, words, strict=True):
        features = {name: value for name, value in zip(names, values, strict=True) if math.isfinite(value)}
        told = {name: text for name, text in zip(categories, texts, strict=True) if text is not None}
        yield {"features": features, "categories": told}
