with final as (
    select
        call_id,
        satellite_id,
        procedure_id,
        agent_id,
        task_type,
        started_at,
        duration_seconds,
        status,
        extra,
        file_id,
        batch_id,
        ingested_at
    from {{ source('raw', 'procedure_calls') }}
)

select * from final
