{# A returned row says how many rows there are instead of one or none. #}
{% test at_most_one_row(model) %}
{{ config(meta={'description': 'There is at most one row.'}) }}
select count(*) as found
from {{ model }}
having count(*) > 1
{% endtest %}
