"""What came of runs before this one: of the spec, of the model, of both together."""

from __future__ import annotations

import math
from datetime import timedelta

from analytics_assets.predicting.feature import Feature
from analytics_assets.predicting.history import History, SpecPast
from analytics_assets.predicting.runs import Run
from analytics_assets.predicting_thresholds import ERRORS_REMEMBERED, FADING, OVERALL_PRIOR, OVERALL_WEIGHT, SMOOTHING

HOUR = timedelta(hours=1)
WEIGHT = SMOOTHING.value
TWICE = 2


def _share(name: str, of: str, parent: str, rising: str, falling: str) -> Feature:
    meaning = f"Share of the known runs {of} that failed."
    logic = f"(failures + {WEIGHT:g} x {parent}) / (runs + {WEIGHT:g})"
    return Feature(name, "historical", meaning, "share", logic, rising, falling)


def _recent(name: str, of: str, whose: str) -> Feature:
    return Feature(
        name,
        "historical",
        f"Share of the latest runs {of} that failed.",
        "share",
        f"mean of the outcomes, each of which weighs {FADING.value:g} of the next",
        f"{whose} failed often of late",
        f"{whose} rarely failed of late",
    )


def _count(name: str, of: str, what: str) -> Feature:
    return Feature(
        name,
        "historical",
        f"Known runs {of}.",
        "runs",
        "outcomes known at the start",
        f"{what} is well known",
        f"{what} is little known",
    )


def _mean(name: str, quantity: str, unit: str, of: str, parent: str, rising: str, falling: str) -> Feature:
    logic = f"mean of {unit}, drawn to {parent} by {WEIGHT:g} runs"
    return Feature(name, "historical", f"Usual {quantity} of runs {of}.", unit, logic, rising, falling)


SECONDS, CENTS = "log(1 + seconds)", "log(1 + US cents)"
HISTORICAL = (
    Feature(
        "failure_rate",
        "historical",
        "Share of all known runs that failed.",
        "share",
        f"(failures + {OVERALL_WEIGHT.value:g} x {OVERALL_PRIOR.value:g}) / (runs + {OVERALL_WEIGHT.value:g})",
        "many runs fail at all",
        "few runs fail at all",
    ),
    _share(
        "spec_type_failure_rate",
        "of this spec type",
        "failure_rate",
        "specs of this type often fail",
        "specs of this type rarely fail",
    ),
    _share(
        "spec_failure_rate",
        "of this spec",
        "spec_type_failure_rate",
        "this spec often fails",
        "this spec rarely fails",
    ),
    _share(
        "model_failure_rate", "with this model", "failure_rate", "this model often fails", "this model rarely fails"
    ),
    _share(
        "model_spec_type_failure_rate",
        "of this spec type with this model",
        "model_failure_rate",
        "this model often fails on this spec type",
        "this model rarely fails on this spec type",
    ),
    _share(
        "model_spec_failure_rate",
        "of this spec with this model",
        "what spec_and_model_log_odds says",
        "this model often fails on this spec",
        "this model rarely fails on this spec",
    ),
    Feature(
        "spec_and_model_log_odds",
        "historical",
        "What the rates of the spec and of the model say together.",
        "log-odds",
        "log-odds of spec_failure_rate and of model_failure_rate, less those of failure_rate",
        "spec and model are both prone to fail",
        "spec and model are both reliable",
    ),
    _recent("recent_spec_failure_rate", "of this spec", "this spec"),
    _recent("recent_model_failure_rate", "with this model", "this model"),
    _recent("recent_model_spec_failure_rate", "of this spec with this model", "this model on this spec"),
    _count("model_spec_type_runs", "of this spec type with this model", "this model on this spec type"),
    _count("model_spec_runs", "of this spec with this model", "this model on this spec"),
    Feature(
        "spec_failure_streak",
        "historical",
        "Failures of this spec in a row, up to now.",
        "runs",
        "known outcomes since its last success",
        "this spec failed the last times",
        "this spec succeeded the last time",
    ),
    Feature(
        "hours_since_spec_run",
        "historical",
        "Time since this spec was started before.",
        "hours",
        "start less the last start of the spec before it",
        "this spec was not run for long",
        "this spec was run just before",
    ),
    Feature(
        "hours_since_spec_failure",
        "historical",
        "Time since this spec failed.",
        "hours",
        "start less the last known end of a failure of the spec",
        "this spec has not failed for long",
        "this spec failed just before",
    ),
    _mean("spec_log_seconds", "time", SECONDS, "of this spec", "that of all runs", "this spec is long", "it is short"),
    _mean(
        "model_spec_log_seconds",
        "time",
        SECONDS,
        "of this spec with this model",
        "what spec and model say together",
        "this model takes long for this spec",
        "this model is quick with this spec",
    ),
    Feature(
        "spec_seconds_trend",
        "historical",
        "By how much runs of this spec took longer of late than ever.",
        "log(seconds) of difference",
        f"fading mean of {SECONDS}, less its plain mean",
        "this spec takes longer than it did",
        "this spec takes less long than it did",
    ),
    _mean(
        "model_spec_log_cost",
        "cost",
        CENTS,
        "of this spec with this model",
        "what spec and model say together",
        "this model is dear on this spec",
        "this model is cheap on this spec",
    ),
    Feature(
        "spec_memory_used",
        "historical",
        "Share of its memory limit that this spec used at its peaks.",
        "share of the limit",
        "mean of peak / limit over the known runs of the spec that tell both",
        "this spec fills its memory",
        "this spec needs little of its memory",
    ),
    Feature(
        "spec_cpu_used",
        "historical",
        "Share of its CPU limit that this spec used at its peaks.",
        "share of the limit",
        "mean of peak / limit over the known runs of the spec that tell both",
        "this spec fills its CPU",
        "this spec needs little of its CPU",
    ),
    Feature(
        "spec_oom_share",
        "historical",
        "Share of the runs of this spec that ran out of memory.",
        "share",
        "known runs that ran out of memory / known runs of the spec",
        "this spec runs out of memory",
        "this spec does not run out of memory",
    ),
    Feature(
        "spec_transient_share",
        "historical",
        "Share of the runs of this spec that failed for a reason that passes.",
        "share",
        "known runs that ended by timeout or a transient error / known runs of the spec",
        "this spec meets timeouts and the like",
        "this spec meets no timeouts and the like",
    ),
    Feature(
        "spec_error_types",
        "historical",
        f"Different errors among the last {ERRORS_REMEMBERED.value:g} runs of this spec.",
        "error types",
        f"distinct known error types of its last {ERRORS_REMEMBERED.value:g} known runs",
        "this spec fails in many ways",
        "this spec fails in few ways",
    ),
    Feature(
        "spec_same_error_twice",
        "historical",
        "Whether the last two failures of this spec had the same error.",
        "0 or 1",
        "1 where both error types are known and equal; not known before two failures",
        "the same error came twice",
        "the last errors were different ones",
    ),
)


def historical(past: History, run: Run) -> dict[str, float]:
    """The historical features of a run; NaN is not known."""
    spec_id, spec_type, model = run.spec_id, run.spec_type, run.model
    every, spec = past.told("all"), past.told("spec", spec_id)
    typed, of_model = past.told("spec_type", spec_type), past.told("model", model)
    of_model_type, both = past.told("model_spec_type", model, spec_type), past.told("model_spec", model, spec_id)
    rate = every.rate(OVERALL_PRIOR.value, OVERALL_WEIGHT.value)
    type_rate = typed.rate(rate, WEIGHT)
    spec_rate, model_rate = spec.rate(type_rate, WEIGHT), of_model.rate(rate, WEIGHT)
    together = _log_odds(spec_rate) + _log_odds(model_rate) - _log_odds(rate)
    seconds, cost = every.mean_seconds(math.nan, 0), every.mean_cost(math.nan, 0)
    spec_seconds = spec.mean_seconds(seconds, WEIGHT)
    seconds_together = spec_seconds + of_model.mean_seconds(seconds, WEIGHT) - seconds
    cost_together = spec.mean_cost(cost, WEIGHT) + of_model.mean_cost(cost, WEIGHT) - cost
    return {
        "failure_rate": rate,
        "spec_type_failure_rate": type_rate,
        "spec_failure_rate": spec_rate,
        "model_failure_rate": model_rate,
        "model_spec_type_failure_rate": of_model_type.rate(model_rate, WEIGHT),
        "model_spec_failure_rate": both.rate(1 / (1 + math.exp(-together)), WEIGHT),
        "spec_and_model_log_odds": together,
        "recent_spec_failure_rate": spec.recent_rate(),
        "recent_model_failure_rate": of_model.recent_rate(),
        "recent_model_spec_failure_rate": both.recent_rate(),
        "model_spec_type_runs": _known(of_model_type.n, model, spec_type),
        "model_spec_runs": _known(both.n, model),
        "spec_failure_streak": spec.streak,
        "spec_log_seconds": spec_seconds,
        "model_spec_log_seconds": both.mean_seconds(seconds_together, WEIGHT),
        "spec_seconds_trend": spec.trend_of_seconds(),
        "model_spec_log_cost": both.mean_cost(cost_together, WEIGHT),
        **_of_spec(past, run, spec.n),
    }


def _of_spec(past: History, run: Run, n: int) -> dict[str, float]:
    """What else is remembered of the spec."""
    spec = past.specs.get(run.spec_id) or SpecPast()
    last_start = past.last_start.get(run.spec_id)
    return {
        "hours_since_spec_run": math.nan if last_start is None else (run.started_at - last_start) / HOUR,
        "hours_since_spec_failure": math.nan if spec.failed_at is None else (run.started_at - spec.failed_at) / HOUR,
        "spec_memory_used": spec.memory / spec.memory_n if spec.memory_n else math.nan,
        "spec_cpu_used": spec.cpu / spec.cpu_n if spec.cpu_n else math.nan,
        "spec_oom_share": spec.oom / spec.oom_n if spec.oom_n else math.nan,
        "spec_transient_share": spec.transient / spec.transient_n if spec.transient_n else math.nan,
        "spec_error_types": len(set(spec.errors) - {None}) if n else math.nan,
        "spec_same_error_twice": _same(spec) if len(spec.last_errors) == TWICE else math.nan,
    }


def _same(spec: SpecPast) -> bool:
    first, second = spec.last_errors
    return first is not None and first == second


def _known(value: float, *of: str | None) -> float:
    return math.nan if None in of else value


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))
