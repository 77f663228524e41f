with events as (
    select * from {{ ref('stg_events') }}
    where {{ is_touched('events', 'occurred_at', 'hour') }}
),

live as (
    select
        {{ hour_of('occurred_at') }} as hour,
        event_type,
        source_system,
        target_system,
        count(*) as events,
        count(*) filter (where status = 'success') as successful_events,
        count(*) filter (where status = 'failure') as failed_events,
        count(*) filter (where status = 'partial') as partial_events,
        count(processing_duration_ms) as timed_events,
        sum(processing_duration_ms) as processing_duration_ms,
        max(processing_duration_ms) as max_processing_duration_ms
    from events
    group by {{ hour_of('occurred_at') }}, event_type, source_system, target_system
),

parts as (
    {{ with_sealed('live', 'events', 'hour', ['event_type', 'source_system', 'target_system'], event_measures()) }}
),

final as (
    select
        hour,
        event_type,
        source_system,
        target_system,
        {{ merged(event_measures()) }}
    from parts
    group by hour, event_type, source_system, target_system
)

select * from final
