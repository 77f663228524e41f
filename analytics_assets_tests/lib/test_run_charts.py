"""Charts of runs: valid specifications, bounded pictures, and what they say."""

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, run_charts
from analytics_assets.lib.rates import wilson_interval

LARGEST = 60_000


def model_effectiveness(count):
    counts = [(2 + i % 9, 10 + i) for i in range(count)]
    return pd.DataFrame(
        {
            "spec_type": [None if i == 0 else f"family_of_specs_{i // 4}" for i in range(count)],
            "model": [None if i == 1 else f"model {i % 4}" for i in range(count)],
            "runs": [n for _, n in counts],
            "success_rate": [k / n for k, n in counts],
            "success_rate_low": [wilson_interval(k, n).low for k, n in counts],
            "success_rate_high": [wilson_interval(k, n).high for k, n in counts],
        }
    )


def spec_quality(count):
    return pd.DataFrame(
        {
            "spec_id": [f"specs/a/rather/long/path/to/the/document/of/spec_{i}.json" for i in range(count)],
            "runs_count": range(10, 10 + count),
            "success_count": range(count),
            "success_rate": [i / (10 + i) for i in range(count)],
            "needs_review": pd.array([i < 12 for i in range(count)], dtype="boolean"),
            "quality_score": [100 * i / (10 + i) for i in range(count)],
        }
    )


def resource_usage_profiles(count):
    frame = pd.DataFrame(
        {
            "spec_id": [f"specs/spec_{i // 2}.json" for i in range(count)],
            "memory_limit": [("2Gi", "4Gi")[i % 2] for i in range(count)],
            "cpu_limit": [None if i % 3 else "500m" for i in range(count)],
            "runs": 40,
            "oom_runs": [35 if i == 0 else 3 * (i % 3) for i in range(count)],
            "memory_limit_mb": [(2048.0, 4096.0)[i % 2] for i in range(count)],
            "memory_p50_mb": [None if i == 0 else 300.0 + 17 * i for i in range(count)],
        }
    )
    frame["memory_p50_mb"] = frame["memory_p50_mb"].astype(float)
    return frame.assign(
        oom_share=frame["oom_runs"] / 40,
        memory_p95_mb=frame["memory_p50_mb"] * 1.4,
        memory_p99_mb=frame["memory_p50_mb"] * 1.7,
    )


CHARTS = {
    "models": (run_charts.models, model_effectiveness, 200),
    "spec_scores": (run_charts.spec_scores, spec_quality, 200),
    "memory_use": (run_charts.memory_use, resource_usage_profiles, 200),
}


def _values(spec):
    return spec["data"]["values"]


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("rows", ["none", "one", "many"])
def test_every_chart_is_a_valid_specification_that_draws_small(name, rows):
    chart, frame, many = CHARTS[name]
    spec = chart(frame({"none": 0, "one": 1, "many": many}[rows]))
    alt.Chart.from_dict(spec)
    assert len(_values(spec)) <= charts.MOST_BARS
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


def test_a_chart_says_how_it_is_read_and_what_it_leaves_out():
    few, many = (run_charts.spec_scores(spec_quality(n))["title"]["subtitle"] for n in (20, 30))
    assert few == "worst first, with the runs that succeeded"
    assert many == "worst first, with the runs that succeeded; 20 of 30 specs"
    subtitle = run_charts.models(model_effectiveness(30))["title"]["subtitle"]
    assert subtitle.endswith("; 20 of 30 pairs of spec type and model")


def test_a_model_without_a_run_in_the_window_is_not_drawn_and_one_without_a_name_is():
    frame = model_effectiveness(3)
    frame.loc[2, "success_rate"] = None
    assert [(v["spec_type"], v["model"]) for v in _values(run_charts.models(frame))] == [
        ("family_of_specs_0", "not named"),
        ("not named", "model 0"),
    ]


def test_the_worst_spec_comes_first_and_those_to_review_are_marked():
    values = _values(run_charts.spec_scores(spec_quality(14)))
    assert [value["quality_score"] for value in values] == sorted(value["quality_score"] for value in values)
    assert [value["verdict"] for value in values] == ["to review"] * 12 + ["fine"] * 2
    assert values[1]["counts"] == "1 of 11"


def test_a_spec_that_never_ran_has_no_score_to_draw():
    frame = spec_quality(3)
    frame.loc[0, ["quality_score", "needs_review", "success_rate"]] = None
    assert len(_values(run_charts.spec_scores(frame))) == 2


def test_the_size_that_kills_most_comes_first_even_when_no_peak_is_known():
    spec = run_charts.memory_use(resource_usage_profiles(6))
    values = _values(spec)
    assert spec["layer"][0]["encoding"]["y"]["sort"] == [value["spec"] for value in values]
    assert (values[0]["spec"], values[0]["killed"]) == ("specs/spec_0.json, 2Gi, 500m", "35 of 40 killed")
    assert values[0]["memory_p95_mb"] is None
    assert values[-1]["killed"] == ""
    assert all(v["memory_p50_mb"] < v["memory_p95_mb"] < v["memory_p99_mb"] for v in values[1:])


def test_long_names_stay_apart():
    labels = run_charts.told_apart([f"{'deep/' * 20}{name}" for name in "aab"])
    assert len(set(labels)) == 3
    assert all(len(label) <= charts.LONGEST_LABEL for label in labels)
