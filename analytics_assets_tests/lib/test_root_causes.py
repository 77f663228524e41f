"""When root causes are learnt from text, and which issues are left unknown."""

from __future__ import annotations

import pytest

from analytics_assets.lib.root_causes import fit_root_causes
from analytics_assets_tests.lib.planted import traced


def test_a_planted_signal_is_published_and_named():
    model = fit_root_causes(traced(0, 200, is_noise=False))
    assert model.judged.is_published
    assert model.judged.details["accuracy_where_named"] >= 0.95
    new = traced(9, 100, is_noise=False)
    said = model.predictions(new)
    named = [(row, issue) for row, issue in zip(said, new, strict=True) if row["predicted_root_cause_id"] != "unknown"]
    assert len(named) > 90
    assert all(row["predicted_root_cause_id"] == issue.root_cause_id for row, issue in named)


def test_noise_is_not_published():
    assert not any(fit_root_causes(traced(seed, 120, is_noise=True)).judged.is_published for seed in range(20))


def test_what_is_not_published_is_unknown_with_its_reason():
    model = fit_root_causes(traced(0, 120, is_noise=True))
    said = model.predictions(traced(1, 3, is_noise=True))
    assert {row["predicted_root_cause_id"] for row in said} == {"unknown"}
    assert {row["reason"] for row in said} == {model.judged.reason}


def test_a_confidence_is_the_share_that_is_right():
    # Four in five texts say the cause: a model that is sure of all of them would be wrong in one of five.
    issues = [
        issue._replace(root_cause_id="RCA-1") if number % 5 == 0 else issue
        for number, issue in enumerate(traced(0, 600, is_noise=False))
    ]
    details = fit_root_causes(issues).judged.details
    low, high = details["accuracy_where_named_interval"]
    assert low - 0.05 <= details["mean_confidence_where_named"] <= high + 0.05
    assert details["mean_confidence_where_named"] < 0.97


@pytest.mark.parametrize(
    "text",
    ["", None, " \n\t", "x" * 100_000, "日本語のテキスト", "🙂🙂", "\0\x01", "same", "a", "%s {} \\ ' \""],
    ids=["empty", "null", "blank", "long", "japanese", "emoji", "control", "word", "letter", "signs"],
)
def test_issues_that_all_have_one_text_of_any_kind_are_not_published(text):
    issues = [issue._replace(text=text, files=[]) for issue in traced(0, 120, is_noise=False)]
    model = fit_root_causes(issues)
    assert not model.judged.is_published
    assert len(model.predictions(issues[:2])) == 2


def test_a_text_like_no_other_is_answered_too():
    model = fit_root_causes(traced(0, 200, is_noise=False))
    odd = [
        traced(1, 1, is_noise=False)[0]._replace(text=text, category="new", files=[]) for text in ("", "日本語", None)
    ]
    assert all(0 <= row["confidence"] <= 1 for row in model.predictions(odd))


def test_one_cause_alone_is_nothing_to_choose_from():
    model = fit_root_causes([issue._replace(root_cause_id="R") for issue in traced(0, 120, is_noise=False)])
    assert not model.judged.is_published
    assert "all have one cause" in model.judged.reason


def test_twelve_issues_are_not_enough():
    assert (
        fit_root_causes(traced(0, 12, is_noise=False)).judged.reason
        == "not enough data to judge a model: 12 examples, 60 needed"
    )
    assert fit_root_causes([]).predictions([]) == []


def test_a_cause_seen_too_rarely_is_never_named():
    issues = traced(0, 200, is_noise=False)
    issues[3:7] = [issue._replace(root_cause_id="RARE", text="quite another matter") for issue in issues[3:7]]
    model = fit_root_causes(issues)
    said = model.predictions([issues[3]._replace(root_cause_id=None)])
    assert said[0]["predicted_root_cause_id"] == "unknown"


def test_causes_that_are_all_new_after_the_split_are_no_success():
    issues = traced(0, 200, is_noise=False)
    issues[140:] = [issue._replace(root_cause_id=f"N-{n}") for n, issue in enumerate(issues[140:])]
    assert not fit_root_causes(issues).judged.is_published


def test_the_same_input_gives_the_same_answers_in_any_order():
    issues = traced(0, 150, is_noise=False)
    assert fit_root_causes(issues).predictions(issues) == fit_root_causes(issues[::-1]).predictions(issues)


def test_what_is_learnt_does_not_know_the_future():
    issues = traced(0, 200, is_noise=False)
    before = fit_root_causes(issues)
    # A few later causes change places: the model still wins, and must not know them.
    causes = [issue.root_cause_id for issue in issues[150:154]]
    changed = [issue._replace(root_cause_id=c) for issue, c in zip(issues[150:154], causes[::-1], strict=True)]
    after = fit_root_causes([*issues[:150], *changed, *issues[154:]])
    assert before.judged.is_published
    assert after.judged.is_published
    assert before.judged.score != after.judged.score
    assert before.predictions(issues) == after.predictions(issues)


def test_an_issue_is_learnt_from_when_it_was_traced_and_not_when_it_was_seen():
    issues = traced(0, 200, is_noise=False)
    late = issues[-1].traced_at
    # The first ones were traced last: they are judged and not learnt from.
    moved = [issue._replace(traced_at=late) if number < 40 else issue for number, issue in enumerate(issues)]
    swapped = [
        issue._replace(root_cause_id={"RCA-1": "RCA-2", "RCA-2": "RCA-1"}.get(issue.root_cause_id, "RCA-3"))
        if number < 4
        else issue
        for number, issue in enumerate(moved)
    ]
    before, after = fit_root_causes(moved), fit_root_causes(swapped)
    assert before.judged.split_at > issues[40].traced_at
    assert before.judged.score != after.judged.score
    assert before.predictions(issues) == after.predictions(issues)
