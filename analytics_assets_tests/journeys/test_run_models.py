"""From a sample of 30 days to an answer: a model is published, names what was planted, and is held against what comes.

The quick versions of the parts are in ``predicting/`` and ``defs/predictions/``.
"""

from __future__ import annotations

import json
import shutil
from datetime import datetime

import pytest

from analytics_assets.queries import run_sql
from analytics_assets.sample import generate
from analytics_assets.settings import load_settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
LATER_SHARE = 0.1
"""Runs, the newest, that land after the model was trained."""


def rows(sql):
    return run_sql(None, sql).records()


@pytest.fixture(scope="module")
def month(journey, tmp_path_factory):
    """All but the newest runs are refreshed, with training; then the rest arrives as the daemon takes it."""
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, days=30, seed=7, effects="all")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ANALYTICS_MODEL_TRAINING_ENABLED", "true")
        journey.settings = load_settings()
        lines = [line for file in sorted((folder / "runs").iterdir()) for line in file.read_text().splitlines()]
        lines.sort(key=lambda line: json.loads(line)["started_at"])
        earlier = int(len(lines) * (1 - LATER_SHARE))
        for kind in folder.iterdir():
            if kind.is_dir() and kind.name != "runs":
                target = journey.settings.specs if kind.name == "specs" else journey.settings.inbox / kind.name
                shutil.copytree(kind, target, dirs_exist_ok=True)
        inbox = journey.settings.inbox / "runs"
        inbox.mkdir(parents=True)
        (inbox / "earlier.jsonl").write_text("\n".join(lines[:earlier]) + "\n")
        summary = journey.refresh()
        assert summary.success, summary.error
        (inbox / "later.jsonl").write_text("\n".join(lines[earlier:]) + "\n")
        assert journey.daemon_refresh()
        yield datetime.fromisoformat(json.loads(lines[earlier])["started_at"]).replace(tzinfo=None)


@pytest.mark.usefixtures("month")
class TestMonth:
    def test_the_model_of_failing_runs_answers(self):
        (model,) = rows("select * from predictions.ml_models where id = 'failure_risk'")
        assert model["is_active"]
        assert model["model_version"] == "v1"

    def test_it_names_the_memory_that_was_planted_and_more_of_it_as_the_remedy(self):
        (told,) = rows(
            "select risk_factors, recommended_action, failure_probability from predictions.next_run_outlook "
            "where failure_probability is not null order by failure_probability desc limit 1"
        )
        assert "memory" in told["risk_factors"]
        assert "4Gi" in told["recommended_action"]
        assert told["failure_probability"] > 0.5

    def test_every_later_run_has_its_answer_and_its_outcome(self, month):
        (told,) = rows(
            "select count(*) as n, count(distinct subject_id) as runs, count(actual_value) as known, "
            "avg(power(predicted_value - actual_value, 2)) as brier, avg(actual_value) as rate "
            "from predictions.model_predictions where model_name = 'failure_risk' and role = 'champion'"
        )
        # Beside them those that began before and were not over when the model was trained.
        (asked,) = rows(
            "select count(*) as n, "
            "count(*) filter (run_id not in (select subject_id from predictions.model_predictions)) as missed "
            f"from predictions.run_features where started_at >= '{month}'"
        )
        assert asked["missed"] == 0
        assert told["n"] == told["runs"] >= asked["n"]
        assert told["known"] > 0.9 * asked["n"]
        assert told["brier"] < told["rate"] * (1 - told["rate"])

    def test_the_degraded_tool_is_an_open_alert_and_the_burst_is_over(self):
        alerts = rows("select state, severity, affected_components from outcomes.alerts")
        assert any("web_fetch" in one["affected_components"] and one["state"] == "open" for one in alerts)
        assert any(one["state"] == "resolved" for one in alerts)

    def test_the_whole_has_a_score(self):
        (overall,) = rows(
            "select score from outcomes.system_kpis where kpi = 'overall_health_score' "
            "order by measured_on desc limit 1"
        )
        assert 0 < overall["score"] < 1
