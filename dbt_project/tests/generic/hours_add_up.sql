{#
    A returned row is a day whose hours count other than the day itself: a record was lost or counted twice on the way
    up. Days that are closed hold more than the hours that are left of them, and are not compared.
#}
{% test hours_add_up(model, hours, counted) %}
{{ config(meta={'description': 'The hours of each day add up to the same number of ' ~ counted ~ '.'}) }}
{%- set closed = adapter.get_relation(model.database, 'sealed', model.identifier) if execute else none %}
select daily.day, hourly.counted as of_hours, daily.counted as of_day
from (
    select {{ day_of('hour') }} as day, sum({{ counted }}) as counted
    from {{ hours }}
    group by {{ day_of('hour') }}
) as hourly
inner join (
    select day, sum({{ counted }}) as counted from {{ model }} group by day
) as daily on hourly.day = daily.day
where
    hourly.counted <> daily.counted
    {%- if closed %}
    and hourly.day not in (select day from {{ closed }})
    {%- endif %}
{% endtest %}
