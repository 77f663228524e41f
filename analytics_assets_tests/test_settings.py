"""Settings come from the environment, are checked there, and say where everything is."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from analytics_assets.settings import Settings, load_settings
from analytics_assets.thresholds import STORAGE_PRICE

LEARNING = {
    "model_training_enabled": True,
    "model_retraining_interval": 24,
    "min_model_accuracy": 0.8,
    "real_time_detection_enabled": True,
    "recommendation_generation_enabled": True,
    "recommendation_refresh_interval": 6,
    "performance_monitoring_enabled": True,
    "metrics_collection_interval": 60,
    "model_deployment": "shadow",
    "forecast_series": 40,
}


@pytest.fixture(autouse=True)
def without_settings(monkeypatch):
    """The surroundings of the tests set nothing."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ANALYTICS_{name.upper()}", raising=False)


def test_a_variable_overrides_a_default_and_is_read_anew(monkeypatch):
    assert load_settings().executions_hours == 24
    monkeypatch.setenv("ANALYTICS_EXECUTIONS_HOURS", "48")
    assert load_settings().executions_hours == 48


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described_and_has_a_default(name):
    field = Settings.model_fields[name]
    assert field.description
    assert not field.is_required()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXECUTIONS_HOURS", "0"),
        ("SNAPSHOTS_KEPT", "0"),
        ("SETTLE_SECONDS", "-1"),
        ("UI_PORT", "65536"),
        ("MAX_FILES_PER_BATCH", "many"),
        ("AS_OF", "yesterday"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(f"ANALYTICS_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALERT_THRESHOLDS", '{"high_cpu_usage": 80}'),
        ("ALERT_THRESHOLDS", '{"high_cpu_usage": NaN}'),
        ("ALERT_THRESHOLDS", '{"high_error_rate": 0}'),
        ("ALERT_THRESHOLDS", '{"slow_response_time": 0}'),
        ("ALERT_THRESHOLDS", '{"slow_response_time": Infinity}'),
        ("ALERT_THRESHOLDS", '{"high_memory_usage": -0.1}'),
        ("RESOURCE_PRICES", '{"cpu": NaN}'),
        ("RESOURCE_PRICES", '{"disk": Infinity}'),
        ("RESOURCE_PRICES", '{"network": -1}'),
    ],
)
def test_a_limit_or_price_that_makes_no_sense_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(f"ANALYTICS_{name}", value)
    with pytest.raises(ValidationError, match=next(iter(json.loads(value)))):
        load_settings()


def test_shares_up_to_the_whole_seconds_and_free_resources_are_taken(monkeypatch):
    monkeypatch.setenv("ANALYTICS_ALERT_THRESHOLDS", '{"high_cpu_usage": 1, "slow_response_time": 30}')
    monkeypatch.setenv("ANALYTICS_RESOURCE_PRICES", '{"disk": 0}')
    settings = load_settings()
    assert (settings.alert_thresholds["high_cpu_usage"], settings.alert_thresholds["slow_response_time"]) == (1, 30)
    assert settings.resource_prices["disk"] == 0


@pytest.mark.parametrize(
    "given",
    ["2026-03-02T10:00:00", "2026-03-02T10:00:00Z", "2026-03-02T12:00:00+02:00"],
    ids=["naive", "UTC", "offset"],
)
def test_the_end_of_the_windows_is_kept_in_naive_utc(monkeypatch, given):
    monkeypatch.setenv("ANALYTICS_AS_OF", given)
    assert load_settings().as_of == datetime(2026, 3, 2, 10)


def test_the_data_folder_is_absolute_whatever_the_working_directory_becomes(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    monkeypatch.chdir("/")
    assert settings.data_dir == tmp_path / "data"
    monkeypatch.setenv("ANALYTICS_DATA_DIR", "~/logs")
    assert load_settings().data_dir == Path.home() / "logs"


def test_everything_is_below_the_data_folder(tmp_path):
    settings = Settings(data_dir=tmp_path)
    properties = [getattr(settings, name) for name, member in vars(Settings).items() if isinstance(member, property)]
    paths = [value for value in properties if isinstance(value, Path)]
    assert len(paths) > 10
    assert all(path.is_relative_to(tmp_path) for path in paths)
    assert len(set(paths)) == len(paths)


def test_settings_cannot_be_changed_behind_the_back_of_a_run():
    with pytest.raises(ValidationError, match="frozen"):
        Settings().executions_hours = 1


def test_the_price_of_storage_is_the_one_with_a_reason():
    assert Settings().storage_price_usd_per_gib_month == STORAGE_PRICE.value


def test_the_defaults_of_learning_are_those_of_the_framework():
    settings = Settings()
    assert {name: getattr(settings, name) for name in LEARNING} == LEARNING


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODEL_DEPLOYMENT", "blue-green"),
        ("MIN_MODEL_ACCURACY", "80"),
        ("MODEL_RETRAINING_INTERVAL", "0"),
        ("MODEL_TRAINING_ENABLED", "perhaps"),
        ("RECOMMENDATION_REFRESH_INTERVAL", "-1"),
        ("METRICS_COLLECTION_INTERVAL", "0"),
        ("FORECAST_SERIES", "0"),
    ],
)
def test_a_setting_of_learning_that_makes_no_sense_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(f"ANALYTICS_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        load_settings()
