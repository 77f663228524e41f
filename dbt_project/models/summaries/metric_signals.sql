{{ config(materialized='table') }}

with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'metrics'
),

series as (
    select
        hours.metric_name,
        hours.source_system,
        hours.metric_tags,
        hours.metric_unit,
        count(*) as hours,
        min(hours.hour) as first_hour
    from {{ ref('hourly_metrics') }} as hours
    inner join clock on {{ in_span('hours.hour', 'clock.as_of', var('profile_days')) }}
    where {{ has_one_unit('hours') }}
    group by hours.metric_name, hours.source_system, hours.metric_tags, hours.metric_unit
),

named as (
    select
        *,
        coalesce(nullif({{ json_text('metric_tags', 'component') }}, ''), source_system) as component,
        {{ json_without('metric_tags', 'component') }} as other_tags
    from series
),

counted as (
    select
        component,
        metric_name,
        other_tags,
        count(distinct coalesce(metric_unit, '')) as units,
        count(distinct source_system) as sources
    from named
    group by component, metric_name, other_tags
),

spelled as (
    select
        named.*,
        concat(
            'metric/', named.component, '/', named.metric_name,
            coalesce(named.other_tags, ''),
            case when counted.sources > 1 then concat(' from ', named.source_system) else '' end,
            case
                when counted.units > 1 and named.metric_unit is not null then concat(' [', named.metric_unit, ']')
                else ''
            end
        ) as spelling
    from named
    inner join counted
        on
            named.component = counted.component
            and named.metric_name = counted.metric_name
            and named.other_tags is not distinct from counted.other_tags
),

-- Names may hold what separates them here: a/b of c and b of c/a are two series, and neither may pass for the other.
told_apart as (
    select
        *,
        row_number() over (
            partition by spelling order by first_hour, component, metric_name, metric_unit, source_system, metric_tags
        ) as place
    from spelled
),

final as (
    select
        told_apart.metric_name,
        told_apart.source_system,
        told_apart.metric_tags,
        told_apart.metric_unit,
        concat(
            told_apart.spelling,
            case when told_apart.place > 1 then concat(' #', told_apart.place) else '' end
        ) as signal,
        told_apart.component,
        told_apart.other_tags,
        {{ worse_direction('told_apart.metric_name', 'told_apart.metric_unit') }} as worse,
        told_apart.hours,
        clock.as_of,
        clock.is_stale
    from told_apart
    cross join clock
)

select * from final
