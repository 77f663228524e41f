{# A returned row is a spec whose counts are not those of its current version, or that has none and yet counts runs. #}
{% test counts_of_current_versions(model, versions) %}
{{ config(meta={'description': 'The counts of a spec are those of its current version.'}) }}
select
    specs.spec_id,
    specs.runs_count,
    versions.runs_count as of_version,
    specs.success_count,
    versions.success_count as successes_of_version
from {{ model }} as specs
full outer join (select * from {{ versions }} where is_current) as versions on specs.spec_id = versions.spec_id
where
    specs.spec_id is null
    or specs.runs_count <> coalesce(versions.runs_count, 0)
    or specs.success_count <> coalesce(versions.success_count, 0)
{% endtest %}
