{# A returned row is one of which the condition is not true. #}
{% test always(model, condition) %}
{{ config(meta={'description': 'In every row ' ~ condition ~ '.'}) }}
select * from {{ model }}
where not coalesce({{ condition }}, false)
{% endtest %}
