with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'pipelines'
),

executions as (
    select
        executed.*,
        case when executed.status in ('success', 'failed', 'error', 'timeout') then executed.total_duration_seconds end
            as judged_seconds,
        row_number() over (
            partition by executed.pipeline_name order by executed.started_at desc, executed.id desc
        ) as place,
        row_number() over (
            partition by executed.pipeline_name, executed.configuration_version
            order by executed.started_at desc, executed.id desc
        ) as place_in_version
    from {{ ref('stg_pipelines') }} as executed
    inner join clock on {{ in_span('executed.started_at', 'clock.as_of', var('profile_days')) }}
),

counted as (
    select
        pipeline_name,
        configuration_version,
        max(case when place_in_version = 1 then configuration end) as configuration,
        count(*) as executions,
        count(case when status in ('success', 'failed', 'error', 'timeout') then 1 end) as judged,
        count(case when status = 'success' then 1 end) as successful,
        count(judged_seconds) as timed,
        {{ percentile('judged_seconds', 0.5) }} as median_duration_seconds,
        {{ percentile('judged_seconds', 0.95) }} as p95_duration_seconds,
        avg(queued_seconds) as mean_queued_seconds,
        min(started_at) as first_started_at,
        max(started_at) as last_started_at,
        min(place) = 1 as is_active
    from executions
    group by pipeline_name, configuration_version
),

final as (
    select
        counted.pipeline_name,
        counted.configuration_version,
        counted.configuration,
        counted.executions,
        counted.judged,
        counted.successful,
        {{ rate('counted.successful', 'counted.judged') }} as success_rate,
        {{ wilson_low('counted.successful', 'counted.judged') }} as success_rate_low,
        {{ wilson_high('counted.successful', 'counted.judged') }} as success_rate_high,
        counted.timed,
        counted.median_duration_seconds,
        counted.p95_duration_seconds,
        counted.mean_queued_seconds,
        counted.first_started_at,
        counted.last_started_at,
        counted.is_active,
        {{ json_of({
            'judged': 'counted.judged',
            'median_seconds': 'counted.median_duration_seconds',
            'p95_seconds': 'counted.p95_duration_seconds',
            'success_rate': rate('counted.successful', 'counted.judged'),
            'timed': 'counted.timed',
        }) }} as performance_baseline,
        clock.as_of,
        clock.is_stale
    from counted
    cross join clock
)

select * from final
