{# The second tier as its readers know it: all agents and tools of a period in one row, with the calls of each tool. #}
{% macro task_totals(usage, period) %}
with tools as (
    select
        {{ period }},
        tool_name,
        {{ whole_sum('executions') }} as executions,
        {{ whole_sum('successful_executions') }} as successful_executions,
        {{ whole_sum('failed_executions') }} as failed_executions,
        sum(cost_usd) as cost_usd,
        {{ whole_sum('tokens_used') }} as tokens_used
    from {{ usage }}
    group by {{ period }}, tool_name
),

final as (
    select
        {{ period }},
        {{ whole_sum('executions') }} as total_tasks,
        {{ whole_sum('successful_executions') }} as successful_tasks,
        {{ whole_sum('failed_executions') }} as failed_tasks,
        sum(cost_usd) as total_cost_usd,
        {{ whole_sum('tokens_used') }} as total_tokens,
        {{ json_object_of('tool_name', 'executions') }} as tool_counts
    from tools
    group by {{ period }}
)

select * from final
{% endmacro %}
