with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'runs'
),

runs as (
    select * from {{ ref('stg_judged_runs') }}
    where {{ in_span('started_at', 'as_of', var('profile_days')) }}
),

scoped as (
    {{ by_scope('runs') }}
),

counted as (
    select
        scope,
        scope_id,
        model,
        count(*) as runs,
        count(*) filter (where is_success) as successful_runs,
        count(llm_cost_usd) as priced_runs,
        count(llm_cost_usd) filter (where is_success) as priced_successful_runs,
        sum(llm_cost_usd) as total_cost_usd,
        avg(llm_cost_usd) as avg_cost_usd,
        {{ percentile('llm_cost_usd', 0.5) }} as p50_cost_usd,
        {{ percentile('llm_cost_usd', 0.95) }} as p95_cost_usd,
        avg(duration_seconds) as avg_duration_seconds,
        {{ percentile('duration_seconds', 0.5) }} as p50_duration_seconds,
        {{ percentile('duration_seconds', 0.95) }} as p95_duration_seconds
    from scoped
    group by scope, scope_id, model
),

final as (
    select
        counted.scope,
        counted.scope_id,
        counted.model,
        counted.runs,
        counted.successful_runs,
        {{ rate('counted.successful_runs', 'counted.runs') }} as success_rate,
        {{ wilson_low('counted.successful_runs', 'counted.runs') }} as success_rate_low,
        {{ wilson_high('counted.successful_runs', 'counted.runs') }} as success_rate_high,
        counted.priced_runs,
        counted.total_cost_usd,
        counted.avg_cost_usd,
        counted.p50_cost_usd,
        counted.p95_cost_usd,
        counted.total_cost_usd / nullif(counted.priced_successful_runs, 0) as cost_per_success_usd,
        counted.priced_successful_runs / nullif(counted.total_cost_usd, 0) as successes_per_usd,
        counted.avg_duration_seconds,
        counted.p50_duration_seconds,
        counted.p95_duration_seconds,
        clock.as_of,
        clock.is_stale
    from counted
    cross join clock
)

select * from final
