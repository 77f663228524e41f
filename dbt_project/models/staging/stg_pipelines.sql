with final as (
    select
        id,
        pipeline_name,
        started_at,
        completed_at,
        status,
        trigger_type,
        trigger_data,
        configuration_version,
        configuration,
        head_sha,
        attempt,
        queued_seconds,
        updated_at,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_at,
        version_number,
        version_hash,
        is_current
    from {{ source('raw', 'pipelines') }}
    where is_current
)

select * from final
