{# Parts of the models of signals: one measured hourly series of a component each. #}

{# A text of a JSON object; NULL when the object or the key is not there. #}
{% macro json_text(object, key) %}{{ return(adapter.dispatch('json_text')(object, key)) }}{% endmacro %}

{% macro duckdb__json_text(object, key) %}json_extract_string({{ object }}, '$."{{ key }}"'){% endmacro %}

{% macro spark__json_text(object, key) %}get_json_object({{ object }}, '$.{{ key }}'){% endmacro %}

{# A JSON object of texts without one of its keys; NULL when nothing is left of it. #}
{% macro json_without(object, key) %}{{ return(adapter.dispatch('json_without')(object, key)) }}{% endmacro %}

{% macro duckdb__json_without(object, key) -%}
{#- To DuckDB a patch of NULL is the patch. -#}
case
    when {{ object }} is not null
        then nullif(cast(json_merge_patch(cast({{ object }} as json), '{"{{ key }}":null}') as varchar), '{}')
end
{%- endmacro %}

{% macro spark__json_without(object, key) -%}
nullif(to_json(map_filter(from_json({{ object }}, 'map<string,string>'), (name, label) -> name <> '{{ key }}')), '{}')
{%- endmacro %}

{# A condition: the number is one that can be reckoned with. The difference of two infinities is not 0. #}
{% macro is_finite(number) %}{{ number }} - {{ number }} = 0{% endmacro %}

{# Whether more of a metric is worse, by its name and unit: up, down, or NULL where the name does not tell. #}
{% macro worse_direction(name, unit) -%}
case
    when {{ is_resource_usage(name, unit) }} then 'up'
    when {{ has_word(name, var('worse_upwards')) }} and {{ has_word(name, var('worse_downwards')) }} then null
    when {{ has_word(name, var('worse_upwards')) }} then 'up'
    when {{ has_word(name, var('worse_downwards')) }} then 'down'
end
{%- endmacro %}

{# A condition: the metric is the use of a resource in percent of its capacity, as the contract of metrics names it. #}
{% macro is_resource_usage(name, unit) -%}
({{ name }} in ('cpu', 'memory', 'disk', 'network') and {{ unit }} = 'percent')
{%- endmacro %}

{# A condition: all samples of the hour that state a unit state the same. #}
{% macro has_one_unit(hours) -%}
coalesce({{ hours }}.first_metric_unit, {{ hours }}.metric_unit) is not distinct from {{ hours }}.metric_unit
{%- endmacro %}

{# A condition: as_of lies behind the whole hour. #}
{% macro is_over(hour, as_of) %}{{ hour }} + interval '1' hour <= {{ as_of }}{% endmacro %}
