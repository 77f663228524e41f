with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'runs'
),

recent as (
    select
        *,
        row_number() over (partition by spec_id order by started_at desc, run_id desc) as recency
    from {{ ref('stg_judged_runs') }}
    where {{ in_span('started_at', 'as_of', var('profile_days')) }}
),

runs as (
    select
        *,
        row_number() over (partition by spec_id, spec_fingerprint order by recency) as place
    from recent
),

versions as (
    select
        spec_id,
        spec_fingerprint,
        min(recency) as recency,
        max(case when place = 1 then spec_version end) as spec_version,
        max(case when place = 1 then spec_type end) as spec_type,
        count(*) as runs_count,
        count(*) filter (where is_success) as success_count,
        avg(duration_seconds) as avg_duration_seconds,
        avg(llm_cost_usd) as avg_cost_usd,
        avg(iterations) as avg_iterations,
        {{ percentile(uncut('memory'), 0.95) }} as p95_memory_mb,
        count(*) filter (where is_oom) as oom_runs,
        min(started_at) as first_started_at,
        max(started_at) as last_started_at
    from runs
    group by spec_id, spec_fingerprint
),

final as (
    select
        versions.spec_id,
        versions.spec_fingerprint,
        versions.spec_version,
        versions.spec_type,
        versions.runs_count,
        versions.success_count,
        {{ rate('versions.success_count', 'versions.runs_count') }} as success_rate,
        {{ wilson_low('versions.success_count', 'versions.runs_count') }} as success_rate_low,
        {{ wilson_high('versions.success_count', 'versions.runs_count') }} as success_rate_high,
        versions.avg_duration_seconds,
        versions.avg_cost_usd,
        versions.avg_iterations,
        versions.p95_memory_mb,
        versions.oom_runs,
        versions.first_started_at,
        versions.last_started_at,
        versions.recency = 1 as is_current,
        lead(versions.spec_fingerprint) over (partition by versions.spec_id order by versions.recency)
            as previous_fingerprint,
        clock.as_of,
        clock.is_stale
    from versions
    cross join clock
)

select * from final
