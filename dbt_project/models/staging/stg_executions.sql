with full_records as (
    select
        execution_id,
        task_id,
        run_id,
        agent_id,
        tool_name,
        started_at,
        duration_seconds,
        success,
        cost_usd,
        tokens_used,
        human_effort_level,
        browser_used,
        error_type,
        error_message,
        cost_source,
        extra,
        file_id,
        batch_id,
        ingested_at
    from {{ source('raw', 'executions') }}
),

slim_records as (
    select
        execution_id,
        task_id,
        run_id,
        agent_id,
        tool_name,
        started_at,
        duration_seconds,
        success,
        cost_usd,
        tokens_used,
        human_effort_level,
        browser_used,
        error_type,
        cast(null as {{ text_type() }}) as error_message,
        cost_source,
        cast(null as {{ text_type() }}) as extra,
        file_id,
        batch_id,
        ingested_at
    from {{ source('raw', 'executions_slim') }}
),

final as (
    select * from full_records
    union all
    select * from slim_records
)

select * from final
