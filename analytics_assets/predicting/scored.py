"""How predictions did, one by one and by week: statements on ``model_predictions``.

Losses are those that versions are judged by: the squared error of a probability, and the mean pinball loss of three
quantiles in logarithms. A week is held against what was known before it: the share of runs that had failed, or their
quantiles.
"""

from __future__ import annotations

from analytics_assets.predicting.stages import CHAMPION

_QUANTILES = ((0.1, "q10"), (0.5, "q50"), (0.9, "q90"))


def _pinball(actual: str, answer: str) -> str:
    """Mean pinball loss, in logarithms; ``answer`` is a pattern for the three quantiles."""
    parts = []
    for level, name in _QUANTILES:
        above = f"(ln({actual}) - ln({answer.format(name)}))"
        parts.append(f"greatest({level} * {above}, ({level} - 1) * {above})")
    return f"({' + '.join(parts)}) / 3"


# A decision on a prediction is a person's word on it.
ACCURACY = f"""
    with known as (
        select
            *,
            model_name = 'failure_risk' as is_probability,
            cast(prediction_output ->> 'q10' as double) as q10,
            cast(prediction_output ->> 'q50' as double) as q50,
            cast(prediction_output ->> 'q90' as double) as q90
        from predictions.model_predictions
        where actual_value is not null
    )
    select
        id,
        model_id,
        id as prediction_id,
        model_name,
        version,
        role,
        prediction_accuracy as accuracy_score,
        case when is_probability then pow(predicted_value - actual_value, 2)
            else {_pinball("actual_value", "{}")} end as error_magnitude,
        case
            when is_probability and predicted_value >= $fails and actual_value = 0 then 'false_alarm'
            when is_probability and predicted_value < $fails and actual_value = 1 then 'missed_failure'
            when is_probability then 'none'
            when actual_value < q10 then 'too_high'
            when actual_value > q90 then 'too_low'
            else 'within'
        end as error_type,
        outcome_joined_at as measured_at,
        case when id in (select subject_id from decided) then 'human' else 'automated' end as feedback_source,
        is_corrected as correction_applied,
        as_of,
        is_stale
    from known
"""
DECIDED = "select subject_id from staging.stg_decisions where subject_type = 'prediction'"
UNDECIDED = "select null as subject_id where 1 = 0"
WEIGHED = f"""
    predictions.subject_type = 'run'
    and (tracked.role <> '{CHAMPION}' or cast(predictions.context_metadata ->> 'counts' as boolean))
"""
"""What weeks are made of: where a canary answers for a run, what the champion said beside it does not count."""
WEEKLY = f"""
    with scored as (
        select
            tracked.*, predictions.predicted_value, predictions.actual_value, predictions.latency_ms,
            cast(date_trunc('week', predictions.run_started_at) as date) as week
        from predictions.prediction_accuracy_tracking as tracked
        inner join predictions.model_predictions as predictions on tracked.prediction_id = predictions.id
        where {WEIGHED}
    ),
    weeks as (
        select distinct week from scored
    ),
    -- What anybody could have said when the week began.
    before as (
        select
            weeks.week,
            avg(cast(runs.is_failed as double)) as failed,
            {
    ", ".join(
        f"quantile_cont(case when runs.{column} > 0 then runs.{column} end, {level}) as {prefix}_{name}"
        for column, prefix in (("duration_seconds", "duration"), ("llm_cost_usd", "cost"))
        for level, name in _QUANTILES
    )
}
        from weeks
        inner join predictions.run_features as runs on runs.known_at < weeks.week and runs.is_failed is not null
        group by weeks.week
    ),
    naive as (
        select
            scored.*,
            case scored.model_name
                when 'failure_risk' then pow(before.failed - scored.actual_value, 2)
                when 'run_duration' then {_pinball("scored.actual_value", "before.duration_{}")}
                when 'run_cost' then {_pinball("scored.actual_value", "before.cost_{}")}
            end as naive_loss,
            scored.model_name = 'failure_risk' as is_probability
        from scored
        left join before on scored.week = before.week
    )
    select
        model_id,
        model_name,
        version,
        role,
        week,
        count(*) as n,
        case when is_probability then avg(cast(error_type = 'none' as double)) else avg(accuracy_score) end as accuracy,
        case when is_probability then avg(error_magnitude) end as brier,
        case when not is_probability then avg(error_magnitude) end as pinball,
        avg(naive_loss) as baseline,
        case when is_probability then avg(predicted_value) - avg(actual_value) end as calibration_gap,
        case when not is_probability then avg(cast(error_type = 'within' as double)) end as coverage,
        quantile_cont(latency_ms, 0.95) as latency_p95_ms,
        any_value(as_of) as as_of,
        any_value(is_stale) as is_stale
    from naive
    group by model_id, model_name, version, role, week, is_probability
    order by model_id, role, week
"""
