{# A returned row is a key that occurs more than once, or that lacks a part it must have. #}
{% test grain(model, key, nullable=[]) %}
{{ config(meta={'description': 'No two rows have the same ' ~ key | join(', ') ~ '.'}) }}
select {{ key | join(', ') }}, count(*) as copies
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1
    {%- for column in key if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
