"""Columns of the issue features as arrays."""

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib.issue_values import is_fixed, levels, numbers, words


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, None, 3], "Int64"),
        ([1.0, None, np.inf], "float64"),
        ([True, None, False], "boolean"),
        ([True, None, False], "object"),
        ([None, None, None], "object"),
    ],
)
def test_what_is_not_known_or_not_finite_is_nan_whatever_the_type(values, dtype):
    found = numbers(pd.DataFrame({"x": pd.Series(values, dtype=dtype)}), "x")
    wanted = [np.nan if value is None or value == np.inf else float(value) for value in values]
    np.testing.assert_array_equal(found, wanted)


def test_a_column_that_is_not_there_is_not_known():
    assert np.isnan(numbers(pd.DataFrame({"x": [1, 2]}), "y")).all()


def test_words_and_fixed_issues_stand_null():
    frame = pd.DataFrame({"status": pd.Series(["FIXED", None, "OPEN", np.nan], dtype=object)})
    assert words(frame, "status") == ["FIXED", None, "OPEN", None]
    assert is_fixed(frame).tolist() == [True, False, False, False]


def test_rare_levels_are_one_and_too_few_of_them_are_none():
    assert levels(["a"] * 5 + ["b"] * 3 + ["c"] * 2) == ["a"] * 5 + ["other"] * 5
    assert levels(["a"] * 5 + ["b"] * 4) == ["a"] * 5 + [None] * 4
