"""Questions are written down by whoever asks, and nothing of them is lost in a crash."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from analytics_assets.predicting import asked
from analytics_assets.settings import Settings

DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANSWER = {
    "id": "a",
    "model_id": "failure_risk/v1",
    "model_name": "failure_risk",
    "version": "v1",
    "role": "champion",
    "subject_id": "question",
    "input_hash": "0" * 64,
    "prediction_input": {"features": {}, "categories": {"spec_id": "bug"}},
    "prediction_output": {"failure_probability": 0.25},
    "context_metadata": {"counts": True},
    "predicted_value": 0.25,
    "latency_ms": 1.5,
}


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path)


def test_what_was_appended_is_taken_in_order(settings):
    for number in range(3):
        asked.append(settings, ANSWER | {"id": str(number)}, now=DAY)
    taken = asked.take(settings)
    assert [row["id"] for row in taken.rows] == ["0", "1", "2"]
    assert taken.rows[0]["asked_at"] == datetime(2026, 3, 2, 10)
    assert taken.rows[0]["prediction_output"] == {"failure_probability": 0.25}
    assert taken.skipped == []


def test_a_line_torn_by_a_crash_is_skipped_with_a_word_and_the_next_one_is_whole(settings):
    path = asked.append(settings, ANSWER, now=DAY)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    asked.append(settings, ANSWER | {"id": "b"}, now=DAY)
    taken = asked.take(settings)
    assert [row["id"] for row in taken.rows] == ["a", "b"]
    assert taken.skipped == ["2026-03-02.jsonl, line 2: skipped, it was not written to its end or is no JSON"]


def test_a_line_torn_within_a_character_is_skipped(settings):
    path = asked.append(settings, ANSWER, now=DAY)
    path.write_bytes(path.read_bytes() + '{"id": "ü'.encode()[:-1])
    assert len(asked.take(settings).skipped) == 1


@pytest.mark.parametrize("line", ["[1]", "{}", '"text"', '{"id": "a", "asked_at": "soon"}', "NaN", str(ANSWER)])
def test_what_is_no_answer_is_skipped(settings, line):
    path = asked.append(settings, ANSWER, now=DAY)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    taken = asked.take(settings)
    assert (len(taken.rows), len(taken.skipped)) == (1, 1)


def test_many_processes_write_whole_lines(settings):
    program = (
        "from analytics_assets.predicting import asked\nfrom analytics_assets.settings import Settings\n"
        "import sys\n"
        "for n in range(50):\n"
        f"    asked.append(Settings(), {ANSWER!r} | {{'id': f'{{sys.argv[1]}}-{{n}}', 'pad': 'x' * 9000}})"
    )
    environment = os.environ | {"ANALYTICS_DATA_DIR": str(settings.data_dir)}
    started = [subprocess.Popen([sys.executable, "-c", program, str(n)], env=environment) for n in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    taken = asked.take(settings)
    assert len({row["id"] for row in taken.rows}) == 150
    assert taken.skipped == []


def test_only_the_days_that_are_asked_for_are_read_and_old_ones_forgotten(settings):
    for day in (1, 2, 3):
        asked.append(settings, ANSWER | {"id": str(day)}, now=DAY.replace(day=day))
    assert [row["id"] for row in asked.take(settings, since=date(2026, 3, 2)).rows] == ["2", "3"]
    assert asked.forget(settings, date(2026, 3, 3)) == 2
    assert [row["id"] for row in asked.take(settings).rows] == ["3"]


def test_an_answer_that_lacks_what_it_is_about_is_refused(settings):
    with pytest.raises(ValueError, match="model_id"):
        asked.append(settings, {"id": "a", "model_name": "failure_risk"})
    assert asked.take(settings).rows == []
