with final as (
    select
        id,
        task_id,
        started_at,
        completed_at,
        status,
        error_message,
        performance_metrics,
        resource_usage,
        updated_at,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_at,
        version_number,
        version_hash,
        is_current
    from {{ source('raw', 'task_executions') }}
    where is_current
)

select * from final
