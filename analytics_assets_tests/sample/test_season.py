"""Days and weeks have their shape, in one kind as in the other."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from analytics_assets.sample.season import HOURS, WEEKDAYS
from analytics_assets_tests.sample.conftest import Sample

TIMES = {"runs": "started_at", "executions": "started_at", "procedure_calls": "started_at", "events": "occurred_at"}


def moments(sample: Sample, kind: str) -> list[datetime]:
    return [datetime.fromisoformat(line[TIMES[kind]]) for line in sample.latest[kind]]


class TestSeasons:
    @pytest.mark.parametrize("kind", TIMES)
    def test_office_hours_are_busier_than_nights(self, planted: Sample, kind: str) -> None:
        by_hour = Counter(at.hour for at in moments(planted, kind))
        assert sum(by_hour[hour] for hour in range(9, 17)) > 5 * sum(by_hour[hour] for hour in (22, 23, *range(6)))

    @pytest.mark.parametrize("kind", TIMES)
    def test_a_working_day_is_more_than_twice_a_day_of_the_weekend(self, planted: Sample, kind: str) -> None:
        by_weekday = Counter(at.weekday() for at in moments(planted, kind))
        assert sum(by_weekday[day] for day in range(5)) / 5 > 2 * (by_weekday[5] + by_weekday[6]) / 2

    def test_runs_follow_the_stated_shape(self, planted: Sample) -> None:
        """Chi-square of the runs per weekday against the weights; 22.5 is the 0.1 % point at 6 degrees."""
        by_weekday = Counter(at.weekday() for at in moments(planted, "runs"))
        total = sum(by_weekday.values())
        expected = [total * weight / sum(WEEKDAYS) for weight in WEEKDAYS]
        assert sum((by_weekday[day] - n) ** 2 / n for day, n in enumerate(expected)) < 22.5

    def test_requests_peak_where_work_does(self, planted: Sample) -> None:
        sums: Counter[int] = Counter()
        for line in planted.lines["metrics"]:
            if line["metric_name"] == "requests_per_minute":
                sums[datetime.fromisoformat(line["collected_at"]).hour] += line["metric_value"]
        assert sums.most_common(1)[0][0] in (9, 10)
        assert HOURS[10] == max(HOURS)
