{{ config(materialized='view') }}

{{ task_totals(ref('hourly_tool_usage'), 'hour') }}
