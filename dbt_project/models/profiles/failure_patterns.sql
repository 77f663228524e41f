with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'runs'
),

runs as (
    select * from {{ ref('stg_judged_runs') }}
    where {{ in_span('started_at', 'as_of', var('profile_days')) }}
),

failed_tasks as (
    select * from {{ ref('stg_run_tasks') }}
    where status = 'failed'
),

-- A failure is a task that failed; of a run that failed without one, the run itself.
failures as (
    select
        runs.run_id,
        runs.spec_type,
        runs.task_count,
        runs.is_success,
        runs.started_at,
        runs.duration_seconds as run_seconds,
        coalesce(failed_tasks.error_type, case when not runs.is_success then lower(runs.failure_reason) end)
            as error_type,
        failed_tasks.duration_seconds as task_seconds
    from runs
    left join failed_tasks on runs.run_id = failed_tasks.run_id
    where failed_tasks.run_id is not null or not runs.is_success
),

placed as (
    select
        *,
        -- A run counts once in a row, however many of its tasks failed with the same error.
        case
            when not is_success and row_number() over (partition by run_id, error_type order by started_at) = 1
                then run_id
        end as failed_run_id
    from failures
),

counted as (
    select
        error_type,
        spec_type,
        task_count,
        count(*) as occurrences,
        count(failed_run_id) as failed_runs,
        avg(task_seconds) as avg_time_to_failure_seconds,
        {{ percentile('task_seconds', 0.5) }} as p50_time_to_failure_seconds,
        avg(case when failed_run_id is not null then run_seconds end) as avg_run_seconds_to_failure,
        min(started_at) as first_seen_at,
        max(started_at) as last_seen_at
    from placed
    group by error_type, spec_type, task_count
),

final as (
    select
        counted.error_type,
        counted.spec_type,
        counted.task_count,
        counted.occurrences,
        counted.failed_runs,
        counted.avg_time_to_failure_seconds,
        counted.p50_time_to_failure_seconds,
        counted.avg_run_seconds_to_failure,
        counted.occurrences
        / cast(sum(counted.occurrences) over (partition by counted.spec_type) as double) as failure_share,
        counted.occurrences > {{ var('frequent_failures') }} as is_frequent,
        counted.first_seen_at,
        counted.last_seen_at,
        clock.as_of,
        clock.is_stale
    from counted
    cross join clock
)

select * from final
