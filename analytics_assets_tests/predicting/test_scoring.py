"""Scores of probabilities: as scikit-learn has them, with curves that are bounded and bins that hold every run."""

import numpy as np
import pytest
from sklearn import metrics

from analytics_assets.lib.rates import wilson_interval
from analytics_assets.predicting.scoring import scores


def drawn(n=3_000, seed=0, digits=2):
    rng = np.random.default_rng(seed)
    p = rng.random(n).round(digits)
    return (rng.random(n) < p).astype(float), p


def test_every_figure_is_what_scikit_learn_says():
    y, p = drawn()
    found, called = scores(y, p), p >= 0.5
    expected = {
        "accuracy": metrics.accuracy_score(y, called),
        "precision": metrics.precision_score(y, called),
        "recall": metrics.recall_score(y, called),
        "f1": metrics.f1_score(y, called),
        "auc": metrics.roc_auc_score(y, p),
        "brier": metrics.brier_score_loss(y, p),
    }
    assert {name: found.figures()[name] for name in expected} == pytest.approx(expected)
    tn, fp, fn, tp = metrics.confusion_matrix(y, called).ravel()
    assert found.confusion == (tp, fp, tn, fn)
    given = np.clip(p, 0.001, 0.999)
    assert found.log_loss == pytest.approx(metrics.log_loss(y, given), abs=1e-3)


def test_the_curve_is_bounded_and_has_nearly_the_area_of_all_points():
    y, p = drawn(digits=6)
    found = scores(y, p)
    assert len(found.roc) <= 50
    assert found.roc[0][:2] == (0, 0)
    assert found.roc[-1][:2] == (1, 1)
    fpr, tpr = [point.fpr for point in found.roc], [point.tpr for point in found.roc]
    assert (np.diff(fpr) >= 0).all()
    assert np.trapezoid(tpr, fpr) == pytest.approx(found.auc, abs=0.005)


def test_every_point_of_the_curve_is_what_its_threshold_gives():
    y, p = drawn(400)
    for point in scores(y, p).roc[1:]:
        called = p >= point.threshold
        assert point.tpr == pytest.approx(called[y == 1].mean())
        assert point.fpr == pytest.approx(called[y == 0].mean())


def test_bins_hold_every_run_also_at_their_edges():
    p = np.array([0.0, 0.1, 0.1, 0.999, 1.0])
    bins = scores(np.array([0.0, 1, 0, 1, 1]), p).reliability
    assert [(part.low, part.n) for part in bins] == [(0.0, 1), (0.1, 2), (0.9, 2)]
    assert bins[1].failed_share == 0.5
    assert (bins[1].share_low, bins[1].share_high) == pytest.approx(wilson_interval(1, 2))


def test_the_calibration_error_of_true_probabilities_is_small_and_that_of_wrong_ones_is_not():
    y, p = drawn(20_000)
    assert scores(y, p).calibration_error < 0.02
    assert scores(y, p / 2).calibration_error > 0.2


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_of_one_class_there_is_no_area_and_no_curve(outcome):
    found = scores([outcome] * 5, [0.2, 0.4, 0.5, 0.5, 0.9])
    assert found.auc is None
    assert found.roc == ()
    assert found.brier is not None


def test_of_nothing_every_figure_is_unknown():
    found = scores([], [])
    assert set(found.figures().values()) == {None}
    assert found.reliability == ()


@pytest.mark.parametrize("p", [[float("nan")], [1.2], [-0.1], [0.5, 0.5]])
def test_what_is_no_probability_of_each_run_is_refused(p):
    with pytest.raises(ValueError, match="probabilit"):
        scores([1.0], p)
