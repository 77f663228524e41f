"""The models of issues as assets: what they write, and what must hold of it."""

from __future__ import annotations

import json
import random

import pandas as pd
import pytest
from dagster import AssetCheckSeverity

from analytics_assets.defs.predictions import reading
from analytics_assets.defs.predictions.issue_models import issue_predictions
from analytics_assets.defs.predictions.prediction_checks import (
    causes_named_when_likely,
    files_ranked_by_risk,
    long_estimates_above_short_ones,
    published_models_are_better,
    repository_is_read,
)
from analytics_assets_tests.defs.predictions.conftest import MODELS, day
from analytics_assets_tests.repository.worked import Worked

CAUSES = {"RCA-1": "is too long", "RCA-2": "repeats a text", "RCA-3": "names nothing that exists"}


def issues(count, days=300.0, **fields):
    """Traced and fixed issues whose cause is in their text and whose time is in their files; a few are open."""
    rng = random.Random(0)
    found = []
    for number in range(count):
        cause, size = rng.choice(list(CAUSES)), rng.choice((1, 2, 4, 8))
        at = days * number / count
        issue = {
            "id": f"OPT-{number}",
            "day": at,
            "fixed": at + 2,
            "issue": f"part {rng.randrange(20)} {CAUSES[cause]}",
            "root_cause_id": cause,
            "files": [f"src/f{(number * number) % 23}.py"],
            "files_affected_count": size,
            "time_spent_minutes": 10 * size * rng.uniform(0.8, 1.25),
        } | fields
        found.append(issue)
    for number in range(3):
        found.append(found[number] | {"id": f"NEW-{number}", "day": days - 1, "fixed": None, "root_cause_id": None})
    return found


def models(tables):
    return {row["model"]: row for row in tables["issue_models"].to_dict("records")}


def test_a_planted_signal_is_published_and_used(tracker):
    tracker.add(issues(240))
    tracker.now(300)
    tables, metadata = tracker.predicted(issue_predictions)
    judged = models(tables)
    assert judged["fix_time"]["is_published"]
    assert judged["root_cause"]["is_published"]
    assert judged["fix_time"]["improvement_low"] > 0
    assert json.loads(judged["fix_time"]["details"])["p90_coverage"] > 0.7
    assert set(tables["fix_time_estimates"]["method"]) == {"quantile_regression"}
    causes = tables["root_cause_predictions"].set_index("id")
    for number in range(3):
        assert causes.loc[f"NEW-{number}", "predicted_root_cause_id"] == issues(240)[number]["root_cause_id"]
    assert "| fix_time | True |" in metadata["issue_models"]["models"].value
    assert published_models_are_better(issue_models=tables["issue_models"], warehouse=tracker.warehouse).passed


def test_what_is_learnt_does_not_know_the_future(tracker):
    rows = issues(240)
    tracker.add(rows)
    tracker.now(300)
    before, _ = tracker.predicted(issue_predictions)
    for table in ("kpis.issue_features", "staging.stg_issues", "staging.stg_issue_openings"):
        tracker.execute(f"delete from {table}")
    for row in rows:
        # So little that the model still wins: a model that knew of it would say more.
        row["time_spent_minutes"] *= 1.2 if row["day"] > 250 else 1
    tracker.add(rows)
    after, _ = tracker.predicted(issue_predictions)
    columns = ["id", "p50_minutes", "p90_minutes"]
    assert not before["issue_models"]["score"].equals(after["issue_models"]["score"])
    assert after["fix_time_estimates"]["method"].tolist() == ["quantile_regression"] * 3
    pd.testing.assert_frame_equal(before["fix_time_estimates"][columns], after["fix_time_estimates"][columns])


def test_the_same_input_gives_the_same_tables(tracker):
    tracker.add(issues(150))
    tracker.now(300)
    first, second = tracker.predicted(issue_predictions)[0], tracker.predicted(issue_predictions)[0]
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, second[name])


def test_twelve_issues_are_not_enough_and_every_model_says_so(tracker):
    tracker.add(issues(12, days=20))
    tracker.now(21)
    tables, _ = tracker.predicted(issue_predictions)
    assert len(tables["issue_models"]) == 5
    assert not tables["issue_models"]["is_published"].any()
    assert tables["issue_models"]["reason"].str.startswith("not enough data").all()
    assert set(tables["fix_time_estimates"]["method"]) == {"naive"}
    assert set(tables["root_cause_predictions"]["predicted_root_cause_id"]) == {"unknown"}
    assert set(tables["file_risks"]["method"]) == {"insufficient_history"}
    assert tables["file_risks"]["risk"].isna().all()


def test_issues_of_which_nothing_is_known_have_rows_without_figures(tracker):
    nothing = {"time_spent_minutes": None, "root_cause_id": None, "files": None, "files_affected_count": None}
    tracker.add(issues(80, **nothing, issue=None, category=None))
    tracker.now(300)
    tables, _ = tracker.predicted(issue_predictions)
    assert tables["fix_time_estimates"]["p50_minutes"].isna().all()
    assert len(tables["root_cause_predictions"]) == 83
    assert tables["file_risks"].empty
    assert len(tables["issue_models"]) == 5


def test_without_an_issue_every_table_is_empty_and_every_check_passes(tracker):
    tables, _ = tracker.predicted(issue_predictions)
    assert [len(table) for table in tables.values()] == [0, 0, 0, 0, 0]
    assert published_models_are_better(issue_models=tables["issue_models"], warehouse=tracker.warehouse).passed
    assert long_estimates_above_short_ones(fix_time_estimates=tables["fix_time_estimates"]).passed
    assert causes_named_when_likely(root_cause_predictions=tables["root_cause_predictions"]).passed
    assert files_ranked_by_risk(file_risks=tables["file_risks"]).passed


def test_reviews_without_issues_have_models_without_data(tracker):
    tracker.now(10)
    tables, _ = tracker.predicted(issue_predictions)
    assert tables["issue_models"]["reason"].str.startswith("not enough data").all()


def test_the_repository_of_the_files_tells_of_them(tracker, tmp_path, monkeypatch):
    worked = Worked(tmp_path / "code")
    worked.commit(0, {"src/f0.py": "x\n" * 7, "src/unnamed.py": "x\n"})
    monkeypatch.setenv("ANALYTICS_REPOSITORY", str(tmp_path / "code"))
    tracker.add(issues(60, files=["src/f0.py", "gone.py"]))
    tracker.now(300)
    tables, metadata = tracker.predicted(issue_predictions)
    files = tables["file_risks"].set_index("file")
    assert files.loc["src/f0.py", ["lines", "age_days"]].tolist() == [7, 300]
    assert files.loc["src/unnamed.py", "past_issues"] == 0
    assert set(files.index) == {"src/f0.py", "src/unnamed.py"}
    assert metadata["file_risks"]["repository"].value == (
        "1 of 2 named files are not in the repository and are left out."
    )
    assert repository_is_read(file_risks=tables["file_risks"], warehouse=tracker.warehouse).passed


def test_a_repository_that_cannot_be_read_costs_its_figures_and_is_said(tracker, tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_REPOSITORY", str(tmp_path / "nowhere"))
    tracker.add(issues(60))
    tracker.now(300)
    tables, metadata = tracker.predicted(issue_predictions)
    assert "nowhere is not a folder" in metadata["file_risks"]["repository"].value
    assert tables["file_risks"]["risk"].notna().all()
    assert tables["file_risks"]["lines"].isna().all()
    (reason,) = tables["issue_models"].query("model == 'file_risk'")["reason"]
    assert reason.endswith("the repository cannot be read: the folder is not there")
    for table in tables.values():
        assert str(tmp_path) not in table.to_json()
    result = repository_is_read(file_risks=tables["file_risks"], warehouse=tracker.warehouse)
    assert (result.passed, result.severity) == (False, AssetCheckSeverity.WARN)


def test_a_repository_of_other_files_is_not_used_and_is_said(tracker, tmp_path, monkeypatch):
    Worked(tmp_path / "code").commit(0, {"other.py": "x\n"})
    monkeypatch.setenv("ANALYTICS_REPOSITORY", str(tmp_path / "code"))
    tracker.add(issues(60))
    tracker.now(300)
    tables, metadata = tracker.predicted(issue_predictions)
    assert set(tables["file_risks"]["file"]) == {f"src/f{n * n % 23}.py" for n in range(60)}
    (reason,) = tables["issue_models"].query("model == 'file_risk'")["reason"]
    assert reason.endswith("the repository has none of the files that issues name: paths count from its top")
    assert str(tmp_path / "code") in metadata["file_risks"]["repository"].value


def test_a_repository_whose_history_begins_after_the_issues_end_is_not_used_and_is_said(tracker, tmp_path, monkeypatch):
    Worked(tmp_path / "code").commit(301, {"src/f0.py": "x\n"})
    monkeypatch.setenv("ANALYTICS_REPOSITORY", str(tmp_path / "code"))
    tracker.add(issues(60))
    tracker.now(300)
    tables, metadata = tracker.predicted(issue_predictions)
    assert set(tables["file_risks"]["file"]) == {f"src/f{n * n % 23}.py" for n in range(60)}
    (reason,) = tables["issue_models"].query("model == 'file_risk'")["reason"]
    problem = "the repository has no commit before 2026-10-28 00:00 UTC"
    assert reason.endswith(problem)
    assert f"{tmp_path / 'code'}: {problem}, where the issues end." in metadata["file_risks"]["repository"].value
    assert not repository_is_read(file_risks=tables["file_risks"], warehouse=tracker.warehouse).passed


def test_a_shallow_clone_of_today_says_that_it_is_one(tracker, tmp_path, monkeypatch):
    worked = Worked(tmp_path / "code")
    worked.commit(0, {"src/f0.py": "x\n"})
    worked.commit(301, {"src/f0.py": "y\n"})
    worked("clone", "--quiet", "--depth=1", f"file://{worked.folder}", str(tmp_path / "shallow"))
    monkeypatch.setenv("ANALYTICS_REPOSITORY", str(tmp_path / "shallow"))
    tracker.add(issues(60))
    tracker.now(300)
    said = tracker.predicted(issue_predictions)[1]["file_risks"]["repository"].value
    assert "has no commit before" in said
    assert said.endswith("git fetch --unshallow")


def test_a_fix_without_a_known_time_is_not_learnt_from(tracker):
    rows = issues(120)
    undated = [
        row | {"id": f"U-{n}", "closed_at": None, "fixed_date": None, "time_spent_minutes": 9000.0}
        for n, row in enumerate(rows[:100])
    ]
    tracker.add(rows)
    tracker.now(300)
    before = tracker.predicted(issue_predictions)[0]["fix_time_estimates"]
    tracker.add(undated)
    after = tracker.predicted(issue_predictions)[0]["fix_time_estimates"]
    pd.testing.assert_frame_equal(before, after)


def test_a_fix_is_known_when_its_last_opening_was_closed(tracker):
    tracker.add([{"id": "a", "day": 0, "fixed": 40, "fixed_date": day(5), "time_spent_minutes": 3.0, "openings": 2}])
    tracker.execute("update staging.stg_issue_openings set opening = 2")
    tracker.execute(
        "insert into staging.stg_issue_openings by name select 'a' as id, 1 as opening, ? as closed_at", [day(5)]
    )
    tracker.now(50)
    with tracker.warehouse.get_connection() as con:
        assert reading.known(con).fixes["known_at"].tolist() == [day(40)]


@pytest.mark.parametrize(
    ("versions", "traced"),
    [
        ([], 3),
        ([(8, "R")], 3),
        ([(4, None), (9, "R")], 9),
        ([(4, "Q"), (9, "R"), (12, "R")], 9),
        ([(4, "R"), (9, "Q"), (12, "R")], 3),
        ([(1, None), (2, "R")], 3),
    ],
    ids=["no version", "one version", "traced later", "traced again", "back to the first", "before its first sight"],
)
def test_a_cause_is_known_from_the_first_version_that_names_it(tracker, versions, traced):
    tracker.add([{"id": "a", "day": 3, "root_cause_id": "R"}])
    tracker.versions("a", *versions)
    tracker.now(50)
    with tracker.warehouse.get_connection() as con:
        (issue,) = reading.known(con).traced
    assert issue.traced_at == day(traced)


def read(tracker):
    with tracker.warehouse.get_connection() as con:
        return reading.known(con)


@pytest.mark.parametrize(
    ("versions", "named"),
    [
        ([], 3),
        ([(8, ["a.md"])], 3),
        ([(4, None), (9, ["./a.md "]), (12, ["b.md", "a.md"])], 9),
        ([(4, ["a.md"]), (9, []), (12, ["a.md"])], 3),
        ([(1, []), (2, ["a.md"])], 3),
        ([(4, []), (60, ["a.md"])], 50),
    ],
    ids=["no version", "one version", "named later", "named again", "before its first sight", "after as_of"],
)
def test_a_file_is_named_from_the_first_version_that_names_it(tracker, versions, named):
    tracker.add([{"id": "a", "day": 3, "files": ["a.md"]}])
    for at, files in versions:
        tracker.told("a", at, files_affected=files)
    tracker.now(50)
    (one,) = read(tracker).named
    assert (one.file, one.opened_at, one.named_at) == ("a.md", day(3), day(named))


def test_a_cause_is_learnt_from_what_was_told_before_it_was_named(tracker):
    tracker.add([{"id": "a", "day": 3, "root_cause_id": "R", "issue": "because of R", "files": ["a.md", "r.md"]}])
    tracker.told("a", 4, issue="long", category="agents", files_affected=["./a.md", "a.md", None])
    tracker.told("a", 9, issue="because of R", category="commands", files_affected=["a.md", "r.md"], root_cause_id="R")
    tracker.now(50)
    (issue,) = read(tracker).traced
    assert (issue.text, issue.category, issue.subcategory, issue.files) == ("long", "agents", None, ["a.md"])


def test_an_issue_that_is_not_traced_is_asked_about_as_it_is_told_now(tracker):
    tracker.add([{"id": "a", "day": 3, "issue": "new", "files": ["b.md"]}])
    tracker.told("a", 4, issue="old", files_affected=["a.md"])
    tracker.told("a", 9, issue="new", files_affected=["b.md"])
    tracker.now(50)
    (issue,) = read(tracker).untraced
    assert (issue.text, issue.files) == ("new", ["b.md"])


def test_a_fix_time_is_learnt_from_what_was_told_before_the_fix(tracker):
    fixed = {"day": 3, "fixed": 9, "time_spent_minutes": 5.0, "files_affected_count": 7, "lines_over_limit": 90}
    tracker.add([{"id": "a"} | fixed, {"id": "b"} | fixed])
    tracker.told("a", 4, status="OPEN", priority=3, files_affected=["a.md"])
    tracker.told("a", 9, status="FIXED", priority=2, files_affected=list("abcdefg"), lines_over_limit=90)
    tracker.told("b", 9, status="FIXED", files_affected=list("abcdefg"), lines_over_limit=90)
    tracker.now(50)
    columns = ["priority", "files_affected_count", "lines_over_limit"]
    fixes = read(tracker).fixes[columns].astype("Float64").fillna(-1)
    assert fixes.to_numpy().tolist() == [[3, 1, -1], [2, 7, 90]]


def test_paths_of_versions_are_cleaned_as_those_of_staging_are():
    macro = (MODELS.parent / "macros" / "dialect.sql").read_text(encoding="utf-8")
    assert f"'{reading.PATH_MARGINS}'" in macro


def test_the_forecast_of_health_is_judged_beside_the_other_models(tracker):
    tracker.execute(
        "create table forecasts.health_forecast as select 'overall' as scope, 'issue_velocity' as method, 60 as weeks, "
        "1.0 as mae, 2.0 as naive_mae, 26 as tests, date '2026-03-02' as tested_from, 'issue_velocity' as challenger, "
        "1.0 as challenger_mae, 0.4 as improvement_low, 'issue velocity was off by 1.0 points' as reason"
    )
    tracker.add(issues(12, days=20))
    tracker.now(21)
    health = models(tracker.predicted(issue_predictions)[0])["health"]
    assert (health["is_published"], health["score"], health["naive_score"], health["improvement_low"]) == (
        True,
        1.0,
        2.0,
        0.4,
    )


def test_an_answer_of_a_model_that_did_not_win_is_found(tracker):
    tracker.add(issues(240))
    tracker.now(300)
    tables, _ = tracker.predicted(issue_predictions)
    claimed = tables["issue_models"].assign(improvement_low=-0.1)
    result = published_models_are_better(issue_models=claimed, warehouse=tracker.warehouse)
    assert not result.passed
    assert "fix_time" in result.metadata["unproved"].value
    withdrawn = tables["issue_models"].assign(is_published=False)
    result = published_models_are_better(issue_models=withdrawn, warehouse=tracker.warehouse)
    assert result.metadata["answer_without_being_published"].value == ["fix_time", "root_cause"]


@pytest.mark.parametrize(
    ("p50", "p90", "passes"),
    [(5.0, 9.0, True), (None, None, True), (9.0, 5.0, False), (0.0, 5.0, False), (5.0, None, False)],
)
def test_a_median_above_its_percentile_fails(p50, p90, passes):
    frame = pd.DataFrame({"id": ["a"], "p50_minutes": [p50], "p90_minutes": [p90]})
    frame = frame.astype({"p50_minutes": "Float64", "p90_minutes": "Float64"})
    assert long_estimates_above_short_ones(fix_time_estimates=frame).passed is passes


@pytest.mark.parametrize(
    ("cause", "confidence", "runner_up", "passes"),
    [
        ("R", 0.8, 0.1, True),
        ("unknown", 0.4, 0.3, True),
        ("R", 0.4, 0.3, False),
        ("R", 0.8, 0.9, False),
        ("R", None, None, False),
    ],
)
def test_a_cause_named_without_confidence_fails(cause, confidence, runner_up, passes):
    frame = pd.DataFrame(
        {
            "id": ["a"],
            "predicted_root_cause_id": [cause],
            "confidence": [confidence],
            "runner_up_confidence": [runner_up],
        }
    )
    frame = frame.astype({"confidence": "Float64", "runner_up_confidence": "Float64"})
    assert causes_named_when_likely(root_cause_predictions=frame).passed is passes


@pytest.mark.parametrize(
    ("risks", "ranks", "passes"),
    [([0.5, 0.1], [1, 2], True), ([0.1, 0.5], [1, 2], False), ([1.5, 0.5], [1, 2], False), ([0.5, 0.1], [1, 1], False)],
)
def test_files_out_of_order_fail(risks, ranks, passes):
    frame = pd.DataFrame({"file": ["a", "b"], "risk": pd.array(risks, dtype="Float64"), "rank": ranks})
    assert files_ranked_by_risk(file_risks=frame).passed is passes
