"""The next run from rows made by hand: which scope speaks, and what it says."""

from __future__ import annotations

import pytest

from analytics_assets.lib.configuring import NOT_ENOUGH, SUGGESTED, Advice, Scope, configure
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.sizes import Sizes

SIZES = Sizes.of(("1Gi", "2Gi", "4Gi", "8Gi"), ("500m", "1", "2", "4"))


def cell(model="m", runs=20, successes=15, **fields):
    """A row of cost_efficiency."""
    return {
        "model": model,
        "runs": runs,
        "successful_runs": successes,
        "priced_runs": runs,
        "cost_per_success_usd": 0.2,
        "p50_cost_usd": 0.1,
        "p95_cost_usd": 0.4,
        "p50_duration_seconds": 60.0,
        "p95_duration_seconds": 240.0,
    } | fields


def needs(runs=20, p95=None, killed=None, cpu=None, held_up=None, measured=None):
    """A row of resource_needs."""
    measured = runs if measured is None else measured
    return {
        "runs": runs,
        "memory_measured_runs": measured,
        "memory_uncensored_runs": measured,
        "memory_p95_mb": p95,
        "largest_oom_limit_mb": killed,
        "cpu_p95_mcores": cpu,
        "largest_throttled_cpu_mcores": held_up,
    }


def scope(name, models=(), **needed):
    return Scope(name, f"the {name}", models, needs(**needed) if needed else {})


def test_the_narrowest_scope_with_runs_enough_speaks_for_each_value():
    found = configure(
        [
            scope("fingerprint", [cell(runs=9, successes=9)], runs=9, p95=100.0, cpu=100.0),
            scope("spec", [cell(runs=12, successes=6)], runs=12, p95=1500.0),
            scope("spec_type", [cell(runs=90, successes=80)], runs=90, p95=3000.0, cpu=600.0),
        ],
        SIZES,
    )
    assert (found.model.scope, found.model.scope_id, found.model.runs) == ("spec", "the spec", 12)
    assert (found.memory.scope, found.memory.value) == ("spec", "2Gi")
    assert (found.cpu.scope, found.cpu.value) == ("spec_type", "1")
    assert found.failure_risk.value[0] == pytest.approx(0.5)


def test_a_model_that_waits_as_a_suggestion_goes_before_the_best_raw_rate():
    advice = Advice.of(
        {"id": "sg-1", "suggested_value": "model: b", "suggested_runs": 40, "reasoning": "Like for like."}
    )
    models = [cell("a", runs=90, successes=89), cell("b", runs=40, successes=36)]
    found = configure([scope("spec", models)], SIZES, advice)
    assert (found.model.value, found.model.scope, found.model.scope_id) == ("b", SUGGESTED, "sg-1")
    assert found.failure_risk.value[0] == pytest.approx(0.1)
    assert configure([scope("spec", models)], SIZES).model.value == "a"


def test_where_no_scope_has_ten_runs_every_value_says_so():
    found = configure([scope("spec", [cell(runs=9)], runs=9, p95=100.0, cpu=100.0)], SIZES)
    for value in vars(found).values():
        assert (value.value, value.scope, value.scope_id, value.runs) == (None, NOT_ENOUGH, None, None)
        assert value.reason.startswith("Not enough data: ")
    assert configure([], SIZES).record()["failure_risk"]["share"] is None


def test_what_is_expected_is_of_the_chosen_model_alone():
    found = configure(
        [
            scope(
                "fingerprint",
                [
                    cell("bad", 50, 5, p50_cost_usd=9.0, p95_cost_usd=9.0),
                    cell("good", 40, 36, p50_cost_usd=0.2, p95_cost_usd=0.8),
                ],
            )
        ],
        SIZES,
    )
    assert found.model.value == "good"
    assert found.cost_usd.value == (0.2, 0.8)
    assert found.duration_seconds.value == (60.0, 240.0)
    assert found.failure_risk.value == pytest.approx((4 / 40, *wilson_interval(4, 40)))


def test_the_cost_is_asked_of_a_wider_scope_where_too_few_runs_have_one():
    found = configure(
        [
            scope("fingerprint", [cell(priced_runs=9, p50_cost_usd=5.0, p95_cost_usd=5.0)]),
            scope("spec_type", [cell(p50_cost_usd=0.3, p95_cost_usd=0.6)]),
        ],
        SIZES,
    )
    assert (found.cost_usd.scope, found.cost_usd.value) == ("spec_type", (0.3, 0.6))
    assert found.duration_seconds.scope == "fingerprint"


def test_runs_whose_model_nobody_knows_choose_none():
    assert configure([scope("spec", [cell(model=None, runs=500)])], SIZES).model.value is None


@pytest.mark.parametrize(
    ("p95", "killed", "size"),
    [(900.0, None, "2Gi"), (800.0, None, "1Gi"), (800.0, 2048.0, "4Gi"), (None, 2048.0, "4Gi"), (7500.0, None, "16Gi")],
)
def test_memory_holds_the_peaks_with_their_headroom_and_more_than_what_killed(p95, killed, size):
    found = configure([scope("spec", runs=20, p95=p95, killed=killed)], SIZES).memory
    assert found.value == size


def test_a_size_that_killed_any_version_of_the_spec_is_not_asked_for_again():
    narrow = scope("fingerprint", runs=3, killed=4096.0)
    older = scope("spec", runs=8, killed=2048.0)
    found = configure([narrow, older, scope("spec_type", runs=99, p95=300.0)], SIZES).memory
    assert (found.value, found.scope) == ("8Gi", "spec_type")
    assert "killed for want of memory at 4Gi" in found.reason


def test_kills_of_other_specs_do_not_speak_for_one_that_knows_its_own_need():
    found = configure([scope("spec", runs=20, p95=500.0), scope("spec_type", runs=99, p95=500.0, killed=4096.0)], SIZES)
    assert found.memory.value == "1Gi"


def test_cpu_is_never_below_a_limit_that_held_runs_up():
    assert configure([scope("spec", cpu=200.0, held_up=2000.0)], SIZES).cpu.value == "2"
    assert configure([scope("spec", cpu=None, held_up=1000.0)], SIZES).cpu.value == "2"
    assert configure([scope("spec", cpu=400.0)], SIZES).cpu.value == "500m"
