{{ config(materialized='table') }}

with clock as (
    select * from {{ ref('stg_issue_clock') }}
),

issues as (
    select * from {{ ref('stg_issues') }}
),

versions as (
    select
        id,
        status,
        fixed_date,
        updated_at,
        ingested_at,
        version_at,
        status in ('FIXED', 'WONT_FIX') as is_closed,
        row_number() over (partition by id order by version_at asc, version_number asc) as place
    from {{ source('raw', 'issues') }}
),

turned as (
    select
        *,
        lag(is_closed) over (partition by id order by place) and not is_closed as is_reopened,
        lead(version_at) over (partition by id order by place) as next_version_at
    from versions
),

-- An opening is the versions that say open, if any, and then those that say closed, if any.
numbered as (
    select
        *,
        1 + count(case when is_reopened then 1 end) over (partition by id order by place) as opening
    from turned
),

ranked as (
    select
        *,
        row_number() over (partition by id, opening, is_closed order by place asc) as from_first,
        row_number() over (partition by id, opening, is_closed order by place desc) as from_last,
        row_number() over (
            partition by id, opening, is_closed
            order by case when fixed_date is null then 1 else 0 end asc, place desc
        ) as from_last_dated
    from numbered
),

told as (
    select
        id,
        opening,
        max(case when not is_closed and from_first = 1 then coalesce(updated_at, ingested_at) end) as opened_at,
        max(case when is_closed and from_last = 1 then status end) as closed_as,
        max(case when is_closed and from_last_dated = 1 then fixed_date end) as fixed_date,
        max(case when is_closed and from_first = 1 then updated_at end) as closed_version_at,
        min(case when is_closed then version_at end) as told_closed_at,
        min(case when status = 'FIXED' then next_version_at end) as followed_at
    from ranked
    group by id, opening
),

bounded as (
    select
        told.id,
        told.opening,
        case when told.opening = 1 then issues.first_seen else told.opened_at end as opened_at,
        told.closed_as,
        case when told.closed_as = 'FIXED' then told.fixed_date end as fixed_date,
        case
            when told.closed_as = 'FIXED' then coalesce(told.fixed_date, told.closed_version_at)
            when told.closed_as = 'WONT_FIX' then told.closed_version_at
        end as closed_at,
        told.told_closed_at,
        told.followed_at,
        issues.first_seen,
        issues.category,
        issues.priority,
        issues.root_cause_id
    from told
    inner join issues on told.id = issues.id
),

-- No opening begins before the one before it was closed, whatever the versions say.
in_turn as (
    select
        id,
        opening,
        greatest(
            max(opened_at) over (partition by id order by opening),
            max(closed_at) over (partition by id order by opening rows between unbounded preceding and 1 preceding)
        ) as opened_at,
        closed_as,
        fixed_date,
        closed_at,
        told_closed_at,
        lag(closed_as) over (partition by id order by opening) as closed_before_as,
        followed_at,
        first_seen,
        category,
        priority,
        root_cause_id
    from bounded
),

closed as (
    select
        id,
        opening,
        opened_at,
        closed_as,
        fixed_date,
        case
            when closed_at >= opened_at then closed_at
            -- A date without a time says midnight: on the day of the opening it is no contradiction.
            when fixed_date = cast({{ day_of('opened_at') }} as timestamp) then opened_at
        end as closed_at,
        told_closed_at,
        closed_before_as,
        followed_at,
        first_seen,
        category,
        priority,
        root_cause_id
    from in_turn
),

-- What happened after as_of is not known by then.
known as (
    select
        closed.*,
        clock.as_of,
        closed.closed_as is null or coalesce(closed.closed_at > clock.as_of, 1 = 0) as is_open,
        lead(closed.opened_at) over (partition by closed.id order by closed.opening) as reopened_at
    from closed
    inner join clock on 1 = 1
),

final as (
    select
        id,
        opening,
        opened_at,
        case when not is_open then closed_at end as closed_at,
        case
            when is_open then null
            when closed_at is not null then closed_at
            else least(as_of, reopened_at, case when told_closed_at >= opened_at then told_closed_at end)
        end as closed_by,
        case when not is_open then closed_as end as closed_as,
        is_open,
        is_open or closed_at is not null as is_dated,
        opening > 1 as is_reopening,
        coalesce(closed_before_as = 'FIXED', 1 = 0) as is_recurrence,
        case when reopened_at <= as_of then reopened_at end as reopened_at,
        case when not is_open then fixed_date end as fixed_date,
        case when not is_open and fixed_date is not null then {{ days_between('first_seen', 'closed_at') }} end
            as days_to_fix,
        case when not is_open and closed_as = 'FIXED' and followed_at <= as_of then followed_at end as followed_at,
        category,
        priority,
        root_cause_id
    from known
    where opened_at <= as_of
)

select * from final
