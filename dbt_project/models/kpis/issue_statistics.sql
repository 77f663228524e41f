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
        count(case when is_recurrence_known then 1 end) as told_issues,
        count(case when is_recurrence_known and is_ever_fixed then 1 end) as told_fixes,
        {{ whole_sum('debt') }} as debt,
        min(first_seen) as first_seen_at,
        max(first_seen) as last_seen_at
    from classed
    group by breakdown, value
),

-- Where nothing tells that an issue came back, it is not known that none did.
told as (
    select
        *,
        case when told_issues > 0 then issues end as known_issues,
        case when told_fixes > 0 then ever_fixed_issues end as known_fixes
    from counted
),

whole as (
    select count(*) as issues from issues
),

final as (
    select
        told.breakdown,
        told.value,
        told.issues,
        told.open_issues,
        told.fixed_issues,
        told.wont_fix_issues,
        told.timed_fixes,
        told.avg_fix_minutes,
        told.median_fix_minutes,
        told.p90_fix_minutes,
        told.dated_fixes,
        told.avg_days_to_fix,
        told.median_days_to_fix,
        told.p90_days_to_fix,
        told.ever_fixed_issues,
        told.recurred_issues,
        {{ rate('told.recurred_issues', 'told.known_issues') }} as recurred_share,
        {{ wilson_low('told.recurred_issues', 'told.known_issues') }} as recurred_share_low,
        {{ wilson_high('told.recurred_issues', 'told.known_issues') }} as recurred_share_high,
        {{ rate('told.recurred_issues', 'told.known_fixes') }} as recurrence_rate,
        {{ wilson_low('told.recurred_issues', 'told.known_fixes') }} as recurrence_rate_low,
        {{ wilson_high('told.recurred_issues', 'told.known_fixes') }} as recurrence_rate_high,
        {{ rate('told.issues', 'whole.issues') }} as share_of_issues,
        told.debt,
        told.first_seen_at,
        told.last_seen_at,
        clock.as_of,
        clock.is_stale
    from told
    cross join whole
    cross join clock
)

select * from final
