"""Is a model published where it should be, and only there? Judged by time, against two baselines."""

import numpy as np
import pytest

from analytics_assets.lib.judged_models import gained
from analytics_assets.predicting import judging
from analytics_assets.predicting.baselines import BASELINES, TO_BEAT
from analytics_assets.predicting.examples import examples
from analytics_assets.predicting.failure import FailureModel
from analytics_assets.predicting.judging import ENSEMBLE, beats, judge_failure
from analytics_assets.predicting.scoring import scores
from analytics_assets.predicting.splits import luck_shared, time_split
from analytics_assets.predicting.voters import FailureParameters
from analytics_assets_tests.predicting.run_worlds import a_run, sample_world, small_world

SMALL = FailureParameters(forest_trees=30, boosted_rounds=30, threads=1)


@pytest.fixture(scope="module")
def planted():
    return judge_failure(small_world(2, 500), SMALL)


def test_a_planted_cause_is_found_and_the_verdict_names_its_figures(planted):
    assert planted.is_published
    assert planted.reason.startswith("better than simple answers with 95 % confidence: Brier score 0.")
    assert "the rate of the model on the type of spec" in planted.reason


def test_every_answer_is_scored_on_the_same_runs_of_the_split_and_of_the_looks_back(planted):
    names = {ENSEMBLE, "forest", "boosted", *BASELINES}
    assert set(planted.scores) == set(planted.rolling) == names
    assert {one.n for one in planted.scores.values()} == {planted.test_n} == {150}
    assert {one.n for one in planted.rolling.values()} == {300}
    assert planted.folds == 4
    assert planted.scores["constant"].auc == 0.5


def test_noise_is_published_no_more_often_than_chance_allows():
    small = FailureParameters(forest_trees=15, boosted_rounds=15, calibration_folds=1, threads=1)
    # Of 40 such worlds none was: it takes both baselines, and both figures.
    assert not any(judge_failure(small_world(seed, 220, is_noise=True), small).is_published for seed in range(8))


def test_half_of_the_labels_turned_at_random_leave_nothing_to_publish():
    found = small_world(2, 400)
    rng = np.random.default_rng(0)
    turned = [
        a_run(n, spec=run.spec_id, model=run.model, is_failed=bool(rng.integers(2))) for n, run in enumerate(found.runs)
    ]
    judged = judge_failure(examples(turned), SMALL)
    assert not judged.is_published
    assert "no better" in judged.reason or "may be chance" in judged.reason


def test_twelve_runs_are_answered_with_a_sentence_and_no_model():
    judged = judge_failure(small_world(0, 12), SMALL)
    assert not judged.is_published
    assert judged.scores is None
    assert judged.reason == "not enough runs to judge a model: 12 runs with an outcome, 90 needed"


def test_runs_that_all_ended_alike_are_never_published():
    judged = judge_failure(examples([a_run(number) for number in range(200)]), SMALL)
    assert not judged.is_published
    assert judged.reason == "all 140 runs that could be learnt from succeeded: there is nothing to tell failing runs by"
    assert judged.scores[ENSEMBLE].auc is None


def test_a_test_part_that_ended_alike_decides_nothing():
    runs = [a_run(number, is_failed=number < 100 and number % 3 == 0) for number in range(200)]
    judged = judge_failure(examples(runs), SMALL)
    assert not judged.is_published
    assert judged.reason == "all 60 runs it was judged by ended alike: nothing tells failing runs apart"


@pytest.mark.slow
@pytest.mark.parametrize("has_effects", [True, False])
def test_the_sample_is_published_for_its_effects_alone_and_is_near_the_true_risk(has_effects):
    found, truth = sample_world(3, has_effects=has_effects)
    judged = judge_failure(found)
    assert judged.is_published == has_effects
    split = time_split(found)
    told = FailureModel.fit(found.take(split.train)).predict(found.take(split.test))
    constant = found.is_failed[split.train].mean()
    off, naive = (np.mean((answer - truth[split.test]) ** 2) for answer in (told, constant))
    assert off < (0.5 if has_effects else 1.5) * naive


def made_up(own, others):
    y = np.tile([0.0, 1.0], 100)
    answers = {ENSEMBLE: own(y)} | dict.fromkeys(TO_BEAT, others(y))
    return {name: scores(y, p) for name, p in answers.items()}, {name: (p - y) ** 2 for name, p in answers.items()}


def test_a_better_brier_score_with_no_better_area_is_not_enough():
    judged, losses = made_up(lambda y: 0.5 + 0 * y, lambda y: 0.9 + 0 * y)
    verdict = beats(judged, losses)
    assert not verdict.is_better
    assert "its AUC is no better than that of the rate of all runs" in verdict.reason
    assert "Brier score is no better" not in verdict.reason


def test_a_better_area_with_no_better_brier_score_is_not_enough():
    judged, losses = made_up(lambda y: 0.9 + 0.05 * y, lambda y: 0.5 + 0 * y)
    verdict = beats(judged, losses)
    assert not verdict.is_better
    assert "its Brier score is no better" in verdict.reason


def test_a_gain_that_one_run_makes_may_be_chance():
    judged, losses = made_up(lambda y: np.where(np.arange(len(y)) == 1, 1.0, 0.5), lambda y: 0.5 + 0 * y)
    verdict = beats(judged, losses)
    assert not verdict.is_better
    assert "by what may be chance" in verdict.reason


@pytest.mark.parametrize("days", [2, 3, 6, 9])
def test_luck_that_a_day_shares_is_no_gain_however_few_the_days(days):
    """Neither answer is better; on some days the one is luckier, on others the other."""
    passed = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        day = rng.integers(0, days, 30 * days).astype(str)
        of_day = dict(zip(map(str, range(days)), rng.normal(0, 0.3, days), strict=True))
        gain = np.array([of_day[one] for one in day]) + rng.normal(0, 0.9, len(day))
        passed += gained(gain, 0 * gain, day.tolist()).low > 0
    assert passed <= 25


def test_runs_of_one_day_prove_nothing_and_the_verdict_says_so():
    judged, losses = made_up(lambda y: 0.1 + 0.8 * y, lambda y: 0.5 + 0 * y)
    told = beats(judged, losses, luck_shared(examples([a_run(0) for _ in range(200)])))
    assert not told.is_better
    assert "may be chance: the runs are of one day and share its luck" in told.reason
    halves = ["2026-06-01"] * 100 + ["2026-06-02"] * 100
    assert beats(judged, losses, halves).is_better
    assert len(set(luck_shared(small_world(0, 60)))) == 3


def test_a_voter_that_joined_at_some_looks_only_has_no_figure_over_all(monkeypatch):
    calls = iter(range(9))
    plain = judging._answers

    def answers(model, train, test):
        return plain(model, train, test) | ({"sequence": np.full(len(test), 0.3)} if next(calls) < 2 else {})

    monkeypatch.setattr(judging, "_answers", answers)
    judged = judge_failure(small_world(2, 200), FailureParameters(forest_trees=3, boosted_rounds=3))
    assert "sequence" in judged.scores
    assert set(judged.rolling) == {ENSEMBLE, "forest", "boosted", *BASELINES}


def test_each_baseline_is_what_a_slow_count_says():
    found = small_world(3, 260)
    split = time_split(found)
    train, test = found.take(split.train), found.take(split.test)
    rate = np.mean([run.is_failed for run in train.runs])

    def cell(runs, run, around):
        own = [one.is_failed for one in runs if (one.model, one.spec_type) == (run.model, run.spec_type)]
        return (sum(own) + 5 * around) / (len(own) + 5)

    assert BASELINES["constant"](train, test) == pytest.approx(rate)
    assert BASELINES["model_x_spec_type"](train, test) == pytest.approx([cell(train.runs, r, rate) for r in test.runs])
    as_of = []
    for run in test.runs:
        known = [one for one in (*train.runs, *test.runs) if one.known_at <= run.started_at]
        every = np.mean([one.is_failed for one in known])
        of_model = [one.is_failed for one in known if one.model == run.model]
        as_of.append(cell(known, run, (sum(of_model) + 5 * every) / (len(of_model) + 5)))
    assert BASELINES["model_x_spec_type_as_of"](train, test) == pytest.approx(as_of)
