"""Frames in and out of the warehouse: types kept, one transaction, old rows or new ones."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
import pytest

from analytics_assets.warehouse import frames
from analytics_assets.warehouse.columns import Column
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema


@pytest.fixture
def con(inbox):
    with connect(inbox.settings) as connection:
        create_schema(connection)
        yield connection


def test_what_goes_in_comes_out_with_its_nulls(con):
    frame = pd.DataFrame(
        {
            "tool_name": ["grep", None],
            "calls": pd.array([1, None], dtype="Int64"),
            "rate": [0.5, None],
            "as_of": pd.to_datetime(["2026-01-05 10:00", None]),
        }
    )
    frames.write(con, "kpis", "one", frame=frame)
    assert con.execute("select * from kpis.one order by tool_name").fetchall() == [
        ("grep", 1, 0.5, pd.Timestamp("2026-01-05 10:00").to_pydatetime()),
        (None, None, None, None),
    ]
    assert len(frames.read(con, "kpis", "one")) == 2


def test_a_text_column_without_a_value_stays_a_text_column(con):
    frames.write(con, "kpis", "one", frame=pd.DataFrame({"words": pd.Series([None], dtype=object)}))
    frames.write(con, "kpis", "none", frame=pd.DataFrame({"words": pd.Series([], dtype=object)}))
    for table in ("one", "none"):
        assert con.execute(f"select column_type from (describe kpis.{table})").fetchone() == ("VARCHAR",)


def test_a_frame_that_cannot_be_written_leaves_the_old_rows(con):
    frames.write(con, "kpis", "one", frame=pd.DataFrame({"n": [1, 2]}))
    with pytest.raises(duckdb.Error):
        frames.write(con, "kpis", "one", frame=pd.DataFrame({"n": [1 + 2j]}))
    assert con.execute("select count(*) from kpis.one").fetchone() == (2,)


@pytest.mark.parametrize(
    ("stage", "frame", "message"),
    [
        ("nowhere", pd.DataFrame({"n": [1]}), "no such stage"),
        ("kpis", pd.DataFrame({0: [1]}), "without a name"),
    ],
)
def test_what_makes_no_table_is_refused(con, stage, frame, message):
    with pytest.raises(ValueError, match=message):
        frames.write(con, stage, "one", frame=frame)


def test_a_day_is_written_as_a_day_also_where_none_is_known(con):
    columns = (Column("day", "DATE", "A day."), Column("other", "DATE", "Never known."))
    frames.write(con, "kpis", "days", frame=frames.frame_of(columns, [{"day": date(2026, 3, 1)}, {}]))
    assert con.execute("select day, other from kpis.days order by day").fetchall() == [
        (date(2026, 3, 1), None),
        (None, None),
    ]
