"""What is to be expected of the next run: of each spec and model that ran lately, and of one that is asked for.

The next run is taken to be as the last one of the same spec and model, and to start now. Its answers are those of the
champions; what no champion answers is not known, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.json_text import json_text
from analytics_assets.predicting.answering import Answered, Version, answers, with_actions
from analytics_assets.predicting.examples import with_candidates
from analytics_assets.predicting.factors import recommended_actions
from analytics_assets.predicting.failure import FailureModel
from analytics_assets.predicting.stages import CHAMPION
from analytics_assets.predicting_thresholds import OUTLOOK_DAYS, OUTLOOK_MOST, SEEN_LEAST

if TYPE_CHECKING:
    from analytics_assets.predicting.examples import Run, Surroundings

QUANTITIES = {"run_duration": "duration", "run_cost": "cost"}
"""Models of quantities, and how their columns begin."""


def candidates(runs: Sequence[Run], at: datetime) -> tuple[list[Run], dict[str, int], int]:
    """One run that would start now per spec and model of the last 30 days, those that ran last first.

    Returns:
        The runs, how often each was run lately by its id, and how many specs and models were left out.
    """
    lately: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs:
        if at - timedelta(days=OUTLOOK_DAYS.value) < run.started_at <= at:
            lately[run.spec_id, run.model or ""].append(run)
    ordered = sorted(lately.values(), key=lambda own: (own[-1].started_at, own[-1].run_id), reverse=True)
    kept = ordered[: int(OUTLOOK_MOST.value)]
    found = [next_of(own[-1], at, f"next-{place:04d}") for place, own in enumerate(kept)]
    return found, {one.run_id: len(own) for one, own in zip(found, kept, strict=True)}, len(ordered) - len(kept)


def next_of(run: Run, at: datetime, run_id: str) -> Run:
    """The run as it would start again: as it was, without what came of it."""
    return replace(
        run,
        run_id=run_id,
        started_at=at,
        status=None,
        known_at=None,
        is_failed=None,
        error_type=None,
        is_oom=None,
        is_transient=None,
        duration_seconds=None,
        memory_peak_mb=None,
        cpu_peak_mcores=None,
        llm_cost_usd=None,
    )


def asked(
    versions: Iterable[Version], runs: Sequence[Run], wanted: Sequence[Run], around: Surroundings | None
) -> dict[str, list[tuple[Version, Answered]]]:
    """What each version says of runs that would start, with what would lower their risk, by run."""
    known = with_candidates(runs, wanted, around)
    found: dict[str, list[tuple[Version, Answered]]] = {run.run_id: [] for run in wanted}
    for version in versions:
        answered = answers(version, known)
        if isinstance(version.model, FailureModel):
            answered = with_actions(answered, recommended_actions(version.model, runs, known.runs, around))
        for one in answered:
            found[one.run.run_id].append((version, one))
    return found


def row(run: Run, said: Iterable[tuple[Version, Answered]], wanted: Iterable[str]) -> dict[str, Any]:
    """A row of ``next_run_outlook`` without its counts; ``wanted`` are the models that should have answered."""
    answered = {version.model_name: (version, one) for version, one in said if version.role == CHAMPION}
    made: dict[str, Any] = {"spec_id": run.spec_id, "model": run.model, "memory_limit": run.memory_limit}
    made["risk_factors"] = None
    for name, (_, one) in answered.items():
        made |= _risk(one.output) if name not in QUANTITIES else _quantiles(QUANTITIES[name], one.output)
    silent = [name for name in wanted if name not in answered]
    return made | {
        "model_versions": json_text(sorted(version.id for version, _ in answered.values())),
        "reason": f"no version answers of {', '.join(silent)}" if silent else None,
    }


def _risk(output: Mapping[str, Any]) -> dict[str, Any]:
    seen, actions = output["seen_rate"], output["recommended_actions"]
    is_told = seen is not None and seen["n"] >= SEEN_LEAST.value
    return {
        "failure_probability": output["failure_probability"],
        "failed_share_low": seen["low"] if is_told else None,
        "failed_share_high": seen["high"] if is_told else None,
        "risk_factors": json_text(output["risk_factors"]),
        "recommended_action": actions[0]["text"] if actions else None,
    }


def _quantiles(prefix: str, output: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": output[name] for name in ("q10", "q50", "q90")}
