with final as (
    select
        id,
        event_type,
        source_system,
        target_system,
        event_data,
        occurred_at,
        processing_duration_ms,
        status,
        error_details,
        correlation_id,
        extra,
        file_id,
        batch_id,
        ingested_at
    from {{ source('raw', 'events') }}
)

select * from final
