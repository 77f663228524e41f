"""From judged hours to episodes, with detectors whose word is given."""

import json
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.lib.anomaly_episodes import Opinion, episodes, overlaps
from analytics_assets.lib.detectors.consensus import Consensus
from analytics_assets.lib.detectors.series import Judgement
from analytics_assets_tests.lib import signal_worlds
from analytics_assets_tests.lib.signal_worlds import AS_OF

COUNT = 100
NEWEST = COUNT - 1
LOW, MEDIUM, HIGH = 1, 2, 3


@dataclass
class Given:
    name: str
    family: str


def flat(high=(), low=(), count=COUNT, level=240.0):
    """A metric of one level, with hours far above and far below."""
    values = np.full(count, level)
    values[list(high)], values[list(low)] = level + 100, level - 100
    return signal_worlds.metric(values)


def opinion(signal, family="season", name=None, *, score=3.0, hours=None):
    """Finds all hours that lie more than 20 beside 240, or the given ones."""
    values = signal.series.values
    is_odd = np.abs(values - 240) > 20 if hours is None else np.isin(np.arange(len(values)), hours)
    of = np.full(len(values), 1.0)
    judgement = Judgement(np.where(is_odd, score, 0.2), 240 * of, 220 * of, 260 * of)
    return Opinion.of(Given(name or f"{family}_detector", family), signal.series, judgement)


def found(signal, *opinions, level=MEDIUM):
    opinions = opinions or (opinion(signal),)
    agrees = np.array([one.judgement.is_anomalous for one in opinions])
    levels = np.where(agrees.any(axis=0), level, 0).astype(np.int8)
    names = tuple(one.detector for one in opinions)
    return episodes(signal, opinions, Consensus(levels, agrees, levels.astype(float), names))


def test_nothing_anomalous_is_no_episode():
    assert found(flat()) == []


def test_hours_together_are_one_episode_with_its_ends():
    (row,) = found(flat(high=(50, 51, 52, 53)))
    began = signal_worlds.times(COUNT)[50].item()
    assert (row["starts_at"], row["ends_at"], row["hours"]) == (began, began + timedelta(hours=4), 4)
    assert (row["direction"], row["is_worse"], row["is_ongoing"], row["severity"]) == ("above", True, False, "MEDIUM")


@pytest.mark.parametrize(("hours", "count"), [((50, 53), 1), ((50, 54), 2)], ids=["two usual between", "three"])
def test_up_to_two_usual_hours_lie_within_an_episode(hours, count):
    assert len(found(flat(high=hours))) == count


def test_a_gap_of_days_ends_an_episode_although_no_usual_hour_lies_in_it():
    at = signal_worlds.times(COUNT)
    at[:51] -= np.timedelta64(3, "D")
    signal = signal_worlds.metric(flat(high=(50, 51)).series.values, at=at)
    assert [row["hours"] for row in found(signal)] == [1, 1]


def test_the_other_direction_is_another_episode_and_they_do_not_overlap():
    rows = found(flat(high=(50, 52), low=(51,)))
    assert [row["direction"] for row in rows] == ["above", "below", "above"]
    assert overlaps(rows) == set()


def test_what_includes_the_newest_hour_lasts():
    (row,) = found(flat(high=(NEWEST - 1, NEWEST)))
    assert row["is_ongoing"]
    assert row["ends_at"] is None


def test_a_signal_that_fell_silent_does_not_say_that_its_anomaly_lasts():
    at = signal_worlds.times(COUNT) - np.timedelta64(12, "h")
    (row,) = found(signal_worlds.metric(flat(high=(NEWEST,)).series.values, at=at))
    assert not row["is_ongoing"]
    assert row["ends_at"] == at[-1].item() + timedelta(hours=1)


def test_the_id_is_of_the_first_hour_so_that_an_episode_that_goes_on_keeps_it():
    one, longer, later = (found(flat(high=hours))[0]["id"] for hours in ((50,), (50, 51), (51,)))
    assert one == longer
    assert one != later


def test_what_agrees_is_named_with_its_families_and_who_was_asked():
    signal = flat(high=(50,))
    (row,) = found(
        signal,
        opinion(signal, "season", "seasonal_deviation"),
        opinion(signal, "change", "cusum", score=2.0),
        opinion(signal, "limit", "threshold_monitor", hours=()),
        level=HIGH,
    )
    assert json.loads(row["detectors"]) == ["cusum", "seasonal_deviation"]
    assert json.loads(row["families"]) == ["change", "season"]
    assert json.loads(row["detectors_asked"]) == ["cusum", "seasonal_deviation", "threshold_monitor"]
    assert row["severity"] == "HIGH"
    assert row["reason"] == (
        "api_latency_p95_ms of api was 340 ms where 240 ms (220 to 260 ms) is usual at this hour; "
        "change and season agree"
    )


def test_the_band_is_the_seasons_also_where_another_detector_is_surer():
    signal = flat(high=(50,))
    (row,) = found(signal, opinion(signal, "change", score=9.0), opinion(signal, score=3.0), level=HIGH)
    assert row["score"] == 3.0


def test_a_limit_that_expects_nothing_takes_what_another_one_expects():
    signal = flat(high=(50,))
    nothing = np.full(COUNT, np.nan)
    limit = Judgement(np.where(signal.series.values > 300, 2.0, 0.0), nothing, nothing, np.full(COUNT, 300.0))
    told = Opinion.of(Given("threshold_monitor", "limit"), signal.series, limit)
    (row,) = found(signal, told, opinion(signal, hours=()))
    assert (row["expected"], row["lower"], row["upper"], row["direction"]) == (240.0, None, 300.0, "above")
    (alone,) = found(signal, told)
    assert alone["expected"] is None
    assert alone["reason"].endswith("was 340 ms where up to 300 ms is usual; limit alone says so")


def test_hours_that_lie_within_every_band_are_no_episode():
    """A slow change may be found in an hour whose own value is usual: nobody could see what is odd about it."""
    signal = flat()
    assert found(signal, opinion(signal, "change", hours=(50,))) == []


def test_a_rate_is_said_with_its_counts():
    failures, calls = np.zeros(COUNT), np.full(COUNT, 27)
    failures[50] = 12
    signal = signal_worlds.error_rate(failures, calls)
    band = Judgement(signal.series.values * 5, np.full(COUNT, 0.03), np.zeros(COUNT), np.full(COUNT, 0.09))
    (row,) = found(signal, Opinion.of(Given("seasonal_deviation", "season"), signal.series, band))
    assert row["samples"] == 27
    assert row["reason"].startswith(
        "error rate of tool web_fetch was 44.4 % (12 of 27) where 3 % (0 to 9 %) is usual at this hour"
    )


def test_episodes_that_share_an_hour_are_found():
    row = {"signal": "a", "starts_at": AS_OF, "ends_at": AS_OF + timedelta(hours=2)}
    later = row | {"starts_at": AS_OF + timedelta(hours=2)}
    assert overlaps([later, row]) == set()
    assert overlaps([later | {"starts_at": AS_OF + timedelta(hours=1)}, row]) == {"a"}
    assert overlaps([row | {"ends_at": None}, later]) == {"a"}
    assert overlaps([row, later | {"signal": "b", "starts_at": AS_OF}]) == set()
