{# A returned row is a week of a scope that does not follow the week before it. #}
{% test weeks_without_a_gap(model) %}
{{ config(meta={'description': 'The weeks of a scope follow one another.'}) }}
select scope, week, week_before
from (
    select scope, week, lag(week) over (partition by scope order by week) as week_before from {{ model }}
) as followed
where week <> cast(week_before + interval '7' day as date)
{% endtest %}
