with final as (
    select
        id,
        version,
        spec_type,
        tasks,
        task_count,
        complexity,
        resources,
        memory_limit,
        cpu_limit,
        model,
        fingerprint,
        path,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_at,
        version_number,
        version_hash,
        is_current
    from {{ source('raw', 'specs') }}
    where is_current
)

select * from final
