"""The life of a version: who answers, who is tried, who went, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets.predicting.registry import Evidence, advance
from analytics_assets.predicting.training_requests import ModelSoFar, TrainingRequest, due_now
from analytics_assets.predicting.trials import Live, SameSplit
from analytics_assets_tests.predicting.stand_in import FIRST, stages, training, version

NOW = FIRST + timedelta(days=30)
CHAMPION, TRIED = version(1, "champion"), version(2, "shadow", predecessor=None)


def moved(*before, trained=(), **known):
    return advance(before, Evidence(trained=trained, now=NOW, **known))


def said(decision, number, at=1, key=None, by="ann"):
    row = {"decision_id": key or f"d{number}{at}", "subject_id": f"failure_risk/v{number}", "decision": decision}
    return row | {"decided_at": NOW + timedelta(minutes=at), "decided_by": by, "notes": "as agreed"}


def against(n=40, score=0.1, champion_score=0.2, champion="failure_risk/v1", **sure):
    return SameSplit(champion, n, score, champion_score, **({"is_won": False, "is_lost": False} | sure))


def live(n, score, champion_score, champion="failure_risk/v1", *, is_surely_worse=False):
    return Live(n, score, champion, champion_score, is_surely_worse)


def only(rows, name):
    (row,) = (row for row in rows if row["version"] == name)
    return row


def test_nothing_trained_is_nothing():
    assert moved() == []


def test_the_first_that_beats_the_baselines_answers():
    (row,) = moved(trained=[training(1)], scores={"failure_risk/v1": {"brier": 0.1, "auc": 0.9, "accuracy": 0.8}})
    assert (row["stage"], row["promoted_at"], row["stage_since"], row["brier"]) == ("champion", NOW, NOW, 0.1)
    assert "no version answered" in row["stage_reason"]


def test_one_that_does_not_beat_them_is_not_published_and_says_why():
    (row,) = moved(trained=[training(1, is_better_than_baselines=False, verdict="no better than the constant")])
    assert (row["stage"], row["stage_reason"]) == ("unpublished", "no better than the constant")


@pytest.mark.parametrize(("strategy", "stage"), [("shadow", "shadow"), ("canary", "canary"), ("switch", "shadow")])
def test_a_challenger_that_could_not_be_compared_is_tried(strategy, stage):
    rows = moved(CHAMPION, trained=[training(1), training(2)], strategy=strategy)
    assert stages(rows) == {"v1": "champion", "v2": stage}
    assert "too few runs to compare" in rows[1]["stage_reason"]


def test_switch_promotes_at_once_what_won_on_the_same_split():
    won = {"failure_risk/v2": against(is_won=True)}
    rows = moved(CHAMPION, trained=[training(1), training(2)], strategy="switch", same_split=won)
    assert stages(rows) == {"v1": "retired", "v2": "champion"}
    assert rows[1]["predecessor"] == "failure_risk/v1"
    assert (rows[0]["retired_at"], rows[1]["promoted_at"]) == (NOW, NOW)
    assert "errs less than v1 on 40 runs that neither learnt from (0.1, 0.2)" in rows[1]["stage_reason"]


@pytest.mark.parametrize("strategy", ["shadow", "canary"])
def test_the_others_try_it_all_the_same(strategy):
    rows = moved(
        CHAMPION, trained=[training(2)], strategy=strategy, same_split={"failure_risk/v2": against(is_won=True)}
    )
    assert stages(rows) == {"v1": "champion", "v2": strategy}


@pytest.mark.parametrize("strategy", ["shadow", "canary", "switch"])
def test_what_surely_lost_on_the_same_split_is_rejected(strategy):
    lost = {"failure_risk/v2": against(score=0.3, is_lost=True)}
    rows = moved(CHAMPION, trained=[training(2)], strategy=strategy, same_split=lost)
    assert stages(rows) == {"v1": "champion", "v2": "rejected"}


def test_a_comparison_with_another_champion_decides_nothing():
    won = {"failure_risk/v3": against(is_won=True, champion="failure_risk/v1")}
    rows = moved(version(2, "champion"), trained=[training(3)], strategy="switch", same_split=won)
    assert stages(rows) == {"v2": "champion", "v3": "shadow"}


def test_a_newer_challenger_takes_the_place_of_one_on_trial():
    assert stages(moved(CHAMPION, TRIED, trained=[training(3)])) == {"v1": "champion", "v2": "retired", "v3": "shadow"}


@pytest.mark.parametrize(
    ("shown", "stage"),
    [(live(29, 0.1, 0.2), "shadow"), (live(30, 0.1, 0.2), "champion"), (live(30, 0.2, 0.1), "rejected")],
    ids=["too few", "better", "worse"],
)
def test_a_shadow_is_decided_by_thirty_outcomes_of_the_same_runs(shown, stage):
    rows = moved(CHAMPION, TRIED, live={"failure_risk/v2": shown})
    assert stages(rows)["v2"] == stage
    assert (rows[1]["live_n"], rows[1]["live_score"], rows[1]["champion_live_score"]) == (
        shown.n,
        shown.score,
        shown.champion_score,
    )


@pytest.mark.parametrize(
    ("shown", "stage"),
    [
        (live(12, 0.4, 0.2, is_surely_worse=True), "rejected"),
        (live(12, 0.21, 0.2), "canary"),
        (live(30, 0.21, 0.2), "rejected"),
        (live(30, 0.19, 0.2), "champion"),
    ],
    ids=["surely worse", "not surely", "worse in the end", "better"],
)
def test_a_canary_stops_as_soon_as_it_is_surely_worse_and_must_be_better_in_the_end(shown, stage):
    assert stages(moved(CHAMPION, version(2, "canary"), live={"failure_risk/v2": shown}))["v2"] == stage


def test_scores_against_another_champion_decide_no_trial():
    old = live(99, 0.1, 0.2, champion="failure_risk/v7")
    assert stages(moved(CHAMPION, TRIED, live={"failure_risk/v2": old}))["v2"] == "shadow"


def test_a_rejection_brings_back_the_version_before():
    rows = moved(
        version(1, "retired"), version(2, "champion", predecessor="failure_risk/v1"), decisions=[said("rejected", 2)]
    )
    assert stages(rows) == {"v1": "champion", "v2": "withdrawn"}
    assert rows[1]["stage_reason"] == "withdrawn by ann: as agreed"
    assert rows[0]["stage_reason"] == "answers again: v2 was withdrawn by ann: as agreed"
    assert (rows[1]["decision_id"], rows[1]["retired_at"], rows[0]["retired_at"]) == ("d21", NOW, None)


def test_a_decision_is_carried_out_once():
    once = [said("rejected", 2)]
    rows = moved(version(1, "retired"), version(2, "champion", predecessor="failure_risk/v1"), decisions=once)
    again = moved(*rows, decisions=[*once, said("applied", 2, at=2)])
    assert stages(again) == {"v1": "retired", "v2": "champion"}
    assert moved(*again, decisions=[*once, said("applied", 2, at=2)]) == again


def test_without_an_earlier_champion_nobody_answers_and_the_next_version_does():
    tried_once = version(1, "retired", promoted_at=None)
    rows = moved(tried_once, version(2, "champion"), decisions=[said("rejected", 2)])
    assert stages(rows) == {"v1": "retired", "v2": "withdrawn"}
    assert rows[1]["stage_reason"].endswith("no earlier version can answer")
    assert stages(moved(*rows, trained=[training(3)], decisions=[said("rejected", 2)]))["v3"] == "champion"


def test_a_person_may_promote_what_lost_its_trial_but_not_what_loses_to_a_baseline():
    lost, bad = version(2, "rejected"), version(3, "unpublished", is_better_than_baselines=False)
    rows = moved(CHAMPION, lost, bad, decisions=[said("applied", 3), said("applied", 2, at=2)])
    assert stages(rows) == {"v1": "retired", "v2": "champion", "v3": "unpublished"}
    assert "it does not beat both baselines" in only(rows, "v3")["stage_reason"]


def test_of_a_version_the_newest_decision_counts_and_words_of_other_things_do_nothing():
    spoken = [said("applied", 2), said("acknowledged", 2, at=2), said("rejected", 9, at=3)]
    assert stages(moved(CHAMPION, TRIED, decisions=spoken)) == {"v1": "champion", "v2": "shadow"}


def test_broken_files_stop_a_trial_are_never_brought_back_and_do_not_fall_back_by_themselves():
    broken = {"v1": "v1 is gone", "v3": "v3 is gone"}

    def problem(row):
        return broken.get(row["version"])

    rows = moved(
        version(1, "retired"),
        version(2, "champion", predecessor="failure_risk/v1"),
        version(3, "shadow"),
        problem=problem,
    )
    assert stages(rows) == {"v1": "retired", "v2": "champion", "v3": "rejected"}
    assert only(rows, "v1")["problem"] == "v1 is gone"
    assert stages(moved(*rows, problem=problem, decisions=[said("rejected", 2)]))["v1"] == "retired"
    (alone,) = moved(version(1, "champion"), problem=problem)
    assert (alone["stage"], alone["problem"]) == ("champion", "v1 is gone")


@pytest.mark.parametrize("strategy", ["shadow", "canary", "switch"])
@pytest.mark.parametrize("tried", [{"trained": [training(2)]}, {}], ids=["just trained", "on trial"])
def test_a_champion_that_cannot_answer_gives_way_to_whatever_beats_the_baselines(strategy, tried):
    before = [CHAMPION] if tried else [CHAMPION, TRIED]
    rows = moved(*before, strategy=strategy, problem=lambda row: {"v1": "v1 is gone"}.get(row["version"]), **tried)
    assert stages(rows) == {"v1": "retired", "v2": "champion"}
    assert rows[1]["stage_reason"] == "it beats the baselines, and v1 could not answer: v1 is gone"
    assert rows[1]["predecessor"] == "failure_risk/v1"


def test_a_version_that_does_not_beat_the_baselines_takes_no_broken_place():
    bad = training(2, is_better_than_baselines=False, verdict="no better than the constant")
    rows = moved(CHAMPION, trained=[bad], problem=lambda row: "gone" if row["version"] == "v1" else None)
    assert stages(rows) == {"v1": "champion", "v2": "unpublished"}


def test_at_three_runs_a_day_a_better_challenger_takes_over_within_six_weeks():
    rows, sensor = [CHAMPION], TrainingRequest(("failure_risk",), "due: trained over 7 days ago")
    for day in range(31, 31 + 42):
        at, newest = FIRST + timedelta(days=day), rows[-1]
        trial = next((row for row in rows if row["stage"] == "shadow"), None)
        shown = {trial["id"]: live(3 * (at - trial["stage_since"]).days, 0.1, 0.2)} if trial else {}
        model = ModelSoFar(newest, CHAMPION, trial, at if trial else None)
        is_asked = at - newest["trained_at"] > timedelta(days=7)
        trained = []
        if is_asked and due_now("failure_risk", sensor, model, data_hash="new", interval_hours=24, now=at).is_yes:
            trained = [training(len(rows) + 1, trained_at=at)]
        rows = advance(rows, Evidence(trained=trained, now=at, live=shown))
        if stages(rows)["v1"] == "retired":
            break
    assert stages(rows) == {"v1": "retired", "v2": "champion"}
    assert rows[1]["promoted_at"] - rows[1]["trained_at"] == timedelta(days=10)


def test_files_of_the_newest_twenty_and_of_what_is_in_use_are_kept():
    old = [version(1, "retired"), version(2, "champion", predecessor="failure_risk/v1"), version(3, "rejected")]
    rows = moved(*old, *(version(number, "rejected") for number in range(4, 25)))
    assert [row["version"] for row in rows if row["artifact_removed_at"]] == ["v3", "v4"]
    assert "its files were removed: 20 versions came since" in only(rows, "v3")["stage_reason"]
    assert [row["artifact_removed_at"] for row in moved(*rows) if row["version"] == "v3"] == [NOW]


def test_two_hundred_versions_of_a_model_are_remembered_and_what_is_in_use():
    rows = moved(version(1, "champion"), *(version(number, "rejected") for number in range(2, 300)))
    assert len(rows) == 201
    assert rows[0]["version"] == "v1"


def test_models_do_not_mix():
    other = version(1, "champion", model_name="run_cost")
    rows = moved(CHAMPION, other, decisions=[said("rejected", 1)])
    assert {row["id"]: row["stage"] for row in rows} == {"failure_risk/v1": "withdrawn", "run_cost/v1": "champion"}
