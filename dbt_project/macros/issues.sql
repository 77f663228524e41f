{# Parts of the models of issues: what is open when, what it weighs, and how long it took. #}

{# Days from one time to another, fractions included. #}
{% macro days_between(start, end) %}({{ seconds_between(start, end) }} / 86400e0){% endmacro %}

{# The last moment of a day that as_of lets us see. #}
{% macro end_of(day, as_of) -%}
least(cast({{ day }} as timestamp) + interval '1' day - interval '1' microsecond, {{ as_of }})
{%- endmacro %}

{# The first of the ISO weeks that are counted. #}
{% macro first_issue_week(as_of) -%}
cast({{ week_of(as_of) }} - interval '{{ 7 * (var("issue_weeks") - 1) }}' day as date)
{%- endmacro %}

{# The same time seven days before. #}
{% macro week_before(moment) %}({{ moment }} - interval '7' day){% endmacro %}

{# When the week that begins on a day is over. #}
{% macro week_after(day) %}(cast({{ day }} as timestamp) + interval '7' day){% endmacro %}

{# A condition: the time lies within the week before a moment, or is that moment. #}
{% macro in_week_before(moment, end) -%}
{{ moment }} > {{ week_before(end) }} and {{ moment }} <= {{ end }}
{%- endmacro %}

{# A condition: an opening was open at a moment. One that was closed at an unknown time never was. #}
{% macro was_open(opening, moment) -%}
{{ opening }}.opened_at <= {{ moment }} and ({{ opening }}.is_open or {{ opening }}.closed_at > {{ moment }})
{%- endmacro %}

{# A condition: an opening was closed at an unknown time, and nothing says whether that was before a moment or after. #}
{% macro was_perhaps_open(opening, moment) -%}
{{ opening }}.opened_at <= {{ moment }} and {{ opening }}.closed_at is null and {{ opening }}.closed_by > {{ moment }}
{%- endmacro %}

{# A condition: so many of the issues known by a moment were perhaps open that the number of open ones says nothing. #}
{% macro too_many_undated(undated, known) %}{{ undated }} > {{ var('undated_share_max') }}e0 * {{ known }}{% endmacro %}

{# The reason for that. #}
{% macro undated_reason(undated, known) -%}
concat(
    cast({{ undated }} as {{ text_type() }}), ' of ', cast({{ known }} as {{ text_type() }}),
    ' issues were closed at a time that nobody noted'
)
{%- endmacro %}

{# Points of debt of an open issue. #}
{% macro debt_weight(priority) -%}
case {{ priority }}
    {%- for weight in [var('debt_weight_p0'), var('debt_weight_p1'), var('debt_weight_p2'), var('debt_weight_p3')] %}
    when {{ loop.index0 }} then {{ weight }}
    {%- endfor %}
end
{%- endmacro %}

{# Health of so much debt, 0 to 100: it is 0 at ANALYTICS_HEALTH_MAX_DEBT; NULL of an unknown debt. #}
{% macro health_of(debt) -%}
{%- set most = "cast(" ~ env_var('ANALYTICS_HEALTH_MAX_DEBT', var('health_max_debt') | string) | float ~ " as double)" -%}
case when {{ debt }} is not null then greatest(0e0, 1e2 * ({{ most }} - {{ debt }}) / {{ most }}) end
{%- endmacro %}

{#
    Files, lines and copies of an issue as one number, never below 0: a part that is unknown, or lines below the limit,
    count as none. NULL when all three are unknown.
#}
{% macro complexity_of(files, lines, copies) -%}
case
    when coalesce({{ files }}, {{ lines }}, {{ copies }}) is not null
        then
            coalesce({{ files }}, 0) * {{ var('complexity_per_file') }}e0
            + greatest(coalesce({{ lines }}, 0), 0) / {{ var('complexity_lines') }}e0
            + greatest(coalesce({{ copies }}, 0), 0) * {{ var('complexity_per_copy') }}e0
end
{%- endmacro %}

{# What it is worth to fix an issue: by its priority, how often it came back, and whether it is in daily use. #}
{% macro impact_of(priority, recurrences, category) -%}
(4 - {{ priority }}) * {{ var('impact_per_priority') }}
+ {{ recurrences }} * {{ var('impact_per_recurrence') }}
+ case when {{ category }} = 'commands' then {{ var('impact_of_commands') }} else 0 end
{%- endmacro %}

{# The scope of a category; a category that is named as the whole may not pass for it. #}
{% macro scope_of_category(whole) -%}
case when category = '{{ whole }}' then concat(category, ' (category)') else category end
{%- endmacro %}

{# Every issue once for the whole and once for each class it is in; the value is NULL where none is given. #}
{% macro by_breakdown(issues) %}
{%- set breakdowns = {
    'all': 'null', 'category': 'category', 'subcategory': 'subcategory', 'priority': 'priority',
    'root_cause': 'root_cause_id',
} -%}
{%- for breakdown, column in breakdowns.items() %}
select '{{ breakdown }}' as breakdown, cast({{ column }} as {{ text_type() }}) as value, {{ issues }}.* from {{ issues }}
{{ "union all" if not loop.last }}
{%- endfor %}
{% endmacro %}

{# A part of a hundred. #}
{% macro in_percent(part, whole) %}(1e2 * {{ rate(part, whole) }}){% endmacro %}
