with clock as (
    select * from {{ ref('stg_as_of') }}
    where kind = 'executions'
),

tools as (
    select
        tool_name,
        avg_cost_usd,
        priced_executions,
        {{ var('cost_anomaly_ratio') }} * avg_cost_usd as limit_usd
    from {{ ref('tool_profiles') }}
    where avg_cost_usd > 0
),

costly as (
    select * from {{ ref('stg_executions') }}
    -- Ranges let the scan skip what lies outside of the window, and what no tool's limit is below.
    where
        started_at >= (select {{ first_day('clock.as_of', var('profile_days')) }} from clock)
        and started_at <= (select clock.as_of from clock)
        and cost_usd > (select min(tools.limit_usd) from tools)
),

final as (
    select
        costly.execution_id,
        costly.tool_name,
        costly.agent_id,
        costly.run_id,
        costly.task_id,
        costly.started_at,
        costly.cost_usd,
        tools.avg_cost_usd,
        costly.cost_usd / tools.avg_cost_usd as ratio,
        tools.priced_executions as tool_priced_executions,
        costly.cost_source,
        clock.as_of,
        clock.is_stale
    from costly
    inner join tools on costly.tool_name = tools.tool_name and costly.cost_usd > tools.limit_usd
    cross join clock
)

select * from final
