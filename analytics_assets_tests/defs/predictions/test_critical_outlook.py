"""Where the next critical issue comes from, as an asset."""

from __future__ import annotations

import pandas as pd

from analytics_assets.defs.predictions.issue_models import issue_predictions
from analytics_assets.defs.predictions.prediction_checks import published_models_are_better, shares_are_the_whole


def test_each_category_has_a_row_also_without_a_critical_issue(tracker):
    rows = [{"id": f"a{n}", "day": n, "category": "agents", "priority": 0} for n in range(6)]
    none = {"id": "n", "day": 0, "category": None, "priority": 0}
    tracker.add([*rows, none, {"id": "c", "day": 0, "category": "commands", "priority": 1}])
    tracker.now(70)
    frame = tracker.predicted(issue_predictions)[0]["critical_outlook"]
    assert frame["category"].tolist() == ["agents", "commands"]
    assert frame["p0_issues"].tolist() == [6, 0]
    assert frame["weeks"].tolist() == [10, 10]
    assert frame["p0_per_week"].tolist() == [0.65, 0.05]
    assert frame["method"].tolist() == ["all_issues", "all_issues"]
    assert shares_are_the_whole(critical_outlook=frame).passed


def test_shares_that_foretell_are_published_and_judged_beside_the_other_models(tracker):
    rows = [
        {"id": f"i{n}", "day": n / 4, "category": "agents" if n % 5 == 0 else "commands", "priority": 2 * (n % 5 > 0)}
        for n in range(500)
    ]
    tracker.add(rows)
    tracker.now(126)
    tables, _ = tracker.predicted(issue_predictions)
    (judged,) = tables["issue_models"].query("model == 'critical_category'").to_dict("records")
    assert judged["is_published"]
    assert (judged["train_n"], judged["test_n"]) == (70, 30)
    assert tables["critical_outlook"]["method"].tolist() == ["critical_issues", "critical_issues"]
    assert tables["critical_outlook"].loc[0, "category"] == "agents"
    assert published_models_are_better(issue_models=tables["issue_models"], warehouse=tracker.warehouse).passed
    withdrawn = tables["issue_models"].assign(is_published=False)
    result = published_models_are_better(issue_models=withdrawn, warehouse=tracker.warehouse)
    assert result.metadata["answer_without_being_published"].value == ["critical_category"]


def test_shares_that_are_not_the_whole_fail():
    row = {"category": "a", "probability_next": 0.6, "probability_next_low": 0.1, "probability_next_high": 0.9}
    assert not shares_are_the_whole(critical_outlook=pd.DataFrame([row])).passed
    outside = pd.DataFrame([row | {"probability_next": 1.0}])
    assert shares_are_the_whole(critical_outlook=outside).metadata["outside_of_interval"].value == ["a"]
    alike = pd.DataFrame([row | {"probability_next": 1.0, "probability_next_low": None, "probability_next_high": None}])
    assert shares_are_the_whole(critical_outlook=alike).passed
