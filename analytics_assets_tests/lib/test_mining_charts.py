"""Charts of what is mined: valid specifications, bounded pictures, and what they say."""

from __future__ import annotations

import json

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, mining_charts

LARGEST = 60_000


def outcome_rules(count):
    return pd.DataFrame(
        {
            "antecedent": [json.dumps([f"spec_id=a/rather/long/path/of/spec <{i}>", "x=y"]) for i in range(count)],
            "outcome": [("failed", "success", "oom")[i % 3] for i in range(count)],
            "both_count": range(10, 10 + count),
            "antecedent_count": range(20, 20 + count),
            "confidence": [0.5 + i / 1000 for i in range(count)],
            "rate_others": 0.2,
            "risk_difference": [0.3 + i / 1000 for i in range(count)],
            "is_significant": pd.array([True] * count, dtype="boolean"),
        }
    )


def clusters(count):
    return pd.DataFrame(
        {
            "algorithm": "k_means",
            "is_stable": pd.array([True] * count, dtype="boolean"),
            "name": [f"high cost of models, USD ({i}, others 1), low duration, s (3, others 9)" for i in range(count)],
            "members": range(10, 10 + count),
            "share": [0.01 + i / 1000 for i in range(count)],
            "failure_rate": [i / 1000 for i in range(count)],
        }
    )


CHARTS = {
    "outcome_rules": (mining_charts.outcome_rules, outcome_rules, 200),
    "clusters": (mining_charts.clusters, clusters, 8),
}


def values(spec):
    return spec["data"]["values"]


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("rows", ["one", "many"])
def test_every_chart_is_a_valid_specification_that_draws_small(name, rows):
    chart, frame, many = CHARTS[name]
    spec = chart(frame({"one": 1, "many": many}[rows]))
    alt.Chart.from_dict(spec)
    assert len(values(spec)) <= charts.MOST_BARS
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


def test_rules_stand_by_their_difference_with_their_counts_and_what_is_left_out():
    spec = mining_charts.outcome_rules(outcome_rules(30))
    assert [value["counts"] for value in values(spec)][:2] == ["39 of 49", "38 of 48"]
    assert {value["verdict"] for value in values(spec)} == {"better", "worse"}
    assert spec["title"]["subtitle"].endswith("; 20 of 30 rules")


def test_what_is_not_significant_or_not_stable_is_not_drawn():
    rules, groups = outcome_rules(3), clusters(3)
    rules.loc[0, "is_significant"], rules.loc[1, "is_significant"] = False, pd.NA
    assert len(values(mining_charts.outcome_rules(rules))) == 1
    groups.loc[0, "is_stable"], groups.loc[1, "algorithm"] = False, "hierarchical"
    assert len(values(mining_charts.clusters(groups))) == 1


@pytest.mark.parametrize("name", CHARTS)
def test_without_a_finding_there_is_nothing_to_draw(name):
    chart, frame, _ = CHARTS[name]
    with pytest.raises(charts.NothingToDrawError):
        chart(frame(0))


def test_a_kind_is_named_by_its_strongest_trait_with_its_share_of_failures():
    (value,) = values(mining_charts.clusters(clusters(1)))
    assert value["kind"] == "high cost of models, USD"
    assert value["counts"] == "10 runs, 0% fail"
