with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'executions'
),

hours as (
    select
        {{ whole_sum('usage.executions') }} as executions,
        {{ whole_sum('usage.priced_executions') }} as priced_executions,
        {{ whole_sum('usage.tokens_used') }} as tokens_used,
        sum(usage.cost_usd) as cost_usd,
        sum(usage.provider_cost_usd) as provider_cost_usd,
        sum(usage.computed_cost_usd) as computed_cost_usd,
        sum(usage.estimated_cost_usd) as estimated_cost_usd,
        sum(usage.unstated_cost_usd) as unstated_cost_usd,
        count(distinct usage.tool_name) as active_tools,
        count(distinct usage.agent_id) as active_agents
    from {{ ref('hourly_tool_usage') }} as usage
    inner join clock on {{ in_window('usage.hour', 'clock.as_of') }}
),

days as (
    select
        {{ whole_sum('usage.executions') }} as executions,
        {{ whole_sum('usage.priced_executions') }} as priced_executions,
        {{ whole_sum('usage.tokens_used') }} as tokens_used,
        sum(usage.cost_usd) as cost_usd,
        count(distinct usage.tool_name) as active_tools,
        count(distinct usage.agent_id) as active_agents
    from {{ ref('daily_tool_usage') }} as usage
    inner join clock on {{ in_days('usage.day', 'clock.as_of', var('profile_days')) }}
),

final as (
    select
        coalesce(hours.executions, 0) as total_tasks_24h,
        hours.tokens_used as total_tokens_24h,
        hours.cost_usd as execution_costs_usd_24h,
        hours.provider_cost_usd as provider_costs_usd_24h,
        hours.computed_cost_usd as computed_costs_usd_24h,
        hours.estimated_cost_usd as estimated_costs_usd_24h,
        hours.unstated_cost_usd as unstated_costs_usd_24h,
        {{ rate('hours.priced_executions', 'hours.executions') }} as priced_share_24h,
        hours.active_tools as active_tools_24h,
        hours.active_agents as active_agents_24h,
        coalesce(days.executions, 0) as total_tasks_30d,
        days.tokens_used as total_tokens_30d,
        days.cost_usd as execution_costs_usd_30d,
        {{ rate('days.priced_executions', 'days.executions') }} as priced_share_30d,
        days.active_tools as active_tools_30d,
        days.active_agents as active_agents_30d,
        clock.as_of,
        clock.is_stale
    from hours
    cross join days
    left join clock on 1 = 1
)

select * from final
