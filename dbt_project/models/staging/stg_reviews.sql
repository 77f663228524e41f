with final as (
    select
        id,
        run_date,
        scope,
        health_score_overall,
        health_score_planning,
        health_score_commands,
        health_score_agents,
        issues_found,
        issues_fixed,
        time_spent_minutes,
        triggered_by,
        extra,
        file_id,
        batch_id,
        ingested_at
    from {{ source('raw', 'reviews') }}
)

select * from final
