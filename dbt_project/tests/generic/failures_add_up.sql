{# A returned row is a day of a tool whose failures by class of error are not as many as its use counts. #}
{% test failures_add_up(model, usage) %}
{{ config(meta={'description': 'The classes of error of a tool and day add up to its failures.'}) }}
select
    day,
    tool_name,
    sum(of_errors) as of_errors,
    sum(of_usage) as of_usage
from (
    select day, tool_name, failed_executions as of_errors, 0 as of_usage from {{ model }}
    union all
    select day, tool_name, 0 as of_errors, failed_executions as of_usage from {{ usage }}
) as counted
group by day, tool_name
having sum(of_errors) <> sum(of_usage)
{% endtest %}
