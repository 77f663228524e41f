"""Anomalies of signals: what is planted is found with its ends, of noise next to nothing, and cost is bounded."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.lib.anomaly_episodes import overlaps
from analytics_assets.lib.detectors.cusum import Cusum
from analytics_assets.lib.detectors.limit import ThresholdMonitor
from analytics_assets.lib.detectors.season import SeasonalDeviation
from analytics_assets.lib.detectors.series import Judgement, Series
from analytics_assets.lib.signal_anomalies import (
    anomalies,
    counting_nats,
    expected_by_chance,
    first_judged,
    judged,
    weighed,
    within_band,
)
from analytics_assets.lib.signals import Signal
from analytics_assets_tests.lib import signal_worlds
from analytics_assets_tests.lib.signal_worlds import AS_OF, HOURS, metric, seasonal

FAST = (ThresholdMonitor(), SeasonalDeviation(), Cusum())
ALONE = (SeasonalDeviation(),)
SELDOM = 0.3
BURST = slice(HOURS - 100, HOURS - 96)


class Witness:
    """A second opinion that confirms whatever it is asked, and remembers what that was."""

    name, family, unit, threshold = "witness", "density", "none", None

    def __init__(self):
        self.asked = []

    def judge(self, series, first=0):
        self.asked.append((series.name, first, len(series)))
        judgement = Judgement.nothing(len(series))
        judgement.score[first:] = 1.5
        return judgement


def with_burst(seed, size=80.0):
    values = seasonal(seed)
    values[BURST] += size
    return metric(values, f"metric_{seed}")


def rare(signals):
    """Episodes that chance seldom makes."""
    return [row for row in anomalies(signals, FAST, ()).rows if row["expected_by_chance"] < SELDOM]


def test_a_burst_is_one_episode_with_its_ends():
    (row,) = rare([with_burst(1)])
    began = signal_worlds.times()[BURST.start].item()
    assert (row["starts_at"], row["ends_at"], row["hours"]) == (began, began + timedelta(hours=4), 4)
    assert row["direction"] == "above"
    assert row["value"] > row["upper"] > row["expected"] > row["lower"]
    assert row["expected_by_chance"] < 0.01


def test_bursts_are_found_and_little_else():
    """Ten signals with a burst among thirty: of what is called MEDIUM and more, most is planted."""
    signals = [with_burst(seed) for seed in range(10)] + signal_worlds.noise(range(10, 30))
    found = rare(signals)
    planted = {f"metric_{seed}" for seed in range(10)}
    began = signal_worlds.times()[BURST.start].item()
    right = [row for row in found if row["metric_type"] in planted and row["starts_at"] == began]
    assert len(right) == 10
    assert len(found) - len(right) <= 1


def test_of_noise_hardly_anything_is_surer_than_chance():
    found = anomalies(signal_worlds.noise(range(30)), FAST, ())
    assert found.judged_hours == pytest.approx(30 * 14 * 24, rel=0.02)
    assert sum(row["expected_by_chance"] < SELDOM for row in found.rows) <= 1
    assert not any(row["severity"] == "HIGH" for row in found.rows)


def test_an_anomaly_that_goes_on_lasts():
    values = seasonal(3)
    values[-3:] += 90
    (row, *_) = anomalies([metric(values)], FAST, ()).rows
    assert row["is_ongoing"]
    assert row["ends_at"] is None
    assert row["starts_at"] == signal_worlds.times()[-3].item()


def test_only_the_last_two_weeks_are_judged():
    values = seasonal(4)
    values[200:204] += 90
    signal = metric(values)
    assert all(row["starts_at"] >= AS_OF - timedelta(days=14) for row in anomalies([signal], FAST, ()).rows)
    assert signal.series.times[first_judged(signal)] >= np.datetime64(AS_OF - timedelta(days=14))


class TestSecondOpinions:
    def test_the_worst_episodes_are_asked_first_and_so_many_at_most(self):
        witness = Witness()
        signals = [with_burst(seed, 60.0 + 20 * seed) for seed in range(5)]
        found = anomalies(signals, ALONE, (witness,), most=2)
        assert found.asked == 2
        assert [name for name, _, _ in witness.asked] == ["metric/api/metric_3", "metric/api/metric_4"]

    def test_only_the_hours_of_the_episode_are_asked(self):
        witness = Witness()
        anomalies([with_burst(1)], ALONE, (witness,), most=1)
        assert witness.asked == [("metric/api/metric_1", BURST.start, BURST.stop)]

    def test_of_a_week_a_day_is_asked(self):
        values = seasonal(5)
        values[-100:] += 200
        witness = Witness()
        anomalies([metric(values)], ALONE, (witness,), most=1)
        ((_, first, count),) = witness.asked
        assert count - first == 24

    def test_a_witness_makes_it_high(self):
        (alone,), (row,) = (anomalies([with_burst(1)], ALONE, second).rows for second in ((), (Witness(),)))
        assert (alone["severity"], row["severity"]) == ("MEDIUM", "HIGH")
        assert json.loads(row["detectors"]) == ["seasonal_deviation", "witness"]
        assert json.loads(alone["detectors_asked"]) == ["seasonal_deviation"]

    def test_what_is_high_already_is_not_asked(self):
        witness = Witness()
        rows = anomalies([with_burst(1, 300.0)], FAST, (witness,)).rows
        assert {row["severity"] for row in rows if row["expected_by_chance"] < SELDOM} == {"HIGH"}
        assert BURST.start not in [first for _, first, _ in witness.asked]

    def test_nothing_suspicious_is_not_asked(self):
        witness = Witness()
        assert anomalies([metric(np.full(HOURS, 240.0))], ALONE, (witness,)).asked == 0
        assert witness.asked == []


class TestCounts:
    def count(self, values):
        return metric(values, "throughput", unit="calls", worse=None)

    def test_two_where_one_is_usual_is_no_news_and_fifty_are(self):
        values = np.ones(HOURS)
        values[-50], values[-20] = 2, 50
        (row,) = anomalies([self.count(values)], FAST, ()).rows
        assert row["value"] == 50
        assert row["starts_at"] == signal_worlds.times()[-20].item()

    def test_the_surprise_is_chernoffs_bound(self):
        values = np.array([1.0, 1.0, 10.0])
        nats = counting_nats(self.count(values), Judgement.nothing(3))
        assert nats[2] == pytest.approx(10 * np.log(10) - 10 + 1)

    def test_what_is_measured_is_not_taken_for_a_count(self):
        signal = with_burst(1)
        plain, told = SeasonalDeviation().judge(signal.series, 400), judged(signal, SeasonalDeviation(), 400)
        assert np.array_equal(plain.score, told.score, equal_nan=True)


def test_chance_makes_as_many_as_the_threshold_lets_through():
    assert expected_by_chance(1.0, 5_000) == pytest.approx(1.0, rel=0.05)
    assert expected_by_chance(0.0, 10) == 10


def test_the_share_within_the_band_is_that_of_the_judged_hours():
    shares = [within_band(metric(seasonal(seed, memory=0.0)), SeasonalDeviation(), 0.9) for seed in range(8)]
    assert np.mean(shares) == pytest.approx(0.9, abs=0.03)
    wide, narrow = (within_band(with_burst(1), SeasonalDeviation(), coverage) for coverage in (0.99, 0.9))
    assert narrow < wide < 1
    assert within_band(metric([240.0]), SeasonalDeviation(), 0.9) is None


def test_the_band_of_an_anomaly_is_that_of_the_sensitivity_and_changes_nothing_else():
    (wide,), (narrow,) = (anomalies([with_burst(1)], ALONE, (), coverage=coverage).rows for coverage in (0.99, 0.9))
    assert wide["lower"] < narrow["lower"] < narrow["expected"] < narrow["upper"] < wide["upper"] < wide["value"]
    # 2.58 against 1.64 deviations.
    assert (wide["upper"] - wide["expected"]) / (narrow["upper"] - narrow["expected"]) == pytest.approx(1.566, abs=0.01)
    same = wide.keys() - {"lower", "upper", "reason"}
    assert {name: wide[name] for name in same} == {name: narrow[name] for name in same}


class TestTheEdge:
    def at(self, now):
        """The long episodes that are told so many hours after a burst of 12 hours began."""
        values, begins = seasonal(1), 200
        values[begins : begins + 12] += 120
        signal = metric(values)
        end = begins + now
        seen = replace(signal, series=signal.series.until(end), as_of=signal.series.times[end].item())
        return [
            (row["id"], row["starts_at"], row["hours"]) for row in anomalies([seen], FAST, ()).rows if row["hours"] > 6
        ]

    def test_an_episode_that_the_edge_passes_is_itself_or_gone(self):
        edge = 14 * 24
        told = [self.at(now) for now in range(edge - 4, edge + 14, 2)]
        assert told[0] == told[1] == told[2] != []
        assert all(rows == [] for rows in told[3:])


class TestHigh:
    def test_two_families_that_agree_on_what_chance_makes_are_no_high_one(self):
        row = {"severity": "HIGH", "records": 100, "tail_score": 1.2}
        assert weighed(row, with_burst(1), 10_000)["severity"] == "MEDIUM"
        assert weighed(row | {"tail_score": 3.0}, with_burst(1), 10_000)["severity"] == "HIGH"

    def test_of_noise_next_to_nothing_is_high(self):
        rows = anomalies(signal_worlds.noise(range(100, 130)), FAST, ()).rows
        assert sum(row["severity"] == "HIGH" for row in rows) <= 1


class TestFewRecords:
    def durations(self, executions, kind="pipeline", metric_type="response_time"):
        """A pipeline that runs so often an hour, and once took far longer."""
        values = 5 * np.exp(0.2 * np.random.default_rng(1).standard_normal(HOURS))
        values[-30] = 300.0
        at = signal_worlds.times()
        series = Series(f"{kind}/evaluation/{metric_type}", at, values, np.full(HOURS, executions), worse="up")
        return Signal(series, kind, "evaluation", metric_type, "seconds", AS_OF, is_stale=False)

    @pytest.mark.parametrize("executions", [1, 2])
    def test_an_hour_of_one_or_two_executions_is_never_sure(self, executions):
        rows = [row for row in anomalies([self.durations(executions)], FAST, ()).rows if row["value"] == 300]
        assert [row["expected_by_chance"] for row in rows] == [1.0]
        assert rows[0]["severity"] != "HIGH"

    def test_of_three_it_is_and_so_is_a_metric_that_is_sampled_once(self):
        for signal in (self.durations(3), self.durations(1, "metric", "latency")):
            (row,) = [row for row in anomalies([signal], FAST, ()).rows if row["value"] == 300]
            assert row["expected_by_chance"] < 0.01


@pytest.mark.parametrize(
    "signal",
    [
        metric([]),
        metric([240.0]),
        metric(np.full(HOURS, np.nan)),
        metric(np.full(HOURS, 240.0)),
        metric(np.zeros(HOURS)),
        metric(np.where(np.arange(HOURS) % 5 == 0, np.nan, seasonal(1))),
        metric(seasonal(1), at=signal_worlds.times() - np.timedelta64(20, "D")),
        signal_worlds.error_rate(np.zeros(HOURS), np.ones(HOURS)),
        metric(seasonal(1, count=60)),
    ],
    ids=["none", "one", "NaN", "constant", "zeros", "holes", "silent for weeks", "never failed", "two days"],
)
def test_what_nothing_is_planted_in_has_no_anomaly(signal):
    assert rare([signal]) == []


def test_a_gap_of_days_is_not_a_zero():
    values, at = with_burst(6).series.values, signal_worlds.times()
    is_there = np.ones(HOURS, dtype=bool)
    is_there[-190:-118] = False
    signal = metric(values[is_there], at=at[is_there])
    assert [row["starts_at"] for row in rare([signal])] == [at[BURST.start].item()]


def test_episodes_never_overlap_and_lie_outside_their_bands():
    rng = np.random.default_rng(0)
    wild = []
    for seed in range(10):
        values = seasonal(seed)
        for begins in range(HOURS - 300, HOURS, 40):
            values[begins : begins + rng.integers(1, 9)] += rng.choice([-1, 1]) * rng.uniform(60, 200)
            values[begins + 3] += rng.choice([-300, 0, 300])
        wild.append(metric(values, f"metric_{seed}"))
    rows = anomalies(wild, FAST, ()).rows
    assert len(rows) > 30
    assert {row["direction"] for row in rows} == {"above", "below"}
    assert overlaps(rows) == set()
    for row in rows:
        beyond = row["value"] - row["upper"] if row["direction"] == "above" else row["lower"] - row["value"]
        assert beyond > 0
