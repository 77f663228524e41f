with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'runs'
),

documents as (
    select * from {{ ref('stg_specs') }}
),

versions as (
    select * from {{ ref('spec_versions') }}
),

current_versions as (
    select * from versions
    where is_current
),

runs as (
    select
        judged.*,
        row_number() over (partition by judged.spec_id order by judged.started_at desc, judged.run_id desc) as recency
    from {{ ref('stg_judged_runs') }} as judged
    inner join current_versions
        on
            judged.spec_id = current_versions.spec_id
            and judged.spec_fingerprint is not distinct from current_versions.spec_fingerprint
    where {{ in_span('judged.started_at', 'judged.as_of', var('profile_days')) }}
),

newest_runs as (
    select * from runs
    where recency = 1
),

usual_models as (
    {{ most_used('runs', ['spec_id'], 'model') }}
),

ranked_errors as (
    select
        spec_id,
        error_type,
        row_number() over (partition by spec_id order by count(*) desc, error_type asc) as place
    from runs
    where error_type is not null
    group by spec_id, error_type
),

errors as (
    select
        spec_id,
        max(case when place = 1 then error_type end) as top_error_type,
        {{ json_list_of('error_type', 'place') }} as common_failures
    from ranked_errors
    where place <= {{ var('common_failures') }}
    group by spec_id
),

specs as (
    select
        coalesce(current_versions.spec_id, documents.id) as spec_id,
        coalesce(
            current_versions.spec_version,
            -- The document may be newer than its newest run.
            case
                when
                    current_versions.spec_id is null or current_versions.spec_fingerprint = documents.fingerprint
                    then documents.version
            end
        ) as version,
        case
            when current_versions.spec_id is null then documents.fingerprint else current_versions.spec_fingerprint
        end as spec_fingerprint,
        coalesce(current_versions.spec_type, documents.spec_type) as spec_type,
        documents.path,
        coalesce(current_versions.runs_count, 0) as runs_count,
        coalesce(current_versions.success_count, 0) as success_count,
        current_versions.success_rate,
        current_versions.success_rate_low,
        current_versions.success_rate_high,
        current_versions.avg_duration_seconds,
        current_versions.avg_cost_usd,
        current_versions.avg_iterations,
        current_versions.p95_memory_mb,
        coalesce(current_versions.oom_runs, 0) as oom_runs,
        documents.model as document_model,
        documents.memory_limit as document_memory_limit,
        documents.cpu_limit as document_cpu_limit,
        current_versions.previous_fingerprint
    from current_versions
    full outer join documents on current_versions.spec_id = documents.id
),

-- What is usual among the specs of a type, to compare each of them with.
types as (
    select
        spec_type,
        {{ percentile('avg_cost_usd', 0.5) }} as usual_cost_usd,
        {{ percentile('avg_iterations', 0.5) }} as usual_iterations
    from specs
    group by spec_type
),

rated as (
    select
        specs.*,
        {{ thrift('specs.avg_cost_usd', 'types.usual_cost_usd') }} as cost_score,
        {{ thrift('specs.avg_iterations', 'types.usual_iterations') }} as iterations_score
    from specs
    inner join types on specs.spec_type is not distinct from types.spec_type
),

final as (
    select
        rated.spec_id,
        rated.version,
        rated.spec_fingerprint,
        rated.spec_type,
        newest_runs.project_id,
        rated.path,
        rated.runs_count,
        rated.success_count,
        rated.success_rate,
        rated.success_rate_low,
        rated.success_rate_high,
        rated.avg_duration_seconds,
        rated.avg_cost_usd,
        rated.avg_iterations,
        rated.p95_memory_mb,
        rated.success_rate < {{ var('spec_review_rate') }} as needs_review,
        {{ score([
            ('rated.success_rate', var('quality_weight_success')),
            ('rated.cost_score', var('quality_weight_cost')),
            ('rated.iterations_score', var('quality_weight_iterations')),
        ]) }} as quality_score,
        rated.oom_runs,
        errors.top_error_type,
        case when rated.runs_count > 0 then coalesce(errors.common_failures, '[]') end as common_failures,
        usual_models.model,
        rated.document_model,
        coalesce(rated.document_memory_limit, newest_runs.memory_limit) as memory_limit,
        coalesce(rated.document_cpu_limit, newest_runs.cpu_limit) as cpu_limit,
        clock.as_of as last_analyzed_at,
        previous_versions.spec_version as previous_version,
        previous_versions.spec_fingerprint as previous_fingerprint,
        previous_versions.runs_count as previous_runs_count,
        previous_versions.success_rate as previous_success_rate,
        previous_versions.success_rate_low as previous_success_rate_low,
        previous_versions.success_rate_high as previous_success_rate_high,
        clock.as_of,
        clock.is_stale
    from rated
    left join newest_runs on rated.spec_id = newest_runs.spec_id
    left join usual_models on rated.spec_id = usual_models.spec_id
    left join errors on rated.spec_id = errors.spec_id
    left join versions as previous_versions
        on
            rated.spec_id = previous_versions.spec_id
            and not previous_versions.is_current
            and rated.previous_fingerprint is not distinct from previous_versions.spec_fingerprint
    left join clock on 1 = 1
)

select * from final
