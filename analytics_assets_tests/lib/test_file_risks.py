"""Which files are at risk, with and without the figures of git."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib import file_risks
from analytics_assets.lib.file_risks import cutoffs, judge_file_risks
from analytics_assets.lib.named_files import Named, named_by
from analytics_assets.repository.history import file_history
from analytics_assets_tests.lib.planted import FIRST, risky_files
from analytics_assets_tests.repository.worked import Worked, fast_import


def naming(file, issue, day, named_on=None):
    """An open issue of a day, which names the file then or on a later one."""
    told = day if named_on is None else named_on
    return Named(file, issue, FIRST + timedelta(days=day), None, True, FIRST + timedelta(days=told))


def test_much_changed_files_are_found_before_their_issues():
    named, as_of, history = risky_files(0, is_noise=False, issues=400)
    risks = judge_file_risks(named, as_of, history)
    assert risks.judged.is_published
    details = risks.judged.details
    assert details["precision_at_10"] > details["naive_precision_at_10"] + 0.1
    assert details["recall_at_10"] > details["naive_recall_at_10"]
    riskiest = [row["file"] for row in risks.rows[:8]]
    facts = history.at[as_of].facts
    changed = sorted(facts, key=lambda file: -facts[file].changes_90d)[:12]
    assert len(set(riskiest) & set(changed)) >= 6


def test_noise_is_published_once_in_twenty_times_at_most():
    published = [judge_file_risks(*risky_files(seed, is_noise=True)).judged.is_published for seed in range(12)]
    assert sum(published) <= 1


def test_a_file_of_a_repository_that_keeps_breaking_is_ranked_first(tmp_path):
    days, files = 300, [f"src/f{n}.py" for n in range(40)]
    rng = np.random.default_rng(0)
    commits = [(0.0, dict.fromkeys(files, "x = 1\n" * 50))]
    commits += [(day, {files[7]: "if x:\n    y = 2\n" * (50 + day)}) for day in range(2, days, 2)]
    commits += [(float(day) + 0.5, {files[int(rng.integers(40))]: f"x = {day}\n" * 50}) for day in range(1, days, 9)]
    fast_import(tmp_path / "code", sorted(commits, key=lambda commit: commit[0]))
    names = [files[7] if n % 3 == 0 else files[int(rng.integers(40))] for n in range(150)]
    named = [
        Named(file, f"i{n}", at := FIRST + timedelta(days=2 * n), at + timedelta(days=1), True, at)
        for n, file in enumerate(names)
    ]
    as_of = FIRST + timedelta(days=days)
    moments = [*cutoffs(FIRST, as_of), as_of]
    history = file_history(tmp_path / "code", named_by(named, moments))
    risks = judge_file_risks(named, as_of, history)
    assert risks.rows[0]["file"] == files[7]
    assert risks.rows[0]["risk"] > 0.9
    assert risks.rows[0]["changes_90d"] >= 40
    assert f"{risks.rows[0]['past_issues']} issues so far" in risks.rows[0]["reason"]


def test_the_naive_risk_of_files_that_are_alike_is_the_same_and_of_unlike_ones_is_not():
    alike = [naming(f"f{n % 20}", f"i{n}", n / 2) for n in range(120)]
    rows = judge_file_risks(alike, FIRST + timedelta(days=60), None).rows
    assert rows[0]["risk"] == pytest.approx(rows[-1]["risk"])
    # 6 issues each in 60 days are 2.8 in 28: at least one with 1 - exp(-2.8).
    assert rows[0]["risk"] == pytest.approx(1 - np.exp(-6 / 60 * 28), abs=0.005)
    unlike = [one._replace(file="f0") if n % 2 else one for n, one in enumerate(alike)]
    rows = judge_file_risks(unlike, FIRST + timedelta(days=60), None).rows
    assert rows[0]["file"] == "f0"
    assert rows[0]["risk"] > rows[1]["risk"] + 0.05


def test_what_comes_later_changes_no_figure_of_the_past():
    named, as_of, history = risky_files(0, is_noise=False, issues=400)
    early = as_of - timedelta(days=84)
    known = [one for one in named if one.opened_at <= early]
    before = judge_file_risks(known, early, history)
    at = early + timedelta(days=1)
    later = [Named("f1.py", f"late{n}", at, None, True, at) for n in range(50)]
    after = judge_file_risks([*known, *later], early, history)
    assert before.judged.train_n == after.judged.train_n
    assert [(row["file"], row["risk"], row["past_issues"]) for row in before.rows] == [
        (row["file"], row["risk"], row["past_issues"]) for row in after.rows
    ]


def worked_history(folder, named, as_of):
    return file_history(folder, named_by(named, [*cutoffs(min(one.opened_at for one in named), as_of), as_of]))


def test_issues_go_with_their_file_when_it_is_renamed_and_a_deleted_file_is_not_ranked(tmp_path):
    text = "".join(f"line {n}\n" for n in range(20))
    worked = Worked(tmp_path / "code")
    worked.commit(0, {"old.py": text, "gone.py": "other\n", "kept.py": "x\n"})
    worked("mv", "old.py", "new.py")
    worked.commit(100, {"gone.py": None})
    days = {"old.py": (1, 50, 99), "new.py": (110,), "gone.py": (2, 3, 4, 5, 6, 7), "./nowhere.py": (8,)}
    named = [naming(file, f"{file}{number}", number) for file, numbers in days.items() for number in numbers]
    as_of = FIRST + timedelta(days=120)
    rows = judge_file_risks(named, as_of, worked_history(tmp_path / "code", named, as_of)).rows
    assert {row["file"]: row["past_issues"] for row in rows} == {"new.py": 4, "kept.py": 0}
    assert {row["file"] for row in judge_file_risks(named, as_of, None).rows} == set(days)


def test_an_issue_after_a_rename_is_one_of_the_file_that_was_looked_at_before_it(tmp_path, monkeypatch):
    # Every issue of the new name comes right after the rename: by its path alone no file looked at had one.
    text = "".join(f"line {n}\n" for n in range(20))
    worked = Worked(tmp_path / "code")
    worked.commit(0, {"old.py": text, "kept.py": "x\n", "gone.py": "z\n"})
    worked("mv", "old.py", "new.py")
    worked.commit(150, {"gone.py": None})
    as_of = FIRST + timedelta(days=168)
    named = [naming(file, f"i{day}", day) for file, day in (("old.py", 0), ("gone.py", 1), ("new.py", 160))]
    history = worked_history(tmp_path / "code", named, as_of)
    seen = []
    monkeypatch.setattr(file_risks, "_lacking_issues", lambda *sides: seen.extend(sides) or "enough")
    judge_file_risks(named, as_of, history)
    looks = pd.concat(seen).sort_values(["look", "file"])
    last = looks[looks["look"] == FIRST + timedelta(days=140)]
    assert last[["file", "past_issues", "has_issue"]].to_numpy().tolist() == [
        ["gone.py", 1, False],
        ["kept.py", 0, False],
        ["old.py", 1, True],
    ]


def test_a_file_that_an_issue_named_later_was_not_known_before(monkeypatch):
    # Looks are on days 28, 56, 84, 112 and 140 of 168.
    named = [naming("early", "i0", 0), naming("late", "i1", 1, named_on=100), naming("never", "i2", 90, named_on=160)]
    seen = []
    monkeypatch.setattr(file_risks, "_lacking_issues", lambda *sides: seen.extend(sides) or "enough")
    rows = judge_file_risks(named, FIRST + timedelta(days=168), None).rows
    looks = pd.concat(seen)
    files = {(at - FIRST).days: " ".join(look["file"]) for at, look in looks.groupby("look")}
    assert files == {28: "early", 56: "early", 84: "early", 112: "early late", 140: "early late"}
    # What was named after its four weeks was no outcome of them.
    assert not looks["has_issue"].any()
    assert {row["file"] for row in rows} == {"early", "late", "never"}


def test_an_issue_that_names_a_known_file_only_after_four_weeks_is_no_outcome_of_them(monkeypatch):
    known = [naming("a", "i0", 0), naming("b", "i1", 0)]
    seen = []
    monkeypatch.setattr(file_risks, "_lacking_issues", lambda *sides: seen.extend(sides) or "enough")
    later = [naming("a", "i2", 60, named_on=80), naming("b", "i3", 60, named_on=90)]
    judge_file_risks([*known, *later], FIRST + timedelta(days=168), None)
    looks = pd.concat(seen)
    assert looks[looks["has_issue"]][["file", "look"]].to_numpy().tolist() == [["a", FIRST + timedelta(days=56)]]


def test_under_four_weeks_no_risk_is_known():
    named = [naming("a", f"i{n}", n) for n in range(12)]
    risks = judge_file_risks(named, FIRST + timedelta(days=20), None)
    assert [(row["risk"], row["method"], row["open_issues"]) for row in risks.rows] == [
        (None, "insufficient_history", 12)
    ]
    assert "20 days of issues that name files, 112 needed" in risks.judged.reason


def test_no_file_at_all_is_no_row():
    risks = judge_file_risks([], FIRST, None)
    assert risks.rows == []
    assert risks.judged.reason.startswith("not enough data")


def test_files_that_all_have_issues_leave_nothing_to_tell_apart():
    named = [naming(f"f{n % 3}", f"i{n}", n) for n in range(300)]
    risks = judge_file_risks(named, FIRST + timedelta(days=300), None)
    assert "as many without are needed" in risks.judged.reason
    assert {row["method"] for row in risks.rows} == {"naive"}


def test_a_reopened_issue_is_open_again_but_not_a_new_one():
    first = naming("a", "i", 0)._replace(closed_at=FIRST + timedelta(days=1))
    again = first._replace(opened_at=FIRST + timedelta(days=30), closed_at=None, is_first=False)
    (row,) = judge_file_risks([first, again], FIRST + timedelta(days=40), None).rows
    assert (row["past_issues"], row["open_issues"], row["days_since_issue"]) == (1, 1, 40)
