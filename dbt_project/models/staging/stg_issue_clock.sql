{{ config(materialized='table') }}

with clock as (
    select
        max(as_of) as as_of,
        max(case when is_overridden then 1 else 0 end) = 1 as is_overridden,
        {{ utc_now() }} as built_at
    from {{ ref('stg_as_of') }}
    where kind in ('issues', 'reviews')
),

versions as (
    select * from {{ source('raw', 'issues') }}
),

-- An issue is fixed long after it was first seen: the newest first_seen is not the newest that is known.
moments as (
    select first_seen as moment from versions
    union all
    select fixed_date as moment from versions
    union all
    select updated_at as moment from versions
    union all
    select run_date as moment from {{ ref('stg_reviews') }}
),

newest as (
    select max(moments.moment) as moment
    from moments
    inner join clock on moments.moment <= clock.built_at
),

ended as (
    select
        case
            when clock.is_overridden then clock.as_of else greatest(clock.as_of, newest.moment)
        end as as_of,
        clock.is_overridden,
        clock.built_at
    from clock
    cross join newest
    -- Without a record of either kind there is nothing to end.
    where clock.as_of is not null
),

final as (
    select
        as_of,
        as_of < built_at - interval '{{ var("stale_after_hours") }}' hour as is_stale,
        is_overridden
    from ended
)

select * from final
