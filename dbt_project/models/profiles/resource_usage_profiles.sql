with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'runs'
),

runs as (
    select judged.*
    from {{ ref('stg_judged_runs') }} as judged
    inner join {{ ref('spec_versions') }} as versions
        on
            judged.spec_id = versions.spec_id
            and judged.spec_fingerprint is not distinct from versions.spec_fingerprint
    where
        versions.is_current
        and {{ in_span('judged.started_at', 'judged.as_of', var('profile_days')) }}
),

counted as (
    select
        spec_id,
        memory_limit,
        cpu_limit,
        count(*) as runs,
        count(*) filter (where is_oom) as oom_runs,
        count(memory_peak_mb) as memory_measured_runs,
        count(*) filter (where is_memory_censored) as memory_censored_runs,
        {{ percentile(uncut('memory'), 0.5) }} as memory_p50_mb,
        {{ percentile(uncut('memory'), 0.95) }} as memory_p95_mb,
        {{ percentile(uncut('memory'), 0.99) }} as memory_p99_mb,
        max({{ uncut('memory') }}) as memory_max_mb,
        count(cpu_peak_mcores) as cpu_measured_runs,
        count(*) filter (where is_cpu_censored) as cpu_censored_runs,
        {{ percentile(uncut('cpu'), 0.5) }} as cpu_p50_mcores,
        {{ percentile(uncut('cpu'), 0.95) }} as cpu_p95_mcores,
        {{ percentile(uncut('cpu'), 0.99) }} as cpu_p99_mcores,
        max(memory_limit_mb) as memory_limit_mb,
        max(cpu_limit_mcores) as cpu_limit_mcores,
        max(started_at) as last_started_at
    from runs
    group by spec_id, memory_limit, cpu_limit
),

final as (
    select
        counted.spec_id,
        counted.memory_limit,
        counted.cpu_limit,
        counted.runs,
        counted.oom_runs,
        {{ rate('counted.oom_runs', 'counted.runs') }} as oom_share,
        {{ wilson_low('counted.oom_runs', 'counted.runs') }} as oom_share_low,
        {{ wilson_high('counted.oom_runs', 'counted.runs') }} as oom_share_high,
        counted.memory_measured_runs,
        counted.memory_censored_runs,
        counted.memory_p50_mb,
        counted.memory_p95_mb,
        counted.memory_p99_mb,
        counted.memory_max_mb,
        counted.cpu_measured_runs,
        counted.cpu_censored_runs,
        counted.cpu_p50_mcores,
        counted.cpu_p95_mcores,
        counted.cpu_p99_mcores,
        counted.memory_limit_mb,
        counted.cpu_limit_mcores,
        counted.last_started_at,
        clock.as_of,
        clock.is_stale
    from counted
    cross join clock
)

select * from final
