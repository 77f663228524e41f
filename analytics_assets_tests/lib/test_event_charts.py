"""Charts of leads and of what events did: valid specifications, bounded pictures, and what they say."""

import json
from datetime import datetime, timedelta

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, event_charts

LARGEST = 60_000
START = datetime(2026, 1, 5)


def signal_leads(count):
    return pd.DataFrame(
        {
            "leader": [f"metric/some_component/a_rather_long_leader_{n}" for n in range(count)],
            "follower": [f"metric/api/follower_{n}" for n in range(count)],
            "direction": ["together" if n % 2 else "leads" for n in range(count)],
            "p_adjusted": [n / 1_000 for n in range(count)],
            "is_significant": pd.array([True] * count, dtype="boolean"),
            "correlations": [json.dumps([None if lag == 9 else lag / 30 for lag in range(-24, 25)])] * count,
        }
    )


def impacts(count):
    kinds = ("none", "degradation", "improvement", "unknown")
    return pd.DataFrame(
        {
            "occurred_at": [START + timedelta(hours=n) for n in range(count)],
            "event_type": ["deployment" if n % 3 else "configuration_change" for n in range(count)],
            "impact_type": [kinds[n % 4] for n in range(count)],
            "impact_magnitude": [n % 7 - 3.0 for n in range(count)],
            "is_significant": pd.array([n % 50 == 1 for n in range(count)], dtype="boolean"),
            "signal": [f"metric/api/signal_{n}" for n in range(count)],
        }
    )


@pytest.mark.parametrize(
    ("chart", "frame", "most"), [(event_charts.leads, signal_leads, 4 * 49), (event_charts.impacts, impacts, 200)]
)
@pytest.mark.parametrize("rows", [1, 1_000])
def test_every_chart_is_a_valid_specification_that_draws_small(chart, frame, most, rows):
    spec = chart(frame(rows))
    alt.Chart.from_dict(spec)
    assert len(spec["data"]["values"]) <= most
    assert len(charts.png(spec)) < LARGEST


@pytest.mark.parametrize(("chart", "frame"), [(event_charts.leads, signal_leads), (event_charts.impacts, impacts)])
def test_without_rows_there_is_nothing_to_draw(chart, frame):
    with pytest.raises(charts.NothingToDrawError):
        chart(frame(0))


def test_a_chart_of_leads_shows_the_surest_that_lead_with_their_lags():
    spec = event_charts.leads(signal_leads(20))
    values = spec["data"]["values"]
    assert values[0]["pair"] == "…her_long_leader_0 to follower_0"
    assert [value["lag_hours"] for value in values[:49]] == list(range(-24, 25))
    assert len({value["pair"] for value in values}) == 4
    assert "4 of 10" in json.dumps(spec["title"])


def test_where_none_leads_those_that_go_together_are_shown():
    spec = event_charts.leads(signal_leads(20).query("direction == 'together'"))
    assert len({value["pair"] for value in spec["data"]["values"]}) == 4


def test_only_what_an_event_changed_is_named():
    values = event_charts.impacts(impacts(60))["data"]["values"]
    assert sorted(value["signal"] for value in values if value["signal"]) == [
        "metric/api/signal_1",
        "metric/api/signal_51",
    ]
