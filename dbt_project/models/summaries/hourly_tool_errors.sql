with failures as (
    select * from {{ ref('stg_executions') }}
    where {{ is_touched('executions', 'started_at', 'hour') }} and not success
),

live as (
    select
        {{ hour_of('started_at') }} as hour,
        tool_name,
        error_type,
        count(*) as failed_executions,
        min(started_at) as first_started_at,
        max(started_at) as last_started_at
    from failures
    group by {{ hour_of('started_at') }}, tool_name, error_type
),

parts as (
    {{ with_sealed('live', 'executions', 'hour', ['tool_name', 'error_type'], tool_error_measures()) }}
),

final as (
    select
        hour,
        tool_name,
        error_type,
        {{ merged(tool_error_measures()) }}
    from parts
    group by hour, tool_name, error_type
)

select * from final
