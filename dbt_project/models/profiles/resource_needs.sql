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

memory_limits as (
    {{ most_used('scoped', ['scope', 'scope_id'], 'memory_limit') }}
),

cpu_limits as (
    {{ most_used('scoped', ['scope', 'scope_id'], 'cpu_limit') }}
),

models as (
    {{ most_used('scoped', ['scope', 'scope_id'], 'model') }}
),

counted as (
    select
        scope,
        scope_id,
        count(*) as runs,
        count(memory_peak_mb) as memory_measured_runs,
        count({{ uncut('memory') }}) as memory_uncensored_runs,
        {{ percentile(uncut('memory'), 0.95) }} as memory_p95_mb,
        max(case when is_oom then memory_limit_mb end) as largest_oom_limit_mb,
        {{ percentile(uncut('cpu'), 0.95) }} as cpu_p95_mcores,
        max(case when is_cpu_censored then cpu_limit_mcores end) as largest_throttled_cpu_mcores
    from scoped
    group by scope, scope_id
),

final as (
    select
        counted.scope,
        counted.scope_id,
        counted.runs,
        counted.memory_measured_runs,
        counted.memory_uncensored_runs,
        counted.memory_p95_mb,
        counted.largest_oom_limit_mb,
        counted.cpu_p95_mcores,
        counted.largest_throttled_cpu_mcores,
        memory_limits.memory_limit as usual_memory_limit,
        cpu_limits.cpu_limit as usual_cpu_limit,
        models.model as usual_model,
        clock.as_of,
        clock.is_stale
    from counted
    left join memory_limits
        on counted.scope = memory_limits.scope and counted.scope_id = memory_limits.scope_id
    left join cpu_limits on counted.scope = cpu_limits.scope and counted.scope_id = cpu_limits.scope_id
    left join models on counted.scope = models.scope and counted.scope_id = models.scope_id
    cross join clock
)

select * from final
