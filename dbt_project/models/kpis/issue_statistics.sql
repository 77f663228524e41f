with clock as (
    select * from {{ ref('stg_issue_clock') }}
),

issues as (
    select
        *,
        case when status = 'FIXED' then time_spent_minutes end as fix_minutes,
        case when is_open then {{ debt_weight('priority') }} else 0 end as debt
    from {{ ref('issue_features') }}
),

classed as (
    {{ by_breakdown('issues') }}
),

counted as (
    select
        breakdown,
        value,
        count(*) as issues,
        {{ whole_sum('case when is_open then 1 else 0 end') }} as open_issues,
        {{ whole_sum("case when status = 'FIXED' then 1 else 0 end") }} as fixed_issues,
        {{ whole_sum("case when status = 'WONT_FIX' then 1 else 0 end") }} as wont_fix_issues,
        count(fix_minutes) as timed_fixes,
        avg(fix_minutes) as avg_fix_minutes,
        {{ percentile('fix_minutes', 0.5) }} as median_fix_minutes,
        {{ percentile('fix_minutes', 0.9) }} as p90_fix_minutes,
        count(days_to_fix) as dated_fixes,
        avg(days_to_fix) as avg_days_to_fix,
        {{ percentile('days_to_fix', 0.5) }} as median_days_to_fix,
        {{ percentile('days_to_fix', 0.9) }} as p90_days_to_fix,
        {{ whole_sum('case when is_ever_fixed then 1 else 0 end') }} as ever_fixed_issues,
        {{ whole_sum('case when is_recurred then 1 else 0 end') }} as recurred_issues,
        {{ whole_sum('debt') }} as debt,
        min(first_seen) as first_seen_at,
        max(first_seen) as last_seen_at
    from classed
    group by breakdown, value
),

whole as (
    select count(*) as issues from issues
),

final as (
    select
        counted.breakdown,
        counted.value,
        counted.issues,
        counted.open_issues,
        counted.fixed_issues,
        counted.wont_fix_issues,
        counted.timed_fixes,
        counted.avg_fix_minutes,
        counted.median_fix_minutes,
        counted.p90_fix_minutes,
        counted.dated_fixes,
        counted.avg_days_to_fix,
        counted.median_days_to_fix,
        counted.p90_days_to_fix,
        counted.ever_fixed_issues,
        counted.recurred_issues,
        {{ rate('counted.recurred_issues', 'counted.issues') }} as recurrence_rate,
        {{ wilson_low('counted.recurred_issues', 'counted.issues') }} as recurrence_rate_low,
        {{ wilson_high('counted.recurred_issues', 'counted.issues') }} as recurrence_rate_high,
        {{ rate('counted.issues', 'whole.issues') }} as share_of_issues,
        counted.debt,
        counted.first_seen_at,
        counted.last_seen_at,
        clock.as_of,
        clock.is_stale
    from counted
    cross join whole
    cross join clock
)

select * from final
