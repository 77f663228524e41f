with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'executions'
),

days as (
    select * from {{ ref('daily_tool_usage') }}
    where agent_id is not null
),

hours as (
    select hours.*
    from {{ ref('hourly_tool_usage') }} as hours
    inner join clock on {{ in_window('hours.hour', 'clock.as_of') }}
    where hours.agent_id is not null
),

-- The day and the hour of as_of may hold records from after it, so each is read one step finer. The coarser steps
-- outlive the finer ones.
calls as (
    select
        agent_id,
        first_started_at,
        last_started_at
    from days
    union all
    select
        agent_id,
        first_started_at,
        last_started_at
    from hours
    union all
    select
        agent_id,
        started_at as first_started_at,
        started_at as last_started_at
    from {{ ref('stg_executions') }}
    -- A range of times lets the scan skip what lies outside of the hour.
    where
        agent_id is not null
        and started_at >= (select {{ hour_of('clock.as_of') }} from clock)
        and started_at <= (select clock.as_of from clock)
),

activity as (
    select
        calls.agent_id,
        -- A record from the future is no activity yet.
        max(
            case
                when calls.last_started_at <= clock.as_of then calls.last_started_at
                when calls.first_started_at <= clock.as_of then calls.first_started_at
            end
        ) as last_activity_at,
        max(clock.as_of) as as_of,
        max(clock.is_stale) as is_stale
    from calls
    left join clock on 1 = 1
    group by calls.agent_id
),

recent as (
    select
        hours.agent_id,
        {{ whole_sum('hours.executions') }} as executions,
        {{ whole_sum('hours.successful_executions') }} as successful_executions,
        cast(
            sum(hours.successful_executions) filter (where {{ day_of('hours.hour') }} = {{ day_of('clock.as_of') }})
            as bigint
        ) as successful_executions_today,
        {{ whole_sum('hours.timed_executions') }} as timed_executions,
        sum(hours.duration_seconds) as duration_seconds
    from hours
    cross join clock
    group by hours.agent_id
),

counted as (
    select
        activity.*,
        coalesce(recent.executions, 0) as executions_24h,
        coalesce(recent.successful_executions, 0) as successful_executions_24h,
        coalesce(recent.successful_executions_today, 0) as tasks_completed_today,
        recent.duration_seconds / nullif(recent.timed_executions, 0) as avg_response_time_seconds
    from activity
    left join recent on activity.agent_id = recent.agent_id
),

final as (
    select
        agent_id,
        case
            when last_activity_at > as_of - interval '{{ var("agent_active_hours") }}' hour then 'active'
            when last_activity_at > as_of - interval '{{ var("window_hours") }}' hour then 'idle'
            else 'inactive'
        end as status,
        tasks_completed_today,
        executions_24h,
        avg_response_time_seconds,
        {{ rate('successful_executions_24h', 'executions_24h') }} as success_rate,
        {{ wilson_low('successful_executions_24h', 'executions_24h') }} as success_rate_low,
        {{ wilson_high('successful_executions_24h', 'executions_24h') }} as success_rate_high,
        last_activity_at,
        as_of,
        is_stale
    from counted
)

select * from final
