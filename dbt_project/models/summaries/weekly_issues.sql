{{ config(materialized='table') }}

with clock as (
    select * from {{ ref('stg_issue_clock') }}
),

weeks as (
    select {{ days_from(first_issue_week('as_of'), week_of('as_of'), 7) }} as week
    from clock
),

openings as (
    select
        *,
        {{ week_of('opened_at') }} as opened_week,
        {{ week_of('closed_at') }} as closed_week
    from {{ ref('stg_issue_openings') }}
),

happened as (
    select
        opened_week as week,
        category,
        priority,
        root_cause_id,
        case when is_reopening then 0 else 1 end as new_issues,
        case when is_reopening then 1 else 0 end as reopened_issues,
        0 as fixed_issues,
        0 as wont_fix_issues,
        0 as open_issues
    from openings
    union all
    select
        closed_week as week,
        category,
        priority,
        root_cause_id,
        0 as new_issues,
        0 as reopened_issues,
        case when closed_as = 'FIXED' then 1 else 0 end as fixed_issues,
        case when closed_as = 'WONT_FIX' then 1 else 0 end as wont_fix_issues,
        0 as open_issues
    from openings
    where closed_week is not null
    union all
    select
        weeks.week,
        openings.category,
        openings.priority,
        openings.root_cause_id,
        0 as new_issues,
        0 as reopened_issues,
        0 as fixed_issues,
        0 as wont_fix_issues,
        1 as open_issues
    from weeks
    inner join openings
        on
            weeks.week >= openings.opened_week
            -- One that was closed at an unknown time is in no week.
            and (openings.is_open or weeks.week < openings.closed_week)
),

counted as (
    select
        happened.week,
        happened.category,
        happened.priority,
        happened.root_cause_id,
        {{ whole_sum('happened.new_issues') }} as new_issues,
        {{ whole_sum('happened.reopened_issues') }} as reopened_issues,
        {{ whole_sum('happened.fixed_issues') }} as fixed_issues,
        {{ whole_sum('happened.wont_fix_issues') }} as wont_fix_issues,
        {{ whole_sum('happened.open_issues') }} as open_issues
    from happened
    inner join weeks on happened.week = weeks.week
    group by happened.week, happened.category, happened.priority, happened.root_cause_id
),

final as (
    select
        counted.week,
        counted.category,
        counted.priority,
        counted.root_cause_id,
        counted.new_issues,
        counted.reopened_issues,
        counted.fixed_issues,
        counted.wont_fix_issues,
        counted.open_issues,
        counted.open_issues * {{ debt_weight('counted.priority') }} as open_debt,
        clock.as_of,
        clock.is_stale
    from counted
    cross join clock
)

select * from final
