with records as (
    select * from {{ source('raw', 'runs') }}
    where is_current
),

final as (
    select
        run_id,
        spec_id,
        spec_fingerprint,
        spec_version,
        spec_type,
        task_count,
        complexity,
        project_id,
        agent_id,
        model,
        memory_limit,
        cpu_limit,
        status,
        failure_reason,
        started_at,
        completed_at,
        coalesce(duration_seconds, {{ seconds_between('started_at', 'completed_at') }}) as duration_seconds,
        iterations,
        attempts,
        tasks_total,
        tasks_completed,
        uncached_input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        output_tokens,
        reasoning_tokens,
        llm_cost_usd,
        cost_source,
        infrastructure_cost_eur,
        memory_peak_mb,
        cpu_peak_mcores,
        error_rate,
        latency_p95_ms,
        experiment_id,
        variant,
        updated_at,
        extra,
        file_id,
        batch_id,
        ingested_at,
        version_at,
        version_number,
        version_hash,
        is_current
    from records
)

select * from final
