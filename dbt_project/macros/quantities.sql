{#
    Kubernetes quantities: a number and a unit, as 4Gi, 512Mi, 500m, 2 or 1.5. What cannot be read is NULL. Character
    classes stand for backslashes, which the engines quote differently.
#}

{% macro quantity_number(quantity) -%}
try_cast(nullif(regexp_extract({{ quantity }}, '{{ quantity_pattern() }}', 1), '') as double)
{%- endmacro %}

{% macro quantity_unit(quantity) -%}
regexp_extract({{ quantity }}, '{{ quantity_pattern() }}', 2)
{%- endmacro %}

{# At most 15 digits on each side: the memory of no machine has more. #}
{% macro quantity_pattern() -%}
^ *([0-9]{1,15}(?:[.][0-9]{1,15})?|[.][0-9]{1,15}) *(m|[kMGTPE]|[KMGTPE]i)? *$
{%- endmacro %}

{# Memory in MB of 2^20 bytes: 2Gi is 2048. A quantity without a unit is bytes. #}
{% macro memory_mb(quantity) -%}
{{ quantity_number(quantity) }} * case {{ quantity_unit(quantity) }}
    when '' then 1e0
    {%- for prefix in 'KMGTPE' %}
    when '{{ 'k' if prefix == 'K' else prefix }}' then {{ 1000 ** loop.index }}e0
    when '{{ prefix }}i' then {{ 1024 ** loop.index }}e0
    {%- endfor %}
end / {{ 1024 ** 2 }}e0
{%- endmacro %}

{# CPU in thousandths of a core: 500m is 500, 2 is 2000. #}
{% macro cpu_mcores(quantity) -%}
{{ quantity_number(quantity) }} * case {{ quantity_unit(quantity) }} when '' then {{ 1000 }}e0 when 'm' then 1e0 end
{%- endmacro %}
