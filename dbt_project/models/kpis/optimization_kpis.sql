{#- Each KPI: what it is, from how many it comes, and why it is not known, first reason first. -#}
{%- set no_fix = ('ever_fixed = 0', 'no fix is recorded so far') -%}
{%- set no_time = ('fixes = 0', 'no fix so far has a known time') -%}
{%- set kpis = [
    {'kpi': 'health_score', 'unit': 'percent', 'up': true, 'value': health_of('debt'), 'n': 'known', 'unless': [],
     'of_open': true},
    {'kpi': 'issue_debt', 'unit': 'points', 'value': 'debt', 'n': 'known', 'unless': [], 'of_open': true},
    {'kpi': 'recurrence_rate', 'unit': 'percent', 'value': in_percent('recurred', 'ever_fixed'), 'n': 'ever_fixed',
     'unless': [no_fix, ('telling_fixes = 0', 'nothing says whether a fixed issue came back')]},
    {'kpi': 'fix_velocity', 'unit': 'fixes a week', 'up': true, 'value': 'week_fixes', 'n': 'week_fixes',
     'unless': [no_fix, no_time]},
    {'kpi': 'fix_minutes', 'unit': 'minutes', 'value': 'week_minutes', 'n': 'week_timed',
     'unless': [no_fix, no_time, ('week_fixes = 0', 'no fix in these 7 days'),
                ('week_timed = 0', 'no time is recorded for the fixes of these 7 days')]},
    {'kpi': 'open_issues', 'unit': 'issues', 'value': 'open_issues', 'n': 'known', 'unless': [],
     'of_open': true},
    {'kpi': 'new_issues', 'unit': 'issues', 'value': 'week_new', 'n': 'known', 'unless': []},
] -%}
{%- for priority in range(4) -%}
    {%- do kpis.append({
        'kpi': 'time_to_fix_p' ~ priority, 'unit': 'days', 'value': 'days_p' ~ priority, 'n': 'dated_p' ~ priority,
        'unless': [no_fix, ('dated_p' ~ priority ~ ' = 0', 'no fix of this priority has its dates so far')],
    }) -%}
{%- endfor -%}

with clock as (
    select * from {{ ref('stg_issue_clock') }}
),

features as (
    select * from {{ ref('issue_features') }}
),

openings as (
    select
        openings.*,
        -- The time spent is that of the whole issue: it is counted once, with the last fix.
        case
            when openings.closed_as = 'FIXED' and openings.opening = features.openings then features.time_spent_minutes
        end as fix_minutes,
        {{ debt_weight('openings.priority') }} as weight
    from {{ ref('stg_issue_openings') }} as openings
    inner join features on openings.id = features.id
),

fixes as (
    select
        id,
        -- A fix of unknown time, and the tracker's counter, count from the first sight on.
        min(case when closed_as = 'FIXED' then coalesce(closed_at, opened_at) end) as fixed_at,
        min(case when is_recurrence then opened_at end) as recurred_at,
        min(followed_at) as followed_at
    from openings
    group by id
),

issues as (
    select
        features.id,
        features.category,
        features.first_seen,
        case when features.recurrence_count > 0 then features.first_seen else fixes.fixed_at end as fixed_at,
        case when features.recurrence_count > 0 then features.first_seen else fixes.recurred_at end as recurred_at,
        case when features.recurrence_count is null then fixes.followed_at else features.first_seen end as told_at
    from features
    inner join fixes on features.id = fixes.id
),

scoped_openings as (
    select
        'all' as scope,
        openings.*
    from openings
    union all
    select
        {{ scope_of_category('all') }} as scope,
        openings.*
    from openings
),

scoped_issues as (
    select
        'all' as scope,
        issues.*
    from issues
    union all
    select
        {{ scope_of_category('all') }} as scope,
        issues.*
    from issues
),

days as (
    select {{ days_from(first_day('as_of', var('kpi_days')), 'as_of') }} as day
    from clock
),

moments as (
    select
        days.day,
        1 = 0 as is_week_ago,
        {{ end_of('days.day', 'clock.as_of') }} as ends_at
    from days
    cross join clock
    union all
    -- Days end at midnight and as_of at any time: none of them is as long ago as a week is.
    select
        {{ day_of(week_before('as_of')) }} as day,
        1 = 1 as is_week_ago,
        {{ week_before('as_of') }} as ends_at
    from clock
),

scopes as (
    select distinct scope from scoped_issues
),

grid as (
    select
        moments.day,
        moments.is_week_ago,
        moments.ends_at,
        scopes.scope
    from moments
    cross join scopes
),

of_issues as (
    select
        grid.day,
        grid.is_week_ago,
        grid.scope,
        count(*) as known,
        count(case when {{ in_week_before('issues.first_seen', 'grid.ends_at') }} then 1 end) as week_new,
        count(case when issues.fixed_at <= grid.ends_at then 1 end) as ever_fixed,
        count(case when issues.recurred_at <= grid.ends_at then 1 end) as recurred,
        count(case when issues.fixed_at <= grid.ends_at and issues.told_at <= grid.ends_at then 1 end) as telling_fixes
    from grid
    inner join scoped_issues as issues on grid.scope = issues.scope and grid.ends_at >= issues.first_seen
    group by grid.day, grid.is_week_ago, grid.scope
),

states as (
    select
        grid.day,
        grid.is_week_ago,
        grid.scope,
        {{ was_open('openings', 'grid.ends_at') }} as is_open,
        {{ was_perhaps_open('openings', 'grid.ends_at') }} as is_perhaps_open,
        openings.weight,
        openings.priority,
        openings.closed_as = 'FIXED' and openings.closed_at <= grid.ends_at as is_fix,
        -- An issue that is open again has no time to its fix.
        case
            when
                openings.closed_at <= grid.ends_at
                and coalesce(openings.reopened_at > grid.ends_at, openings.reopened_at is null)
                then openings.days_to_fix
        end as days_to_fix,
        openings.closed_as = 'FIXED' and {{ in_week_before('openings.closed_at', 'grid.ends_at') }} as is_week_fix,
        openings.fix_minutes
    from grid
    inner join scoped_openings as openings on grid.scope = openings.scope and grid.ends_at >= openings.opened_at
),

of_openings as (
    select
        day,
        is_week_ago,
        scope,
        count(case when is_open then 1 end) as open_issues,
        count(case when is_perhaps_open then 1 end) as undated,
        {{ whole_sum('case when is_open then weight else 0 end') }} as debt,
        count(case when is_fix then 1 end) as fixes,
        {%- for priority in range(4) %}
        count(case when priority = {{ priority }} then days_to_fix end) as dated_p{{ priority }},
        avg(case when priority = {{ priority }} then days_to_fix end) as days_p{{ priority }},
        {%- endfor %}
        count(case when is_week_fix then 1 end) as week_fixes,
        count(case when is_week_fix then fix_minutes end) as week_timed,
        avg(case when is_week_fix then fix_minutes end) as week_minutes
    from states
    group by day, is_week_ago, scope
),

measured as (
    select
        grid.day,
        grid.is_week_ago,
        grid.scope,
        coalesce(of_issues.known, 0) as known,
        of_issues.week_new,
        of_issues.ever_fixed,
        of_issues.recurred,
        of_issues.telling_fixes,
        of_openings.open_issues,
        of_openings.undated,
        of_openings.debt,
        of_openings.fixes,
        {%- for priority in range(4) %}
        of_openings.dated_p{{ priority }},
        of_openings.days_p{{ priority }},
        {%- endfor %}
        of_openings.week_fixes,
        of_openings.week_timed,
        of_openings.week_minutes
    from grid
    left join of_issues
        on grid.day = of_issues.day and grid.is_week_ago = of_issues.is_week_ago and grid.scope = of_issues.scope
    left join of_openings
        on grid.day = of_openings.day and grid.is_week_ago = of_openings.is_week_ago and grid.scope = of_openings.scope
),

explained as (
    {%- for kpi in kpis %}
    select
        day,
        scope,
        '{{ kpi.kpi }}' as kpi,
        is_week_ago,
        cast({{ kpi.value }} as double) as value,
        '{{ kpi.unit }}' as unit,
        cast({{ var('target_' ~ kpi.kpi, 'null') }} as double) as target,
        {{ '1 = 1' if kpi.up else '1 = 0' }} as is_higher_better,
        coalesce({{ kpi.n }}, 0) as n,
        case
            when known = 0 then 'no issue was known by then'
            {%- if kpi.of_open %}
            when {{ too_many_undated('undated', 'known') }} then {{ undated_reason('undated', 'known') }}
            {%- endif %}
            {%- for condition, reason in kpi.unless %}
            when {{ condition }} then '{{ reason }}'
            {%- endfor %}
        end as reason
    from measured
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

known_values as (
    select
        day,
        scope,
        kpi,
        is_week_ago,
        case when reason is null then value end as value,
        unit,
        target,
        is_higher_better,
        n,
        reason
    from explained
),

final as (
    select
        known_values.day,
        known_values.scope,
        known_values.kpi,
        known_values.is_week_ago,
        known_values.value,
        known_values.unit,
        known_values.target,
        known_values.is_higher_better,
        case
            when known_values.value is null then 'unknown'
            when known_values.target is null then 'no_target'
            when known_values.is_higher_better and known_values.value > known_values.target then 'on_target'
            when not known_values.is_higher_better and known_values.value < known_values.target then 'on_target'
            else 'off_target'
        end as status,
        known_values.n,
        known_values.reason,
        clock.as_of,
        clock.is_stale
    from known_values
    cross join clock
)

select * from final
