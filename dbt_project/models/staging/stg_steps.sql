with final as (
    select
        pipeline_id,
        step_name,
        step_order,
        started_at,
        completed_at,
        status,
        error_details,
        performance_data,
        resource_consumption,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_number,
        is_current
    from {{ source('raw', 'steps') }}
    where is_current
)

select * from final
