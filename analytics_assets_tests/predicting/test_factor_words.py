"""Every column has its words: with a value, without one, and with the usual one."""

import itertools
import math
from datetime import datetime

import pytest

from analytics_assets.predicting.encoding import ENCODED
from analytics_assets.predicting.factor_words import TOPICS, described, topic_of
from analytics_assets.predicting.factors import REMEDIES
from analytics_assets.predicting.features import NAMES

MONDAY = datetime(2026, 6, 1, 14, 30)
COLUMNS = (*NAMES, *ENCODED)


def values(**known):
    return dict.fromkeys(COLUMNS, 0.5) | {"failure_rate": 0.24} | known


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_is_described_in_words_whatever_its_value(column):
    for value, usual in itertools.product((0.5, 0.0, 3.0, math.nan), (0.5, None)):
        said = described(column, values(**{column: value}), usual, "it", MONDAY)
        assert said
        assert "nan" not in said.replace(",", " ").split()
        assert "None" not in said
        assert not said.endswith(".")


def test_a_pair_is_described_by_its_counts_and_its_latest_rate():
    known = values(
        model_spec_runs=10.0,
        model_spec_failure_rate=(7 + 5 * 0.3) / 15,
        spec_and_model_log_odds=math.log(0.3 / 0.7),
        recent_model_spec_failure_rate=0.85,
    )
    expected = "this model failed 7 of its 10 runs of this spec (70 %), of late 85 %; usual is 24 %"
    assert described("model_spec_failure_rate", known, None, None, MONDAY) == expected
    assert described("model_x_spec_id", known, None, None, MONDAY) == expected


def test_a_spec_is_described_by_its_rate_its_latest_one_and_its_streak():
    known = values(spec_failure_rate=0.7, recent_spec_failure_rate=0.85, spec_failure_streak=4.0)
    expected = "this spec fails in 70 % of its runs, of late 85 %, the last 4 in a row; usual is 24 %"
    assert described("spec_id", known, None, "a", MONDAY) == expected


def test_columns_that_a_model_did_not_learn_are_not_known():
    assert described("spec_id", {}, None, "a", MONDAY) == (
        "how often this spec fails is not known; usual is an unknown share"
    )


def test_without_a_run_the_nearest_that_is_known_is_told():
    known = values(model_spec_runs=0.0, model_spec_failure_rate=0.64)
    said = "this model has no known run of this spec yet: what is near to it fails in 64 %"
    assert described("model_x_spec_id", known, None, None, MONDAY) == said


@pytest.mark.parametrize(
    ("column", "known", "usual", "said"),
    [
        ("active_runs", 12.0, 3.0, "many runs at once (12 runs; usual is 3 runs)"),
        ("active_runs", 3.0, 3.0, "runs at work at the start: 3 runs, as usual"),
        ("system_load", math.nan, 40.0, "use of the CPU in the hour before: not known"),
        ("runs_last_hour", 2.5, 1.1, "much more is run than usual (2.5 times the usual)"),
        ("spec_log_seconds", math.log(5401), math.log(61), "this spec is long (90 min; usual is 60 s)"),
        ("hours_since_spec_run", 96.0, 2.0, "this spec was not run for long (4 days; usual is 2.0 h)"),
        ("hour_failure_rate", 0.4, 0.2, "runs at 14:00 UTC fail in 40 %; usual is 24 %"),
        ("weekday_failure_rate", 0.4, 0.2, "runs on a Monday fail in 40 %; usual is 24 %"),
        ("agent_id", 0.4, None, "runs of the agent it fail in 40 %; usual is 24 %"),
        (
            *("agent_id", 0.2, None),
            "runs of the agent it fail in 20 %; usual is 24 %, which with the rest counts against the run",
        ),
    ],
)
def test_what_is_measured_is_told_with_its_value_and_the_usual_one(column, known, usual, said):
    assert described(column, values(**{column: known}), usual, "it", MONDAY) == said


def test_a_category_that_nobody_told_is_said():
    assert described("agent_id", values(), None, None, MONDAY) == "nobody says its agent"


def test_columns_of_one_thing_are_one_topic_and_every_remedy_is_of_a_topic():
    together = {topic_of(name) for name in ("model_spec_failure_rate", "model_x_spec_id", "spec_and_model_log_odds")}
    assert together == {"model and spec"}
    assert topic_of("spec_type_failure_rate") == "type of spec"
    assert topic_of("failure_rate") == "all runs"
    assert set(REMEDIES) <= {topic_of(name) for name in COLUMNS}
    assert set(TOPICS) <= set(COLUMNS), "a column that is gone has no topic"
