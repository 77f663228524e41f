{# A returned row is a KPI of the last day that is not what the issues say at as_of. #}
{% test last_day_is_that_of_the_issues(model, features) %}
{{ config(meta={'description': 'The open issues and the recurrence of the last day are those of the issues as they stand.'}) }}
select kpis.kpi, kpis.value, counted.open_issues, counted.recurrence
from {{ model }} as kpis
cross join (
    select
        count(case when is_open then 1 end) as open_issues,
        100.0 * count(case when is_recurred then 1 end) / nullif(count(case when is_ever_fixed then 1 end), 0)
            as recurrence,
        count(case when is_ever_fixed and is_recurrence_known then 1 end) > 0 as is_recurrence_known
    from {{ features }}
) as counted
where
    kpis.scope = 'all'
    and kpis.day = {{ day_of('kpis.as_of') }}
    and (
        (kpis.kpi = 'open_issues' and kpis.value <> counted.open_issues)
        -- Rounding alone may differ.
        or (kpis.kpi = 'recurrence_rate' and abs(kpis.value - counted.recurrence) > 1e-9)
        or (kpis.kpi = 'recurrence_rate' and (kpis.value is not null) <> counted.is_recurrence_known)
    )
{% endtest %}
