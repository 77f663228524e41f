{# A returned row says how many rows there are instead of one. #}
{% test exactly_one_row(model) %}
{{ config(meta={'description': 'There is exactly one row.'}) }}
select count(*) as found
from {{ model }}
having count(*) <> 1
{% endtest %}
