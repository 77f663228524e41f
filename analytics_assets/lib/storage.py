"""What it costs to keep the data: bytes really used, by table, at a price per GiB and month."""

from __future__ import annotations

import pandas as pd

from analytics_assets.thresholds import DAYS_PER_MONTH, STORAGE_PRICE

GIB = float(2**30)


def storage_costs(tables: pd.DataFrame, price_usd_per_gib_month: float = STORAGE_PRICE.value) -> pd.DataFrame:
    """What each table's bytes cost. One row per table, as given, in tier and name order.

    ``tables`` has tier (1 raw, 2 summaries, 3 profiles), table_name, records and bytes. Added are
    price_usd_per_gib_month and cost_usd_per_day: bytes / 2^30 * price / 30.4375 days. A cost is NULL where
    the bytes are not known.
    """
    if price_usd_per_gib_month < 0:
        raise ValueError(f"a price is not negative: {price_usd_per_gib_month}")
    per_day = price_usd_per_gib_month / DAYS_PER_MONTH.value
    priced = tables.assign(
        cost_usd_per_day=tables["bytes"].astype("Float64") / GIB * per_day,
        price_usd_per_gib_month=price_usd_per_gib_month,
    )
    columns = ["tier", "table_name", "records", "bytes", "cost_usd_per_day", "price_usd_per_gib_month"]
    return priced.sort_values(["tier", "table_name"], ignore_index=True)[columns]


def bytes_by_table(segments: pd.DataFrame, block_bytes: int) -> pd.DataFrame:
    """Bytes of the database file that each table fills. One row per table: table_name, bytes.

    ``segments`` has one row per block that a segment of a table lies in (DuckDB's ``pragma_storage_info``,
    its ``block_id`` and each of ``additional_block_ids``): table_name, block_id. A block that several tables
    share is divided equally among them, so the bytes add up to the file. Block -1 stands for a constant that
    fills no block; a table with nothing else has 0 bytes.
    """
    placed = segments.drop_duplicates(["table_name", "block_id"])
    placed = placed[placed["block_id"].notna() & (placed["block_id"] >= 0)]
    sharers = placed.groupby("block_id")["table_name"].transform("nunique")
    filled = (block_bytes / sharers).groupby(placed["table_name"]).sum()
    every = pd.Index(sorted(segments["table_name"].unique()), name="table_name")
    return filled.reindex(every, fill_value=0.0).round().astype("int64").rename("bytes").reset_index()
