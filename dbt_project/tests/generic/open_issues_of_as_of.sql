{# A returned row is a category and priority of which the last week counts other issues than those that are open. #}
{% test open_issues_of_as_of(model, openings) %}
{{ config(meta={'description': 'The last week has the issues that are open.'}) }}
select category, priority, sum(of_week) as of_week, sum(of_openings) as of_openings
from (
    select category, priority, open_issues as of_week, 0 as of_openings
    from {{ model }}
    where week = {{ week_of('as_of') }}
    union all
    select category, priority, 0 as of_week, 1 as of_openings
    from {{ openings }}
    where is_open
) as counted
group by category, priority
having sum(of_week) <> sum(of_openings)
{% endtest %}
