with final as (
    select
        run_id,
        task_id,
        task_type,
        model,
        input_tokens,
        output_tokens,
        cost_usd,
        status,
        duration_seconds,
        error_type,
        error_message,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_number,
        is_current
    from {{ source('raw', 'run_tasks') }}
    where is_current
)

select * from final
