with baselines as (
    select * from {{ ref('performance_baselines') }}
),

types as (
    {%- for type in ['daily', 'weekly', 'monthly', 'seasonal'] %}
    select '{{ type }}' as baseline_type
    {{- " union all" if not loop.last }}
    {%- endfor %}
),

recent as (
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
        count(*) as hours,
        {{ whole_sum('samples') }} as samples,
        case when max(is_rate) then sum(value * samples) / nullif(sum(samples), 0) else avg(value) end as value,
        stddev_samp(value) as sd
    from {{ ref('hourly_signals') }}
    where {{ in_window('hour', 'as_of') }}
    group by signal
),

signals as (
    {%- for known in ['recent', 'baselines'] %}
    select
        signal,
        component_name,
        component_kind,
        metric_type,
        unit,
        is_rate,
        worse,
        as_of,
        is_stale
    from {{ known }}
    {{ "union" if not loop.last }}
    {%- endfor %}
),

compared as (
    select
        signals.*,
        types.baseline_type,
        baselines.baseline_value,
        baselines.sd as baseline_sd,
        baselines.hours as baseline_hours,
        baselines.sample_size as baseline_samples,
        baselines.confidence_level as baseline_confidence,
        baselines.is_active as is_baseline_active,
        baselines.reason as baseline_reason,
        recent.value as current_value,
        recent.sd as current_sd,
        recent.hours as current_hours,
        coalesce(recent.samples, 0) as current_samples
    from signals
    cross join types
    left join baselines on signals.signal = baselines.signal and types.baseline_type = baselines.baseline_type
    left join recent on signals.signal = recent.signal
),

judged as (
    select
        *,
        current_value - baseline_value as difference,
        case
            when is_rate
                then sqrt({{ pooled_variance('current', 'baseline') }})
            else sqrt(current_sd * current_sd / current_hours + baseline_sd * baseline_sd / baseline_hours)
        end as standard_error
    from compared
),

scored as (
    select
        *,
        {{ finite('difference / nullif(standard_error, 0)') }} as z
    from judged
),

final as (
    select
        signal,
        component_name,
        component_kind,
        metric_type,
        unit,
        baseline_type,
        baseline_value,
        current_value,
        -- Of a value below 0 the size counts: more is a positive change.
        1e2 * difference / nullif(abs(baseline_value), 0) as performance_delta,
        case
            -- Of a few hours the deviation may be near 0 by chance, and z beyond every limit.
            when least(current_hours, baseline_hours) < {{ var('baseline_min_hours') }} then null
            when worse = 'up' then z > {{ var('worse_min_errors') }}
            when worse = 'down' then z < -{{ var('worse_min_errors') }}
        end as is_worse,
        {{ var('window_hours') }} as measurement_window_hours,
        current_samples,
        baseline_samples,
        z,
        as_of as analyzed_at,
        {{ json_of({
            'baseline_confidence': 'baseline_confidence',
            'baseline_hours': 'baseline_hours',
            'baseline_sd': finite('baseline_sd'),
            'current_hours': 'current_hours',
            'current_sd': finite('current_sd'),
            'is_baseline_active': 'is_baseline_active',
            'z_rests_on': "case when is_rate then 'samples' else 'hours' end",
        }) }} as context_metadata,
        case
            when current_value is null then 'No hour of the last {{ var("window_hours") }} has a sample.'
            when baseline_value is null then 'No hour of the baseline has a sample.'
            when baseline_value = 0 then 'The baseline is 0, of which nothing is a percentage.'
            else baseline_reason
        end as reason,
        as_of,
        is_stale
    from scored
)

select * from final
