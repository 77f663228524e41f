{# A returned row is a root cause whose open issues are not those of a week ago and what came and went since. #}
{% test moves_add_up(model, openings) %}
{{ config(meta={'description': 'Open a week ago, new and opened again, without fixed and refused, are open now.'}) }}
select causes.root_cause_id, causes.open_week_ago, causes.open_issues
from {{ model }} as causes
where
    -- What was closed at an unknown time went in no known week.
    not exists (
        select 1 from {{ openings }} as openings
        where not openings.is_dated and openings.root_cause_id is not distinct from causes.root_cause_id
    )
    and causes.open_week_ago + causes.new_issues + causes.reopened_issues
    - causes.fixed_issues - causes.wont_fix_issues <> causes.open_issues
{% endtest %}
