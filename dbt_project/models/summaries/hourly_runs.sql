with runs as (
    select * from {{ ref('stg_runs') }}
    where {{ is_touched('runs', 'started_at', 'hour') }}
),

live as (
    select
        {{ hour_of('started_at') }} as hour,
        spec_type,
        model,
        count(*) as runs,
        count(*) filter (where status <> 'running') as finished_runs,
        count(*) filter (where status = 'running') as running_runs,
        count(*) filter (where status = 'success') as successful_runs,
        count(*) filter (where status = 'failed') as failed_runs,
        count(*) filter (where status = 'error') as error_runs,
        count(*) filter (where status = 'timeout') as timeout_runs,
        count(*) filter (where status = 'cancelled') as cancelled_runs,
        count(*) filter (where status = 'skipped') as skipped_runs,
        count(duration_seconds) as timed_runs,
        sum(duration_seconds) as duration_seconds,
        count(llm_cost_usd) as priced_runs,
        sum(llm_cost_usd) as llm_cost_usd,
        sum(llm_cost_usd) filter (where cost_source = 'provider') as provider_llm_cost_usd,
        sum(llm_cost_usd) filter (where cost_source = 'computed') as computed_llm_cost_usd,
        sum(llm_cost_usd) filter (where cost_source = 'estimated') as estimated_llm_cost_usd,
        sum(llm_cost_usd) filter (where cost_source is null) as unstated_llm_cost_usd,
        sum(infrastructure_cost_eur) as infrastructure_cost_eur,
        {{ whole_sum('uncached_input_tokens') }} as uncached_input_tokens,
        {{ whole_sum('cache_read_tokens') }} as cache_read_tokens,
        {{ whole_sum('cache_write_tokens') }} as cache_write_tokens,
        {{ whole_sum('output_tokens') }} as output_tokens,
        {{ whole_sum('reasoning_tokens') }} as reasoning_tokens,
        {{ whole_sum('iterations') }} as iterations,
        {{ whole_sum('attempts') }} as attempts,
        {{ whole_sum('tasks_total') }} as tasks_total,
        {{ whole_sum('tasks_completed') }} as tasks_completed,
        max(memory_peak_mb) as memory_peak_mb,
        max(cpu_peak_mcores) as cpu_peak_mcores
    from runs
    group by {{ hour_of('started_at') }}, spec_type, model
),

parts as (
    {{ with_sealed('live', 'runs', 'hour', ['spec_type', 'model'], run_measures()) }}
),

final as (
    select
        hour,
        spec_type,
        model,
        {{ merged(run_measures()) }}
    from parts
    group by hour, spec_type, model
)

select * from final
