with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'executions'
),

failures as (
    select
        daily.tool_name,
        daily.error_type,
        {{ whole_sum('daily.failed_executions') }} as failed_executions,
        min(daily.first_started_at) as first_seen_at,
        max(daily.last_started_at) as last_seen_at
    from {{ ref('daily_tool_errors') }} as daily
    inner join clock on {{ in_days('daily.day', 'clock.as_of', var('profile_days')) }}
    group by daily.tool_name, daily.error_type
),

final as (
    select
        failures.tool_name,
        failures.error_type,
        failures.failed_executions,
        failures.failed_executions
        / cast(sum(failures.failed_executions) over (partition by failures.tool_name) as double) as failure_share,
        row_number() over (
            partition by failures.tool_name
            -- Failures that name no error come last: they explain nothing.
            order by
                case when failures.error_type is null then 1 else 0 end asc,
                failures.failed_executions desc,
                failures.error_type asc
        ) as error_rank,
        failures.first_seen_at,
        failures.last_seen_at,
        clock.as_of,
        clock.is_stale
    from failures
    cross join clock
)

select * from final
