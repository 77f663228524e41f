"""Charts of issues: valid specifications, bounded pictures, gaps where nothing is known, and what they say."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, issue_charts, issue_heatmaps
from analytics_assets.lib.charts import NothingToDrawError
from analytics_assets_tests.lib.issue_tables import correlations, issue_features, weekly_health, weekly_issues

LARGEST = 60_000
CHARTS = {
    "health_trend": (issue_charts.health_trend, weekly_health),
    "issue_velocity": (issue_charts.issue_velocity, weekly_issues),
    "category_distribution": (issue_charts.category_distribution, weekly_issues),
    "time_to_fix": (issue_charts.time_to_fix, issue_features),
    "root_cause_heatmap": (issue_heatmaps.root_cause_heatmap, weekly_issues),
}


def week(monday, **fields):
    usual = {
        "category": "agents",
        "priority": 1,
        "root_cause_id": "RCA-001",
        "new_issues": 0,
        "reopened_issues": 0,
        "open_issues": 0,
        "as_of": pd.Timestamp("2026-12-01"),
    }
    return {"week": pd.Timestamp(monday), **usual, **fields}


def values(spec):
    return spec["data"]["values"]


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("days", [1, 30, 900])
def test_every_chart_is_a_valid_specification_that_draws_small(name, days):
    chart, table = CHARTS[name]
    spec = chart(table(days))
    alt.Chart.from_dict(spec)
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


@pytest.mark.parametrize("variables", [2, 3, 9])
def test_the_matrix_is_a_valid_specification_that_draws_small(variables):
    table = correlations(variables).fillna({"rank_correlation": 0.1})
    spec = issue_heatmaps.correlation_heatmap(table)
    alt.Chart.from_dict(spec)
    assert len(charts.png(spec)) < LARGEST


@pytest.mark.parametrize("name", CHARTS)
def test_a_table_without_rows_has_no_chart(name):
    chart, table = CHARTS[name]
    with pytest.raises(NothingToDrawError):
        chart(table(30).head(0))


def test_no_chart_is_drawn_where_every_figure_is_missing():
    with pytest.raises(NothingToDrawError, match="health"):
        issue_charts.health_trend(weekly_health(30).assign(health_score=None))
    with pytest.raises(NothingToDrawError, match="time to fix"):
        issue_charts.time_to_fix(issue_features(30).assign(days_to_fix=None))
    with pytest.raises(NothingToDrawError, match="correlation"):
        issue_heatmaps.correlation_heatmap(correlations(4).assign(rank_correlation=None))


def test_a_week_without_a_score_is_a_gap_and_other_scopes_have_no_line():
    rows = values(issue_charts.health_trend(weekly_health(30)))
    assert {row["scope"] for row in rows} == {"overall", "planning", "commands", "agents"}
    assert [row["week"] for row in rows if row["scope"] == "overall" and row["health_score"] is None] == ["2026-11-02"]


def test_a_scope_without_any_score_has_no_line_and_no_word_in_the_legend():
    table = weekly_health(30)
    table.loc[table["scope"] == "agents", "health_score"] = None
    line = issue_charts.health_trend(table)["layer"][-1]
    assert line["encoding"]["color"]["scale"]["domain"] == ["overall", "planning", "commands"]


def test_health_says_its_last_score_and_how_it_moved():
    weeks = pd.date_range("2026-01-05", periods=5, freq="7D")
    table = pd.DataFrame(
        {"week": weeks, "scope": "overall", "health_score": [75, 74, 73, 74, 72.0], "source": "issues", "issue_debt": 9}
    )
    told = issue_charts.health_trend(table)["title"]["subtitle"]
    assert told == "overall 72 % in the week of 2026-02-02, \N{MINUS SIGN}3 points in 4 weeks"
    assert issue_charts.health_trend(table.tail(2))["title"]["subtitle"] == "overall 72 % in the week of 2026-02-02"


def test_bars_of_a_week_stand_on_each_other_with_the_critical_ones_at_the_bottom():
    table = pd.DataFrame([week("2026-01-05", priority=2, new_issues=3), week("2026-01-05", priority=0, new_issues=1)])
    boxes = [(row["priority"], row["bottom"], row["top"]) for row in values(issue_charts.issue_velocity(table))]
    assert boxes == [("P0", 0, 1), ("P2", 1, 4)]


def test_a_week_in_which_nothing_is_open_is_a_zero_of_the_line():
    table = pd.DataFrame([week("2026-01-05", new_issues=2, open_issues=2), week("2026-01-19", new_issues=1)])
    spec = issue_charts.issue_velocity(table)
    line = spec["layer"][1]["data"]["values"]
    assert [(row["week"], row["open"]) for row in line] == [("2026-01-05", 2), ("2026-01-12", 0), ("2026-01-19", 0)]
    assert spec["title"]["subtitle"].startswith(
        "0 open; net change of the last 2 weeks: \N{MINUS SIGN}2 (target: below"
    )


def test_a_last_week_that_is_not_over_is_said():
    table = pd.DataFrame([week("2026-01-05", new_issues=2, as_of=pd.Timestamp("2026-01-09 10:00"))])
    for chart in (issue_charts.issue_velocity, issue_charts.category_distribution):
        assert chart(table)["title"]["subtitle"].endswith("; the last week up to 2026-01-09")
        assert "up to" not in chart(table.assign(as_of=pd.Timestamp("2026-01-12")))["title"]["subtitle"]


def test_every_new_issue_is_in_the_bars_of_both_charts():
    table = weekly_issues(300)
    for chart in (issue_charts.issue_velocity, issue_charts.category_distribution):
        assert sum(row["new_issues"] for row in values(chart(table))) == table["new_issues"].sum()


def test_the_category_with_most_issues_is_named_and_many_free_ones_become_one():
    table = pd.DataFrame(
        [week("2026-01-05", category=name, new_issues=n) for name, n in zip("abcdef", range(6, 0, -1), strict=True)]
    )
    spec = issue_charts.category_distribution(table)
    assert spec["title"]["subtitle"] == "a: 6 of 21 new issues (29 %)"
    assert {row["category"]: row["new_issues"] for row in values(spec)} == {"a": 6, "b": 5, "others": 10}


def test_a_box_has_the_quartiles_of_its_priority_and_none_where_nothing_was_fixed():
    table = pd.DataFrame({"priority": [1] * 5 + [3], "days_to_fix": [1.0, 2, 3, 4, 100, None]})
    boxes = {row["priority"]: row for row in values(issue_charts.time_to_fix(table))}
    assert [boxes["P1"][name] for name in ("q1", "median", "q3", "n", "target")] == [2, 3, 4, 5, 7]
    assert boxes["P0"]["median"] is None
    assert boxes["P3"]["said"] == "none fixed"
    assert boxes["P3"]["target"] is None


def test_the_targets_are_met_by_what_took_less_than_them():
    table = pd.DataFrame({"priority": [0, 0, 1, 1, 1], "days_to_fix": [0.0, 1.0, 6.9, 7.0, 8.0]})
    told = issue_charts.time_to_fix(table)["title"]["subtitle"][0]
    assert told == "P0 within 1 day: 50 % of 2; P1 within 7 days: 33 % of 3"
    assert "P0 within 1 day: none fixed" in issue_charts.time_to_fix(table.tail(3))["title"]["subtitle"][0]


def test_root_causes_that_still_bring_issues_are_counted_and_the_most_frequent_stand_first():
    table = pd.DataFrame(
        [
            week("2026-01-05", root_cause_id="RCA-1", new_issues=2),
            week("2026-03-02", root_cause_id="RCA-2", new_issues=2, reopened_issues=1),
            week("2026-03-02", root_cause_id=None, new_issues=9),
        ]
    )
    spec = issue_heatmaps.root_cause_heatmap(table)
    assert spec["title"]["subtitle"] == "1 of 2 root causes brought issues in the last 4 weeks; white: none"
    assert spec["encoding"]["x"]["sort"] == ["not traced", "RCA-2", "RCA-1"]
    assert {(row["cause"], row["issues"]) for row in values(spec)} == {("not traced", 9), ("RCA-2", 3), ("RCA-1", 2)}
    assert len(spec["encoding"]["y"]["scale"]["domain"]) == 9, "weeks without an issue keep their row"


def test_more_root_causes_than_there_is_room_for_are_said():
    table = pd.DataFrame([week("2026-01-05", root_cause_id=f"RCA-{n}", new_issues=n + 1) for n in range(40)])
    assert "16 of 40 root causes" in issue_heatmaps.root_cause_heatmap(table)["title"]["subtitle"]


def test_both_halves_of_the_matrix_are_the_same_and_an_unmeasured_pair_is_empty():
    table = correlations(4)
    cells = {(row["row"], row["column"]): row for row in values(issue_heatmaps.correlation_heatmap(table))}
    assert len(cells) == 2 * table["rank_correlation"].notna().sum()
    assert all(cells[b, a]["rank_correlation"] == cell["rank_correlation"] for (a, b), cell in cells.items())
    assert ("files affected count", "lines over limit") not in cells


def test_a_significant_correlation_has_its_mark_at_the_figure_that_was_tested():
    pair = {"variable_a": "days_open", "variable_b": "time_spent_minutes", "n": 30, "p_adjusted": 0.01}
    pair |= {"correlation": 0.02, "correlation_low": -0.34, "correlation_high": 0.38}
    table = pd.DataFrame([{**pair, "rank_correlation": -0.5, "is_significant": True}])
    spec = issue_heatmaps.correlation_heatmap(table)
    assert values(spec)[0]["said"] == "\N{MINUS SIGN}0.50*"
    assert spec["title"]["subtitle"][0].startswith("rank correlation; * 1 of 1 compared pairs are significant")
    cells = spec["layer"][0]["encoding"]
    assert cells["color"]["field"] == "rank_correlation"
    assert {"field": "correlation", "title": "Pearson"} in cells["tooltip"]
    assert (values(spec)[0]["correlation_low"], values(spec)[0]["correlation_high"]) == (-0.34, 0.38)


def test_names_that_cannot_be_drawn_are_drawn_without_what_cannot():
    table = pd.DataFrame([week("2026-01-05", category="a\x00b", root_cause_id="\N{ROCKET}" * 60, new_issues=1)])
    for chart in (issue_charts.category_distribution, issue_heatmaps.root_cause_heatmap):
        assert charts.svg(chart(table)).startswith("<svg")
