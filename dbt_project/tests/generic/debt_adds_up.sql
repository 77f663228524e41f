{# A returned row is a week whose scopes have another debt, new issues or fixes than the whole. #}
{% test debt_adds_up(model) %}
{{ config(meta={'description': 'Debt, new issues and fixes of a week are the sums over the categories.'}) }}
select whole.week, whole.issue_debt, parts.issue_debt as of_parts
from {{ model }} as whole
inner join (
    select week, sum(issue_debt) as issue_debt, sum(new_issues) as new_issues, sum(fixed_issues) as fixed_issues,
        -- Before its first issue a category has no debt; that of another one may be unknown.
        count(case when issue_debt is null and new_issues is not null then 1 end) as unknown_debts
    from {{ model }}
    where scope <> 'overall'
    group by week
) as parts on whole.week = parts.week
where
    whole.scope = 'overall'
    and (
        (whole.issue_debt <> parts.issue_debt and parts.unknown_debts = 0)
        or whole.new_issues <> parts.new_issues
        or whole.fixed_issues <> parts.fixed_issues
    )
{% endtest %}
