"""`analytics optimize` and `analytics review`: the same facts for a terminal, as a text, as a page and as JSON."""

from __future__ import annotations

import json
import re

import pytest

from analytics_assets.reports.markdown import escaped
from analytics_assets_tests.cli.test_reporting import Page
from analytics_assets_tests.queries.issue_tables import EVIL, LEARNED, WORLD, fixed, hostile, publish

COMMANDS = ("optimize", "review")


@pytest.fixture
def published(cli):
    publish(cli.settings, WORLD)
    return cli


def values(answer):
    """Every value within an answer."""
    inside = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else None
    return [answer] if inside is None else [value for item in inside for value in values(item)]


def points(text):
    return dict(line.strip().split(": ", 1) for line in text.splitlines() if line.startswith("  ") and ": " in line)


def test_optimize_tells_what_the_framework_asks_for(published):
    said = published.run("optimize").stdout
    assert points(said) == {
        "Complexity score": "8.5 (2 of 2 issues), above average: usual is 5 (n = 3)",
        "ROI priorities": "OPT-006 (roi = 4.2, P1); OPT-014 (roi = 3.8, P2); known for 2 of 3 open issues",
        "Anomaly": "OPT-003 took 30 min; issues of its complexity take 9 min: investigate",
        "Health": "72 % from open issues (down 3 points in a week: worse; target over 90 %; n = 20)",
        "Last review": "health 72 %, as the review says, on 2026-02-01 10:00 (-3.0 points in a week)",
        "Burn rate": "0.83 (fixing fewer than finding: 5 fixed, 6 found)",
        "Debt": "32 points (up 2 points in a week: worse; target under 20 points; n = 20)",
        "Top root cause": "oversized, RCA-001 (9 of 22 issues = 41 %)",
        "Risk file": "system-review.md (20 % in 28 days: 5 issues so far)",
        "Next P0 likely in": "commands (60 %, 40 to 78 %; n = 20 P0 issues); not clearly more than agents",
        "Health to expect": "71 % of what reviews say, 66 to 76 % in 8 of 10 cases "
        "(at the end of the week of 2026-02-02; naive, n = 6 weeks)",
        "Will take long": "OPT-014 (45 min, 1 in 10 over 130 min, n = 40); the usual fix takes 20 min",
        "Proposed root causes": "OPT-031 (RCA-003, 81 %); OPT-030 (unknown, 30 %)",
        "Model of root cause": "used: The classifier is better: 0.2 against 0.8.",
    }
    assert "  Risk file: plan-feature.md (over 99 % in 28 days: growing fast: 120 lines in 90 days)\n" in said
    assert "Review rv-2, 2026-02-01 10:00; issues since the one before, 2026-01-25 10:00." in said


def test_a_review_of_a_part_names_it_wherever_its_figures_are_told(cli):
    reviews = [row | {"scope": "agents"} for row in WORLD["kpis.review_trends"]]
    publish(cli.settings, WORLD | {"kpis.review_trends": reviews})
    said = cli.run("optimize").stdout
    assert (
        "Review rv-2 of agents alone: no review is of everything, 2026-02-01 10:00; "
        "issues of agents since the one before, 2026-01-25 10:00." in said
    )
    assert points(said)["Last review"].startswith(
        "health 72 %, as the review says, on 2026-02-01 10:00, of agents alone ("
    )
    assert points(said)["Burn rate"] == "0.83 (fixing fewer than finding: 5 fixed, 6 found, of agents alone)"


def test_where_the_next_critical_issue_is_no_likelier_anywhere_no_category_is_named(cli):
    rows = [
        {"category": name, "method": "uniform", "probability_next": 0.5, "reason": "the simple answer"}
        for name in ("agents", "commands")
    ]
    publish(cli.settings, WORLD | {"predictions.critical_outlook": rows})
    said = points(cli.run("optimize").stdout)
    assert said["Next P0 likely in"] == "none more than another (50 % each: the simple answer)"


def test_where_no_model_is_published_its_reason_is_told_once(cli):
    rows = [
        {"id": f"I{n}", "predicted_root_cause_id": "unknown", "reason": "no model beats guessing"} for n in range(3)
    ]
    publish(cli.settings, WORLD | {"predictions.root_cause_predictions": rows})
    said = cli.run("optimize").stdout
    assert points(said)["Proposed root causes"] == "not enough data: no model beats guessing"


def test_a_forecast_and_a_chart_from_open_issues_name_no_reviews(cli):
    computed = [row | {"source": "issues"} for row in WORLD["kpis.weekly_health"]]
    publish(cli.settings, WORLD | {"kpis.weekly_health": computed})
    assert points(cli.run("optimize").stdout)["Health to expect"].startswith("71 % from open issues, 66 to 76 % ")
    told = cli.run("review").stdout
    assert "Health is computed from open issues, in the tables and in the chart.\n" in told
    assert "what reviews say" not in told


def test_the_table_and_the_chart_of_a_review_say_that_they_are_two_scales(published):
    assert (
        "Health in the tables is computed from open issues; charts, trend and forecast show what reviews say.\n"
        in published.run("review").stdout
    )


def test_issues_that_take_the_same_are_told_once(cli):
    rows = [{"id": f"I{n}", "p50_minutes": 45.0, "n": 40} for n in range(3)]
    publish(cli.settings, WORLD | {"predictions.fix_time_estimates": rows})
    said = points(cli.run("optimize").stdout)["Will take long"]
    assert said == "I0, I1, I2 (each 45 min, n = 40); the usual fix takes 20 min"


def test_without_a_critical_issue_nothing_is_told_of_the_next(cli):
    rows = [row | {"p0_issues": 0, "reason": "0 of 0"} for row in WORLD["predictions.critical_outlook"]]
    publish(cli.settings, WORLD | {"predictions.critical_outlook": rows})
    assert points(cli.run("optimize").stdout)["Next P0 likely in"] == "no critical issue so far"


@pytest.mark.parametrize("command", COMMANDS)
def test_data_that_contradicts_itself_is_told_with_its_ids_and_sound_data_is_not(cli, command):
    publish(cli.settings, WORLD)
    assert "Data: " not in cli.run(command).stdout
    odd = [fixed(f"X{n}", 5, problem="fixed before it was first seen") for n in range(7)]
    odd += [fixed("Y", 5, problem="fixed without a date")]
    publish(cli.settings, WORLD | {"kpis.issue_features": [*WORLD["kpis.issue_features"], *odd]})
    said = cli.run(command).stdout
    assert "Data: fixed before it was first seen: 7 issues (X0, X1, X2, X3, X4 and 2 more)" in said
    assert "Data: fixed without a date: 1 issue (Y)" in said


def test_where_all_fixes_have_a_time_their_number_stands_alone(cli):
    rows = [row | {"n": 5} if row["kpi"] == "fix_minutes" else row for row in WORLD["kpis.optimization_kpis"]]
    publish(cli.settings, WORLD | {"kpis.optimization_kpis": rows})
    assert "| Average fix time | 13 min | 18 min | ↓ better | 5 |" in cli.run("review", "--format", "markdown").stdout


def test_how_many_were_open_a_week_ago_may_not_be_known(cli):
    cause = {"root_cause_id": "RCA-1", "open_issues": 2, "new_issues": 2, "issues": 3}
    publish(cli.settings, WORLD | {"kpis.root_cause_progress": [cause]})
    assert "  RCA-1: not known → 2 open (2 new)\n" in cli.run("review").stdout


def test_the_help_says_what_form_a_file_has(cli):
    for command in COMMANDS:
        told = " ".join(re.sub(r"[│╭╰─╮╯]", " ", cli.run(command, "--help").stdout).split())
        assert "else Markdown" in told


def test_review_has_the_table_of_the_framework_with_arrows_and_words(published):
    said = published.run("review", "--format", "markdown").stdout
    assert said.startswith("# Weekly review 2026-W05\n")
    assert "| Metric | This week | Last week | Trend | n |" in said
    for line in (
        "| Health | 72 % | 75 % | ↓ worse | 20 |",
        "| Issues fixed | 5 | 3 | ↑ better | 5 |",
        "| Average fix time | 13 min | 18 min | ↓ better | 4 of 5 with a time |",
        "| Recurrence | 0 % | 0 % | = | 8 |",
        "| New issues | 6 | NULL | NULL | 20 |",
        "| Debt | 32 points | 30 points | ↑ worse | 20 |",
        "| Health | 72 % | over 90 % | off target | 20 |",
        "| Time to fix P0 | NULL | under 1 day | not known | 0 |",
        "New issues of last week: not enough data: no issue known by then.",
        "| Category | Issues | Open | Fixed | Median time to fix | Recurrence | 95 % interval | of ever fixed |",
        "| commands | 17 | 9 | 8 | 3.5 days | 25 % | 7 to 59 % | 8 |",
        "| agents | 5 | 1 | 4 | NULL | NULL | NULL | 4 |",
        "Without a root cause: 3 of 12 fixed issues, the newest F1, D0, F9.",
        "- RCA-001 (oversized): 9 open → 8 open (1 new, 1 reopened, 2 fixed, 1 not to be fixed)",
        "- RCA-002 (duplicate): 4 open → 0 open (4 fixed) ✓ cleared",
        "- What predicts long fix times? Complexity: 1.3 times longer a point.",
    ):
        assert line in said.splitlines()
    leading = "- Does a drop in health precede new issues? A drop in health is followed by more new issues 3 weeks"
    assert [line for line in said.splitlines() if line.startswith(leading)]
    asked = "- Before a prevention rule: What is the recurrence rate per category?"
    assert f"{asked} Of those ever fixed: commands 25 % (2 of 8, 7 to 59 %)." in said.splitlines()


def test_the_terminal_shows_the_same_and_answers_stand_below_their_questions(published):
    said = published.run("review").stdout.splitlines()
    assert re.search(r"Average fix time .* 13 min .* 18 min .* ↓ better .* 4", "\n".join(said))
    place = said.index("  Before a prevention rule: What is the recurrence rate per category?")
    assert said[place + 1] == "    Of those ever fixed: commands 25 % (2 of 8, 7 to 59 %)."


@pytest.mark.parametrize(("command", "part"), [("optimize", "predictions"), ("review", "consultation")])
def test_json_is_the_answer_and_nothing_else(published, command, part):
    assert part in published.json(command, "--format", "json")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_form_of_a_file_is_what_its_name_ends_in(published, tmp_path, command):
    for name, begins in (("a.md", "# "), ("a.json", "{"), ("a.html", "<!doctype html>"), ("a.txt", "# ")):
        assert f"written: {tmp_path / name}" in published.run(command, "--out", tmp_path / name).stdout
        assert (tmp_path / name).read_text().startswith(begins)
    published.run(command, "--out", tmp_path / "b.md", "--format", "json")
    json.loads((tmp_path / "b.md").read_text())
    assert "no file" in published.run(command, "--format", "terminal", "--out", tmp_path / "x", exit_code=2).stderr
    assert "cannot be written" in published.run(command, "--out", tmp_path / "no" / "x.md", exit_code=1).stderr
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["a.html", "a.json", "a.md", "a.txt", "b.md"]


def test_the_page_has_the_sections_with_their_charts_and_asks_nobody_for_anything(published, tmp_path):
    out = tmp_path / "review.html"
    published.run("review", "--out", out)
    page = Page(out.read_text())
    assert page.titles == [
        *("Analytics Summary", "Targets", "Where problems come from", "Root Cause Progress"),
        *("What the data answers", "Before decisions"),
    ]
    assert page.tags.count("svg") == 6
    assert "script" not in page.tags
    assert [link for link in page.links if not link.startswith("#")] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_texts_of_the_tracker_act_on_nothing(cli, command):
    publish(cli.settings, hostile())
    for form in ("terminal", "markdown", "html"):
        said = cli.run(command, "--format", form).stdout
        assert "\x1b" not in said
        assert ("<script>" in said) == (form == "terminal")
    said = cli.run(command, "--format", "markdown").stdout
    assert escaped(EVIL) in said
    assert not [line for line in said.splitlines() if line.startswith("next")]
    assert EVIL in values(cli.json(command, "--format", "json"))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_what_is_learned_once_a_day_may_be_missing(cli, command, form):
    publish(cli.settings, WORLD, without=LEARNED)
    said = cli.run(command, "--format", form).stdout
    assert "ot computed yet: analytics learn" in said
    assert "72 %" in said


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_without_an_issue_the_words_say_so(cli, command, form):
    publish(cli.settings)
    said = cli.run(command, "--format", form).stdout
    assert "No issue and no review is known so far." in said
    assert "not enough data: no issue is known" in said
    assert "None" not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_where_everything_but_the_keys_is_null_nothing_is_made_up(cli, command):
    keys = {
        "id",
        "kpi",
        "scope",
        "day",
        "root_cause_id",
        "question",
        "question_number",
        "category",
        "file",
        "rank",
        "model",
    }
    keys |= {
        "is_week_ago",
        "breakdown",
        "run_date",
        "week",
        "variable_a",
        "variable_b",
        "antecedent",
        "consequent",
        "is_higher_better",
        "is_open",
    }
    bare = {
        table: [{name: value for name, value in row.items() if name in keys} for row in rows]
        for table, rows in WORLD.items()
    }
    # How many weeks there were is always known, and what is long is longer than a known limit.
    told = {"patterns.lag_correlations": [{"lag_weeks": n, "n": 0} for n in (1, 2)]}
    publish(cli.settings, bare | told | {"kpis.long_fixes": WORLD["kpis.long_fixes"]})
    for form in ("terminal", "markdown", "html", "json"):
        said = cli.run(command, "--format", form).stdout
        assert "None" not in said
        assert "nan" not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_before_anything_is_computed_the_way_is_shown(cli, command):
    assert "nothing is published yet: run `analytics refresh`" in cli.run(command, exit_code=1).stderr
    cli.publish()
    assert "not computed yet: run `analytics refresh`" in cli.run(command, exit_code=1).stderr
