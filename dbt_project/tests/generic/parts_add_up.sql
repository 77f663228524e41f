{# A returned row is a breakdown that counts other issues than there are. #}
{% test parts_add_up(model) %}
{{ config(meta={'description': 'Every breakdown counts every issue once.'}) }}
select
    parts.breakdown,
    sum(parts.issues) as issues,
    max(whole.issues) as issues_of_all,
    sum(parts.debt) as debt,
    max(whole.debt) as debt_of_all
from {{ model }} as parts
cross join (select issues, debt from {{ model }} where breakdown = 'all') as whole
group by parts.breakdown
having sum(parts.issues) <> max(whole.issues) or sum(parts.debt) <> max(whole.debt)
{% endtest %}
