with clock as (
    select * from {{ ref('stg_issue_clock') }}
),

openings as (
    select * from {{ ref('stg_issue_openings') }}
),

subcategories as (
    select
        root_cause_id,
        subcategory,
        row_number() over (partition by root_cause_id order by count(*) desc, subcategory asc) as place
    from {{ ref('issue_features') }}
    where subcategory is not null
    group by root_cause_id, subcategory
),

counted as (
    select
        openings.root_cause_id,
        count(case when openings.is_open then 1 end) as open_issues,
        count(
            case when {{ was_open('openings', week_before('clock.as_of')) }} then 1 end
        ) as open_week_ago,
        count(
            case
                when not openings.is_reopening and {{ in_week_before('openings.opened_at', 'clock.as_of') }} then 1
            end
        ) as new_issues,
        count(
            case
                when
                    openings.closed_as = 'FIXED' and {{ in_week_before('openings.closed_at', 'clock.as_of') }}
                    then 1
            end
        ) as fixed_issues,
        count(case when not openings.is_reopening then 1 end) as issues
    from openings
    cross join clock
    group by openings.root_cause_id
),

whole as (
    select {{ whole_sum('issues') }} as issues from counted
),

final as (
    select
        counted.root_cause_id,
        subcategories.subcategory,
        counted.open_issues,
        counted.open_week_ago,
        counted.new_issues,
        counted.fixed_issues,
        counted.issues,
        {{ rate('counted.issues', 'whole.issues') }} as share_of_issues,
        counted.open_week_ago > 0 and counted.open_issues = 0 as is_cleared,
        clock.as_of,
        clock.is_stale
    from counted
    cross join whole
    cross join clock
    left join subcategories
        on counted.root_cause_id is not distinct from subcategories.root_cause_id and subcategories.place = 1
)

select * from final
