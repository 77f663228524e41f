{{ config(materialized='view') }}

{{ task_totals(ref('daily_tool_usage'), 'day') }}
