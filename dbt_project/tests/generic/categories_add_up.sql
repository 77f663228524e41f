{# A returned row is a moment of a KPI whose categories do not add up to the whole. #}
{% test categories_add_up(model, kpis) %}
{{ config(meta={'description': 'The categories of a day add up to the whole.'}) }}
select parts.day, parts.kpi, whole.value, parts.value as of_parts
from (
    select day, kpi, is_week_ago, sum(value) as value,
        -- Before its first issue a category has no figure; that of another one may be unknown.
        count(case when value is null and n > 0 then 1 end) as unknown_values
    from {{ model }}
    where scope <> 'all'
    group by day, kpi, is_week_ago
) as parts
inner join (
    select day, kpi, is_week_ago, value from {{ model }} where scope = 'all'
) as whole on parts.day = whole.day and parts.kpi = whole.kpi and parts.is_week_ago = whole.is_week_ago
where parts.kpi in ('{{ kpis | join("', '") }}') and parts.value <> whole.value and parts.unknown_values = 0
{% endtest %}
