{%- set capacity_names = "('cpu_capacity', 'memory_capacity', 'disk_capacity', 'network_capacity')" %}

with hours as (
    select
        counted.hour,
        named.component,
        counted.metric_name,
        counted.metric_unit,
        counted.samples,
        counted.metric_value_sum,
        counted.metric_value_min,
        counted.metric_value_max,
        named.as_of,
        named.is_stale
    from {{ ref('hourly_metrics') }} as counted
    inner join {{ ref('metric_signals') }} as named
        on
            counted.metric_name = named.metric_name
            and counted.source_system = named.source_system
            and counted.metric_tags is not distinct from named.metric_tags
            and counted.metric_unit is not distinct from named.metric_unit
            and {{ in_span('counted.hour', 'named.as_of', var('profile_days')) }}
    where
        {{ has_one_unit('counted') }}
        and {{ is_finite('counted.metric_value_sum') }}
        and (
            {{ is_resource_usage('counted.metric_name', 'counted.metric_unit') }}
            or counted.metric_name in {{ capacity_names }}
        )
),

usage as (
    select
        hour,
        component,
        metric_name as resource_type,
        sum(metric_value_sum) / sum(samples) as usage_percentage,
        min(metric_value_min) as lowest_usage,
        max(metric_value_max) as peak_usage,
        {{ whole_sum('samples') }} as samples,
        count(*) as series,
        as_of,
        is_stale
    from hours
    where metric_name not in {{ capacity_names }}
    group by hour, component, metric_name, as_of, is_stale
),

-- Where several series tell of one capacity, they count as long as they tell the same.
capacities as (
    select
        hour,
        component,
        replace(metric_name, '_capacity', '') as resource_type,
        max(metric_value_max) as capacity,
        max(metric_unit) as capacity_unit
    from hours
    where metric_name in {{ capacity_names }}
    group by hour, component, metric_name
    having min(metric_value_max) = max(metric_value_max) and count(distinct metric_unit) <= 1
),

-- A capacity holds until another one is told: it is sampled less often than the usage.
told as (
    select
        coalesce(usage.hour, capacities.hour) as hour,
        coalesce(usage.component, capacities.component) as component,
        coalesce(usage.resource_type, capacities.resource_type) as resource_type,
        usage.usage_percentage,
        usage.lowest_usage,
        usage.peak_usage,
        usage.samples,
        usage.series,
        usage.as_of,
        usage.is_stale,
        capacities.capacity,
        capacities.capacity_unit,
        count(capacities.capacity) over (
            partition by
                coalesce(usage.component, capacities.component),
                coalesce(usage.resource_type, capacities.resource_type)
            order by coalesce(usage.hour, capacities.hour)
        ) as times_told
    from usage
    full outer join capacities
        on
            usage.hour = capacities.hour
            and usage.component = capacities.component
            and usage.resource_type = capacities.resource_type
),

held as (
    select
        *,
        max(capacity) over (partition by component, resource_type, times_told) as held_capacity,
        max(capacity_unit) over (partition by component, resource_type, times_told) as held_unit
    from told
),

final as (
    select
        component,
        resource_type,
        usage_percentage,
        usage_percentage * held_capacity / 1e2 as absolute_value,
        peak_usage,
        avg(usage_percentage) over (
            partition by component, resource_type {{ in_day_before('hour') }}
        ) as average_usage,
        hour as measured_at,
        samples,
        held_capacity as capacity,
        held_unit as capacity_unit,
        {{ json_of({
            'is_complete': is_over('hour', 'as_of'),
            'lowest_usage': 'lowest_usage',
            'series': 'series',
        }) }} as context_data,
        as_of,
        is_stale
    from held
    where usage_percentage is not null
)

select * from final
