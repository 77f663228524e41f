with hours as (
    select * from {{ ref('hourly_runs') }}
    where {{ is_touched('runs', 'hour', 'day') }}
),

live as (
    select
        {{ day_of('hour') }} as day,
        spec_type,
        model,
        {{ merged(run_measures()) }}
    from hours
    group by {{ day_of('hour') }}, spec_type, model
),

parts as (
    {{ with_sealed('live', 'runs', 'day', ['spec_type', 'model'], run_measures()) }}
),

final as (
    select
        day,
        spec_type,
        model,
        {{ merged(run_measures()) }}
    from parts
    group by day, spec_type, model
)

select * from final
