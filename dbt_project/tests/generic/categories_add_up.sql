{# A returned row is a moment of a KPI whose categories do not add up to the whole. #}
{% test categories_add_up(model, kpis) %}
{{ config(meta={'description': 'The categories of a day add up to the whole.'}) }}
select parts.day, parts.kpi, whole.value, parts.value as of_parts
from (
    select day, kpi, is_week_ago, sum(value) as value
    from {{ model }}
    where scope <> 'all'
    group by day, kpi, is_week_ago
) as parts
inner join (
    select day, kpi, is_week_ago, value from {{ model }} where scope = 'all'
) as whole on parts.day = whole.day and parts.kpi = whole.kpi and parts.is_week_ago = whole.is_week_ago
where parts.kpi in ('{{ kpis | join("', '") }}') and parts.value <> whole.value
{% endtest %}
