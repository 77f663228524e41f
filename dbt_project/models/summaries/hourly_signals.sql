{{ config(materialized='view') }}

{#- Kind, its rows, unit of its durations, and of its records where their number in an hour is a throughput. #}
{%- set kinds = [
    ('tool', 'tools', 's', "'executions'"),
    ('runs', 'runs', 's', 'null'),
    ('procedure', 'procedures', 's', 'null'),
    ('pipeline', 'pipelines', 's', 'null'),
    ('integration', 'integrations', 'ms', "'events'"),
] %}
{#-
    Metric type, value, what it rests on, unit, whether it is a rate, and the direction that is worse. How much is asked
    for is nobody's fault: of throughput neither more nor less is worse.
#}
{%- set measures = [
    ('response_time', 'duration / timed', 'timed', 'duration_unit', '1 = 0', "'up'"),
    ('error_rate', rate('failures', 'judged'), 'judged', "'share'", '1 = 1', "'up'"),
    ('throughput', 'cast(judged as double)', 'judged', 'record_unit', '1 = 0', 'null'),
    ('cost', 'cost_usd / priced', 'priced', "'USD'", '1 = 0', "'up'"),
] %}

with clocks as (
    select * from {{ ref('stg_as_of') }}
),

tools as (
    select
        usage.hour,
        usage.tool_name as component,
        sum(usage.executions) as judged,
        sum(usage.failed_executions) as failures,
        sum(usage.timed_executions) as timed,
        sum(usage.duration_seconds) as duration,
        sum(usage.priced_executions) as priced,
        sum(usage.cost_usd) as cost_usd,
        clocks.as_of,
        clocks.is_stale
    from {{ ref('hourly_tool_usage') }} as usage
    inner join clocks
        on clocks.kind = 'executions' and {{ in_span('usage.hour', 'clocks.as_of', var('profile_days')) }}
    group by usage.hour, usage.tool_name, clocks.as_of, clocks.is_stale
),

runs as (
    select
        counted.hour,
        coalesce(counted.spec_type, '(none)') as component,
        sum(counted.successful_runs + counted.failed_runs + counted.error_runs + counted.timeout_runs) as judged,
        sum(counted.failed_runs + counted.error_runs + counted.timeout_runs) as failures,
        sum(counted.timed_runs) as timed,
        sum(counted.duration_seconds) as duration,
        sum(counted.priced_runs) as priced,
        sum(counted.llm_cost_usd) as cost_usd,
        clocks.as_of,
        clocks.is_stale
    from {{ ref('hourly_runs') }} as counted
    inner join clocks
        on clocks.kind = 'runs' and {{ in_span('counted.hour', 'clocks.as_of', var('profile_days')) }}
    group by counted.hour, coalesce(counted.spec_type, '(none)'), clocks.as_of, clocks.is_stale
),

procedures as (
    select
        {{ hour_of('calls.started_at') }} as hour,
        calls.procedure_id as component,
        count(*) as judged,
        count(case when calls.status <> 'success' then 1 end) as failures,
        count(calls.duration_seconds) as timed,
        sum(calls.duration_seconds) as duration,
        0 as priced,
        cast(null as double) as cost_usd,
        clocks.as_of,
        clocks.is_stale
    from {{ ref('stg_procedure_calls') }} as calls
    inner join clocks
        on
            clocks.kind = 'procedure_calls'
            and {{ in_span(hour_of('calls.started_at'), 'clocks.as_of', var('profile_days')) }}
    group by {{ hour_of('calls.started_at') }}, calls.procedure_id, clocks.as_of, clocks.is_stale
),

-- Half an execution says nothing of how long one takes, and one that was called off nothing of how it ends.
pipelines as (
    select
        {{ hour_of('executed.started_at') }} as hour,
        executed.pipeline_name as component,
        count(*) as judged,
        count(case when executed.status <> 'success' then 1 end) as failures,
        -- One that failed ended early: its length is no sign of speed.
        count(case when executed.status = 'success' then executed.total_duration_seconds end) as timed,
        sum(case when executed.status = 'success' then executed.total_duration_seconds end) as duration,
        0 as priced,
        cast(null as double) as cost_usd,
        clocks.as_of,
        clocks.is_stale
    from {{ ref('stg_pipelines') }} as executed
    inner join clocks
        on
            clocks.kind = 'pipelines'
            and {{ in_span(hour_of('executed.started_at'), 'clocks.as_of', var('profile_days')) }}
    where executed.status in ('success', 'failed', 'error', 'timeout')
    group by {{ hour_of('executed.started_at') }}, executed.pipeline_name, clocks.as_of, clocks.is_stale
),

integrations as (
    select
        counted.hour,
        concat(
            counted.source_system, '>', coalesce(counted.target_system, '(none)'), '/', counted.event_type
        ) as component,
        sum(counted.events) as judged,
        sum(counted.failed_events) as failures,
        sum(counted.timed_events) as timed,
        sum(counted.processing_duration_ms) as duration,
        0 as priced,
        cast(null as double) as cost_usd,
        clocks.as_of,
        clocks.is_stale
    from {{ ref('hourly_events') }} as counted
    inner join clocks
        on clocks.kind = 'events' and {{ in_span('counted.hour', 'clocks.as_of', var('profile_days')) }}
    group by
        counted.hour,
        concat(counted.source_system, '>', coalesce(counted.target_system, '(none)'), '/', counted.event_type),
        clocks.as_of,
        clocks.is_stale
),

work as (
    {%- for kind, records, duration_unit, record_unit in kinds %}
    select
        hour,
        '{{ kind }}' as component_kind,
        component,
        judged,
        failures,
        timed,
        duration,
        '{{ duration_unit }}' as duration_unit,
        cast({{ record_unit }} as {{ text_type() }}) as record_unit,
        priced,
        cost_usd,
        as_of,
        is_stale
    from {{ records }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

-- In an hour without a call that the clock of its kind has passed, 0 calls were counted: an outage is no gap. Of what
-- is called seldom a gap says nothing.
followed as (
    select
        hour,
        component_kind,
        component,
        record_unit,
        as_of,
        is_stale,
        lead(hour) over (partition by component_kind, component order by hour) as next_hour,
        count(*) over (partition by component_kind, component) as hours
    from work
    where record_unit is not null
),

silent as (
    select
        {{ hours_within('hour', "coalesce(next_hour, " ~ hour_of('as_of') ~ ")") }} as hour,
        component_kind,
        component,
        record_unit,
        as_of,
        is_stale
    from followed
    where
        hours >= {{ var('silence_min_hours') }}
        and hour + interval '1' hour < coalesce(next_hour, {{ hour_of('as_of') }})
),

measured as (
    {%- for metric_type, measure, samples, unit, is_rate, worse in measures %}
    select
        hour,
        component_kind,
        component,
        '{{ metric_type }}' as metric_type,
        {{ unit }} as unit,
        {{ measure }} as value,
        {{ samples }} as samples,
        {{ is_rate }} as is_rate,
        cast({{ worse }} as {{ text_type() }}) as worse,
        as_of,
        is_stale
    from work
    where
        {{ samples }} > 0
        {%- if metric_type == 'throughput' %}
        -- An hour that goes on is not counted yet.
        and record_unit is not null and {{ is_over('hour', 'as_of') }}
        {%- endif %}
    union all
    {%- endfor %}
    select
        hour,
        component_kind,
        component,
        'throughput' as metric_type,
        record_unit as unit,
        0e0 as value,
        0 as samples,
        1 = 0 as is_rate,
        cast(null as {{ text_type() }}) as worse,
        as_of,
        is_stale
    from silent
),

signals as (
    select
        hour,
        concat(component_kind, '/', component, '/', metric_type) as signal,
        component_kind,
        component,
        metric_type,
        unit,
        value,
        samples,
        is_rate,
        worse,
        as_of,
        is_stale
    from measured
    union all
    select
        hours.hour,
        named.signal,
        'metric' as component_kind,
        named.component,
        named.metric_name as metric_type,
        named.metric_unit as unit,
        hours.metric_value_sum / hours.samples as value,
        hours.samples,
        1 = 0 as is_rate,
        named.worse,
        named.as_of,
        named.is_stale
    from {{ ref('hourly_metrics') }} as hours
    inner join {{ ref('metric_signals') }} as named
        on
            hours.metric_name = named.metric_name
            and hours.source_system = named.source_system
            and hours.metric_tags is not distinct from named.metric_tags
            and hours.metric_unit is not distinct from named.metric_unit
            and {{ in_span('hours.hour', 'named.as_of', var('profile_days')) }}
    where {{ has_one_unit('hours') }} and {{ is_finite('hours.metric_value_sum') }}
),

final as (
    select
        hour,
        signal,
        component_kind,
        component,
        metric_type,
        unit,
        value,
        cast(samples as bigint) as samples,
        is_rate,
        worse,
        {{ is_over('hour', 'as_of') }} as is_complete,
        as_of,
        is_stale
    from signals
)

select * from final
