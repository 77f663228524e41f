{%- set recent_days = var('risk_recent_days') %}
{%- set enough = var('confidence_high_min_executions') %}

with tools as (
    select * from {{ ref('tool_profiles') }}
    where total_executions > 0
),

usage as (
    select
        daily.*,
        daily.day >= {{ first_day('tools.as_of', recent_days) }} as is_recent
    from {{ ref('daily_tool_usage') }} as daily
    inner join tools
        on
            daily.tool_name = tools.tool_name
            and {{ in_days('daily.day', 'tools.as_of', var('profile_days')) }}
),

halves as (
    select
        tool_name,
        min(first_started_at) as first_seen_at,
        max(last_started_at) as last_seen_at,
        coalesce({{ whole_sum('case when is_recent then executions end') }}, 0)
            as recent_executions,
        coalesce({{ whole_sum('case when is_recent then successful_executions end') }}, 0)
            as recent_successful_executions,
        coalesce({{ whole_sum('case when is_recent then timed_executions end') }}, 0)
            as recent_timed_executions,
        sum(case when is_recent then duration_seconds end) as recent_duration_seconds,
        coalesce({{ whole_sum('case when not is_recent then executions end') }}, 0)
            as earlier_executions,
        coalesce({{ whole_sum('case when not is_recent then successful_executions end') }}, 0)
            as earlier_successful_executions,
        coalesce({{ whole_sum('case when not is_recent then timed_executions end') }}, 0)
            as earlier_timed_executions,
        sum(case when not is_recent then duration_seconds end) as earlier_duration_seconds
    from usage
    group by tool_name
),

errors as (
    select * from {{ ref('tool_errors') }}
    where error_rank = 1 and error_type is not null
),

facts as (
    select
        tools.tool_name,
        tools.confidence_level,
        tools.total_executions as executions,
        tools.successful_executions,
        tools.failed_executions,
        tools.success_rate,
        tools.success_rate_low,
        tools.success_rate_high,
        halves.recent_executions,
        halves.recent_successful_executions,
        {{ rate('halves.recent_successful_executions', 'halves.recent_executions') }}
            as recent_success_rate,
        {{ wilson_low('halves.recent_successful_executions', 'halves.recent_executions') }}
            as recent_success_rate_low,
        {{ wilson_high('halves.recent_successful_executions', 'halves.recent_executions') }}
            as recent_success_rate_high,
        halves.recent_timed_executions,
        halves.recent_duration_seconds / nullif(halves.recent_timed_executions, 0)
            as recent_avg_duration_seconds,
        halves.earlier_executions,
        halves.earlier_successful_executions,
        {{ rate('halves.earlier_successful_executions', 'halves.earlier_executions') }}
            as earlier_success_rate,
        {{ wilson_low('halves.earlier_successful_executions', 'halves.earlier_executions') }}
            as earlier_success_rate_low,
        {{ wilson_high('halves.earlier_successful_executions', 'halves.earlier_executions') }}
            as earlier_success_rate_high,
        halves.earlier_timed_executions,
        halves.earlier_duration_seconds / nullif(halves.earlier_timed_executions, 0)
            as earlier_avg_duration_seconds,
        errors.error_type,
        errors.failed_executions as error_executions,
        errors.failure_share as error_share,
        halves.first_seen_at,
        halves.last_seen_at,
        tools.as_of,
        tools.is_stale
    from tools
    inner join halves on tools.tool_name = halves.tool_name
    left join errors on tools.tool_name = errors.tool_name
),

low_success_rate as (
    select
        tool_name,
        'low_success_rate' as risk_type,
        'high' as severity,
        concat(
            {{ successes_in_words('successful_executions', 'executions', 'success_rate_low', 'success_rate_high') }},
            ' in {{ var("profile_days") }} days; below ', {{ percent(var('confidence_low_max_rate')) }},
            ' a tool needs a fallback.'
        ) as explanation
    from facts
    where confidence_level = 'LOW'
),

-- Two 95 % intervals that do not meet: chance alone does so in fewer than one of a hundred tools.
degrading as (
    select
        tool_name,
        'degrading' as risk_type,
        'high' as severity,
        concat(
            {{ successes_in_words(
                'recent_successful_executions',
                'recent_executions',
                'recent_success_rate_low',
                'recent_success_rate_high'
            ) }},
            ' in the last {{ recent_days }} of {{ var("profile_days") }} days, and ',
            {{ successes_in_words(
                'earlier_successful_executions',
                'earlier_executions',
                'earlier_success_rate_low',
                'earlier_success_rate_high'
            ) }},
            ' in those before.'
        ) as explanation
    from facts
    where
        recent_executions >= {{ enough }}
        and earlier_executions >= {{ enough }}
        and recent_success_rate_high < earlier_success_rate_low
),

-- Of a tool that is trusted, the rare failures may well be of one sort.
dominant_error as (
    select
        tool_name,
        'dominant_error' as risk_type,
        'medium' as severity,
        concat(
            error_type, ' is the error of ', error_executions, ' failures (', {{ percent('error_share') }},
            ') in {{ var("profile_days") }} days.'
        ) as explanation
    from facts
    where
        error_executions >= {{ var('confidence_min_executions') }}
        and error_share >= {{ var('dominant_error_share') }}
        and success_rate < {{ var('confidence_high_min_rate') }}
),

slow as (
    select
        tool_name,
        'slow' as risk_type,
        'medium' as severity,
        concat(
            'A call took ', round(recent_avg_duration_seconds, 2), ' s on average (', recent_timed_executions,
            ' timed) in the last {{ recent_days }} of {{ var("profile_days") }} days, and ',
            round(earlier_avg_duration_seconds, 2), ' s (', earlier_timed_executions, ' timed) in those before.'
        ) as explanation
    from facts
    where
        recent_timed_executions >= {{ enough }}
        and earlier_timed_executions >= {{ enough }}
        and recent_avg_duration_seconds > {{ var('response_slowed') }} * earlier_avg_duration_seconds
),

risks as (
    select * from low_success_rate
    union all
    select * from degrading
    union all
    select * from dominant_error
    union all
    select * from slow
),

final as (
    select
        facts.tool_name,
        risks.risk_type,
        risks.severity,
        risks.explanation,
        facts.executions,
        facts.failed_executions,
        facts.success_rate,
        facts.success_rate_low,
        facts.success_rate_high,
        facts.recent_executions,
        facts.recent_success_rate,
        facts.recent_success_rate_low,
        facts.recent_success_rate_high,
        facts.recent_timed_executions,
        facts.recent_avg_duration_seconds,
        facts.earlier_executions,
        facts.earlier_success_rate,
        facts.earlier_success_rate_low,
        facts.earlier_success_rate_high,
        facts.earlier_timed_executions,
        facts.earlier_avg_duration_seconds,
        facts.error_type,
        facts.error_executions,
        facts.error_share,
        facts.first_seen_at,
        facts.last_seen_at,
        facts.as_of,
        facts.is_stale
    from risks
    inner join facts on risks.tool_name = facts.tool_name
)

select * from final
