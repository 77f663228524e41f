"""The four key questions: the table and its check."""

from __future__ import annotations

import pytest

from analytics_assets.defs.patterns.issue_answers import issue_answers, questions_are_answered
from analytics_assets_tests.defs.patterns.conftest import ASSETS, READ_BY_ANSWERS, called


def test_all_four_are_answered_with_what_was_planted(table, computed):
    frame = table("issue_answers")
    assert list(frame["question_number"]) == [1, 2, 3, 4]
    assert frame["is_significant"].all()
    starts = (
        "Fix time grows with complexity",
        "Categories differ in how often they come back",
        "Issues that stay open longer",
    )
    assert [answer.startswith(start) for answer, start in zip(frame["answer"], starts, strict=False)] == [True] * 3
    assert "farthest above the others is agents with" in frame.loc[1, "answer"]
    assert "RCA-001" in frame.loc[3, "answer"]
    assert called(questions_are_answered, issue_answers=frame).passed
    assert frame.loc[0, "answer"] in computed["issue_answers"][1]["answers"].value


def test_without_an_issue_each_says_what_is_missing(tracker):
    read = {asset.key.path[-1]: asset for asset in ASSETS}
    frame = tracker.written(issue_answers, **{name: tracker.written(read[name]) for name in READ_BY_ANSWERS})
    assert frame["answer"].str.startswith("not enough data: ").all()
    assert not frame["is_enough"].any()
    assert frame["is_significant"].isna().all()
    assert called(questions_are_answered, issue_answers=frame).passed


@pytest.mark.parametrize(
    ("column", "value"),
    [("answer", " "), ("answer", "not enough data: x"), ("is_enough", False), ("is_significant", None)],
)
def test_an_answer_that_says_nothing_or_contradicts_itself_fails(table, column, value):
    frame = table("issue_answers")
    frame[column] = frame[column].astype(object)
    frame.loc[0, column] = value
    assert not called(questions_are_answered, issue_answers=frame).passed


def test_a_question_that_is_missing_fails(table):
    assert not called(questions_are_answered, issue_answers=table("issue_answers").iloc[:3]).passed
