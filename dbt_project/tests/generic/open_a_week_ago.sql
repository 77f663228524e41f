{# A returned row is a number of issues open a week ago that is not that of the KPIs of that moment. #}
{% test open_a_week_ago(model, kpis) %}
{{ config(meta={'description': 'The root causes have as many issues open a week ago as the KPIs.'}) }}
select causes.open_week_ago, moments.value
from (
    select sum(open_week_ago) as open_week_ago, count(case when open_week_ago is null then 1 end) as unknown
    from {{ model }}
) as causes
cross join (
    select value, n from {{ kpis }} where scope = 'all' and kpi = 'open_issues' and is_week_ago
) as moments
-- Before the first issue none was open, and nothing is known.
where
    causes.unknown = 0
    and causes.open_week_ago <> case when moments.n = 0 then 0 else moments.value end
{% endtest %}
