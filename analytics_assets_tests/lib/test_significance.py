"""P-values of what is asked at once."""

from analytics_assets.lib.significance import with_adjusted


def test_what_was_not_tested_is_in_no_comparison():
    rows = with_adjusted([{"x": 1}, {"x": 2}, {"x": 3}], [0.02, None, 0.9])
    assert [(row["p_adjusted"], row["is_significant"]) for row in rows] == [(0.04, True), (None, None), (0.9, False)]
