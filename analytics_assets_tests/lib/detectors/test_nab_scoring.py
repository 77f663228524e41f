"""The benchmark's score against cases computed by hand, and files in its format."""

import argparse
import json
from math import exp

import numpy as np
import pytest

from analytics_assets_tests.lib.detectors.signal_worlds import noise, raised, times
from benchmarks.nab import nab, read_data, read_results, write_results
from benchmarks.nab_scoring import nab_score, probation, standing

STAMPS = times(100, 300)
MOST = 2 / (1 + exp(-5)) - 1


def windows(*ranges):
    return [(STAMPS[left], STAMPS[right]) for left, right in ranges]


def alarms(*places):
    scores = np.zeros(100)
    scores[list(places)] = 1.0
    return {"a.csv": scores}


ONE = {"a.csv": standing(STAMPS, windows((40, 49)))}


def score(*places):
    return nab_score(alarms(*places), ONE, threshold=1.0).score


def weight(place):
    return (2 / (1 + exp(5 * place)) - 1) / MOST


class TestScore:
    def test_who_never_alarms_has_0(self):
        assert nab_score({"a.csv": np.zeros(100)}, ONE, threshold=0.5).score == 0

    def test_who_alarms_at_the_first_point_of_each_window_has_100(self):
        assert score(40) == pytest.approx(100)
        held = {"a.csv": standing(STAMPS, windows((20, 29), (60, 80)))}
        assert nab_score(alarms(20, 60), held).score == pytest.approx(100)

    def test_a_later_alarm_in_a_window_counts_less_by_the_sigmoid(self):
        # Six of ten points are left at place 44: (1 + weight) / 2 of the way from 0 to 100.
        assert score(44) == pytest.approx(50 * (1 + weight(-0.6)))
        assert score(49) == pytest.approx(50 * (1 + weight(-0.1)))

    def test_the_earliest_alarm_of_a_window_counts_and_once(self):
        assert score(42, 44, 48) == score(42)

    def test_an_alarm_before_any_window_costs_its_full_weight(self):
        assert score(20) == pytest.approx(-50 * 0.11)
        assert score(20, 30, 40) == pytest.approx(100 - 2 * 50 * 0.11)

    def test_an_alarm_shortly_behind_a_window_costs_less(self):
        # One of nine widths behind: 0.11 times the sigmoid of 1/9.
        assert score(40, 50) == pytest.approx(100 + 50 * 0.11 * (2 / (1 + exp(5 / 9)) - 1))
        assert score(40, 90) == pytest.approx(100 - 50 * 0.11)

    def test_what_comes_in_the_first_part_counts_for_nothing(self):
        assert probation(100) == 15
        assert score(0, 5, 14) == 0
        assert score(15) < 0

    def test_the_best_threshold_is_one_for_all_files(self):
        held = {name: standing(STAMPS, windows((40, 49))) for name in ("a.csv", "b.csv")}
        loud, faint = np.zeros(100), np.zeros(100)
        loud[40], loud[[70, 90]] = 0.9, 0.2
        faint[40] = 0.4
        best = nab_score({"a.csv": loud, "b.csv": faint}, held)
        assert (best.threshold, best.found, best.false_alarms) == (0.4, 2, 0)
        assert best.score == pytest.approx(100)
        low = nab_score({"a.csv": loud, "b.csv": faint}, held, threshold=0.2)
        assert (low.found, low.false_alarms) == (2, 2)

    def test_who_would_lose_by_any_alarm_keeps_silent(self):
        best = nab_score(alarms(20, 30), ONE)
        assert (best.score, best.threshold) == (0, np.inf)

    def test_a_file_without_a_window_can_only_cost(self):
        held = {**ONE, "b.csv": standing(STAMPS, [])}
        both = {**alarms(40), "b.csv": alarms(50)["a.csv"]}
        assert nab_score(both, held, threshold=1.0).score == pytest.approx(100 - 50 * 0.11)

    def test_what_cannot_be_scored_is_refused(self):
        with pytest.raises(ValueError, match=r"a\.csv: not one score for each point"):
            nab_score({"a.csv": np.zeros(99)}, ONE)
        with pytest.raises(ValueError, match="no file has a labelled window"):
            nab_score({"b.csv": np.zeros(100)}, {"b.csv": standing(STAMPS, [])})
        with pytest.raises(ValueError, match="does not begin and end at a point"):
            standing(STAMPS, [(STAMPS[3] + np.timedelta64(1, "s"), STAMPS[9])])


CLOCK = ("ours/real/analytics_clock.csv", "data/real/clock.csv")


class TestFiles:
    @pytest.fixture
    def data(self, tmp_path):
        """A folder as the benchmark's: one file with an anomaly, one whose clock is put back."""
        series = raised(noise("white noise", 1, n=1_500, step=300), 1_000, 1_003, 200)
        lines = [
            f"{str(time).replace('T', ' ')},{value}" for time, value in zip(series.times, series.values, strict=True)
        ]
        folder = tmp_path / "data" / "real"
        folder.mkdir(parents=True)
        (folder / "cpu.csv").write_text("\n".join(["timestamp,value", *lines]), encoding="utf-8")
        back = [*lines[:200], *lines[188:]]
        (folder / "clock.csv").write_text("\n".join(["timestamp,value", *back]), encoding="utf-8")
        edges = [str(series.times[place]).replace("T", " ") + ".000000" for place in (980, 1_100)]
        (tmp_path / "windows.json").write_text(json.dumps({"real/cpu.csv": [edges]}), encoding="utf-8")
        return tmp_path

    def options(self, root, **paths):
        return argparse.Namespace(**{name: str(root / path) for name, path in paths.items()})

    def test_our_results_score_the_same_when_they_are_read_again(self, data):
        first = nab(self.options(data, data="data", windows="windows.json", results="ours"), data)
        second = nab(self.options(data, results="ours", windows="windows.json"), data)
        assert first[0].measured == second[0].measured
        assert float(first[0].measured) > 90

    def test_results_are_in_the_format_of_the_benchmark(self, data):
        files = read_data(data / "data")
        assert set(files) == {"real/cpu.csv", "real/clock.csv"}
        write_results(data / "ours", files, {name: np.full(len(file.stamps), 0.25) for name, file in files.items()})
        lines = (data / "ours" / "real" / "analytics_cpu.csv").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "timestamp,value,anomaly_score,label"
        assert lines[1].split(",")[0] == "2026-01-05 00:00:00"
        assert lines[1].split(",")[2:] == ["0.250000", "0"]
        assert len(lines) == 1_501
        # Stamps are those of the data, also where they repeat: the benchmark's scorer compares them.
        ours, given = ((data / place).read_text(encoding="utf-8").splitlines() for place in CLOCK)
        assert [line.split(",")[0] for line in ours] == [line.split(",")[0] for line in given]
        read, scores = read_results(data / "ours")
        assert set(read) == set(files)
        assert (scores["real/clock.csv"] == 0.25).all()

    def test_without_windows_nothing_is_scored(self, data):
        with pytest.raises(SystemExit, match="--windows"):
            nab(self.options(data, data="data"), data)
