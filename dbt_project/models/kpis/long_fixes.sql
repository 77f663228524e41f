with issues as (
    select * from {{ ref('issue_features') }}
),

usual as (
    select
        count(time_spent_minutes) as timed_fixes,
        avg(time_spent_minutes) as mean_minutes,
        stddev_samp(time_spent_minutes) as sd_minutes
    from issues
    where status = 'FIXED'
),

bounded as (
    select
        *,
        mean_minutes + {{ var('long_fix_deviations') }} * sd_minutes as limit_minutes
    from usual
),

final as (
    select
        issues.id,
        issues.issue,
        issues.category,
        issues.priority,
        issues.status,
        issues.root_cause_id,
        issues.time_spent_minutes,
        bounded.mean_minutes,
        bounded.sd_minutes,
        bounded.limit_minutes,
        (issues.time_spent_minutes - bounded.mean_minutes) / nullif(bounded.sd_minutes, 0) as deviations,
        bounded.timed_fixes,
        issues.as_of,
        issues.is_stale
    from issues
    inner join bounded on issues.time_spent_minutes > bounded.limit_minutes
)

select * from final
