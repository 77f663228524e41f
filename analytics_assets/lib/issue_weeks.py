"""Weekly counts of issues as charts need them: every week of a bounded span, sums, and words."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analytics_assets.issue_thresholds import ISSUE_WEEKS
from analytics_assets.lib.charts import label
from analytics_assets.lib.run_charts import told_apart

WEEK = pd.Timedelta(days=7)
MINUS = "\N{MINUS SIGN}"


def last_weeks(weekly: pd.DataFrame) -> pd.DataFrame:
    """The rows of the newest weeks, with ``week`` as a timestamp of its Monday."""
    dated = weekly.assign(week=pd.to_datetime(weekly["week"]))
    newest = dated["week"].max()
    recent: pd.DataFrame = dated.loc[dated["week"] > newest - pd.Timedelta(weeks=int(ISSUE_WEEKS.value))]
    return recent.sort_values("week")


def so_far(weekly: pd.DataFrame) -> str:
    """What to add to the words of a chart whose last week is not over: its bar is still growing."""
    end, newest = pd.to_datetime(weekly["as_of"]).max(), weekly["week"].max()
    return f"; the last week up to {end:%Y-%m-%d}" if end < newest + WEEK else ""


def every_week(counts: pd.Series[float]) -> pd.Series[float]:
    """Counts by week with the weeks between that have none: there nothing happened, which is 0."""
    if counts.empty:
        return counts
    weeks = pd.date_range(counts.index.min(), counts.index.max(), freq="7D", name="week")
    return counts.reindex(weeks, fill_value=0)


def counted_per_week(weekly: pd.DataFrame, dimension: str, count: str) -> pd.DataFrame:
    """One row per week and value of the dimension that has any: ``week``, the dimension, the count."""
    sums = weekly.groupby(["week", dimension], as_index=False, observed=True)[count].sum()
    some: pd.DataFrame = sums.loc[sums[count] > 0]
    return some.reset_index(drop=True)


def stacked(new: pd.DataFrame, dimension: str, order: Iterable[str]) -> pd.DataFrame:
    """Counts as boxes of a week's width, one on the other: Vega-Lite stacks no bars whose two ends are given."""
    ranked = new.assign(rank=new[dimension].map({name: place for place, name in enumerate(order)}))
    ranked = ranked.sort_values(["week", "rank"]).drop(columns="rank")
    top = ranked.groupby("week")["new_issues"].cumsum()
    return as_dates(ranked.assign(end=ranked["week"] + WEEK, bottom=top - ranked["new_issues"], top=top))


def as_dates(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with days as texts: JavaScript takes a bare date as UTC, and a time without a zone as local."""
    days = rows.select_dtypes("datetime").columns
    return rows.assign(**{day: rows[day].dt.strftime("%Y-%m-%d") for day in days})


def signed(value: float, digits: int = 0) -> str:
    """With its sign; 0 has none."""
    rounded = round(value, digits)
    sign = MINUS if rounded < 0 else "+" if rounded > 0 else ""
    return f"{sign}{abs(rounded):.{digits}f}"


def drawable(names: pd.Series[str]) -> pd.Series[str]:
    """Names as they can stand in titles and scales too: as short and clean there as in the values."""
    known = list(dict.fromkeys(names))
    return names.map(dict(zip(known, map(label, told_apart(known)), strict=True)))
