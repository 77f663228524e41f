{# A returned row is an opening that begins before the one before it ended, or after one that is still open. #}
{% test openings_in_turn(model) %}
{{ config(meta={'description': 'No two openings of an issue overlap, and only the last one is open.'}) }}
select later.id, later.opening, later.opened_at, earlier.opened_at as opened_before, earlier.closed_at as closed_before
from {{ model }} as later
inner join {{ model }} as earlier on later.id = earlier.id and later.opening = earlier.opening + 1
where earlier.is_open or later.opened_at < earlier.opened_at or later.opened_at < earlier.closed_at
{% endtest %}
