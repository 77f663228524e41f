"""What rules say is held against worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.lib.rates import wilson_interval
from analytics_assets.suggesting.engine import propose
from analytics_assets_tests.suggesting.conftest import AS_OF, History
from analytics_assets_tests.suggesting.worlds import (
    SAMPLE_SIZES,
    confounded_models,
    fill,
    sample_history,
    stated_of_memory,
    stated_of_models,
)


def pending(seed, effects):
    history, end = sample_history(seed, effects)
    try:
        return [s for s in propose(history.con, end, SAMPLE_SIZES) if s.is_enough]
    finally:
        history.con.close()


def test_in_samples_without_effects_nothing_is_high():
    # `python -m benchmarks calibration` asks twenty.
    high = [s for seed in range(6) for s in pending(seed, "none") if s.level == "HIGH"]
    assert [(s.finding.rule.name, s.finding.subject.spec_id, s.confidence) for s in high] == []


@pytest.mark.parametrize("seed", range(5))
def test_what_is_planted_is_suggested_with_its_value_and_nothing_else_is_high(seed):
    high = {
        (s.finding.rule.name, s.finding.subject.spec_id, s.finding.current_value, s.finding.suggested_value)
        for s in pending(seed, ["spec_oom", "better_model"])
        if s.level == "HIGH"
    }
    assert high == {
        ("memory_raise", "analysis-cohorts", "memory: 2Gi", "memory: 4Gi"),
        *(
            ("better_model", spec, "model: sample-medium", "model: sample-reasoner")
            for spec in ("migration-framework", "migration-language", "migration-schema")
        ),
    }


def test_as_many_claims_hold_as_their_confidences_add_up_to():
    rng = np.random.default_rng(11)
    stated = [claim for _ in range(50) for claim in stated_of_models(rng)]
    expected = sum(claim.confidence for claim in stated)
    spread = sum(claim.confidence * (1 - claim.confidence) for claim in stated) ** 0.5
    assert len(stated) > 50
    assert abs(sum(claim.holds for claim in stated) - expected) < 3.3 * spread


def test_a_larger_size_that_is_suggested_kills_fewer_runs():
    rng = np.random.default_rng(12)
    stated = [claim for _ in range(15) for claim in stated_of_memory(rng)]
    high = [claim for claim in stated if claim.level == "HIGH"]
    assert len(high) >= 5
    assert sum(claim.holds for claim in high) >= 0.9 * len(high)


def test_models_that_are_alike_on_each_spec_are_not_told_apart_by_who_got_the_easy_ones():
    rng = np.random.default_rng(5)
    high = 0
    for _ in range(40):
        history = History()
        fill(history, confounded_models(rng))
        for spec in ("hard", "easy"):
            history.document(spec, model="old")
        high += any(s.level == "HIGH" for s in propose(history.con, AS_OF, SAMPLE_SIZES))
        history.con.close()
    assert high == 0


@pytest.mark.slow
def test_of_what_is_stated_at_a_confidence_that_share_holds():
    rng = np.random.default_rng(3)
    stated = [claim for _ in range(400) for claim in stated_of_models(rng)]
    for low, high in ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01)):
        said = [claim for claim in stated if low <= claim.confidence < high]
        mean = sum(claim.confidence for claim in said) / len(said)
        # At 99.9 %: five bins are looked at.
        held = wilson_interval(sum(claim.holds for claim in said), len(said), z=3.29)
        assert held is not None
        assert held.low <= mean <= held.high, (low, mean, held)
