with features as (
    select * from {{ ref('issue_features') }}
),

issues as (
    select * from {{ ref('stg_issues') }}
),

final as (
    select
        features.id,
        features.issue,
        features.category,
        features.subcategory,
        features.priority,
        features.fixed_date,
        features.time_spent_minutes,
        issues.resolution,
        features.as_of,
        features.is_stale
    from features
    inner join issues on features.id = issues.id
    where features.status = 'FIXED' and features.root_cause_id is null
)

select * from final
