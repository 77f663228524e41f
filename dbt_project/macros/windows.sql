{# Windows end at the as_of of their kind; the clock is the model stg_as_of. #}

{# The first UTC day of a window of whole days that ends with as_of's day. #}
{% macro first_day(as_of, days) %}cast({{ day_of(as_of) }} - interval '{{ days - 1 }}' day as date){% endmacro %}

{# A condition: the day lies in the window of whole days that ends with as_of's day. #}
{% macro in_days(day, as_of, days) %}
{{ day }} >= {{ first_day(as_of, days) }} and {{ day }} <= {{ day_of(as_of) }}
{%- endmacro %}

{# A condition: the hour began within var('window_hours') before as_of, or as_of lies in it. #}
{% macro in_window(hour, as_of) %}
{{ hour }} > {{ as_of }} - interval '{{ var("window_hours") }}' hour and {{ hour }} <= {{ as_of }}
{%- endmacro %}

{# A condition: the time lies within so many days before as_of, to the second. #}
{% macro in_span(moment, as_of, days) %}
{{ moment }} > {{ as_of }} - interval '{{ days }}' day and {{ moment }} <= {{ as_of }}
{%- endmacro %}
