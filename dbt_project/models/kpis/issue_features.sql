with clock as (
    select * from {{ ref('stg_issue_clock') }}
),

issues as (
    select
        *,
        {{ size_of('files_affected') }} as files_affected_count
    from {{ ref('stg_issues') }}
),

openings as (
    select
        *,
        row_number() over (partition by id order by opening desc) as from_last
    from {{ ref('stg_issue_openings') }}
),

histories as (
    select
        openings.id,
        count(*) as openings,
        max(case when openings.is_open then 1 else 0 end) = 1 as is_open,
        max(case when openings.closed_as = 'FIXED' then 1 else 0 end) = 1 as was_fixed,
        {{ whole_sum('case when openings.is_recurrence then 1 else 0 end') }} as reopenings_after_fix,
        count(openings.followed_at) > 0 as is_followed,
        case
            when min(case when openings.is_dated then 1 else 0 end) = 1
                then sum({{ days_between('openings.opened_at', 'coalesce(openings.closed_at, clock.as_of)') }})
        end as days_open,
        max(case when openings.from_last = 1 then openings.closed_as end) as closed_as,
        max(case when openings.from_last = 1 then openings.opened_at end) as last_opened_at,
        max(case when openings.from_last = 1 then openings.fixed_date end) as fixed_date,
        max(case when openings.from_last = 1 then openings.days_to_fix end) as days_to_fix
    from openings
    cross join clock
    group by openings.id
),

known as (
    select
        issues.id,
        issues.issue,
        issues.category,
        issues.subcategory,
        issues.priority,
        coalesce(
            histories.closed_as,
            -- The version that counts may be of a time after as_of.
            case when issues.status in ('FIXED', 'WONT_FIX') then 'OPEN' else issues.status end
        ) as status,
        issues.first_seen,
        histories.fixed_date,
        issues.status in ('OPEN', 'IN_PROGRESS') and issues.fixed_date is not null as is_open_with_fixed_date,
        issues.root_cause_id,
        issues.created_by,
        issues.sprint,
        case
            when not (histories.is_open and issues.status in ('FIXED', 'WONT_FIX')) then issues.time_spent_minutes
        end as time_spent_minutes,
        issues.expected_minutes,
        issues.recurrence_count,
        issues.files_affected_count,
        issues.lines_over_limit,
        issues.duplicate_count,
        histories.openings,
        histories.last_opened_at,
        histories.is_open,
        histories.was_fixed,
        issues.recurrence_count is not null or histories.is_followed as is_recurrence_known,
        histories.days_to_fix,
        histories.days_open,
        greatest(coalesce(issues.recurrence_count, 0), histories.reopenings_after_fix) as recurrences,
        {{ complexity_of(
            'issues.files_affected_count', 'issues.lines_over_limit', 'issues.duplicate_count'
        ) }} as complexity_score
    from issues
    -- An issue that was first seen after as_of has no opening.
    inner join histories on issues.id = histories.id
),

weighed as (
    select
        *,
        {{ impact_of('priority', 'recurrences', 'category') }} as impact_score
    from known
),

final as (
    select
        weighed.id,
        weighed.issue,
        weighed.category,
        weighed.subcategory,
        weighed.priority,
        weighed.status,
        weighed.first_seen,
        weighed.fixed_date,
        weighed.root_cause_id,
        weighed.created_by,
        weighed.sprint,
        weighed.time_spent_minutes,
        weighed.expected_minutes,
        weighed.recurrence_count,
        weighed.files_affected_count,
        weighed.lines_over_limit,
        weighed.duplicate_count,
        weighed.openings,
        weighed.is_open,
        -- What came back had been fixed, also where only the tracker's counter knows.
        weighed.was_fixed or weighed.recurrences > 0 as is_ever_fixed,
        weighed.recurrences > 0 as is_recurred,
        weighed.is_recurrence_known,
        weighed.days_to_fix,
        weighed.days_open,
        weighed.complexity_score,
        cast(weighed.impact_score as double) as impact_score,
        weighed.impact_score / (weighed.complexity_score + 1) as roi_score,
        case
            when weighed.time_spent_minutes > 0 then weighed.expected_minutes / weighed.time_spent_minutes
        end as efficiency,
        weighed.recurrences,
        case
            when weighed.status = 'FIXED' and weighed.fixed_date is null then 'fixed without a date'
            when weighed.status = 'FIXED' and weighed.fixed_date < weighed.first_seen and weighed.days_to_fix is null
                then 'fixed before it was first seen'
            when weighed.status = 'FIXED' and weighed.days_to_fix is null then 'fixed before it was opened again'
            -- One that came back keeps the date of the fix that did not last.
            when weighed.is_open_with_fixed_date and not weighed.was_fixed and weighed.recurrences = 0
                then 'open with a date of its fix'
            when not weighed.is_open and weighed.time_spent_minutes = 0 then 'time spent is 0'
            when not weighed.is_open and weighed.time_spent_minutes < 0 then 'time spent is below 0'
        end as problem,
        clock.as_of,
        clock.is_stale
    from weighed
    cross join clock
)

select * from final
