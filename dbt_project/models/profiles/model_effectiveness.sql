with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'runs'
),

runs as (
    select * from {{ ref('stg_judged_runs') }}
    where {{ in_span('started_at', 'as_of', var('profile_days')) }}
),

recent as (
    select
        spec_type,
        model,
        count(*) as runs,
        count(*) filter (where is_success) as successful_runs,
        count(*) filter (where not is_success) as failed_runs,
        count(llm_cost_usd) as priced_runs,
        count(llm_cost_usd) filter (where is_success) as priced_successful_runs,
        avg(llm_cost_usd) as avg_cost_usd,
        sum(llm_cost_usd) as total_cost_usd,
        avg(duration_seconds) as avg_duration_seconds,
        {{ percentile('duration_seconds', 0.5) }} as p50_duration_seconds,
        {{ percentile('duration_seconds', 0.95) }} as p95_duration_seconds,
        count(distinct spec_id) as specs
    from runs
    group by spec_type, model
),

days as (
    select
        spec_type,
        model,
        {{ whole_sum('successful_runs + failed_runs + error_runs + timeout_runs') }} as lifetime_runs,
        {{ whole_sum('successful_runs') }} as lifetime_successful_runs
    from {{ ref('daily_runs') }}
    group by spec_type, model
),

counted as (
    select
        days.spec_type,
        days.model,
        coalesce(recent.runs, 0) as runs,
        coalesce(recent.successful_runs, 0) as successful_runs,
        coalesce(recent.failed_runs, 0) as failed_runs,
        coalesce(recent.priced_runs, 0) as priced_runs,
        recent.priced_successful_runs,
        recent.avg_cost_usd,
        recent.total_cost_usd,
        recent.avg_duration_seconds,
        recent.p50_duration_seconds,
        recent.p95_duration_seconds,
        coalesce(recent.specs, 0) as specs,
        days.lifetime_runs,
        days.lifetime_successful_runs
    from days
    left join recent
        on days.spec_type is not distinct from recent.spec_type and days.model is not distinct from recent.model
    where days.lifetime_runs > 0
),

final as (
    select
        counted.spec_type,
        counted.model,
        counted.runs,
        counted.successful_runs,
        counted.failed_runs,
        {{ rate('counted.successful_runs', 'counted.runs') }} as success_rate,
        {{ wilson_low('counted.successful_runs', 'counted.runs') }} as success_rate_low,
        {{ wilson_high('counted.successful_runs', 'counted.runs') }} as success_rate_high,
        counted.priced_runs,
        counted.avg_cost_usd,
        counted.total_cost_usd,
        counted.total_cost_usd / nullif(counted.priced_successful_runs, 0) as cost_per_success_usd,
        counted.avg_duration_seconds,
        counted.p50_duration_seconds,
        counted.p95_duration_seconds,
        counted.specs,
        counted.runs >= {{ var('suggest_min_runs') }} as has_enough_runs,
        counted.lifetime_runs,
        counted.lifetime_successful_runs,
        {{ rate('counted.lifetime_successful_runs', 'counted.lifetime_runs') }} as lifetime_success_rate,
        clock.as_of,
        clock.is_stale
    from counted
    left join clock on 1 = 1
)

select * from final
