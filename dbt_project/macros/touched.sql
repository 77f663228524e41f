{#
    Incremental models replace whole hours or days: those in which a new or changed record lies. Ingestion queues
    the hours in raw.touched_hours; the caller empties the queue after every model of the kind has succeeded.
    The model's meta names its kind (touched_kind) and its period (hour or day, also the name of its column).
#}

{# A table between ingestion and the models. It is no asset, so it is no source either. #}
{% macro queue(name) %}raw.{{ name }}{% endmacro %}

{# The periods to replace: one column named as the period. #}
{% macro touched_periods(kind, period) %}
select distinct {{ hour_of('hour') if period == 'hour' else day_of('hour') }} as {{ period }}
from {{ queue('touched_hours') }}
where kind = '{{ kind }}'
{% endmacro %}

{# A condition: the time lies in a touched period. True of everything on the first run and on a full refresh. #}
{% macro is_touched(kind, moment, period) %}
{%- if is_incremental() -%}
    {%- set touched = "(" ~ touched_periods(kind, period) ~ ") as touched" -%}
    {# The range lets the scan skip what lies outside of it; the list is exact. #}
    {{ moment }} >= (select min({{ period }}) from {{ touched }})
    and {{ moment }} < (select max({{ period }}) + interval '1' {{ period }} from {{ touched }})
    and {{ hour_of(moment) if period == 'hour' else day_of(moment) }} in ({{ touched_periods(kind, period) }})
{%- else -%}
    1 = 1
{%- endif -%}
{% endmacro %}

{# Delete the touched periods, also those that have no rows any more, and insert what the model has for them. #}
{% macro get_incremental_replace_touched_sql(arg_dict) %}
    {%- set meta = config.get('meta') -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }}
    where {{ meta['period'] }} in ({{ touched_periods(meta['touched_kind'], meta['period']) }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
