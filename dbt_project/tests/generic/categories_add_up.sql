{# A returned row is a day of a KPI whose categories do not add up to the whole. #}
{% test categories_add_up(model, kpis) %}
{{ config(meta={'description': 'The categories of a day add up to the whole.'}) }}
select parts.day, parts.kpi, whole.value, parts.value as of_parts
from (
    select day, kpi, sum(value) as value from {{ model }} where scope <> 'all' group by day, kpi
) as parts
inner join (
    select day, kpi, value from {{ model }} where scope = 'all'
) as whole on parts.day = whole.day and parts.kpi = whole.kpi
where parts.kpi in ('{{ kpis | join("', '") }}') and parts.value <> whole.value
{% endtest %}
