with issues as (
    select
        *,
        {{ cleaned_paths('files_affected') }} as files
    from {{ source('raw', 'issues') }}
    where is_current
),

final as (
    select
        id,
        issue,
        category,
        subcategory,
        priority,
        first_seen,
        fixed_date,
        status,
        time_spent_minutes,
        expected_minutes,
        recurrence_count,
        root_cause_id,
        {{ each_once('files') }} as files_affected,
        lines_over_limit,
        duplicate_count,
        resolution,
        created_by,
        sprint,
        updated_at,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_at,
        version_number,
        version_hash,
        is_current
    from issues
)

select * from final
