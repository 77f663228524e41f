with hours as (
    select * from {{ ref('hourly_tool_usage') }}
    where {{ is_touched('executions', 'hour', 'day') }}
),

live as (
    select
        {{ day_of('hour') }} as day,
        agent_id,
        tool_name,
        {{ merged(tool_usage_measures()) }}
    from hours
    group by {{ day_of('hour') }}, agent_id, tool_name
),

parts as (
    {{ with_sealed('live', 'executions', 'day', ['agent_id', 'tool_name'], tool_usage_measures()) }}
),

final as (
    select
        day,
        agent_id,
        tool_name,
        {{ merged(tool_usage_measures()) }}
    from parts
    group by day, agent_id, tool_name
)

select * from final
