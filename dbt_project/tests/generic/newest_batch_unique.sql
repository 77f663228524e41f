{#
    A returned row is a key that occurs more than once among the records of the newest batch. Older batches were looked
    at when they were the newest: the cost follows the batch, not the history.
#}
{% test newest_batch_unique(model, key) %}
{{ config(meta={'description': 'No two rows of the newest batch have the same ' ~ key | join(', ') ~ '.'}) }}
select {{ key | join(', ') }}, count(*) as copies
from {{ model }}
where batch_id = (select max(newest.batch_id) from {{ model }} as newest)
group by {{ key | join(', ') }}
having count(*) > 1
{% endtest %}
