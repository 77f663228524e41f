{#
    Measures of the summaries and how two rows of one key become one. Every measure can be merged, because a period
    is the sum of what is live and what was sealed before its records were purged, and a day is the sum of its hours.
    whole: a sum of whole numbers; sum: of fractions; min and max: of what they say. NULL stays NULL where nothing
    was measured.
#}

{% macro tool_usage_measures() %}
    {{ return({
        'executions': 'whole',
        'successful_executions': 'whole',
        'failed_executions': 'whole',
        'timed_executions': 'whole',
        'duration_seconds': 'sum',
        'failed_duration_seconds': 'sum',
        'priced_executions': 'whole',
        'cost_usd': 'sum',
        'provider_cost_usd': 'sum',
        'computed_cost_usd': 'sum',
        'estimated_cost_usd': 'sum',
        'unstated_cost_usd': 'sum',
        'failed_cost_usd': 'sum',
        'token_counted_executions': 'whole',
        'tokens_used': 'whole',
        'browser_executions': 'whole',
        'low_effort_executions': 'whole',
        'medium_effort_executions': 'whole',
        'high_effort_executions': 'whole',
        'first_started_at': 'min',
        'last_started_at': 'max',
    }) }}
{% endmacro %}

{% macro tool_error_measures() %}
    {{ return({
        'failed_executions': 'whole',
        'first_started_at': 'min',
        'last_started_at': 'max',
    }) }}
{% endmacro %}

{% macro run_measures() %}
    {{ return({
        'runs': 'whole',
        'finished_runs': 'whole',
        'running_runs': 'whole',
        'successful_runs': 'whole',
        'failed_runs': 'whole',
        'error_runs': 'whole',
        'timeout_runs': 'whole',
        'cancelled_runs': 'whole',
        'skipped_runs': 'whole',
        'timed_runs': 'whole',
        'duration_seconds': 'sum',
        'priced_runs': 'whole',
        'llm_cost_usd': 'sum',
        'provider_llm_cost_usd': 'sum',
        'computed_llm_cost_usd': 'sum',
        'estimated_llm_cost_usd': 'sum',
        'unstated_llm_cost_usd': 'sum',
        'infrastructure_cost_eur': 'sum',
        'uncached_input_tokens': 'whole',
        'cache_read_tokens': 'whole',
        'cache_write_tokens': 'whole',
        'output_tokens': 'whole',
        'reasoning_tokens': 'whole',
        'iterations': 'whole',
        'attempts': 'whole',
        'tasks_total': 'whole',
        'tasks_completed': 'whole',
        'memory_peak_mb': 'max',
        'cpu_peak_mcores': 'max',
    }) }}
{% endmacro %}

{% macro metric_measures() %}
    {{ return({
        'metric_unit': 'max',
        'first_metric_unit': 'min',
        'samples': 'whole',
        'metric_value_sum': 'sum',
        'metric_value_min': 'min',
        'metric_value_max': 'max',
        'metric_value_sum_squares': 'sum',
        'first_collected_at': 'min',
        'last_collected_at': 'max',
    }) }}
{% endmacro %}

{% macro event_measures() %}
    {{ return({
        'events': 'whole',
        'successful_events': 'whole',
        'failed_events': 'whole',
        'partial_events': 'whole',
        'timed_events': 'whole',
        'processing_duration_ms': 'sum',
        'max_processing_duration_ms': 'max',
    }) }}
{% endmacro %}

{#
    A sum of whole numbers in 64 bits: DuckDB's own sum has 128, which few readers take. What is more than they hold is
    held at their largest: a sentinel of 2^53 - 1 in a thousand records may not stop every other number.
#}
{% macro whole_sum(column) -%}
cast(case when sum({{ column }}) > 9223372036854775807 then 9223372036854775807 else sum({{ column }}) end as bigint)
{%- endmacro %}

{# The select list of one row per key out of several. #}
{% macro merged(measures) %}
    {%- for name, merge in measures.items() %}
    {{ whole_sum(name) if merge == 'whole' else merge ~ '(' ~ name ~ ')' }} as {{ name }}
    {{- "," if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#
    Rows of a relation together with the rows of this model that were sealed when their sources were purged. A column
    that the model did not have then is NULL.
#}
{% macro with_sealed(relation, kind, period, keys, measures) %}
    {%- set columns = [period] + keys + measures.keys() | list -%}
    {%- set sealed = adapter.get_relation(this.database, 'sealed', this.identifier) if execute else none -%}
    select {{ columns | join(', ') }} from {{ relation }}
    {%- if sealed %}
    {%- set present = adapter.get_columns_in_relation(sealed) | map(attribute='name') | list %}
    union all
    select
        {%- for column in columns %}
        {{ column if column in present else 'null as ' ~ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ sealed }}
    where {{ is_touched(kind, period, period) }}
    {%- endif %}
{% endmacro %}
