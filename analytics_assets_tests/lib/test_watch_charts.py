"""Charts of models in use: valid, bounded, in order, and silent where there is nothing to show."""

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, watch_charts
from analytics_assets.lib.charts import NothingToDrawError

WEEKS = pd.DataFrame(
    [
        ("failure_risk", "v1", role, week, 40, share)
        for role, share in (("champion", 0.8), ("shadow", 0.2))
        for week in pd.date_range("2026-03-02", periods=3, freq="7D")
    ],
    columns=["model_name", "version", "role", "week", "n", "accuracy"],
)
DRIFTS = pd.DataFrame(
    [("failure_risk", f"feature_{n}", n / 60, n > 40) for n in range(60)] + [("failure_risk", "new", None, None)],
    columns=["model_name", "feature_name", "drift_score", "is_drifted"],
)
OUTLOOK = pd.DataFrame(
    [(f"spec-{n}", None if n % 2 else "m", n / 60, n / 80, n / 50, 12) for n in range(50)],
    columns=["spec_id", "model", "failure_probability", "failed_share_low", "failed_share_high", "runs"],
)
CHARTS = {
    "accuracy_by_week": (watch_charts.accuracy_by_week, WEEKS),
    "drift_scores": (watch_charts.drift_scores, DRIFTS),
    "riskiest_runs": (watch_charts.riskiest_runs, OUTLOOK),
}


def drawn(spec):
    """Its rows, where a chart keeps them."""
    return next(iter(spec["datasets"].values())) if "datasets" in spec else spec["data"]["values"]


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_a_valid_specification_that_draws(name):
    chart, table = CHARTS[name]
    spec = chart(table)
    alt.Chart.from_dict(spec)
    assert charts.png(spec).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", CHARTS)
def test_a_table_without_anything_to_show_is_not_drawn(name):
    chart, table = CHARTS[name]
    with pytest.raises(NothingToDrawError):
        chart(table.iloc[:0])


def test_only_the_answers_that_count_are_drawn():
    assert {row["accuracy"] for row in drawn(watch_charts.accuracy_by_week(WEEKS))} == {0.8}


def test_what_moved_most_comes_first_and_what_was_not_compared_is_left_out():
    spec = watch_charts.drift_scores(DRIFTS)
    scores = [row["drift_score"] for row in drawn(spec)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(59 / 60)
    assert len(scores) == charts.MOST_BARS
    assert spec["layer"][0]["encoding"]["y"]["sort"][0] == "failure_risk feature_59"


def test_the_riskiest_run_comes_first_by_name():
    spec = watch_charts.riskiest_runs(OUTLOOK)
    assert spec["layer"][1]["encoding"]["y"]["sort"][:2] == ["spec-49 with no model named", "spec-48 with m"]
