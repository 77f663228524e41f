{%- set types = ['daily', 'weekly', 'monthly', 'seasonal'] %}
{#- Hours of the week repeat too seldom in a short history: then the season is the day, of which every hour counts. #}
{%- set parts = [
    ('daily', 'daily', '1 = 1'),
    ('weekly', 'weekly', '1 = 1'),
    ('monthly', 'monthly', '1 = 1'),
    ('seasonal', 'seasonal', 'not is_season_short'),
    ('seasonal', 'monthly', 'is_season_short'),
] %}

with aged as (
    select
        *,
        {{ hours_between('hour', 'as_of') }} as age
    from {{ ref('hourly_signals') }}
),

-- The window is read once for all types: no scan of a refresh is longer.
counted as (
    select
        signal,
        max(component) as component_name,
        max(component_kind) as component_kind,
        max(metric_type) as metric_type,
        max(unit) as unit,
        max(is_rate) as is_rate,
        max(worse) as worse,
        max(as_of) as as_of,
        max(is_stale) as is_stale,
        {{ is_season_short('max(age)') }} as is_season_short,
        {{ history_hours('max(age)') }} as history_hours,
        {{ aggregated(types) }}
    from aged
    group by signal
),

spread as (
    {%- for type, part, condition in parts %}
    select
        signal,
        component_name,
        component_kind,
        metric_type,
        unit,
        is_rate,
        worse,
        as_of,
        is_stale,
        is_season_short,
        history_hours,
        '{{ type }}' as baseline_type,
        {{ reach_days(type) }} as baseline_days,
        {{ baseline_hours(part) }} as expected_hours,
        {{ part }}_hours as hours,
        {{ part }}_samples as sample_size,
        case when is_rate then {{ part }}_weighted_mean else {{ part }}_mean end as baseline_value,
        {{ part }}_sd as sd,
        {{ json_of({
            'hours': part ~ '_hours',
            'max': part ~ '_max',
            'mean': finite(part ~ '_mean'),
            'median': part ~ '_median',
            'min': part ~ '_min',
            'p95': part ~ '_p95',
            'sd': finite(part ~ '_sd'),
        }) }} as baseline_metrics
    from counted
    where {{ part }}_hours > 0 and {{ condition }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

dated as (
    select
        *,
        -- The first of the last hours: where they begin, the baseline ends.
        {{ last_hours_begin('as_of') }} as established_at
    from spread
),

valid as (
    select
        *,
        {{ days_after(last_hours_end('as_of'), 'baseline_days') }} as valid_until
    from dated
),

final as (
    select
        signal,
        component_name,
        component_kind,
        metric_type,
        unit,
        is_rate,
        worse,
        baseline_type,
        baseline_value,
        sd,
        baseline_metrics,
        least(1e0, {{ rate('hours', 'expected_hours') }})
        * least(1e0, {{ rate('sample_size', var('baseline_full_samples')) }}) as confidence_level,
        sample_size,
        hours,
        established_at,
        valid_until,
        -- By the clock, as is_stale: as_of stands still when its kind falls silent.
        {{ utc_now() }} <= valid_until and hours >= {{ var('baseline_min_hours') }} as is_active,
        case
            when hours < {{ var('baseline_min_hours') }}
                then concat('Only ', hours, ' of ', expected_hours, ' hours have a sample.')
            when baseline_type = 'seasonal' and is_season_short
                then 'Under {{ var("season_min_days") }} days of history: all hours stand for those of the week.'
            when history_hours < baseline_days * {{ 24 }}
                then concat('Hourly summaries reach ', history_hours, ' of ', baseline_days * {{ 24 }}, ' hours back.')
        end as reason,
        as_of,
        is_stale
    from valid
)

select * from final
