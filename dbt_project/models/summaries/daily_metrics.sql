with hours as (
    select * from {{ ref('hourly_metrics') }}
    where {{ is_touched('metrics', 'hour', 'day') }}
),

live as (
    select
        {{ day_of('hour') }} as day,
        metric_name,
        source_system,
        metric_tags,
        {{ merged(metric_measures()) }}
    from hours
    group by {{ day_of('hour') }}, metric_name, source_system, metric_tags
),

parts as (
    {{ with_sealed('live', 'metrics', 'day', ['metric_name', 'source_system', 'metric_tags'], metric_measures()) }}
),

final as (
    select
        day,
        metric_name,
        source_system,
        metric_tags,
        {{ merged(metric_measures()) }}
    from parts
    group by day, metric_name, source_system, metric_tags
)

select * from final
