"""Rows of a frame as plain values."""

import numpy as np
import pandas as pd

from analytics_assets.lib.plain_rows import plain_rows


def test_missing_cells_of_a_table_are_none():
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [np.nan, 2.0]})
    assert plain_rows(frame) == [{"a": 1, "b": None}, {"a": None, "b": 2.0}]
