with tools as (
    select * from {{ ref('tool_profiles') }}
    where confidence_level = 'LOW'
),

errors as (
    select * from {{ ref('tool_errors') }}
    where error_rank = 1 and error_type is not null
),

final as (
    select
        -- The same advice on the same tool is one recommendation, however its numbers move.
        md5(concat('fallback:', tools.tool_name)) as recommendation_id,
        tools.tool_name,
        tools.confidence_level,
        concat(
            'Give ', tools.tool_name, ' a fallback strategy',
            coalesce(
                case
                    when errors.failure_share >= {{ var('dominant_error_share') }}
                        then concat('; begin with ', errors.error_type, ', which is most of its failures')
                end,
                ''
            ),
            '.'
        ) as recommendation,
        concat(
            {{ successes_in_words(
                'tools.successful_executions',
                'tools.total_executions',
                'tools.success_rate_low',
                'tools.success_rate_high'
            ) }},
            ' in {{ var("profile_days") }} days: confidence is LOW below ',
            {{ percent(var('confidence_low_max_rate')) }}, '.'
        ) as reason,
        tools.total_executions,
        tools.failed_executions,
        tools.success_rate,
        tools.success_rate_low,
        tools.success_rate_high,
        tools.failed_cost_usd as wasted_cost_usd,
        tools.failed_duration_seconds as wasted_seconds,
        errors.error_type as top_error_type,
        errors.failed_executions as top_error_executions,
        concat(
            'select day, sum(executions) as executions, sum(failed_executions) as failed_executions ',
            'from summaries.daily_tool_usage where tool_name = ', {{ sql_literal('tools.tool_name') }},
            ' and day between date ', {{ sql_literal(first_day('tools.as_of', var('profile_days'))) }},
            ' and date ', {{ sql_literal(day_of('tools.as_of')) }}, ' group by day order by day'
        ) as evidence_sql,
        tools.as_of,
        tools.is_stale
    from tools
    left join errors on tools.tool_name = errors.tool_name
)

select * from final
