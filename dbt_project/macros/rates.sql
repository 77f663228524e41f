{#
    The Wilson score interval of a rate, at var('wilson_z') standard deviations: E. B. Wilson, "Probable inference, the
    law of succession, and statistical inference", JASA 22 (1927), 209-212. With p = successes / n its ends are
    (p + z^2/2n -+ z * sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n); lib/rates.py has the same. NULL where n is 0.
    Both ends are held within the rate and 0 to 1: rounding puts an end that is exact a hair off.
#}

{# Share of successes; NULL where there was no trial. #}
{% macro rate(successes, n) %}cast({{ successes }} as double) / nullif({{ n }}, 0){% endmacro %}

{% macro wilson_low(successes, n) %}
case when {{ n }} > 0 then greatest(
    0, least({{ rate(successes, n) }}, ({{ wilson_centre(successes, n) }} - {{ wilson_reach(successes, n) }}))
) end
{% endmacro %}

{% macro wilson_high(successes, n) %}
case when {{ n }} > 0 then least(
    1, greatest({{ rate(successes, n) }}, ({{ wilson_centre(successes, n) }} + {{ wilson_reach(successes, n) }}))
) end
{% endmacro %}

{% macro wilson_centre(successes, n) %}
{%- set z2 = var('wilson_z') * var('wilson_z') -%}
({{ rate(successes, n) }} + {{ z2 }}e0 / (2 * {{ n }})) / (1 + {{ z2 }}e0 / {{ n }})
{%- endmacro %}

{% macro wilson_reach(successes, n) %}
{%- set z2 = var('wilson_z') * var('wilson_z') -%}
{{ var('wilson_z') }}e0 * sqrt(
    {{ rate(successes, n) }} * (1 - {{ rate(successes, n) }}) / {{ n }}
    + {{ z2 }}e0 / (4e0 * {{ n }} * {{ n }})
) / (1 + {{ z2 }}e0 / {{ n }})
{%- endmacro %}

{#
    HIGH, MEDIUM or LOW, as docs/adr/0002 has it; NULL where there was no execution. A tool with few executions is new,
    and MEDIUM.
#}
{% macro confidence_level(successes, n) %}
case
    when {{ n }} = 0 then null
    when
        {{ n }} >= {{ var('confidence_high_min_executions') }}
        and {{ rate(successes, n) }} >= {{ var('confidence_high_min_rate') }}
        then 'HIGH'
    when
        {{ n }} >= {{ var('confidence_min_executions') }}
        and {{ rate(successes, n) }} < {{ var('confidence_low_max_rate') }}
        then 'LOW'
    else 'MEDIUM'
end
{% endmacro %}

{#
    Shares as one score, 0 to 100: the mean of those that are known, each by its weight. An unknown one takes its weight
    with it; NULL when none is known. parts: pairs of a share and a weight.
#}
{% macro score(parts) -%}
100 * (
    {%- for share, weight in parts %}
    {{ "+ " if not loop.first }}coalesce({{ weight }}e0 * {{ share }}, 0)
    {%- endfor %}
) / nullif(
    {%- for share, weight in parts %}
    {{ "+ " if not loop.first }}case when {{ share }} is null then 0e0 else {{ weight }}e0 end
    {%- endfor %}, 0
)
{%- endmacro %}

{# How near a figure comes to a usual one that it should not exceed, 0 to 1; 1 at or below it. NULL when it is unknown. #}
{% macro thrift(figure, usual) -%}
case
    when {{ figure }} <= {{ usual }} then 1e0
    -- A credit, booked as a negative cost, makes no share.
    when {{ figure }} > {{ usual }} then greatest(0e0, {{ usual }}) / nullif({{ figure }}, 0)
end
{%- endmacro %}

{#
    Variance of the difference of two rates if both were one: that of all their samples. The columns of each are its
    name with _value and _samples. Rounding makes a rate of 1 a hair more, and its variance a hair less than 0.
#}
{% macro pooled_variance(one, other) -%}
{%- set trials = "(" ~ one ~ "_samples + " ~ other ~ "_samples)" -%}
{%- set hits = one ~ "_value * " ~ one ~ "_samples + " ~ other ~ "_value * " ~ other ~ "_samples" -%}
{%- set rate = "((" ~ hits ~ ") / " ~ trials ~ ")" -%}
greatest(0e0, {{ rate }} * (1 - {{ rate }})) * (1e0 / nullif({{ one }}_samples, 0) + 1e0 / nullif({{ other }}_samples, 0))
{%- endmacro %}
