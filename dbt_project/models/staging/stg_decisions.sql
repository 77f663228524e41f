with final as (
    select
        decision_id,
        subject_type,
        subject_id,
        decision,
        decided_at,
        decided_by,
        notes,
        extra,
        file_id,
        batch_id,
        ingested_at
    from {{ source('raw', 'decisions') }}
)

select * from final
