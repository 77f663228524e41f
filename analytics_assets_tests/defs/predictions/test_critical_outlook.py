"""Where the next critical issue comes from, as an asset."""

from __future__ import annotations

import pandas as pd

from analytics_assets.defs.predictions.critical_outlook import critical_outlook, shares_are_the_whole


def test_each_category_has_a_row_also_without_a_critical_issue(tracker):
    rows = [{"id": f"a{n}", "day": n, "category": "agents", "priority": 0} for n in range(6)]
    tracker.add([*rows, {"id": "c", "day": 0, "category": "commands", "priority": 1}])
    tracker.now(70)
    frame = critical_outlook(warehouse=tracker.warehouse).value
    assert frame["category"].tolist() == ["agents", "commands"]
    assert frame["p0_issues"].tolist() == [6, 0]
    assert frame["weeks"].tolist() == [10, 10]
    assert frame["p0_per_week"].tolist() == [0.65, 0.05]
    assert shares_are_the_whole(critical_outlook=frame).passed


def test_no_issue_at_all_is_an_empty_table_that_passes(tracker):
    frame = critical_outlook(warehouse=tracker.warehouse).value
    assert frame.empty
    assert shares_are_the_whole(critical_outlook=frame).passed


def test_shares_that_are_not_the_whole_fail():
    row = {"category": "a", "probability_next": 0.6, "probability_next_low": 0.1, "probability_next_high": 0.9}
    assert not shares_are_the_whole(critical_outlook=pd.DataFrame([row])).passed
    outside = pd.DataFrame([row | {"probability_next": 1.0}])
    assert shares_are_the_whole(critical_outlook=outside).metadata["outside_of_interval"].value == ["a"]
