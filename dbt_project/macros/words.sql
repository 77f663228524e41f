{# Parts of the sentences that explain a row. #}

{# A share as 59.6 %. #}
{% macro percent(share) %}concat(cast(100 * {{ share }} as decimal(5, 1)), ' %'){% endmacro %}

{# 23 of 53 executions succeeded (43.4 %, 95 % interval 30.9 % to 56.7 %) #}
{% macro successes_in_words(successes, n, low, high) %}
concat(
    {{ successes }}, ' of ', {{ n }}, ' executions succeeded (', {{ percent(rate(successes, n)) }},
    ', 95 % interval ', {{ percent(low) }}, ' to ', {{ percent(high) }}, ')'
)
{%- endmacro %}

{# A value as an SQL literal, for statements that are kept as evidence. chr(39) is the quotation mark. #}
{% macro sql_literal(value) %}
concat(chr(39), replace(cast({{ value }} as {{ text_type() }}), chr(39), concat(chr(39), chr(39))), chr(39))
{%- endmacro %}

{# A condition: the text has one of the words in it, whatever the case. A _ in a word is any one character, as in LIKE. #}
{% macro has_word(column, words) -%}
(
    {%- for word in words %}
    {{ "or " if not loop.first }}lower({{ column }}) like '%{{ word }}%'
    {%- endfor %}
)
{%- endmacro %}

{# A condition: the text is one of the words, whatever the case. #}
{% macro is_word(column, words) -%}
lower({{ column }}) in ('{{ words | join("', '") }}')
{%- endmacro %}
