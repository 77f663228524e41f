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
        ) as known_open_week_ago,
        count(
            case when {{ was_perhaps_open('openings', week_before('clock.as_of')) }} then 1 end
        ) as undated,
        count(
            case when not openings.is_reopening and openings.opened_at <= {{ week_before('clock.as_of') }} then 1 end
        ) as known,
        count(
            case
                when not openings.is_reopening and {{ in_week_before('openings.opened_at', 'clock.as_of') }} then 1
            end
        ) as new_issues,
        count(
            case when openings.is_reopening and {{ in_week_before('openings.opened_at', 'clock.as_of') }} then 1 end
        ) as reopened_issues,
        {%- for how in ['FIXED', 'WONT_FIX'] %}
        count(
            case
                when
                    openings.closed_as = '{{ how }}' and {{ in_week_before('openings.closed_at', 'clock.as_of') }}
                    then 1
            end
        ) as {{ how | lower }}_issues,
        {%- endfor %}
        count(case when not openings.is_reopening then 1 end) as issues
    from openings
    cross join clock
    group by openings.root_cause_id
),

explained as (
    select
        *,
        case
            when {{ too_many_undated('undated', 'known') }} then {{ undated_reason('undated', 'known') }}
        end as reason
    from counted
),

measured as (
    select
        *,
        case when reason is null then known_open_week_ago end as open_week_ago
    from explained
),

whole as (
    select {{ whole_sum('issues') }} as issues from counted
),

final as (
    select
        measured.root_cause_id,
        subcategories.subcategory,
        measured.open_issues,
        measured.open_week_ago,
        measured.new_issues,
        measured.reopened_issues,
        measured.fixed_issues,
        measured.wont_fix_issues,
        measured.issues,
        {{ rate('measured.issues', 'whole.issues') }} as share_of_issues,
        measured.open_week_ago > 0 and measured.open_issues = 0 as is_cleared,
        measured.reason,
        clock.as_of,
        clock.is_stale
    from measured
    cross join whole
    cross join clock
    left join subcategories
        on measured.root_cause_id is not distinct from subcategories.root_cause_id and subcategories.place = 1
)

select * from final
