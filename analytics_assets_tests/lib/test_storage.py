"""What keeping the data costs, and how many bytes it is."""

import math

import pandas as pd
import pytest

from analytics_assets.lib.storage import bytes_by_table, storage_costs

GIB = 2**30


def tables(*rows):
    return pd.DataFrame(rows, columns=["tier", "table_name", "records", "bytes"])


def test_a_gib_for_a_year_costs_twelve_months():
    cost = storage_costs(tables((1, "executions", 10, GIB)), price_usd_per_gib_month=0.18)
    assert cost["cost_usd_per_day"].iloc[0] * 365.25 == pytest.approx(12 * 0.18)


def test_seven_megabytes_cost_less_than_a_hundredth_of_a_cent_a_day():
    # The estimate of the analytics engine this follows: about 7 MB for about 0.0001 USD a day.
    cost = storage_costs(tables((1, "executions", 10_000, 7_000_000)))["cost_usd_per_day"].iloc[0]
    assert cost == pytest.approx(7_000_000 / GIB * 0.18 / 30.4375)
    assert 0.00001 < cost < 0.0001


def test_every_table_has_a_row_in_tier_order():
    costs = storage_costs(tables((3, "tool_profiles", 1, 5), (1, "runs", 2, 6), (1, "executions", 0, 0)), 1.0)
    assert costs[["tier", "table_name", "records"]].values.tolist() == [
        [1, "executions", 0],
        [1, "runs", 2],
        [3, "tool_profiles", 1],
    ]
    assert costs["cost_usd_per_day"].iloc[0] == 0.0
    assert list(costs.columns) == [
        "tier",
        "table_name",
        "records",
        "bytes",
        "cost_usd_per_day",
        "price_usd_per_gib_month",
    ]


def test_bytes_that_are_not_known_have_no_cost():
    assert storage_costs(tables((1, "executions", 3, None)))["cost_usd_per_day"].iloc[0] is pd.NA


@pytest.mark.parametrize("price", [-1.0, -0.001])
def test_a_negative_price_is_an_error(price):
    with pytest.raises(ValueError, match="not negative"):
        storage_costs(tables((1, "executions", 1, 1)), price)


def test_the_bytes_of_all_tables_add_up_to_the_blocks():
    segments = pd.DataFrame(
        [
            ("big", 1),
            ("big", 1),
            ("big", 2),
            ("big", 3),
            ("small", 3),
            ("tiny", 3),
            ("flat", -1),
            ("none", math.nan),
        ],
        columns=["table_name", "block_id"],
    )
    sizes = bytes_by_table(segments, block_bytes=300).set_index("table_name")["bytes"]
    assert sizes.to_dict() == {"big": 700, "small": 100, "tiny": 100, "flat": 0, "none": 0}
    assert sizes.sum() == 3 * 300
