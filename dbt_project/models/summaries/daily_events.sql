with hours as (
    select * from {{ ref('hourly_events') }}
    where {{ is_touched('events', 'hour', 'day') }}
),

live as (
    select
        {{ day_of('hour') }} as day,
        event_type,
        source_system,
        target_system,
        {{ merged(event_measures()) }}
    from hours
    group by {{ day_of('hour') }}, event_type, source_system, target_system
),

parts as (
    {{ with_sealed('live', 'events', 'day', ['event_type', 'source_system', 'target_system'], event_measures()) }}
),

final as (
    select
        day,
        event_type,
        source_system,
        target_system,
        {{ merged(event_measures()) }}
    from parts
    group by day, event_type, source_system, target_system
)

select * from final
