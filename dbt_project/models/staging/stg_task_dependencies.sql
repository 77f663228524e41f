with final as (
    select
        task_id,
        depends_on_task_id,
        dependency_type,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_number,
        is_current
    from {{ source('raw', 'task_dependencies') }}
    where is_current
)

select * from final
