"""Charts of the health of the system: valid specifications, bounded pictures, and nothing drawn that is not known."""

from datetime import datetime, timedelta

import altair as alt
import pytest

from analytics_assets.defs.outcomes.system_kpis import COLUMNS
from analytics_assets.lib import charts, kpi_charts
from analytics_assets.system_kpis.definitions import KPIS, Measured
from analytics_assets.system_kpis.scoring import day_of
from analytics_assets.warehouse.frames import frame_of

LARGEST = 60_000
AS_OF = datetime(2026, 3, 1, 12)
UNKNOWN = Measured(None, 0, "nowhere", reason="nothing landed")


def days(count, known=lambda kpi: kpi.group != "ml"):
    """A frame of so many days; half of what is usual, of which all but one group is known."""
    measured = {kpi.name: Measured(0.5, 9, "x", usual=1.0) if known(kpi) else UNKNOWN for kpi in KPIS}
    rows = [
        row
        for back in range(count - 1, -1, -1)
        for row in day_of(measured, AS_OF - timedelta(days=back), is_stale=False)
    ]
    return frame_of(COLUMNS, rows)


@pytest.mark.parametrize("chart", [kpi_charts.health_over_days, kpi_charts.scores_today])
class TestEveryChart:
    @pytest.mark.parametrize("count", [1, 100])
    def test_is_a_valid_specification_and_a_small_picture(self, chart, count):
        spec = chart(days(count))
        alt.Chart.from_dict(spec)
        assert len(charts.png(spec)) < LARGEST

    def test_says_so_where_nothing_is_known(self, chart):
        with pytest.raises(charts.NothingToDrawError):
            chart(days(3, known=lambda _: False))
        with pytest.raises(charts.NothingToDrawError):
            chart(days(0))


def test_the_health_and_the_groups_have_a_line_each_and_no_point_where_it_is_not_known():
    values = kpi_charts.health_over_days(days(10))["data"]["values"]
    assert len(values) == 10 * 5
    assert {row["kpi_group"] for row in values if row["score"] is None} == {"ml"}


def test_a_year_is_cut_to_its_newest_quarter_and_it_is_said():
    spec = kpi_charts.health_over_days(days(120))
    assert len(spec["data"]["values"]) == 90 * 5
    assert "90 of 120 days" in spec["title"]["subtitle"]


def test_today_shows_the_newest_day_and_names_what_is_not_known():
    spec = kpi_charts.scores_today(days(10))
    values = spec["data"]["values"]
    assert [row["kpi"] for row in values] == [kpi.name for kpi in KPIS if kpi.score is not None]
    assert {row["kpi_group"] for row in values if row["note"] == "not known"} == {"ml"}
    assert {row["end"] for row in values if row["kpi"] == "system_uptime"} == {0.0}
    assert {row["note"] for row in values if row["kpi"] == "system_uptime"} == {"0.00"}
    assert spec["title"]["subtitle"].startswith("health score 0.")
