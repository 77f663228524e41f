"""Issues come in from the files of other trackers, and go out into one that can be read back."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from analytics_assets.cli.app import app as cli_app
from analytics_assets.cli.issue_files import commands
from analytics_assets.cli.problems import PlainWords
from analytics_assets.warehouse import publish as publishing
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets_tests.cli.conftest import write

TRACKER = """| ID | Issue | Category | Priority | Status | First seen | Fixed |
|---|---|---|---|---|---|---|
| OPT-001 | Too long | commands | P0 | Open | 2026-01-05 | |
| OPT-002 | Broken | agents | P1 | ✅ Fixed | 2026-01-05 | 2026-01-07 |
"""
BAD = """| OPT-003 | Odd date | agents | P1 | Open | 01/02/26 | |
| OPT-001 | Again | commands | P0 | Fixed | 2026-01-05 | 2026-01-06 |
| OPT-005 | A | b | agents | P1 | Open | 2026-01-05 | |
"""


@pytest.fixture
def run(cli):
    """Run one of the two commands; its output on one line a line."""
    app = typer.Typer(cls=PlainWords, pretty_exceptions_enable=False)
    app.registered_commands.extend(commands.registered_commands)

    def invoke(*words, exit_code=0):
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert result.exit_code == exit_code, result.output
        return result.output

    return invoke


def landed(cli):
    return sorted((cli.settings.inbox / "issues").glob("*"))


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def refresh(cli):
    """Take the inbox and publish, without the models."""
    with connect(cli.settings) as con:
        ingest(con, cli.settings)
        publishing.publish(con, cli.settings)
        columns = "id, status, updated_at, version_number, is_current"
        versions = con.execute(f"select {columns} from raw.issues order by version_number").fetchall()
        return versions, con.execute("select field, reason from raw.quarantined_lines order by line").fetchall()


def test_a_tracker_lands_as_records_and_says_what_became_of_it(cli, run, tmp_path):
    source = write(tmp_path / "issue-tracker.md", TRACKER)
    said = run("import-issues", source)
    (file,) = landed(cli)
    assert file.name == "issue-tracker.jsonl"
    assert [(record["id"], record["status"]) for record in lines(file)] == [("OPT-001", "Open"), ("OPT-002", "Fixed")]
    assert "issue-tracker.md: 2 issues landed in issues/issue-tracker.jsonl" in said
    assert "no column Updated: the file's modification time counts" in said
    assert "analytics refresh" in said


def test_the_same_file_lands_once_and_that_is_no_error(cli, run, tmp_path):
    source = write(tmp_path / "issue-tracker.md", TRACKER)
    run("import-issues", source)
    assert "already there, as issues/issue-tracker.jsonl" in run("import-issues", source)
    assert len(landed(cli)) == 1


def test_a_later_edit_of_the_tracker_is_a_new_version_that_counts(cli, run, tmp_path):
    source = write(tmp_path / "issue-tracker.md", TRACKER)
    os.utime(source, (1_770_000_000, 1_770_000_000))
    run("import-issues", source)
    source.write_text(TRACKER.replace("✅ Fixed | 2026-01-05 | 2026-01-07", "Open | 2026-01-05 | "), encoding="utf-8")
    os.utime(source, (1_770_090_000, 1_770_090_000))
    run("import-issues", source)
    versions, _ = refresh(cli)
    # By time: two files that land within one tick of the clock are taken in the order of their names.
    of_second = sorted(
        ((status, at, current) for key, status, at, _, current in versions if key == "OPT-002"), key=lambda one: one[1]
    )
    assert of_second == [
        ("FIXED", datetime.fromtimestamp(1_770_000_000, UTC).replace(tzinfo=None), False),
        ("OPEN", datetime.fromtimestamp(1_770_090_000, UTC).replace(tzinfo=None), True),
    ]


def test_what_is_wrong_is_told_with_its_line_and_the_quarantine_gets_it(cli, run, tmp_path):
    said = run("import-issues", write(tmp_path / "t.md", TRACKER + BAD))
    assert "t.md: 2 issues landed" in said
    assert "3 issues not imported, for the quarantine in issues/t-refused.jsonl:" in said
    assert (
        "line 5: first_seen: '01/02/26' can be read in more than one way, or not at all (write it as 2026-01-31)"
        in said
    )
    assert "line 6: id: OPT-001 stands at line 3 too, and that one counts" in said
    assert r"line 7: 8 cells where the header has 7 (write a pipe within a cell as \|)" in said
    versions, quarantined = refresh(cli)
    assert [version[0] for version in versions] == ["OPT-001", "OPT-002"]
    assert [field for field, _ in quarantined] == ["first_seen", "id", "id"]


def test_one_reason_for_many_lines_is_told_once(run, tmp_path):
    rows = "".join(f"| A-{n} | b | agents | P1 | Open | {n % 28 + 1}/1/26 | |\n" for n in range(40))
    said = run("import-issues", write(tmp_path / "t.md", TRACKER + rows))
    assert said.count("first_seen") == 1
    assert "lines 5, 6, 7, 8, 9, 10, 11, 12 and 32 more: first_seen: '1/1/26'" in said


def test_a_file_without_an_issue_that_counts_does_not_land_and_says_why(cli, run, tmp_path):
    rows = json.dumps(
        [{"number": n, "title": "a", "state": "OPEN", "createdAt": "2026-01-05T00:00:00Z"} for n in (1, 2)]
    )
    source = write(tmp_path / "gh.json", rows)
    said = run("import-issues", source, exit_code=1)
    assert "gh.json was not imported: it has no issue that counts." in said
    assert "#1, #2: category: missing, but it is required (add category, or say --category NAME" in said
    assert "#1, #2: priority: missing, but it is required (add priority, or say --priority 2" in said
    assert not landed(cli)
    said = run("import-issues", source, "--category", "agents", "--priority", "2")
    assert "gh.json: 2 issues landed in issues/gh.jsonl" in said
    assert "priority: 2 where none is given (2 of 2 issues)" in said
    assert [record["priority"] for record in lines(landed(cli)[0])] == [2, 2]


def github(*numbers, **fields):
    known = {"title": "a", "state": "OPEN", "createdAt": "2026-01-05T00:00:00Z", "labels": [{"name": "P1"}]}
    return [{"number": number, **known, **fields} for number in numbers]


def put_aside(cli):
    """What the doctor says of the quarantine after a refresh."""
    cli.publish()
    result = CliRunner().invoke(cli_app, ["doctor", "--json"])
    return [finding for finding in json.loads(result.stdout) if finding["topic"] == "quarantine"]


AGENTS = {"labels": [{"name": "P1"}, {"name": "agents"}]}


def test_the_doctor_has_nothing_to_say_once_its_own_advice_was_followed(cli, run, tmp_path):
    source = write(tmp_path / "gh.json", json.dumps([*github(1, 2, **AGENTS), *github(3, 4)]))
    said = run("import-issues", source)
    assert "gh.json: 2 issues landed in issues/gh.jsonl" in said
    assert "2 issues not imported, for the quarantine in issues/gh-refused.jsonl:" in said
    assert [record["id"] for record in lines(cli.settings.inbox / "issues/gh.jsonl")] == ["#1", "#2"]
    (finding,) = put_aside(cli)
    assert (finding["level"], "gh-refused.jsonl" in finding["message"]) == ("problem", True)
    said = run("import-issues", source, "--category", "agents")
    assert "none is refused any more: issues/gh-refused.jsonl is removed" in said
    (finding,) = put_aside(cli)
    assert finding["level"] == "fine"
    with connect(cli.settings) as con:
        assert con.execute("select count(*) from raw.issues where is_current").fetchone() == (4,)


def test_what_is_refused_now_takes_the_place_of_what_was_refused_before(cli, run, tmp_path):
    source = write(tmp_path / "gh.json", json.dumps([*github(1, **AGENTS), *github(2, 3, 4)]))
    run("import-issues", source)
    assert "3 lines" in put_aside(cli)[0]["message"]
    write(source, json.dumps([*github(1, **AGENTS), *github(3)]))
    said = run("import-issues", source)
    assert "already there, as issues/gh.jsonl" in said
    assert "#3: category: missing" in said
    assert "analytics refresh" in said
    (finding,) = put_aside(cli)
    assert "1 line of issues put aside" in finding["message"]
    said = run("import-issues", source)
    assert "1 issue not imported" in said
    assert "analytics refresh" not in said, "nothing new landed"
    write(source, json.dumps([*github(1, **AGENTS), *github(2, 3, 4)]))
    run("import-issues", source)
    assert "3 lines" in put_aside(cli)[0]["message"], "what was settled once is told when it is refused again"


def test_what_another_file_of_the_same_name_was_refused_for_stays(cli, run, tmp_path):
    exports = [
        write(tmp_path / name / "gh.json", json.dumps([*github(1, **AGENTS), *github(number)]))
        for name, number in (("a", 2), ("b", 3))
    ]
    run("import-issues", *exports)
    assert [file.name for file in landed(cli)] == ["gh-refused-2.jsonl", "gh-refused.jsonl", "gh.jsonl"]
    run("import-issues", exports[0], "--category", "agents")
    assert [file.name for file in landed(cli)] == ["gh-2.jsonl", "gh-refused-2.jsonl", "gh.jsonl"]


def test_a_source_that_is_called_as_refused_records_are_is_left_alone(cli, run, tmp_path):
    run("import-issues", write(tmp_path / "t-refused.md", TRACKER))
    run("import-issues", write(tmp_path / "t.md", TRACKER.replace("Too", "As") + BAD))
    assert [file.name for file in landed(cli)] == ["t-refused-2.jsonl", "t-refused.jsonl", "t.jsonl"]
    assert len(lines(cli.settings.inbox / "issues/t-refused.jsonl")) == 2


def test_a_file_of_refused_records_that_somebody_edited_is_written_anew(cli, run, tmp_path):
    source = write(tmp_path / "gh.json", json.dumps([*github(1, **AGENTS), *github(2)]))
    run("import-issues", source)
    refused = cli.settings.inbox / "issues/gh-refused.jsonl"
    before = lines(refused)
    write(refused, refused.read_text(encoding="utf-8") + "oops\n")
    run("import-issues", source)
    assert [record["id"] for record in lines(refused)] == [record["id"] for record in before] == ["#2"]


def test_all_that_is_wrong_with_a_row_is_told_at_once_with_the_columns_that_are_not_used(run, tmp_path):
    table = "| ID | Issue | Priority | Frist seen | Owner |\n|---|---|---|---|---|\n| A | b | P9 | 2026-01-05 | ana |\n"
    said = run("import-issues", write(tmp_path / "t.md", table), exit_code=1)
    assert "line 3: priority: 'P9' is no priority that is known" in said
    not_used = "columns not used: Frist seen, Owner"
    assert f"line 3: category: missing, but it is required; {not_used} (add category, or say --category" in said
    assert f"first_seen: missing, but it is required; {not_used}; did you mean first_seen by Frist seen?" in said


def test_files_that_cannot_be_read_are_told_and_the_others_land(cli, run, tmp_path):
    good = write(tmp_path / "good.md", TRACKER)
    (tmp_path / "latin.md").write_bytes(
        TRACKER.replace("Too long", "zu gro\N{LATIN SMALL LETTER SHARP S}").encode("latin-1", "replace")
    )
    said = run(
        "import-issues",
        write(tmp_path / "notes.txt", "hello"),
        good,
        tmp_path / "latin.md",
        tmp_path / "gone.md",
        exit_code=2,
    )
    assert "good.md: 2 issues landed" in said
    assert "notes.txt was not imported: it has no Markdown table" in said
    assert "latin.md was not imported: it is not UTF-8" in said
    assert "gone.md cannot be read: No such file or directory." in said
    assert len(landed(cli)) == 1


def test_a_zone_that_is_none_is_said_before_anything_is_read(cli, run, tmp_path):
    said = run("import-issues", write(tmp_path / "t.md", TRACKER), "--zone", "Mars/Olympus", exit_code=2)
    assert "--zone: 'Mars/Olympus' is no time zone" in said
    assert not landed(cli)


def test_a_hidden_file_lands_under_a_name_that_is_read(cli, run, tmp_path):
    run("import-issues", write(tmp_path / ".issues.md", TRACKER))
    assert [file.name for file in landed(cli)] == ["issues.jsonl"]


HISTORY = """| Date | Scope | Health | Found | Fixed | Minutes |
|---|---|---|---|---|---|
| 2026-01-05 | all | 72 % | 6 | 5 | 95 |
| 2026-01-12 | agents | 0.8 | 2 | 1 | 30 |
"""


def test_a_history_of_runs_lands_as_reviews_beside_the_issues_of_its_file(cli, run, tmp_path):
    said = run("import-issues", write(tmp_path / "tracking.md", f"{TRACKER}\n{HISTORY}"))
    assert "tracking.md: 2 issues landed in issues/tracking.jsonl" in said
    assert "tracking.md: 1 review landed in reviews/tracking.jsonl" in said
    assert "reviews without an ID are called by date and scope" in said
    assert "1 review not imported, for the quarantine in reviews/tracking-refused.jsonl:" in said
    assert "line 9: health_score_overall: '0.8' may be a share or a percentage (write it as 72 %)" in said
    with connect(cli.settings) as con:
        ingest(con, cli.settings)
        columns = "id, scope, health_score_overall, issues_found, issues_fixed, time_spent_minutes"
        assert con.execute(f"select {columns} from raw.reviews").fetchall() == [("2026-01-05-all", "all", 72, 6, 5, 95)]
        assert con.execute("select kind, count(*) from raw.quarantined_lines group by kind").fetchall() == [
            ("reviews", 1)
        ]


def test_reviews_that_count_land_where_no_issue_of_the_file_does(cli, run, tmp_path):
    bad = TRACKER.replace("P0", "P8").replace("P1", "P9")
    said = run("import-issues", write(tmp_path / "t.md", f"{bad}\n{HISTORY}"), exit_code=1)
    assert "t.md was not imported: it has no issue that counts." in said
    assert "1 review landed in reviews/t.jsonl" in said
    assert not landed(cli)


def test_a_name_of_a_file_does_not_act_on_the_terminal(run, tmp_path):
    said = run("import-issues", write(tmp_path / "a\x1b[2J\u202eb.md", TRACKER))
    assert r"a\x1b[2J\u202eb.md: 2 issues landed in issues/a\x1b[2J\u202eb.jsonl" in said
    said += run("import-issues", tmp_path / "a\x1b[2J\u202eb.md")
    said += run("import-issues", write(tmp_path / "no\x1b\u202e.md", "hello"), exit_code=2)
    said += run("import-issues", tmp_path / "gone\x1b\u202e.md", exit_code=2)
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_every_issue_goes_out_and_comes_back_as_it_was(cli, run, tmp_path):
    given = [
        {
            "id": "OPT-001",
            "issue": "a | b \\ <br> &amp;\nsecond line \N{ROCKET}",
            "category": "my | own",
            "priority": 0,
            "first_seen": "2026-01-05T10:20:30.123456Z",
            "status": "FIXED",
            "fixed_date": "2026-01-06",
            "time_spent_minutes": 12.5,
            "files_affected": ["a,b.md", "c|d.md", "-", ""],
            "resolution": "",
            "severity": {"of": ["x|y", None, 1.5]},
            "updated_at": "2026-01-06T00:00:00Z",
        },
        {
            "id": "OPT-002",
            "issue": "-",
            "category": "agents",
            "priority": 3,
            "first_seen": "2026-01-05",
            "status": "OPEN",
            "files_affected": [],
        },
    ]
    cli.land("issues/own.jsonl", given)
    before, _ = refresh(cli)
    backup = tmp_path / "backup.md"
    assert "written: " in run("export-issues", backup)
    assert "2 issues, as published at " in backup.read_text(encoding="utf-8")
    run("import-issues", backup)
    after, quarantined = refresh(cli)
    assert after == before, "a copy of what is known is no new version"
    assert not quarantined
    assert run("export-issues").split("\n| id", 1)[1] == backup.read_text(encoding="utf-8").split("\n| id", 1)[1] + "\n"


def test_no_issue_is_an_empty_table(cli, run, tmp_path):
    refresh(cli)
    assert "0 issues, as published at" in run("export-issues")


def test_a_file_that_cannot_be_written_is_said(cli, run, tmp_path):
    refresh(cli)
    assert "cannot be written" in run("export-issues", tmp_path / "no" / "such" / "folder.md", exit_code=1)
