"""When fix times are learnt, and what is answered when they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib.fix_times import fit_fix_times
from analytics_assets_tests.lib.planted import fixes


def estimates(model, issues):
    return pd.DataFrame(model.estimates(issues))


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_signal_is_published_and_nine_in_ten_take_no_longer_than_said(seed):
    model = fit_fix_times(fixes(seed, 400, is_noise=False))
    assert model.judged.is_published
    assert model.judged.score < model.judged.naive_score
    low, high = model.judged.details["p90_coverage_interval"]
    assert low <= 0.93
    assert high >= 0.87
    new = fixes(99, 500, is_noise=False)
    said = estimates(model, new)
    assert 0.84 <= (new["time_spent_minutes"] <= said["p90_minutes"]).mean() <= 0.95
    assert 0.42 <= (new["time_spent_minutes"] <= said["p50_minutes"]).mean() <= 0.58


def test_noise_is_published_once_in_twenty_times_at_most():
    assert sum(fit_fix_times(fixes(seed, 120, is_noise=True)).judged.is_published for seed in range(30)) <= 2


def test_what_is_not_published_is_answered_with_the_best_naive_answer_of_all_fixes():
    known = fixes(0, 120, is_noise=True)
    model = fit_fix_times(known)
    assert not model.judged.is_published
    assert "errs no less" in model.judged.reason or "chance" in model.judged.reason
    said = estimates(model, known.head(3))
    assert set(said["method"]) == {"naive"}
    assert set(said["n"]) == {120}


def test_the_naive_answer_is_the_quantiles_of_the_priority():
    known = fixes(0, 40, is_noise=True).assign(priority=[0] * 20 + [1] * 17 + [2] * 3)
    said = estimates(fit_fix_times(known), known.iloc[[0, 20, 39]])
    for place, some in enumerate((known[:20], known[20:37], known)):
        minutes = np.exp(np.quantile(np.log(some["time_spent_minutes"]), [0.5, 0.9]))
        assert said.loc[place, ["p50_minutes", "p90_minutes"]].tolist() == pytest.approx(minutes.tolist())
    assert said["reason"].str.contains("not enough data to judge a model: 40 examples, 60 needed").all()


def test_fixes_of_which_only_the_time_is_known_have_naive_answers():
    known = fixes(0, 200, is_noise=False)
    for name in ("category", "subcategory", "files_affected_count", "lines_over_limit", "expected_minutes"):
        known[name] = None
    model = fit_fix_times(known)
    assert not model.judged.is_published
    assert estimates(model, known)["p50_minutes"].notna().all()


def test_a_category_never_seen_has_an_estimate():
    model = fit_fix_times(fixes(0, 400, is_noise=False))
    new = fixes(1, 5, is_noise=False).assign(category="new", subcategory="never seen", priority=3)
    said = estimates(model, new)
    assert set(said["method"]) == {"quantile_regression"}
    assert (said["p90_minutes"] >= said["p50_minutes"]).all()


def test_fixes_that_all_take_as_long_are_not_published():
    model = fit_fix_times(fixes(0, 200, is_noise=True).assign(time_spent_minutes=15.0))
    assert not model.judged.is_published
    assert estimates(model, fixes(1, 2, is_noise=True))["p90_minutes"].tolist() == pytest.approx([15.0, 15.0])


def test_times_of_nothing_or_less_are_no_fixes():
    known = fixes(0, 4, is_noise=True).assign(time_spent_minutes=[0.0, -3.0, np.nan, 5.0])
    model = fit_fix_times(known)
    assert (model.judged.train_n, model.best) == (1, None)
    said = estimates(model, known)
    assert said["p50_minutes"].isna().all()
    assert set(said["method"]) == {"insufficient_history"}


def test_the_same_input_gives_the_same_answers():
    known = fixes(0, 150, is_noise=False)
    assert fit_fix_times(known).estimates(known) == fit_fix_times(known).estimates(known)
