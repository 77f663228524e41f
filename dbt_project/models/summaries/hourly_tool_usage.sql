with executions as (
    select * from {{ ref('stg_executions') }}
    where {{ is_touched('executions', 'started_at', 'hour') }}
),

live as (
    select
        {{ hour_of('started_at') }} as hour,
        agent_id,
        tool_name,
        count(*) as executions,
        count(*) filter (where success) as successful_executions,
        count(*) filter (where not success) as failed_executions,
        count(duration_seconds) as timed_executions,
        sum(duration_seconds) as duration_seconds,
        sum(duration_seconds) filter (where not success) as failed_duration_seconds,
        count(cost_usd) as priced_executions,
        sum(cost_usd) as cost_usd,
        sum(cost_usd) filter (where cost_source = 'provider') as provider_cost_usd,
        sum(cost_usd) filter (where cost_source = 'computed') as computed_cost_usd,
        sum(cost_usd) filter (where cost_source = 'estimated') as estimated_cost_usd,
        sum(cost_usd) filter (where cost_source is null) as unstated_cost_usd,
        sum(cost_usd) filter (where not success) as failed_cost_usd,
        count(tokens_used) as token_counted_executions,
        {{ whole_sum('tokens_used') }} as tokens_used,
        count(*) filter (where browser_used) as browser_executions,
        count(*) filter (where human_effort_level = 'LOW') as low_effort_executions,
        count(*) filter (where human_effort_level = 'MEDIUM') as medium_effort_executions,
        count(*) filter (where human_effort_level = 'HIGH') as high_effort_executions,
        min(started_at) as first_started_at,
        max(started_at) as last_started_at
    from executions
    group by {{ hour_of('started_at') }}, agent_id, tool_name
),

parts as (
    {{ with_sealed('live', 'executions', 'hour', ['agent_id', 'tool_name'], tool_usage_measures()) }}
),

final as (
    select
        hour,
        agent_id,
        tool_name,
        {{ merged(tool_usage_measures()) }}
    from parts
    group by hour, agent_id, tool_name
)

select * from final
