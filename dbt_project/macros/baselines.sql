{#
    Parts of the models of baselines. The last var('window_hours') hours, as_of's own included, are what is compared;
    a baseline is what was usual before them. The age of an hour is how many hours it lies before that of as_of.
#}

{# Days that a type of baseline reaches back behind the last hours; it is valid for as many after them. #}
{% macro reach_days(baseline_type) -%}
{{ return({'daily': 1, 'weekly': 7, 'monthly': var('pattern_days'), 'seasonal': var('pattern_days')}[baseline_type]) }}
{%- endmacro %}

{# Hours from that of a time to that of another: a whole number. #}
{% macro hours_between(start, end) -%}
cast({{ seconds_between(hour_of(start), hour_of(end)) }} / 3600 as integer)
{%- endmacro %}

{# A condition: an hour of that age belongs to the baseline. Of the seasonal one it is an hour of the week of the last. #}
{% macro in_baseline(baseline_type, age) -%}
{{ age }} >= {{ var('window_hours') }} and {{ age }} < {{ var('window_hours') + 24 * reach_days(baseline_type) }}
{%- if baseline_type == 'seasonal' %} and mod({{ age }}, {{ 24 * 7 }}) < {{ var('window_hours') }}{% endif %}
{%- endmacro %}

{# What is known of the values of each type of baseline, as columns of a select that groups hours with their age. #}
{% macro aggregated(types) -%}
{%- for type in types %}
{%- set value = "case when " ~ in_baseline(type, 'age') ~ " then value end" %}
{%- set samples = "case when " ~ in_baseline(type, 'age') ~ " then samples end" %}
        count({{ value }}) as {{ type }}_hours,
        {{ whole_sum(samples) }} as {{ type }}_samples,
        sum(({{ value }}) * samples) / nullif(sum({{ samples }}), 0) as {{ type }}_weighted_mean,
        avg({{ value }}) as {{ type }}_mean,
        stddev_samp({{ value }}) as {{ type }}_sd,
        {{ percentile(value, 0.5) }} as {{ type }}_median,
        {{ percentile(value, 0.95) }} as {{ type }}_p95,
        min({{ value }}) as {{ type }}_min,
        max({{ value }}) as {{ type }}_max
        {{- "," if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# Hours that a baseline has when none is missing. #}
{% macro baseline_hours(baseline_type) -%}
{{ reach_days(baseline_type) * (var('window_hours') if baseline_type == 'seasonal' else 24 * 7) // 7 }}
{%- endmacro %}

{# A condition: the oldest hour is so young that hours of the week have not been seen often enough. #}
{% macro is_season_short(oldest_age) -%}
{{ oldest_age }} + 1 < {{ var('window_hours') + 24 * var('season_min_days') }}
{%- endmacro %}

{# Where the last hours begin and the baselines end. #}
{% macro last_hours_begin(as_of) %}({{ hour_of(as_of) }} - interval '{{ var("window_hours") - 1 }}' hour){% endmacro %}

{# Where the last hours end. #}
{% macro last_hours_end(as_of) %}({{ hour_of(as_of) }} + interval '1' hour){% endmacro %}

{# Hours of history behind the last hours. #}
{% macro history_hours(oldest_age) %}({{ oldest_age }} + 1 - {{ var('window_hours') }}){% endmacro %}

{# A frame of a window: the hours of the day that ends with the hour. #}
{% macro in_day_before(hour) -%}
order by {{ hour }} range between interval '{{ var("window_hours") - 1 }}' hour preceding and current row
{%- endmacro %}

{# A number, or NULL when it is beyond what can be reckoned with. #}
{% macro finite(number) %}case when {{ is_finite(number) }} then {{ number }} end{% endmacro %}

{# A JSON object of a row's columns, in the order given. NULL is null. fields: name -> expression. #}
{% macro json_of(fields) %}{{ return(adapter.dispatch('json_of')(fields)) }}{% endmacro %}

{% macro duckdb__json_of(fields) -%}
cast(json_object({% for name, field in fields.items() %}'{{ name }}', ({{ field }}){{ ", " if not loop.last }}{% endfor %}) as varchar)
{%- endmacro %}

{% macro spark__json_of(fields) -%}
to_json(
    named_struct({% for name, field in fields.items() %}'{{ name }}', {{ field }}{{ ", " if not loop.last }}{% endfor %}),
    map('ignoreNullFields', 'false')
)
{%- endmacro %}

{# The time so many days after another; the number of days is a column. #}
{% macro days_after(moment, days) %}{{ return(adapter.dispatch('days_after')(moment, days)) }}{% endmacro %}

{% macro duckdb__days_after(moment, days) %}({{ moment }} + to_days({{ days }})){% endmacro %}

{% macro spark__days_after(moment, days) %}({{ moment }} + make_interval(0, 0, 0, {{ days }})){% endmacro %}
