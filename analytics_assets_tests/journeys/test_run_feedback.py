"""What run analytics promise, line by line, on a month of runs with two effects planted: from the inbox to the spec."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest
from typer.testing import CliRunner

from analytics_assets.cli.app import app
from analytics_assets.definitions import defs
from analytics_assets.queries import run_sql
from analytics_assets.sample import generate
from analytics_assets.sample.effects import BetterModel, SpecOom

KINDS = ("runs", "specs")


def cli(*words, exit_code=0, stdin=None):
    result = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
    assert result.exit_code == exit_code, result.output
    return result.stdout


def rows(sql):
    return run_sql(None, sql).records()


@pytest.fixture(scope="module")
def month(journey, tmp_path_factory):
    """A month of runs and the documents of their specs, refreshed once."""
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, days=30, seed=7, effects=[SpecOom.NAME, BetterModel.NAME])
    shutil.copytree(folder / "runs", journey.settings.inbox / "runs")
    shutil.copytree(folder / "specs", journey.settings.specs)
    summary = journey.refresh()
    assert summary.success, summary.error
    return journey


@pytest.fixture(scope="module")
def records(month):
    """The last version of every run, as it was written."""
    latest = {}
    for file in sorted((month.settings.inbox / "runs").iterdir()):
        for line in file.read_text().splitlines():
            record = json.loads(line)
            latest[record["run_id"]] = record
    return latest


@pytest.mark.usefixtures("month")
class TestAcceptance:
    def test_every_run_stores_its_outcome_cost_and_resources(self, records):
        stored = rows("select run_id, status, llm_cost_usd, memory_peak_mb, cpu_peak_mcores from staging.stg_runs")
        assert len(stored) == len(records)
        for run in stored:
            written = records[run["run_id"]]
            for name in ("status", "llm_cost_usd", "memory_peak_mb", "cpu_peak_mcores"):
                assert run[name] == written.get(name), run

    def test_suggest_shows_recommendations_to_act_on_with_their_confidence(self):
        shown = cli("suggest")
        assert "[HIGH]" in shown
        assert "analysis-cohorts" in shown
        assert "Confidence" in shown

    def test_suggestions_include_the_data_behind_them(self, records):
        said = json.loads(cli("suggest", "--json"))
        (memory,) = [row for row in said if row["rule"] == "memory_raise" and row["status"] == "pending"]
        assert (memory["spec_id"], memory["suggested_value"]) == (SpecOom.SUBJECT, f"memory: {SpecOom.ENOUGH}")
        judged = ("success", "failed", "error", "timeout")
        runs = [r for r in records.values() if r["spec_id"] == SpecOom.SUBJECT and r["status"] in judged]
        at = {limit: [r for r in runs if r["memory_limit"] == limit] for limit in (SpecOom.LIMIT, SpecOom.ENOUGH)}
        killed = {limit: sum(r.get("failure_reason") == "oom" for r in some) for limit, some in at.items()}
        assert (memory["current_runs"], memory["current_failures"]) == (len(at["2Gi"]), killed["2Gi"])
        assert (memory["suggested_runs"], memory["suggested_failures"]) == (len(at["4Gi"]), killed["4Gi"])
        assert set(json.loads(memory["evidence_runs"])) == {r["run_id"] for some in at.values() for r in some}
        evidence = {row["side"]: row for row in rows(memory["evidence_sql"])}
        assert evidence["current"]["failures"] == killed["2Gi"]

    def test_a_model_is_recommended_per_spec_type_by_its_success_rate(self):
        said = [row for row in json.loads(cli("suggest", "--json")) if row["rule"] == "better_model"]
        assert {row["spec_type"] for row in said} == {BetterModel.SPEC_TYPE}
        assert {row["suggested_value"] for row in said} == {f"model: {BetterModel.SUBJECT}"}
        assert {row["level"] for row in said} == {"HIGH"}

    def test_resources_are_tuned_by_the_95th_percentile_of_what_runs_use(self):
        (shown,) = rows(
            "select memory_p95_mb, oom_runs from profiles.resource_usage_profiles "
            f"where spec_id = '{SpecOom.SUBJECT}' and memory_limit = '{SpecOom.ENOUGH}'"
        )
        assert 2_048 < shown["memory_p95_mb"] < 4_096
        assert shown["oom_runs"] == 0

    def test_specs_below_70_percent_are_flagged_for_review(self, records):
        flagged = {row["spec_id"] for row in rows("select spec_id from profiles.spec_quality where needs_review")}
        expected = set()
        newest = {}
        for run in sorted(records.values(), key=lambda r: (r["started_at"], r["run_id"])):
            if run["status"] in ("success", "failed", "error", "timeout"):
                newest[run["spec_id"]] = run["spec_fingerprint"]
        for spec, fingerprint in newest.items():
            own = [
                r["status"]
                for r in records.values()
                if (r["spec_id"], r["spec_fingerprint"]) == (spec, fingerprint)
                and r["status"] in ("success", "failed", "error", "timeout")
            ]
            if own.count("success") < 0.7 * len(own):
                expected.add(spec)
        assert SpecOom.SUBJECT in expected
        assert flagged == expected

    def test_learned_fields_stand_in_the_spec_documents(self, month):
        document = json.loads((month.settings.specs / f"{SpecOom.SUBJECT}.json").read_text())
        learned = document["_learned"]
        assert learned["runs_count"] > 100
        assert learned["recommended_resources"]["memory"] == SpecOom.ENOUGH
        migration = json.loads((month.settings.specs / "migration-schema.json").read_text())
        assert migration["_learned"]["optimal_model"] == BetterModel.SUBJECT

    def test_analytics_can_be_exported_to_csv(self, records):
        exported = list(csv.DictReader(io.StringIO(cli("export", "--start", "2000-01-01", "--end", "2100-01-01"))))
        assert {row["run_id"] for row in exported} == set(records)

    def test_analysis_runs_daily_and_on_demand(self):
        repository = defs().get_repository_def()
        (schedule,) = [s for s in repository.schedule_defs if s.name == "daily_learning"]
        assert schedule.job_name == "daily_learning"
        assert schedule.cron_schedule.split()[2:] == ["*", "*", "*"]
        assert "published as version 2" in cli("learn")


@pytest.mark.usefixtures("month")
class TestTheLoop:
    """After the acceptance: one suggestion is applied, and the next analysis knows."""

    def suggestion(self):
        return next(row for row in json.loads(cli("suggest", "--json")) if row["rule"] == "memory_raise")

    def test_an_application_changes_the_document_alone_and_is_known_after_the_next_refresh(self, month):
        key = self.suggestion()["id"]
        path = month.settings.specs / f"{SpecOom.SUBJECT}.json"
        before = path.read_bytes()
        assert f'+    "memory": "{SpecOom.ENOUGH}"' in cli("apply", key)
        assert path.read_bytes() == before
        cli("apply", key, "--yes")
        assert json.loads(path.read_bytes())["resources"]["memory"] == SpecOom.ENOUGH
        cli("apply", key, "--yes", exit_code=1)
        assert month.daemon_refresh()
        assert self.suggestion()["status"] == "applied"
        (outcome,) = rows("select verdict, spec_id from outcomes.recommendation_effectiveness")
        assert outcome == {"verdict": "measuring", "spec_id": SpecOom.SUBJECT}

    def test_undone_it_is_open_again_and_the_document_is_as_before(self, month):
        key = self.suggestion()["id"]
        cli("undo", key, "--yes")
        path = month.settings.specs / f"{SpecOom.SUBJECT}.json"
        assert json.loads(path.read_bytes())["resources"]["memory"] == SpecOom.LIMIT
        assert month.daemon_refresh()
        assert self.suggestion()["status"] == "pending"

    @pytest.mark.slow
    def test_writing_what_was_learned_starts_no_endless_loop(self, month):
        newest = rows("select max(batch_id) as batch from raw.ingested_files")
        files = {path.name: path.read_bytes() for path in month.settings.specs.glob("*.json")}
        assert month.refresh().success
        assert rows("select max(batch_id) as batch from raw.ingested_files") == newest
        assert {path.name: path.read_bytes() for path in month.settings.specs.glob("*.json")} == files
