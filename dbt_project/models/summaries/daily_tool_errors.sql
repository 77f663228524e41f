with hours as (
    select * from {{ ref('hourly_tool_errors') }}
    where {{ is_touched('executions', 'hour', 'day') }}
),

live as (
    select
        {{ day_of('hour') }} as day,
        tool_name,
        error_type,
        {{ merged(tool_error_measures()) }}
    from hours
    group by {{ day_of('hour') }}, tool_name, error_type
),

parts as (
    {{ with_sealed('live', 'executions', 'day', ['tool_name', 'error_type'], tool_error_measures()) }}
),

final as (
    select
        day,
        tool_name,
        error_type,
        {{ merged(tool_error_measures()) }}
    from parts
    group by day, tool_name, error_type
)

select * from final
