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

{# The ISO week that a time lies in: its Monday. #}
{% macro week_of(moment) %}{{ return(adapter.dispatch('week_of')(moment)) }}{% endmacro %}

{% macro default__week_of(moment) %}cast(date_trunc('week', {{ moment }}) as date){% endmacro %}

{# Every so many days from one day to another, both included: a row each. Only as a column of a select. #}
{% macro days_from(first, last, step=1) %}{{ return(adapter.dispatch('days_from')(first, last, step)) }}{% endmacro %}

{% macro duckdb__days_from(first, last, step) %}
cast(unnest(
    generate_series(cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval '{{ step }}' day)
) as date)
{%- endmacro %}

{% macro spark__days_from(first, last, step) %}
explode(sequence(cast({{ first }} as date), cast({{ last }} as date), interval '{{ step }}' day))
{%- endmacro %}

{# Every hour between one and another, neither included: a row each. Only where there is one; as a column of a select. #}
{% macro hours_within(before, after) %}{{ return(adapter.dispatch('hours_within')(before, after)) }}{% endmacro %}

{% macro duckdb__hours_within(before, after) -%}
unnest(range({{ before }} + interval '1' hour, {{ after }}, interval '1' hour))
{%- endmacro %}

{% macro spark__hours_within(before, after) -%}
explode(sequence({{ before }} + interval '1' hour, {{ after }} - interval '1' hour, interval '1' hour))
{%- endmacro %}

{#
    Paths as git names them: without blanks round them and a leading ./, none of them empty. NULL stays NULL, and a list
    of nothing has no path.
#}
{% macro cleaned_paths(paths) %}{{ return(adapter.dispatch('cleaned_paths')(paths)) }}{% endmacro %}

{% macro duckdb__cleaned_paths(paths) -%}
list_filter(
    list_transform({{ paths }}, lambda path: regexp_replace(path, '^\s*(\./+)*|\s+$', '', 'g')),
    lambda path: path <> ''
)
{%- endmacro %}

{% macro spark__cleaned_paths(paths) -%}
filter(
    transform({{ paths }}, path -> regexp_replace(path, '^\\s*(\\./+)*|\\s+$', '')),
    path -> path <> ''
)
{%- endmacro %}

{# Every item of a list once, where it first stood. #}
{% macro each_once(items) %}{{ return(adapter.dispatch('each_once')(items)) }}{% endmacro %}

{% macro duckdb__each_once(items) -%}
list_filter({{ items }}, lambda item, place: list_position({{ items }}, item) = place)
{%- endmacro %}

{% macro spark__each_once(items) %}array_distinct({{ items }}){% endmacro %}

{# How many items a list has; NULL when the list is unknown. #}
{% macro size_of(items) %}{{ return(adapter.dispatch('size_of')(items)) }}{% endmacro %}

{% macro duckdb__size_of(items) %}len({{ items }}){% endmacro %}

{% macro spark__size_of(items) %}cast(array_size({{ items }}) as bigint){% endmacro %}
