"""What the documentation says is so: its commands run, its names exist, its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from analytics_assets.cli.reference import names, renewed
from analytics_assets.settings import Settings
from analytics_assets.stages import STAGES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TELLING = ("stages.md", "optimization.md", "patterns.md", "predictions.md", "alerts.md", "kpis.md")
"""Pages on which assets are told of."""
RUN = re.compile(r"<!-- run -->\n```console\n(.*?)```", re.DOTALL)


def named(path):
    return str(path.relative_to(ROOT))


def exchanges(page):
    """(command, expected output) of every block that is marked as run, in order."""
    for block in RUN.findall(page.read_text()):
        for exchange in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = exchange.partition("\n")
            yield command, expected.strip()


def pattern(expected):
    """The expected output, in which … stands for anything and blanks at the ends of lines do not count."""
    lines = [re.escape(line.rstrip()).replace("…", ".*?") for line in expected.splitlines()]
    return re.compile(r"\s*\n".join(lines), re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if RUN.search(page.read_text())], ids=named)
def test_commands_do_what_the_page_shows(page, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANALYTICS_")} | {
        "ANALYTICS_DATA_DIR": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    for command, expected in exchanges(page):
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert pattern(expected).fullmatch(done.stdout.strip()), f"$ {command}\n{done.stdout}{done.stderr}"


def test_the_pattern_of_an_output_takes_nothing_else():
    assert pattern("a … c\nd").fullmatch("a b\nb c  \nd")
    assert not pattern("a\nc").fullmatch("a\nb\nc")
    assert not pattern("1 row").fullmatch("2 rows")


def test_the_tables_of_the_readme_are_current():
    page = (ROOT / "README.md").read_text()
    assert page == renewed(page), "run python -m analytics_assets.cli.reference"
    assert all(f"`ANALYTICS_{name.upper()}`" in page for name in Settings.model_fields)
    assert all(f"`analytics {name}`" in page for name in names())


@pytest.mark.parametrize("page", PAGES, ids=named)
class TestEveryPage:
    def test_names_commands_that_exist(self, page):
        assert set(re.findall(r"`analytics ([A-Za-z-]+)", page.read_text())) <= {*names(), "COMMAND"}

    def test_names_make_targets_that_exist(self, page):
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
        assert set(re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text(), flags=re.MULTILINE)) <= targets

    def test_names_settings_that_exist(self, page):
        known = {f"ANALYTICS_{name.upper()}" for name in Settings.model_fields}
        assert set(re.findall(r"ANALYTICS_[A-Z_]*[A-Z]", page.read_text())) <= known

    def test_links_to_files_that_exist(self, page):
        links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
        missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
        assert missing == []

    def test_names_files_that_exist(self, page):
        places = re.findall(
            r"`((?:analytics_assets|analytics_assets_tests|dbt_project|benchmarks)/[\w./]+)`", page.read_text()
        )
        made = {"benchmarks/RESULTS.md"}
        assert [place for place in places if place not in made and not (ROOT / place).exists()] == []


def test_every_stage_has_its_section_in_its_order():
    page = (ROOT / "docs" / "stages.md").read_text()
    assert re.findall(r"^## (\w+)$", page, flags=re.MULTILINE) == list(STAGES)


def test_every_asset_is_told_of():
    from analytics_assets.definitions import defs

    pages = "".join((ROOT / "docs" / page).read_text() for page in TELLING)
    told = set(re.findall(r"[a-z][a-z0-9_]*", pages))
    # A kind of record has its page of contracts, its staging view the same columns, its summaries are named together.
    keys = [
        key.path for key in defs().resolve_asset_graph().get_all_asset_keys() if key.path[0] not in ("raw", "staging")
    ]
    assert [name for _, name in keys if name not in told and not name.startswith(("hourly_", "daily_"))] == []


def test_every_schedule_is_told_of_with_its_job():
    from analytics_assets.definitions import defs

    page = (ROOT / "docs" / "operations.md").read_text()
    jobs = {row.split("|")[1].strip(" `") for row in page.splitlines() if row.startswith("| `") and row.count("|") == 4}
    assert {schedule.name for schedule in defs().schedules or ()} <= jobs


def test_every_table_that_the_pages_name_is_an_asset():
    from analytics_assets.definitions import defs

    keys = {key.to_user_string().replace("/", ".") for key in defs().resolve_asset_graph().get_all_asset_keys()}
    said = set()
    for page in PAGES:
        said |= set(re.findall(rf"\b(?:{'|'.join(STAGES)})\.[a-z_]+\b(?!\.)", page.read_text()))
    files = {name for name in said if name.endswith((".py", ".md"))}
    assert said - files - keys == set()


def test_every_name_on_the_pages_about_predictions_exists():
    from analytics_assets.definitions import defs
    from analytics_assets.predicting.purposes import PURPOSES
    from analytics_assets.system_kpis.definitions import KPIS

    loaded = defs()
    graph = loaded.resolve_asset_graph()
    known = {*PURPOSES, *(kpi.name for kpi in KPIS), *Settings().alert_thresholds}
    known |= {key.path[-1] for key in graph.get_all_asset_keys()}
    known |= {asset.node_def.name for asset in loaded.assets or () if hasattr(asset, "node_def")}
    known |= {one.name for one in (*loaded.resolve_all_job_defs(), *(loaded.sensors or ()))}
    for node in graph.asset_nodes:
        schema = node.metadata.get("dagster/column_schema")
        for column in getattr(schema, "value", schema).columns if schema else ():
            # The meaning of a column names the values that stand in it.
            known |= {column.name, *re.findall(r"[a-z_]+", column.description or "")}
    for page in TELLING[-3:]:
        said = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", (ROOT / "docs" / page).read_text()))
        assert said - known == set(), page
