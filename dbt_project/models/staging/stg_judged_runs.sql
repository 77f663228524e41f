{{ config(materialized='table') }}

with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'runs'
),

runs as (
    select
        runs.*,
        runs.status = 'success' as is_success,
        {{ memory_mb('runs.memory_limit') }} as memory_limit_mb,
        {{ cpu_mcores('runs.cpu_limit') }} as cpu_limit_mcores,
        clock.as_of,
        clock.is_stale
    from {{ ref('stg_runs') }} as runs
    inner join clock on {{ in_span('runs.started_at', 'clock.as_of', var('judged_days')) }}
    where runs.status in ('success', 'failed', 'error', 'timeout')
),

task_errors as (
    select
        run_id,
        error_type,
        row_number() over (partition by run_id order by task_id) as place
    from {{ ref('stg_run_tasks') }}
    where status = 'failed' and error_type is not null
),

-- What went wrong is asked of runs that did not succeed: a task that failed on the way to success stopped nothing.
explained as (
    select
        runs.*,
        case
            when not runs.is_success then coalesce(task_errors.error_type, lower(runs.failure_reason))
        end as error_type,
        coalesce(not runs.is_success and {{ is_word('runs.failure_reason', var('oom_reasons')) }}, 1 = 0) as is_oom
    from runs
    left join task_errors on runs.run_id = task_errors.run_id and task_errors.place = 1
),

final as (
    select
        run_id,
        spec_id,
        spec_fingerprint,
        spec_version,
        spec_type,
        task_count,
        complexity,
        project_id,
        agent_id,
        model,
        memory_limit,
        memory_limit_mb,
        cpu_limit,
        cpu_limit_mcores,
        status,
        failure_reason,
        error_type,
        is_success,
        is_oom,
        status = 'timeout' or coalesce({{ has_word('error_type', var('transient_errors')) }}, 1 = 0) as is_transient,
        started_at,
        completed_at,
        duration_seconds,
        iterations,
        attempts,
        llm_cost_usd,
        cost_source,
        infrastructure_cost_eur,
        memory_peak_mb,
        is_oom or coalesce(memory_peak_mb >= memory_limit_mb, 1 = 0) as is_memory_censored,
        cpu_peak_mcores,
        coalesce(cpu_peak_mcores >= cpu_limit_mcores, 1 = 0) as is_cpu_censored,
        experiment_id,
        variant,
        as_of,
        is_stale
    from explained
)

select * from final
