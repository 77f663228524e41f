with final as (
    select
        id,
        title,
        description,
        status,
        priority,
        created_at,
        updated_at,
        assigned_to,
        project_id,
        estimated_effort_minutes,
        actual_effort_minutes,
        complexity_score,
        tags,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_at,
        version_number,
        version_hash,
        is_current
    from {{ source('raw', 'tasks') }}
    where is_current
)

select * from final
