"""The chart of alerts: a valid specification, a bounded picture, and what it says."""

from datetime import datetime, timedelta

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import alert_charts, charts

AS_OF = datetime(2026, 3, 4, 12, 30)
LARGEST = 60_000


def alerts(count):
    starts = [AS_OF - timedelta(hours=5 * number) for number in range(count)]
    return pd.DataFrame(
        {
            "first_seen_at": pd.Series(starts, dtype="datetime64[us]"),
            "as_of": pd.Series([AS_OF] * count, dtype="datetime64[us]"),
            "alert_type": pd.Series([list(alert_charts.TYPES)[n % 4] for n in range(count)], dtype="object"),
            "severity": pd.Series([list(alert_charts.COLOURS)[n % 3] for n in range(count)], dtype="object"),
            "state": pd.Series([("open", "resolved", "suppressed")[n % 3] for n in range(count)], dtype="object"),
        }
    )


@pytest.mark.parametrize("count", [1, 5_000])
def test_it_is_a_valid_specification_that_draws_small(count):
    spec = alert_charts.alerts_by_day(alerts(count))
    alt.Chart.from_dict(spec)
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


def test_alerts_are_counted_by_day_type_and_severity():
    spec = alert_charts.alerts_by_day(pd.concat([alerts(3), alerts(3)]))
    assert [(row["day"][:10], row["type"], row["severity"], row["alerts"]) for row in spec["data"]["values"]] == [
        ("2026-03-04", "error rate", "high", 2),
        ("2026-03-04", "performance", "critical", 2),
        ("2026-03-04", "resources", "medium", 2),
    ]
    assert spec["title"]["subtitle"] == "alerts by the day on which they began: 6 in two weeks, 2 last"


def test_what_began_before_two_weeks_is_left_out():
    spec = alert_charts.alerts_by_day(alerts(200))
    assert min(row["day"] for row in spec["data"]["values"]).startswith("2026-02-19")


@pytest.mark.parametrize("frame", [alerts(0), alerts(1).assign(first_seen_at=AS_OF - timedelta(days=20))])
def test_where_nothing_is_to_be_drawn_it_says_so(frame):
    with pytest.raises(charts.NothingToDrawError):
        alert_charts.alerts_by_day(frame)
