{# Parts of the models that profile judged runs. #}

{# The most frequent known value of a column per key: the keys and the column. Of equals the one used last. #}
{% macro most_used(runs, keys, column) %}
select
    {{ keys | join(', ') }},
    {{ column }}
from (
    select
        {{ keys | join(', ') }},
        {{ column }},
        row_number() over (
            partition by {{ keys | join(', ') }} order by count(*) desc, max(started_at) desc, {{ column }} asc
        ) as place
    from {{ runs }}
    where {{ column }} is not null
    group by {{ keys | join(', ') }}, {{ column }}
) as counted
where place = 1
{% endmacro %}

{# Every run once for its fingerprint, its spec, the family of the spec and its project, of which none may be NULL. #}
{% macro by_scope(runs) %}
{%- set scopes = {
    'fingerprint': 'spec_fingerprint', 'spec': 'spec_id', 'spec_type': 'spec_type', 'project': 'project_id'
} -%}
{%- for scope, column in scopes.items() %}
select '{{ scope }}' as scope, {{ column }} as scope_id, {{ runs }}.* from {{ runs }}
where {{ column }} is not null
{{ "union all" if not loop.last }}
{%- endfor %}
{% endmacro %}

{# A peak that a limit did not cut off; NULL where it did, because more may have been needed. #}
{% macro uncut(resource) -%}
case when not is_{{ resource }}_censored then {{ {'memory': 'memory_peak_mb', 'cpu': 'cpu_peak_mcores'}[resource] }} end
{%- endmacro %}
