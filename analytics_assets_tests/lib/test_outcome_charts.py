"""Charts of outcomes: valid specifications, bounded pictures, nothing drawn that was not measured."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib import charts, outcome_charts
from analytics_assets.lib.rates import wilson_interval

LARGEST = 60_000


def calibration(count):
    rows = []
    for number in range(count):
        n, confidence = (7 * number) % 50, 0.5 + (number % 5) / 10
        interval = wilson_interval(round(n * confidence), n)
        rows.append(
            {
                "source": ["backtest", "verdicts"][number % 2],
                "n": n,
                "mean_confidence": confidence + 0.05 if n else None,
                "held_share": confidence if n else None,
                "held_share_low": interval.low if interval else None,
                "held_share_high": interval.high if interval else None,
            }
        )
    return pd.DataFrame(rows, columns=["source", "n", "mean_confidence", *SHARES])


SHARES = ["held_share", "held_share_low", "held_share_high"]


def effectiveness(count):
    rng = np.random.default_rng(0)
    difference = rng.uniform(-0.5, 0.5, count)
    return pd.DataFrame(
        {
            "id": [f"decision-{n:04}" for n in range(count)],
            "rule": "memory_raise",
            "spec_id": np.where(np.arange(count) % 7 == 6, None, "a-spec-with-a-name"),
            "spec_type": None,
            "implementation_date": pd.date_range("2026-01-01", periods=count),
            "difference": np.where(np.arange(count) % 5 == 4, np.nan, difference),
            "difference_low": difference - 0.1,
            "difference_high": difference + 0.1,
            "verdict": np.resize(["worked", "no effect", "harmed", "measuring"], count),
            "baseline_success_rate": 0.5,
            "baseline_runs": 40,
            "after_success_rate": 0.5 + difference,
            "after_runs": 40,
        }
    )


def rule_scores(count):
    return pd.DataFrame(
        {
            "rule": [f"rule_{n}" for n in range(count)],
            "testable": [n % 4 * 10 for n in range(count)],
            "held_share": 0.8,
            "held_share_low": 0.6,
            "held_share_high": 0.9,
            "mean_confidence": 0.85,
        }
    )


CHARTS = {
    "reliability": (outcome_charts.reliability, calibration, 12),
    "effects": (outcome_charts.effects, effectiveness, 100),
    "promises": (outcome_charts.promises, rule_scores, 12),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("rows", ["none", "one", "many"])
def test_every_chart_is_a_valid_specification_that_draws_small(name, rows):
    chart, frame, many = CHARTS[name]
    spec = chart(frame({"none": 0, "one": 1, "many": many}[rows]))
    alt.Chart.from_dict(spec)
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


def test_bins_without_a_suggestion_are_not_drawn():
    values = outcome_charts.reliability(calibration(12))["data"]["values"]
    assert len(values) == (calibration(12)["n"] > 0).sum()


def test_the_newest_applications_are_drawn_and_what_is_left_out_is_said():
    spec = outcome_charts.effects(effectiveness(100))
    assert spec["title"]["subtitle"] == "20 of 80 applications"
    assert spec["data"]["values"][0]["label"] == "memory_raise a-spec-with-a-name 0098"
    assert outcome_charts.effects(effectiveness(5))["title"]["subtitle"] == "without runs on a side: 1"


def test_a_change_that_is_about_no_single_spec_has_a_label_too():
    labels = [value["label"] for value in outcome_charts.effects(effectiveness(7))["data"]["values"]]
    assert "memory_raise all specs 0006" in labels


def test_rules_that_could_not_be_tested_are_counted_and_not_drawn():
    spec = outcome_charts.promises(rule_scores(12))
    assert len(spec["data"]["values"]) == 9
    assert spec["title"]["subtitle"].endswith("without a test: 3 rules")
