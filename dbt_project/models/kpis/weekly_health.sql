with clock as (
    select * from {{ ref('stg_issue_clock') }}
),

openings as (
    select * from {{ ref('stg_issue_openings') }}
),

reviews as (
    select reviews.*
    from {{ ref('stg_reviews') }} as reviews
    inner join clock on reviews.run_date <= clock.as_of
),

-- What a review of a part says of the whole is not comparable with what a review of all says of it.
scores as (
    select
        'overall' as scope,
        id,
        run_date,
        health_score_overall as health_score
    from reviews
    where scope = 'all'
    {%- for part in ['planning', 'commands', 'agents'] %}
    union all
    select
        '{{ part }}' as scope,
        id,
        run_date,
        health_score_{{ part }} as health_score
    from reviews
    where scope in ('all', '{{ part }}')
    {%- endfor %}
),

known_scores as (
    select
        scope,
        {{ week_of('run_date') }} as week,
        health_score,
        row_number() over (partition by scope, {{ week_of('run_date') }} order by run_date desc, id desc) as from_last
    from scores
    where health_score is not null
),

reviewed_scopes as (
    select distinct scope from known_scores
),

scopes as (
    {%- for scope in ['overall', 'planning', 'commands', 'agents'] %}
    select '{{ scope }}' as scope from clock
    union
    {%- endfor %}
    select {{ scope_of_category('overall') }} as scope from openings
),

scoped as (
    select
        'overall' as scope,
        openings.*
    from openings
    union all
    select
        {{ scope_of_category('overall') }} as scope,
        openings.*
    from openings
),

begun as (
    select min(week) as week
    from (
        select {{ week_of('min(opened_at)') }} as week from openings
        union all
        select {{ week_of('min(run_date)') }} as week from reviews
    ) as firsts
),

weeks as (
    select {{ days_from('first_week', 'last_week', 7) }} as week
    from (
        select
            {{ week_of('clock.as_of') }} as last_week,
            greatest(begun.week, {{ first_issue_week('clock.as_of') }}) as first_week
        from clock
        inner join begun on begun.week is not null
    ) as ends
),

grid as (
    select
        weeks.week,
        scopes.scope
    from weeks
    cross join scopes
),

counted as (
    select
        grid.week,
        grid.scope,
        count(case when not scoped.is_reopening then 1 end) as known,
        count(
            case when scoped.closed_at is null and {{ week_of('scoped.closed_by') }} > grid.week then 1 end
        ) as undated,
        {{ whole_sum("
            case
                when scoped.is_open or " ~ week_of('scoped.closed_at') ~ " > grid.week then "
                ~ debt_weight('scoped.priority') ~ " else 0
            end
        ") }} as debt,
        {{ whole_sum(
            "case when not scoped.is_reopening and " ~ week_of('scoped.opened_at') ~ " = grid.week then 1 else 0 end"
        ) }} as new_issues,
        {{ whole_sum(
            "case when scoped.closed_as = 'FIXED' and " ~ week_of('scoped.closed_at') ~ " = grid.week then 1 else 0 end"
        ) }} as fixed_issues
    from grid
    inner join scoped on grid.scope = scoped.scope and {{ week_of('scoped.opened_at') }} <= grid.week
    group by grid.week, grid.scope
),

explained as (
    select
        grid.week,
        grid.scope,
        counted.debt,
        counted.new_issues,
        counted.fixed_issues,
        case
            when counted.known is null then 'no issue was known by then'
            when {{ too_many_undated('counted.undated', 'counted.known') }}
                then {{ undated_reason('counted.undated', 'counted.known') }}
        end as reason
    from grid
    left join counted on grid.week = counted.week and grid.scope = counted.scope
),

measured as (
    select
        *,
        case when reason is null then debt end as issue_debt
    from explained
),

final as (
    select
        measured.week,
        measured.scope,
        case
            when reviewed_scopes.scope is not null then known_scores.health_score
            else {{ health_of('measured.issue_debt') }}
        end as health_score,
        case when reviewed_scopes.scope is not null then 'reviews' else 'issues' end as source,
        {{ week_after('measured.week') }} <= clock.as_of as is_finished,
        measured.issue_debt,
        measured.reason,
        measured.new_issues,
        measured.fixed_issues,
        clock.as_of,
        clock.is_stale
    from measured
    left join reviewed_scopes on measured.scope = reviewed_scopes.scope
    left join known_scores
        on measured.week = known_scores.week and measured.scope = known_scores.scope and known_scores.from_last = 1
    cross join clock
)

select * from final
