{# What DuckDB and Spark write differently. Times are naive UTC in both. #}

{# The hour that a time lies in. #}
{% macro hour_of(moment) %}{{ return(adapter.dispatch('hour_of')(moment)) }}{% endmacro %}

{% macro default__hour_of(moment) %}date_trunc('hour', {{ moment }}){% endmacro %}

{# The UTC day that a time lies in. #}
{% macro day_of(moment) %}{{ return(adapter.dispatch('day_of')(moment)) }}{% endmacro %}

{% macro default__day_of(moment) %}cast({{ moment }} as date){% endmacro %}

{# The present moment. #}
{% macro utc_now() %}{{ return(adapter.dispatch('utc_now')()) }}{% endmacro %}

{% macro duckdb__utc_now() %}cast(now() at time zone 'UTC' as timestamp){% endmacro %}

{% macro spark__utc_now() %}to_utc_timestamp(current_timestamp(), current_timezone()){% endmacro %}

{# Seconds from one time to another, fractions included. #}
{% macro seconds_between(start, end) %}{{ return(adapter.dispatch('seconds_between')(start, end)) }}{% endmacro %}

{% macro duckdb__seconds_between(start, end) %}(epoch({{ end }}) - epoch({{ start }})){% endmacro %}

{% macro spark__seconds_between(start, end) %}
((unix_micros({{ end }}) - unix_micros({{ start }})) / 1000000)
{% endmacro %}

{# A JSON object of a group's rows, keys in order. Keys are texts and occur once in the group. #}
{% macro json_object_of(key, value) %}{{ return(adapter.dispatch('json_object_of')(key, value)) }}{% endmacro %}

{% macro duckdb__json_object_of(key, value) %}
cast(to_json(map(list({{ key }} order by {{ key }}), list({{ value }} order by {{ key }}))) as varchar)
{% endmacro %}

{% macro spark__json_object_of(key, value) %}
to_json(map_from_entries(array_sort(collect_list(struct({{ key }}, {{ value }})))))
{% endmacro %}

{# The type of a text. #}
{% macro text_type() %}{{ return(adapter.dispatch('text_type')()) }}{% endmacro %}

{% macro duckdb__text_type() %}varchar{% endmacro %}

{% macro spark__text_type() %}string{% endmacro %}

{# A percentile of the known values, interpolated between the two next to it; exact. NULL when there is none. #}
{% macro percentile(column, share) %}{{ return(adapter.dispatch('percentile')(column, share)) }}{% endmacro %}

{% macro duckdb__percentile(column, share) %}quantile_cont({{ column }}, {{ share }}){% endmacro %}

{% macro spark__percentile(column, share) %}percentile({{ column }}, {{ share }}){% endmacro %}

{# A JSON list of a group's known texts, in the order of another column. #}
{% macro json_list_of(column, place) %}{{ return(adapter.dispatch('json_list_of')(column, place)) }}{% endmacro %}

{% macro duckdb__json_list_of(column, place) %}
cast(to_json(list({{ column }} order by {{ place }}) filter (where {{ column }} is not null)) as varchar)
{% endmacro %}

{% macro spark__json_list_of(column, place) %}
to_json(transform(
    array_sort(collect_list(struct({{ place }} as place, {{ column }} as item)) filter (where {{ column }} is not null)),
    pair -> pair.item
))
{% endmacro %}
