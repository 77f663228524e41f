"""`analytics report`: the same facts as a text and as a page that needs nothing else."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser

import pytest

from analytics_assets.reports.markdown import escaped
from analytics_assets_tests.cli.analysed import EVIL, publish_analysis, suggested, tables
from analytics_assets_tests.cli.suggested import write_document
from analytics_assets_tests.queries.published import publish

TITLES = [
    "Summary",
    "Specs under 70 %",
    "Every spec",
    "Models per type of spec",
    "Memory and CPU",
    "Failures",
    "Costs per project and model",
    "What predicts runs",
    "Suggestions",
    "What applied suggestions did",
    "Do such suggestions hold?",
    "What each rule is worth",
]


class Page(HTMLParser):
    """The tags of a page and what stands in its headings."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.titles, self._open = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href")]
        self._open = tag

    def handle_data(self, data):
        if self._open == "h2":
            self.titles.append(data.strip())
            self._open = None


@pytest.fixture
def published(cli):
    publish_analysis(cli.settings, suggested(reasoning=f"Killed: {EVIL}"))
    return cli


def test_the_text_has_every_section_and_its_figures(published):
    said = published.run("report").stdout
    assert re.findall("^## (.*)", said, flags=re.MULTILINE) == TITLES
    assert "11 of 44 runs succeeded: 25 %, 95 % interval 15 to 39 %." in said
    assert "1 of 2 specs ran; 1 succeed in under 70 %." in said
    assert "1 suggestion waits for a decision: 1 HIGH, 0 MED, 0 LOW." in said
    assert "| api-impl | impl | 44 | 25.0 % | 15 to 40 % | 90 % of 60 | oom, test\\_fail |" in said
    assert "### \\[HIGH\\] api-impl: memory: 2Gi -\\> 4Gi" in said
    assert "- Proven wrong by: Kills at 4Gi." in said
    assert "```sql\nselect 'current' as side" in said
    assert "| backtest | 80 to 90 % | 25 | 84 % | 65 to 94 % | 86 % |" in said
    assert "| other | NULL | NULL | 0 | NULL |" in said


def test_texts_of_logs_are_no_markup_in_the_text(published):
    said = published.run("report", "--format", "markdown").stdout
    assert "\x1b" not in said
    assert "<script>" not in said
    assert escaped(EVIL) == r"\\x1b\[31m\<script\>alert(1)\</script\>\|\[red\]x\[/red\]"
    assert escaped(EVIL) in said
    tables_of = [line for line in said.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) >= 5 for line in tables_of)


def test_the_page_has_the_same_sections_with_drawings_and_asks_nobody_for_anything(published, tmp_path):
    out = tmp_path / "report.html"
    assert "written: " in published.run("report", "--format", "html", "--out", out).stdout
    page = Page(out.read_text())
    assert page.titles == TITLES
    assert page.tags.count("svg") == 4
    assert "script" not in page.tags
    assert [link for link in page.links if not link.startswith("#")] == []
    assert "@import" not in out.read_text()
    assert "\x1b" not in out.read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in out.read_text()


def test_the_page_is_printed_where_no_file_is_named(published):
    assert published.run("report", "--format", "html").stdout.startswith("<!doctype html>")


def test_without_a_run_the_report_says_so(cli):
    publish(cli.settings)
    for form in ("markdown", "html"):
        said = cli.run("report", "--format", form).stdout
        assert "no run succeeded or failed" in said
        assert "No spec that ran succeeds in under 70 % of its runs." in said
        assert "the history is too short for a back-test" in said


def test_what_applied_suggestions_did_is_told_the_newest_first_with_what_is_not_known(cli):
    told = {"rule": "memory", "lessons_learned": f"It {EVIL}", "verdict": "worked", "known_weight": 0.7}
    applied = [
        told | {"id": str(day), "spec_id": f"spec-{day}", "implementation_date": datetime(2026, 2, day)} | score
        for day, score in ((1, {"effectiveness_score": 0.4}), (2, {}))
    ]
    publish(cli.settings, {"outcomes.improvement_effectiveness": applied})
    section = cli.run("report").stdout.partition("## What applied suggestions did")[2].partition("\n## ")[0]
    assert section.index("spec-2") < section.index("spec-1")
    assert "0.40" in section
    assert "70 %" in section
    assert "\x1b" not in section


def test_what_is_learned_once_a_day_may_be_missing(cli):
    write_document(cli.settings)
    missing = [f"outcomes.{table}" for table in ("calibration", "rule_scores", "improvement_effectiveness")]
    missing.append("suggestions.suggestions")
    publish(cli.settings, tables(cli.settings), without=missing)
    said = cli.run("report").stdout
    assert said.count("`analytics learn`".replace("`", "\\`")) == 4
    assert "api-impl" in said
    assert "analytics learn" in cli.run("report", "--format", "html").stdout


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(published, tmp_path):
    assert "cannot be written" in published.run("report", "--out", tmp_path / "no" / "x.md", exit_code=1).stderr
    (tmp_path / "folder").mkdir()
    published.run("report", "--out", tmp_path / "folder", exit_code=1)
    assert not list(tmp_path.glob(".folder*"))


def test_a_query_full_of_backticks_stays_inside_its_block(cli):
    publish_analysis(cli.settings, suggested() | {"evidence_sql": "select '```' as x"})
    assert "````sql\nselect '```' as x\n````" in cli.run("report").stdout
