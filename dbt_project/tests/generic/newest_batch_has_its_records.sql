{# A returned row is one of the newest batch whose record, in the same version, does not count. #}
{% test newest_batch_has_its_records(model, records, key, record_key) %}
{{ config(meta={'description': 'Every row of the newest batch belongs to a record that counts, in the same version.'}) }}
select items.*
from {{ model }} as items
where
    items.batch_id = (select max(newest.batch_id) from {{ model }} as newest)
    and not exists (
        select 1 from {{ records }} as records
        where records.{{ record_key }} = items.{{ key }} and records.version_number = items.version_number
    )
{% endtest %}
