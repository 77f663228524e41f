with metrics as (
    select * from {{ ref('stg_metrics') }}
    where {{ is_touched('metrics', 'collected_at', 'hour') }}
),

live as (
    select
        {{ hour_of('collected_at') }} as hour,
        metric_name,
        source_system,
        metric_tags,
        max(metric_unit) as metric_unit,
        min(metric_unit) as first_metric_unit,
        count(*) as samples,
        sum(metric_value) as metric_value_sum,
        min(metric_value) as metric_value_min,
        max(metric_value) as metric_value_max,
        sum(metric_value * metric_value) as metric_value_sum_squares,
        min(collected_at) as first_collected_at,
        max(collected_at) as last_collected_at
    from metrics
    group by {{ hour_of('collected_at') }}, metric_name, source_system, metric_tags
),

parts as (
    {{ with_sealed('live', 'metrics', 'hour', ['metric_name', 'source_system', 'metric_tags'], metric_measures()) }}
),

final as (
    select
        hour,
        metric_name,
        source_system,
        metric_tags,
        {{ merged(metric_measures()) }}
    from parts
    group by hour, metric_name, source_system, metric_tags
)

select * from final
