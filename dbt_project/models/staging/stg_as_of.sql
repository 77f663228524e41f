{{ config(materialized='table') }}

-- The clock is written together with the ledger: {{ source('raw', 'ingested_files') }}
{%- set override = env_var('ANALYTICS_AS_OF_UTC', '') %}

with clock as (
    select
        kind,
        newest_event_at,
        {{ utc_now() }} as built_at
    from {{ queue('event_clock') }}
),

ended as (
    select
        kind,
        newest_event_at,
        built_at,
        {% if override -%}
        {#- Parsed here, so that what is no time stops the build with a word about it. #}
        least(timestamp '{{ modules.datetime.datetime.fromisoformat(override) }}', built_at) as as_of,
        1 = 1 as is_overridden
        {%- else -%}
        newest_event_at as as_of,
        1 = 0 as is_overridden
        {%- endif %}
    from clock
),

final as (
    select
        kind,
        as_of,
        newest_event_at,
        as_of < built_at - interval '{{ var("stale_after_hours") }}' hour as is_stale,
        is_overridden
    from ended
)

select * from final
