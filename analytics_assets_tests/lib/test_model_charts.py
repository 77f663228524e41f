"""Charts of models of failing runs: valid, bounded, of the newest version, and from what the judging says."""

import json

import altair as alt
import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib import charts, model_charts
from analytics_assets.predicting.scoring import scores

LARGEST = 60_000


def metrics(versions=("v9", "v10")):
    rows = []
    for version in versions:
        rng = np.random.default_rng(int(version[1:]))
        p = rng.random(800)
        y = (rng.random(800) < p).astype(float)
        found, flat = scores(y, p), scores(y, np.full(800, 0.5))
        for dataset in ("time_split", "rolling_origin"):
            for name in ("roc", "reliability"):
                told = {"points": found.points()[name], "baselines": {"constant": flat.points()[name]}, "n": 800}
                value = found.auc if name == "roc" else found.calibration_error
                rows.append(("failure_risk", version, name, value, dataset, json.dumps(told)))
            rows.append(("failure_risk", version, "brier", found.brier, dataset, None))
    columns = ("model_name", "version", "metric_name", "metric_value", "evaluation_dataset", "evaluation_context")
    return pd.DataFrame(rows, columns=list(columns))


def features(count=60):
    rows = [("failure_risk", v, f"feature_{n}", n / 1_000) for v in ("v9", "v10") for n in range(count)]
    rows += [("run_cost", "v11", "feature_0", 1.0)] if count else []
    return pd.DataFrame(rows, columns=["model_name", "version", "feature_name", "feature_importance"])


CHARTS = {
    "roc": (model_charts.roc, metrics),
    "reliability": (model_charts.reliability, metrics),
    "importance": (model_charts.importance, features),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("is_empty", [True, False])
def test_every_chart_is_a_valid_specification_that_draws_small(name, is_empty):
    chart, table = CHARTS[name]
    frame = table()
    spec = chart(frame.iloc[:0] if is_empty else frame)
    alt.Chart.from_dict(spec)
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


def test_the_newest_version_is_drawn_on_the_time_split_with_its_figure():
    spec = model_charts.roc(metrics())
    assert "failure_risk v10, area under the curve 0." in spec["title"]["subtitle"]
    drawn = pd.DataFrame(spec["data"]["values"])
    assert set(drawn["answer"]) == {"model", "constant"}
    own = drawn[drawn["answer"] == "model"]
    assert len(own) <= 50
    assert np.trapezoid(own["tpr"], own["fpr"]) == pytest.approx(
        metrics(("v10",)).query("metric_name == 'roc'")["metric_value"].iloc[0], abs=0.01
    )


def test_the_points_of_reliability_have_intervals_round_their_share():
    points = model_charts.reliability(metrics())["data"]["values"]
    assert len(points) == 10
    assert all(point["share_low"] <= point["failed_share"] <= point["share_high"] for point in points)
    assert sum(point["n"] for point in points) == 800


def test_importance_is_that_of_one_model_the_largest_first_and_says_what_it_leaves_out():
    spec = model_charts.importance(features())
    drawn = [row["feature_name"] for row in spec["data"]["values"]]
    assert drawn[0] == "feature_59"
    assert len(drawn) == charts.MOST_BARS
    assert spec["title"]["subtitle"] == "20 of 59 features"


def test_a_table_without_a_curve_is_no_chart():
    table = metrics().query("metric_name == 'brier'")
    with pytest.raises(charts.NothingToDrawError):
        model_charts.roc(table)
