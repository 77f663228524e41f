-- A returned row is a day whose hours count other than the day itself: a record was lost or counted twice on the way
-- up. Days that are closed hold more than the hours that are left of them, and are not compared.
{%- set tiers = [
    ('tool_usage', 'executions'),
    ('runs', 'runs'),
    ('metrics', 'samples'),
    ('events', 'events'),
] %}

with
{%- for name, counted in tiers %}
{%- set sealed = adapter.get_relation(target.database, 'sealed', 'daily_' ~ name) if execute else none %}
{{ name }} as (
    select hours.day, hours.counted as of_hours, days.counted as of_day
    from (
        select {{ day_of('hour') }} as day, sum({{ counted }}) as counted
        from {{ ref('hourly_' ~ name) }}
        group by {{ day_of('hour') }}
    ) as hours
    inner join (
        select day, sum({{ counted }}) as counted from {{ ref('daily_' ~ name) }} group by day
    ) as days on hours.day = days.day
    {%- if sealed %}
    where hours.day not in (select day from {{ sealed }})
    {%- endif %}
){{ "," if not loop.last }}
{%- endfor %}

{% for name, counted in tiers -%}
select '{{ name }}' as summary, day, of_hours, of_day from {{ name }}
where of_hours <> of_day
{{ "union all" if not loop.last }}
{% endfor %}
