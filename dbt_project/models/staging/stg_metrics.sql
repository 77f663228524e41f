with final as (
    select
        metric_id,
        metric_name,
        metric_value,
        metric_unit,
        metric_tags,
        collected_at,
        source_system,
        aggregation_period,
        extra,
        file_id,
        batch_id,
        ingested_at
    from {{ source('raw', 'metrics') }}
)

select * from final
