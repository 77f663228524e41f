"""How to run a spec next."""

from __future__ import annotations

from analytics_assets.lib.configuring import Advice, Scope, configure
from analytics_assets.queries.answers import Answer, freshness, rows
from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.snapshot import Snapshot, reading
from analytics_assets.queries.specs import find_spec
from analytics_assets.settings import Settings, load_settings

SPEC = """
    select
        quality.spec_id, quality.spec_type, quality.project_id, quality.path,
        coalesce(documents.fingerprint, quality.spec_fingerprint) as fingerprint,
        documents.model, documents.memory_limit, documents.cpu_limit
    from profiles.spec_quality as quality
    left join staging.stg_specs as documents on quality.spec_id = documents.id
    where quality.spec_id = $spec
"""
# A spec whose runs are all older than the window, or not judged, has no row in the profile.
SILENT = """
    select
        $spec as spec_id, spec_type, project_id, null as path, spec_fingerprint as fingerprint,
        null as model, null as memory_limit, null as cpu_limit
    from staging.stg_runs where spec_id = $spec
    order by started_at desc, run_id desc limit 1
"""
MODELS = "select * from profiles.cost_efficiency where scope = $scope and scope_id = $id order by model"
RUNS_END = "select as_of, is_stale from staging.stg_as_of where kind = 'runs'"
ADVICE = """
    select suggested_value, id, suggested_runs, reasoning from suggestions.suggestions
    where spec_id = $spec and target = 'model' and status = 'pending' and level in ('HIGH', 'MED')
    order by level = 'HIGH' desc, confidence desc, id
    limit 1
"""
NEEDS = "select * from profiles.resource_needs where scope = $scope and scope_id = $id"


def get_run_config(spec: str, snapshot: Snapshot | None = None, settings: Settings | None = None) -> Answer:
    """Model, memory and CPU for the next run of a spec, and what it will cost, how long it takes and how it may fail.

    Each of model, memory, cpu, expected_cost_usd (p50, p95), expected_duration_seconds (p50, p95) and failure_risk
    (share, with the 95 % interval low and high) has the scope it comes from, the runs it rests on and the reason. The
    scope is the narrowest with ten runs: fingerprint, spec, spec_type or project; ``not enough data`` where none has.
    The model is that of the spec's pending suggestion, where there is one of level HIGH or MED.
    ``document`` is what the spec's document asks for.

    Args:
        spec: id of the spec, or the path of its document.
        snapshot: where from; without one the current version.
        settings: name the sizes that may be asked for.

    Raises:
        UnknownSpecError: no run and no document has it.
    """
    with reading(snapshot) as current:
        spec_id = find_spec(spec, current)
        found = rows(current, SPEC, {"spec": spec_id}) or rows(current, SILENT, {"spec": spec_id})
        (about,) = found
        ids = {
            "fingerprint": about["fingerprint"],
            "spec": spec_id,
            "spec_type": about["spec_type"],
            "project": about["project_id"],
        }
        scopes = [_scope(current, name, key) for name, key in ids.items() if key is not None]
        advice = _advice(current, spec_id)
        ends = freshness(current, rows(current, RUNS_END))
    return {
        "spec_id": spec_id,
        "spec_type": about["spec_type"],
        "path": about["path"],
        "document": {"model": about["model"], "memory": about["memory_limit"], "cpu": about["cpu_limit"]},
        **configure(scopes, (settings or load_settings()).sizes, advice).record(),
        **ends,
    }


def _advice(current: Snapshot, spec_id: str) -> Advice | None:
    """Suggestions are made once a day: before the first time there are none."""
    try:
        found = rows(current, ADVICE, {"spec": spec_id})
    except NotAnsweredYetError:
        return None
    return Advice.of(found[0]) if found else None


def _scope(current: Snapshot, name: str, key: str) -> Scope:
    asked = {"scope": name, "id": key}
    needs = rows(current, NEEDS, asked)
    return Scope(name, key, rows(current, MODELS, asked), needs[0] if needs else {})
