with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'runs'
),

tasks as (
    select
        run_tasks.*,
        run_tasks.status = 'success' as is_success
    from {{ ref('stg_run_tasks') }} as run_tasks
    inner join {{ ref('stg_judged_runs') }} as runs on run_tasks.run_id = runs.run_id
    where
        {{ in_span('runs.started_at', 'runs.as_of', var('profile_days')) }}
        and run_tasks.status in ('success', 'failed', 'retry')
),

ranked_errors as (
    select
        task_type,
        model,
        error_type,
        row_number() over (partition by task_type, model order by count(*) desc, error_type asc) as place
    from tasks
    where not is_success and error_type is not null
    group by task_type, model, error_type
),

counted as (
    select
        task_type,
        model,
        count(*) as attempts,
        count(*) filter (where is_success) as successful_tasks,
        count(*) filter (where status = 'failed') as failed_tasks,
        count(*) filter (where status = 'retry') as retried_tasks,
        count(cost_usd) as priced_tasks,
        avg(cost_usd) as avg_cost_usd,
        sum(cost_usd) as total_cost_usd,
        avg(input_tokens) as avg_input_tokens,
        avg(output_tokens) as avg_output_tokens,
        {{ whole_sum('input_tokens') }} as total_input_tokens,
        {{ whole_sum('output_tokens') }} as total_output_tokens,
        avg(duration_seconds) as avg_duration_seconds
    from tasks
    group by task_type, model
),

final as (
    select
        counted.task_type,
        counted.model,
        counted.attempts,
        counted.successful_tasks,
        counted.failed_tasks,
        counted.retried_tasks,
        {{ rate('counted.successful_tasks', 'counted.attempts') }} as success_rate,
        {{ wilson_low('counted.successful_tasks', 'counted.attempts') }} as success_rate_low,
        {{ wilson_high('counted.successful_tasks', 'counted.attempts') }} as success_rate_high,
        counted.priced_tasks,
        counted.avg_cost_usd,
        counted.total_cost_usd,
        counted.avg_input_tokens,
        counted.avg_output_tokens,
        counted.total_input_tokens,
        counted.total_output_tokens,
        counted.avg_duration_seconds,
        ranked_errors.error_type as top_error_type,
        clock.as_of,
        clock.is_stale
    from counted
    left join ranked_errors
        on
            counted.task_type is not distinct from ranked_errors.task_type
            and counted.model is not distinct from ranked_errors.model
            and ranked_errors.place = 1
    cross join clock
)

select * from final
