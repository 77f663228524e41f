{# A returned row is a number of issues open a week ago that is not that of the KPIs of that moment. #}
{% test open_a_week_ago(model, kpis) %}
{{ config(meta={'description': 'The root causes have as many issues open a week ago as the KPIs.'}) }}
select causes.open_week_ago, moments.value
from (select sum(open_week_ago) as open_week_ago from {{ model }}) as causes
cross join (
    select value from {{ kpis }} where scope = 'all' and kpi = 'open_issues' and is_week_ago
) as moments
-- Before the first issue none was open, and nothing is known.
where causes.open_week_ago <> coalesce(moments.value, 0)
{% endtest %}
