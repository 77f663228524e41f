"""From which runs the next one is configured."""

from __future__ import annotations

import json

import pytest

from analytics_assets.queries.errors import UnknownSpecError
from analytics_assets.queries.run_config import get_run_config
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets_tests.queries.published import AS_OF, publish

END = {"as_of": AS_OF, "is_stale": False}
DOCUMENT = {
    "id": "s",
    "spec_type": "fix",
    "path": "specs/s.json",
    "fingerprint": "v2",
    "model": "old",
    "memory_limit": "2Gi",
    "cpu_limit": "1",
}
QUALITY = {
    "spec_id": "s",
    "spec_type": "fix",
    "project_id": "p",
    "path": "specs/s.json",
    "spec_fingerprint": "v1",
    **END,
}


def cost(scope, key, model="m", runs=20):
    return {
        "scope": scope,
        "scope_id": key,
        "model": model,
        "runs": runs,
        "successful_runs": runs // 2,
        "priced_runs": runs,
        "cost_per_success_usd": 0.2,
        "p50_cost_usd": 0.1,
        "p95_cost_usd": 0.4,
        "p50_duration_seconds": 60.0,
        "p95_duration_seconds": 90.0,
        **END,
    }


def need(scope, key, runs=20, p95=900.0):
    return {
        "scope": scope,
        "scope_id": key,
        "runs": runs,
        "memory_measured_runs": runs,
        "memory_uncensored_runs": runs,
        "memory_p95_mb": p95,
        "cpu_p95_mcores": 300.0,
        **END,
    }


@pytest.fixture
def config(settings):
    """Asks for the next run of a spec, given the rows of some tables."""

    def asked(spec="s", *, documents=(DOCUMENT,), quality=(QUALITY,), costs=(), needs=(), runs=(), advice=None):
        publish(
            settings,
            {
                "staging.stg_specs": documents,
                "staging.stg_runs": runs,
                "profiles.spec_quality": quality,
                "profiles.cost_efficiency": costs,
                "profiles.resource_needs": needs,
            }
            | ({} if advice is None else {"suggestions.suggestions": advice}),
        )
        with open_snapshot(settings) as snapshot:
            return get_run_config(spec, snapshot, settings)

    return asked


SCOPES = (("fingerprint", "v2"), ("spec", "s"), ("spec_type", "fix"), ("project", "p"))


@pytest.mark.parametrize("narrowest", range(len(SCOPES)), ids=[name for name, _ in SCOPES])
def test_the_narrowest_scope_that_knows_the_spec_is_used_and_named(config, narrowest):
    known = SCOPES[narrowest:]
    found = config(costs=[cost(*scope) for scope in known], needs=[need(*scope) for scope in known])
    for value in ("model", "memory", "cpu", "expected_cost_usd", "expected_duration_seconds", "failure_risk"):
        assert (found[value]["scope"], found[value]["scope_id"]) == SCOPES[narrowest]
        assert found[value]["reason"]


def test_the_fingerprint_is_that_of_the_document_and_not_of_a_version_that_ran_before(config):
    found = config(costs=[cost("fingerprint", "v1"), cost("spec", "s")])
    assert found["model"]["scope"] == "spec"


def test_without_a_document_the_fingerprint_is_that_of_the_newest_run(config):
    found = config(documents=(), runs=[{"spec_id": "s"}], costs=[cost("fingerprint", "v1"), cost("spec", "s")])
    assert (found["model"]["scope"], found["document"]) == ("fingerprint", {"model": None, "memory": None, "cpu": None})


def test_a_spec_with_a_document_and_no_run_falls_back_to_its_type(config):
    quality = [QUALITY | {"project_id": None, "spec_fingerprint": "v2"}]
    found = config(quality=quality, costs=[cost("spec_type", "fix")], needs=[need("spec_type", "fix")])
    assert found["model"] == {
        "value": "m",
        "scope": "spec_type",
        "scope_id": "fix",
        "runs": 20,
        "reason": "It is the only model with 10 runs or more: 10 of 20 runs succeeded (50 %).",
    }
    assert found["memory"]["value"] == "2Gi"
    assert found["document"] == {"model": "old", "memory": "2Gi", "cpu": "1"}


def test_a_spec_whose_runs_are_all_older_than_the_window_is_still_known(config):
    run = {"spec_id": "s", "spec_type": "fix", "started_at": AS_OF}
    found = config(documents=(), quality=(), runs=[run], costs=[cost("spec_type", "fix")])
    assert found["model"]["scope"] == "spec_type"


def test_with_too_few_runs_anywhere_it_is_said_and_nothing_is_made_up(config):
    found = config(costs=[cost("spec", "s", runs=9)])
    assert found["model"]["value"] is None
    assert found["model"]["scope"] == "not enough data"
    assert found["failure_risk"]["share"] is None
    assert found["expected_cost_usd"]["p95"] is None


def test_the_answer_is_json_and_says_how_old_it_is(config):
    found = config(costs=[cost("spec", "s")])
    assert json.loads(json.dumps(found)) == found
    assert (found["as_of"], found["is_stale"]) == ("2026-02-16T12:00:00Z", True)


def test_a_spec_can_be_asked_by_its_path_and_an_unknown_one_is_refused(config):
    assert config("specs/s.json")["spec_id"] == "s"
    with pytest.raises(UnknownSpecError, match="unheard-of"):
        config("unheard-of")


WAITING = {
    "id": "sg-1",
    "spec_id": "s",
    "target": "model",
    "status": "pending",
    "level": "HIGH",
    "confidence": 0.95,
    "suggested_value": "model: better",
    "suggested_runs": 40,
    "reasoning": "On fix, better succeeds in 93 % of runs.",
}


@pytest.mark.parametrize(
    ("change", "model"),
    [({}, "better"), ({"status": "rejected"}, "m"), ({"level": "LOW"}, "m"), ({"spec_id": "other"}, "m")],
)
def test_what_is_suggested_and_what_is_configured_are_one_model(config, change, model):
    found = config(costs=[cost("spec", "s")], advice=[WAITING | change])
    assert found["model"]["value"] == model
