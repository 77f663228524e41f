"""Signals: from columns of the database to series, and how they are named."""

from datetime import datetime

import numpy as np
import pytest

from analytics_assets.lib.signals import in_unit, is_worse, signals_of, title_of
from analytics_assets_tests.lib import signal_worlds

AT = np.array(["2026-03-01T10", "2026-03-01T11", "2026-03-04T10"], dtype="datetime64[us]")


def named(signal, **more):
    row = {"signal": signal, "component_kind": "metric", "component": "api", "metric_type": "cpu", "unit": "percent"}
    return row | {"is_rate": False, "worse": "up", "as_of": signal_worlds.AS_OF, "is_stale": False} | more


def points(**columns):
    return {name: np.asarray(column) for name, column in columns.items()}


def test_each_signal_has_its_own_hours_and_a_gap_stays_a_gap():
    given = {"place": np.array([0, 0, 1]), "hour": AT, "value": np.array([1.0, 2.0, 3.0]), "samples": np.ones(3)}
    first, second = signals_of([named("a"), named("b")], given)
    assert (first.name, list(first.series.values), first.hours) == ("a", [1.0, 2.0], 2)
    assert (second.name, list(second.series.values)) == ("b", [3.0])
    assert first.series.step_seconds == 3600


def test_a_signal_without_hours_is_an_empty_series_between_the_others():
    given = {"place": np.array([0, 2]), "hour": AT[:2], "value": np.array([1.0, 3.0]), "samples": np.ones(2)}
    assert [signal.hours for signal in signals_of([named("a"), named("b"), named("c")], given)] == [1, 0, 1]


def test_no_signal_is_no_signal():
    given = {"place": np.array([]), "hour": AT[:0], "value": np.array([]), "samples": np.array([])}
    assert signals_of([], given) == []


def test_null_is_not_measured_and_not_zero():
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    given = {"place": np.zeros(2, dtype=int), "hour": AT[:2], "value": masked, "samples": masked}
    (signal,) = signals_of([named("a")], given)
    assert np.isnan(signal.series.values[1])
    assert signal.hours == 1


def test_the_key_and_the_end_of_the_window_are_those_of_the_row():
    given = {"place": np.array([0]), "hour": AT[:1], "value": np.ones(1), "samples": np.ones(1)}
    (signal,) = signals_of([named("metric/api/cpu", is_stale=True)], given)
    assert signal.key == {
        "signal": "metric/api/cpu",
        "component_kind": "metric",
        "component": "api",
        "metric_type": "cpu",
        "unit": "percent",
    }
    assert signal.ends == {"as_of": datetime(2026, 3, 4, 12, 30), "is_stale": True}


@pytest.mark.parametrize(
    ("signal", "kind", "component", "metric_type", "title"),
    [
        ("integration/a>b/push/cost", "integration", "a>b/push", "cost", "cost of integration a>b/push"),
        ("tool/x/response_time", "tool", "x", "response_time", "response time of tool x"),
        ("metric/api/cpu", "metric", "api", "cpu", "cpu of api"),
        ("metric/x/y/cpu", "metric", "x/y", "cpu", "cpu of x/y"),
        ("metric/api/cpu{core=1}", "metric", "api", "cpu", "cpu{core=1} of api"),
        ("metric/äö 'x'/ü", "metric", "äö 'x'", "ü", "ü of äö 'x'"),
    ],
)
def test_a_signal_is_named_as_people_say_it(signal, kind, component, metric_type, title):
    assert title_of(signal, kind, component, metric_type) == title


def test_a_move_is_trouble_where_it_goes_the_worse_way():
    assert [is_worse(*given) for given in ((1, "up"), (-1, "up"), (-1, "down"), (1, None), (0, "up"))] == [
        True,
        False,
        True,
        None,
        None,
    ]


def test_values_are_said_in_their_unit():
    assert [in_unit(0.1234, "share"), in_unit(12.34, "percent"), in_unit(-0.5, "USD"), in_unit(0.0, None)] == [
        "12.3 %",
        "12.3 %",
        "-$0.5",
        "0",
    ]
