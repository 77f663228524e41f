"""From a sample of 30 days to the store: every planted effect is an active pattern, with its relation where it has one.

The quick version of the same, on rows as detectors write them, is ``pattern_store/test_effects.py``.
"""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from analytics_assets.cli.app import app
from analytics_assets.queries import run_sql
from analytics_assets.sample import generate
from analytics_assets_tests.pattern_store.effects import missing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def rows(sql):
    return run_sql(None, sql).records()


@pytest.fixture(scope="module")
def month(journey, tmp_path_factory):
    """A month with every effect, refreshed once; and the names of the effects that it holds."""
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, days=30, seed=7, effects="all")
    truth = [row["effect"] for row in json.loads((folder / "truth.json").read_text())]
    for kind in folder.iterdir():
        if kind.is_dir():
            target = journey.settings.specs if kind.name == "specs" else journey.settings.inbox / kind.name
            shutil.copytree(kind, target, dirs_exist_ok=True)
    summary = journey.refresh()
    assert summary.success, summary.error
    return truth


def test_every_planted_effect_is_an_active_pattern_with_the_right_relation(month):
    patterns = rows("select * from patterns.detected_patterns")
    assert missing(patterns, rows("select * from patterns.pattern_relationships"), month) == []


@pytest.mark.usefixtures("month")
class TestStore:
    def test_every_source_ran_and_could_look(self):
        blind = rows("select source, reason from patterns.detector_coverage where not coalesce(is_enough, false)")
        assert blind == []

    def test_every_pattern_has_one_history_and_three_classes(self):
        odd = rows(
            "select id from patterns.detected_patterns as p where "
            "(select count(*) from patterns.pattern_evolution as e where e.pattern_id = p.id) < 1 or "
            "(select count(*) from patterns.pattern_classifications as c where c.pattern_id = p.id "
            "and c.classification_type in ('category', 'topic', 'severity')) <> 3"
        )
        assert odd == []

    def test_a_pattern_is_shown_with_its_evidence(self):
        found = CliRunner().invoke(app, ["patterns", "--json", "--limit", "1"])
        (first,) = json.loads(found.stdout)
        shown = CliRunner().invoke(app, ["pattern", first["id"], "--json"])
        assert json.loads(shown.stdout)["evidence"]


def test_a_rejected_pattern_is_no_longer_shown_after_the_next_refresh(month, journey):
    assert month
    found = rows("select id from patterns.detected_patterns where is_active order by id limit 1")[0]["id"]
    assert CliRunner().invoke(app, ["pattern", found, "--reject", "--note", "known"]).exit_code == 0
    assert journey.refresh().success
    (row,) = rows(f"select state, is_active from patterns.detected_patterns where id = '{found}'")
    assert row == {"state": "rejected", "is_active": False}
