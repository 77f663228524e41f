with executions as (
    select * from {{ source('raw', 'pipelines') }}
    where is_current
),

ended_steps as (
    select
        pipeline_id,
        count(*) as steps,
        count(case when status = 'success' then 1 end) as successful_steps
    from {{ source('raw', 'steps') }}
    where is_current and status in ('success', 'failed', 'error', 'timeout')
    group by pipeline_id
),

final as (
    select
        executions.id,
        executions.pipeline_name,
        executions.started_at,
        executions.completed_at,
        executions.status,
        executions.trigger_type,
        executions.trigger_data,
        executions.configuration_version,
        executions.configuration,
        executions.head_sha,
        executions.attempt,
        executions.queued_seconds,
        executions.updated_at,
        executions.extra,
        executions.file_id,
        executions.batch_id,
        executions.ingested_at,
        executions.version_at,
        executions.version_number,
        executions.version_hash,
        executions.is_current,
        case
            when executions.completed_at >= executions.started_at
                then {{ seconds_between('executions.started_at', 'executions.completed_at') }}
        end as total_duration_seconds,
        {{ rate('ended_steps.successful_steps', 'ended_steps.steps') }} as success_rate
    from executions
    left join ended_steps on executions.id = ended_steps.pipeline_id
)

select * from final
