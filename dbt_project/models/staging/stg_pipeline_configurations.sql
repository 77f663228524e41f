with final as (
    select
        pipeline_name,
        configuration_version,
        configuration,
        first_seen_at,
        batch_id
    from {{ source('raw', 'pipeline_configurations') }}
)

select * from final
