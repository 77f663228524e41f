"""The optional sequence model reads what was known, learns an order that rates do not tell, and joins if it helps."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from importlib.util import find_spec

import numpy as np
import pytest

from analytics_assets.predicting.attempts import attempts
from analytics_assets.predicting.examples import Run, examples
from analytics_assets.predicting.failure import ATTEMPTS, FailureModel, _helps, _Look
from analytics_assets.predicting.sequence import SequenceModel
from analytics_assets.predicting.splits import time_split
from analytics_assets.predicting.voters import FailureParameters

NOON = datetime(2026, 3, 1, 12)
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is the optional extra `sequence`")
SMALL = FailureParameters(forest_trees=20, boosted_rounds=20)


def run(number, *, hours, is_failed=False, spec="spec", model="model", lasts=0.5):
    started_at = NOON + timedelta(hours=hours)
    ended = started_at + timedelta(hours=lasts)
    seconds = lasts * 3_600
    return Run(
        run_id=f"r{number:05d}", spec_id=spec, model=model, started_at=started_at, known_at=ended,
        is_failed=is_failed, duration_seconds=seconds,
    )  # fmt: skip


def test_attempts_are_those_whose_outcome_was_told_by_the_start_the_newest_last():
    past = [
        run(1, hours=0, is_failed=True),
        run(2, hours=1, lasts=5.0),
        run(3, hours=2, model="other"),
        run(4, hours=3, spec="elsewhere", is_failed=True),
    ]
    asked = run(5, hours=4, is_failed=True)
    found = attempts([*past, asked], [asked])[0]
    assert found[:, 0].tolist() == [0.0] * 6 + [1.0, 1.0]
    assert found[-2].tolist() == pytest.approx([1, 1, 1, math.log1p(1_800), math.log1p(3.5)])
    assert found[-1].tolist() == pytest.approx([1, 0, 0, math.log1p(1_800), math.log1p(1.5)])
    assert np.isnan(found[:-2, 1:]).all()


def test_the_future_changes_no_attempts():
    past = [run(n, hours=n, is_failed=n % 2 == 0) for n in range(20)]
    asked = run(20, hours=10.2)
    otherwise = [one if one.known_at <= asked.started_at else run(n, hours=n, model="x") for n, one in enumerate(past)]
    np.testing.assert_array_equal(attempts(past, [asked]), attempts(otherwise, [asked]))


def test_without_pytorch_two_voters_answer(monkeypatch):
    monkeypatch.setattr("analytics_assets.predicting.failure.is_available", lambda: False)
    known = world(150)
    model = FailureModel.fit(known, SMALL)
    assert model.sequence is None
    assert model.votes(known).shape == (150, 2)


def test_a_model_with_a_voter_that_is_not_installed_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("analytics_assets.predicting.sequence.is_available", lambda: False)
    with pytest.raises(ValueError, match=r"install analytics-assets\[sequence\]"):
        SequenceModel.load(tmp_path)


def world(n, seed=0):
    """Each spec fails twice, then succeeds twice, and so on: its rate is always one half, its order tells all."""
    rng = np.random.default_rng(seed)
    counts, runs = dict.fromkeys(range(8), 0), []
    for number in range(n):
        spec = int(rng.integers(8))
        is_failed = counts[spec] // 2 % 2 == 0
        counts[spec] += 1
        runs.append(run(number, hours=number, is_failed=bool(is_failed), spec=f"s{spec}"))
    return examples(runs)


@needs_torch
def test_an_order_that_rates_do_not_tell_is_learnt_and_joins(tmp_path):
    known = world(1_500)
    split = time_split(known)
    learnt, judged = known.take(split.train), known.take(split.test)
    model = FailureModel.fit(learnt, SMALL)
    assert model.sequence is not None
    votes = model.votes(judged)
    brier = ((votes - judged.is_failed[:, None]) ** 2).mean(axis=0)
    assert brier[2] < brier[:2].min() / 2
    moved = model.contributions(judged)
    assert moved[ATTEMPTS].abs().mean() > 0.1
    model.save(tmp_path)
    np.testing.assert_allclose(FailureModel.load(tmp_path).predict(judged), model.predict(judged))
    assert set(json.loads((tmp_path / "sequence.json").read_text())) == {"attempts", "own", "weights"}
    again = FailureModel.fit(learnt, SMALL)
    np.testing.assert_array_equal(again.predict(judged), model.predict(judged))


@needs_torch
def test_where_the_order_says_nothing_the_vote_is_not_worse_than_without_it(monkeypatch):
    losses = {True: 0.0, False: 0.0}
    for seed in range(4):
        rng = np.random.default_rng(seed)
        runs = [run(n, hours=n, is_failed=bool(rng.random() < 0.3), spec=f"s{n % 8}") for n in range(300)]
        known = examples(runs)
        split = time_split(known)
        learnt, judged = known.take(split.train), known.take(split.test)
        for is_there in losses:
            monkeypatch.setattr("analytics_assets.predicting.failure.is_available", lambda it=is_there: it)
            model = FailureModel.fit(learnt, SMALL)
            losses[is_there] += float(((model.predict(judged) - judged.is_failed) ** 2).mean()) / 4
    assert losses[True] <= losses[False] + 0.002


@needs_torch
def test_who_else_uses_pytorch_is_not_disturbed():
    import torch

    torch.manual_seed(7)
    threads, wanted = torch.get_num_threads(), torch.rand(3)
    torch.manual_seed(7)
    SequenceModel.fit(world(100))
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.rand(3), wanted)


@pytest.mark.parametrize(("better", "joins"), [(0.05, True), (0.0, False), (-0.05, False)])
def test_it_joins_where_that_helps_by_more_than_chance(better, joins):
    """Three votes on 200 runs of ten days; the third is nearer to what came, as far, or farther off."""
    rng = np.random.default_rng(0)
    outcomes = (rng.random(200) < 0.3).astype(float)
    third = 0.3 + 3 * better * np.sign(outcomes - 0.5) + rng.normal(0, 0.05, 200)
    votes = np.column_stack([np.full((200, 2), 0.3), third])
    days = [f"day {n // 20}" for n in range(200)]
    assert _helps([_Look(votes, outcomes, days)]) == joins
    assert not _helps([_Look(votes[:, :2], outcomes, days)])
    assert not _helps([])
