"""Charts of issues as they are drawn: axes, legends, marks and colours are those that were looked at and approved.

``approved_charts/`` holds what each drawing is made of, in words. Pixels may move; a colour, a label, a mark may not.
After a wanted change, look at the pictures, then: ``python -m analytics_assets_tests.lib.test_issue_chart_pictures``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics_assets.lib import charts, issue_charts, issue_heatmaps
from analytics_assets_tests.lib import issue_tables
from analytics_assets_tests.lib.drawn_structure import colours_in, colours_of, structure_of

APPROVED = Path(__file__).with_name("approved_charts")
DAYS = 30
CHARTS = {
    "health_trend": (issue_charts.health_trend, issue_tables.weekly_health, DAYS),
    "issue_velocity": (issue_charts.issue_velocity, issue_tables.weekly_issues, DAYS),
    "category_distribution": (issue_charts.category_distribution, issue_tables.weekly_issues, DAYS),
    "time_to_fix": (issue_charts.time_to_fix, issue_tables.issue_features, DAYS),
    "root_cause_heatmap": (issue_heatmaps.root_cause_heatmap, issue_tables.weekly_issues, DAYS),
    "correlation_heatmap": (issue_heatmaps.correlation_heatmap, issue_tables.correlations, 5),
}


def spec_of(name):
    chart, table, size = CHARTS[name]
    return chart(table(size))


def approved(name):
    return json.loads((APPROVED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CHARTS)
def test_the_drawing_is_made_of_what_was_approved(name):
    assert structure_of(charts.svg(spec_of(name))) == approved(name)


@pytest.mark.parametrize("name", CHARTS)
def test_the_picture_has_every_colour_that_was_approved(name):
    missing = colours_of(approved(name)) - colours_in(charts.png(spec_of(name)))
    assert not missing
    assert colours_of(approved(name))


def test_another_colour_another_axis_or_another_mark_is_another_drawing():
    was = approved("issue_velocity")
    changed = []
    for change in (
        lambda spec: spec["layer"][0]["encoding"]["color"]["scale"].update(range=["#000000"] * 4),
        lambda spec: spec["layer"][0]["encoding"]["y"].update(title="issues"),
        lambda spec: spec["layer"][1]["encoding"]["y"]["scale"].update(type="sqrt"),
        lambda spec: spec["layer"][1].update(mark={"type": "area", "color": issue_charts.INK}),
        lambda spec: spec["data"]["values"].pop(),
    ):
        spec = spec_of("issue_velocity")
        change(spec)
        changed.append(structure_of(charts.svg(spec)))
    assert was not in changed


def test_a_colour_that_a_picture_lacks_is_seen():
    spec = spec_of("issue_velocity")
    spec["layer"][0]["encoding"]["color"]["scale"]["range"] = ["#000000"] * 4
    assert colours_of(approved("issue_velocity")) - colours_in(charts.png(spec))


if __name__ == "__main__":
    APPROVED.mkdir(exist_ok=True)
    for chart_name in CHARTS:
        said = json.dumps(structure_of(charts.svg(spec_of(chart_name))), indent=2, ensure_ascii=False)
        (APPROVED / f"{chart_name}.json").write_text(said + "\n", encoding="utf-8")
