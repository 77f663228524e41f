with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'executions'
),

usage as (
    select * from {{ ref('daily_tool_usage') }}
),

lifetime as (
    select
        tool_name,
        {{ whole_sum('executions') }} as lifetime_executions,
        {{ whole_sum('successful_executions') }} as lifetime_successful_executions,
        {{ whole_sum('failed_executions') }} as lifetime_failed_executions,
        sum(duration_seconds) as lifetime_duration_seconds,
        sum(cost_usd) as lifetime_cost_usd,
        {{ whole_sum('tokens_used') }} as lifetime_tokens,
        min(first_started_at) as first_seen_at,
        max(last_started_at) as last_seen_at
    from usage
    group by tool_name
),

recent as (
    select
        usage.tool_name,
        {{ merged(tool_usage_measures()) }}
    from usage
    inner join clock on {{ in_days('usage.day', 'clock.as_of', var('profile_days')) }}
    group by usage.tool_name
),

counted as (
    select
        lifetime.*,
        coalesce(recent.executions, 0) as total_executions,
        coalesce(recent.successful_executions, 0) as successful_executions,
        coalesce(recent.failed_executions, 0) as failed_executions,
        coalesce(recent.timed_executions, 0) as timed_executions,
        recent.duration_seconds,
        recent.failed_duration_seconds,
        coalesce(recent.priced_executions, 0) as priced_executions,
        recent.cost_usd,
        recent.failed_cost_usd,
        recent.tokens_used
    from lifetime
    left join recent on lifetime.tool_name = recent.tool_name
),

rated as (
    select
        *,
        {{ confidence_level('successful_executions', 'total_executions') }} as confidence_level,
        {{ rate('successful_executions', 'total_executions') }} as success_rate,
        {{ wilson_low('successful_executions', 'total_executions') }} as success_rate_low,
        {{ wilson_high('successful_executions', 'total_executions') }} as success_rate_high
    from counted
),

final as (
    select
        rated.tool_name,
        rated.confidence_level,
        rated.success_rate,
        rated.success_rate_low,
        rated.success_rate_high,
        rated.total_executions,
        rated.successful_executions,
        rated.failed_executions,
        rated.timed_executions,
        rated.duration_seconds / nullif(rated.timed_executions, 0) as avg_duration_seconds,
        rated.failed_duration_seconds,
        rated.priced_executions,
        rated.cost_usd / nullif(rated.priced_executions, 0) as avg_cost_usd,
        rated.cost_usd as total_cost_usd,
        rated.failed_cost_usd,
        rated.tokens_used as total_tokens,
        case
            when rated.confidence_level = 'LOW' then 'failing'
            when rated.total_executions = 0 then null
            when rated.total_executions < {{ var('confidence_high_min_executions') }} then 'unproven'
            else 'none'
        end as risk,
        rated.lifetime_executions,
        rated.lifetime_successful_executions,
        rated.lifetime_failed_executions,
        rated.lifetime_duration_seconds,
        rated.lifetime_cost_usd,
        rated.lifetime_tokens,
        rated.first_seen_at,
        rated.last_seen_at,
        clock.as_of,
        clock.is_stale
    from rated
    left join clock on 1 = 1
)

select * from final
