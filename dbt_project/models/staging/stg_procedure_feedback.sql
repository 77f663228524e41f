with final as (
    select
        feedback_id,
        procedure_id,
        agent_id,
        clarity,
        usefulness,
        comment,
        created_at,
        extra,
        file_id,
        batch_id,
        ingested_at
    from {{ source('raw', 'procedure_feedback') }}
)

select * from final
