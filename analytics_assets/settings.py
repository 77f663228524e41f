"""Where things are and how long they are kept: typed, each overridable by ``ANALYTICS_<NAME>``."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf, isfinite
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from analytics_assets.issue_thresholds import HEALTH_MAX_DEBT
from analytics_assets.lib.sizes import Sizes
from analytics_assets.pattern_thresholds import (
    ANOMALY_SENSITIVITY,
    CPU_PRICE,
    DISK_PRICE,
    HIGH_CPU,
    HIGH_ERROR_RATE,
    HIGH_MEMORY,
    MEMORY_PRICE,
    NETWORK_PRICE,
    PATTERN_CONFIDENCE,
    PATTERN_SIGNALS,
    RECOMMENDATIONS_PER_COMPONENT,
    SLOW_RESPONSE,
)
from analytics_assets.thresholds import STORAGE_PRICE

RESOURCE_PRICES = {"cpu": CPU_PRICE, "memory": MEMORY_PRICE, "disk": DISK_PRICE, "network": NETWORK_PRICE}
ALERT_THRESHOLDS = {
    "high_cpu_usage": HIGH_CPU,
    "high_memory_usage": HIGH_MEMORY,
    "slow_response_time": SLOW_RESPONSE,
    "high_error_rate": HIGH_ERROR_RATE,
}


class Settings(BaseSettings):
    """Paths, clocks, limits and retention. Every default is the safe choice for one machine."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_", frozen=True, extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(
        default=Path("data"),
        description="Folder with inbox, specs, warehouse, published snapshots and Dagster's home.",
    )
    as_of: datetime | None = Field(
        default=None, description="End of every window; by default the newest event time of each kind."
    )

    settle_seconds: float = Field(
        default=2.0, ge=0, description="A file unchanged for this long is complete (seconds)."
    )
    max_line_bytes: int = Field(
        default=4 * 2**20, ge=1024, description="A longer line is quarantined, not parsed (bytes)."
    )
    kept_line_characters: int = Field(
        default=10_000, ge=100, description="How much of a quarantined line is kept (characters)."
    )
    max_unpacked_bytes: int = Field(
        default=8 * 2**30, ge=2**20, description="A compressed file may unpack to at most this (bytes)."
    )
    max_unpack_ratio: int = Field(
        default=200,
        ge=2,
        description="Beyond 64 MiB a compressed file may grow by at most this factor: logs compress 5 to 30 fold.",
    )
    max_files_per_batch: int = Field(
        default=2_000, ge=1, description="Files taken in one refresh; the rest waits for the next one."
    )
    warehouse_memory: str = Field(
        default="1500MB",
        pattern=r"^([3-9]\d{2}|\d{4,})\s?(MB|MiB)$|^\d+(\.\d+)?\s?(GB|GiB)$",
        description="DuckDB's memory limit for the writer, as in 1500MB or 4GB; under 300 MB it cannot work.",
    )
    storage_price_usd_per_gib_month: float = Field(
        default=STORAGE_PRICE.value, ge=0, description="Price of keeping the data (USD per GiB and month)."
    )
    memory_sizes: str = Field(
        default="256Mi,512Mi,1Gi,2Gi,4Gi,8Gi,16Gi,32Gi,64Gi",
        description="Sizes of memory that may be suggested, as Kubernetes writes them.",
    )
    cpu_sizes: str = Field(
        default="250m,500m,1,2,4,8,16", description="Sizes of CPU that may be suggested, as Kubernetes writes them."
    )
    health_max_debt: float = Field(
        default=HEALTH_MAX_DEBT.value, gt=0, description="Debt of open issues at which health is 0 (points)."
    )
    repository: Path | None = Field(
        default=None, description="Git repository of the files that issues name; its history tells what is at risk."
    )
    pattern_confidence_threshold: float = Field(
        default=PATTERN_CONFIDENCE.value, ge=0, le=1, description="Patterns less sure than this are kept, not shown."
    )
    anomaly_detection_sensitivity: float = Field(
        default=ANOMALY_SENSITIVITY.value,
        gt=0.5,
        lt=1,
        description="Share of usual values that the shown band holds; from where on a value is an alarm is apart.",
    )
    pattern_signals: int = Field(
        default=int(PATTERN_SIGNALS.value),
        ge=1,
        description="Signals that detectors look at, those with most hours first.",
    )
    max_recommendations_per_component: int = Field(
        default=int(RECOMMENDATIONS_PER_COMPONENT.value), ge=1, description="Recommendations shown of one component."
    )
    recommendation_generation_enabled: bool = Field(default=True, description="Whether advice is made anew.")
    recommendation_refresh_interval: float = Field(
        default=6, gt=0, description="Advice older than this is made again, where records came since (hours)."
    )
    real_time_detection_enabled: bool = Field(
        default=True, description="Whether landed files are searched for anomalies at once; without it, once a day."
    )
    model_training_enabled: bool = Field(default=True, description="Whether models are trained by themselves.")
    model_retraining_interval: float = Field(
        default=24, gt=0, description="Two trainings of a model lie at least this far apart (hours)."
    )
    min_model_accuracy: float = Field(
        default=0.8, ge=0, le=1, description="A model that is right less often than this is trained again (share)."
    )
    model_deployment: Literal["switch", "shadow", "canary"] = Field(
        default="shadow", description="How a new version of a model takes over: at once, after a trial, or in part."
    )
    performance_monitoring_enabled: bool = Field(
        default=True, description="Whether models are held against what happened; without it, only age makes one due."
    )
    metrics_collection_interval: int = Field(
        default=60, ge=1, description="How often it is asked whether a model is due for training (seconds)."
    )
    forecast_series: int = Field(default=40, ge=1, description="Series forecast by competition, longest first.")
    alert_thresholds: dict[str, float] = Field(
        default_factory=lambda: {name: setting.value for name, setting in ALERT_THRESHOLDS.items()},
        description="Limits of the threshold monitor, as JSON: shares of 0 to 1, and seconds for slow_response_time.",
    )
    resource_prices: dict[str, float] = Field(
        default_factory=lambda: {name: setting.value for name, setting in RESOURCE_PRICES.items()},
        description="What more capacity costs, as JSON: USD a month per core, GiB, GiB and Mbit/s.",
    )
    lock_wait_seconds: float = Field(
        default=120.0,
        ge=0,
        description="How long a writer waits for another one before it gives up (seconds).",
    )

    executions_hours: int = Field(
        default=24, ge=1, description="Full executions are kept this long after ingestion (hours)."
    )
    slim_executions_days: int = Field(
        default=30,
        ge=1,
        description="The columns that recounting needs are kept this long after ingestion (days).",
    )
    metrics_days: int = Field(default=30, ge=1, description="Raw metrics, after ingestion (days).")
    events_days: int = Field(default=30, ge=1, description="Raw events, after ingestion (days).")
    runs_days: int = Field(default=90, ge=1, description="Runs and their tasks, after ingestion (days).")
    hourly_days: int = Field(default=30, ge=1, description="Hourly summaries, after their last change (days).")
    key_memory_days: int = Field(
        default=400,
        ge=1,
        description="A purged record's key is remembered this long, so a copy is not counted (days).",
    )
    snapshots_kept: int = Field(default=3, ge=1, description="Published snapshots kept for readers still on them.")
    dagster_runs_days: int = Field(default=14, ge=1, description="Dagster's own run records (days).")

    ui_port: int = Field(default=3000, ge=1, le=65535, description="Port of the Dagster UI on 127.0.0.1.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("as_of")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        """A naive ``as_of`` is UTC; stored naive, as every time in the warehouse is."""
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    @field_validator("alert_thresholds", "resource_prices")
    @classmethod
    def _known_and_whole(cls, value: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        """Names that are not given keep their default; a name that nobody reads is a mistake of typing."""
        known = RESOURCE_PRICES if info.field_name == "resource_prices" else ALERT_THRESHOLDS
        strangers = sorted(set(value) - set(known))
        if strangers:
            raise ValueError(f"no such name: {', '.join(strangers)}; there are {', '.join(known)}")
        for name, number in value.items():
            if not isfinite(number) or number < 0:
                raise ValueError(f"{name} is {number}: a number of at least 0 is needed")
            if known is ALERT_THRESHOLDS and not 0 < number <= (inf if name == "slow_response_time" else 1):
                wanted = "seconds above 0" if name == "slow_response_time" else "a share: above 0, and at most 1"
                raise ValueError(f"{name} is {number}: it is {wanted}")
        return {name: setting.value for name, setting in known.items()} | value

    @model_validator(mode="after")
    def _slim_outlive_full(self) -> Self:
        if self.executions_hours > self.slim_executions_days * 24:
            raise ValueError(
                "ANALYTICS_EXECUTIONS_HOURS is longer than ANALYTICS_SLIM_EXECUTIONS_DAYS: "
                "full executions become slim ones, so these must be kept as long or longer"
            )
        return self

    @model_validator(mode="after")
    def _sizes_can_be_read(self) -> Self:
        try:
            _ = self.sizes
        except ValueError as error:
            raise ValueError(f"ANALYTICS_MEMORY_SIZES or ANALYTICS_CPU_SIZES: {error}") from error
        return self

    @property
    def sizes(self) -> Sizes:
        """What may be suggested."""
        return Sizes.of(self.memory_sizes.split(","), self.cpu_sizes.split(","))

    @property
    def inbox(self) -> Path:
        """Folder that files land in: one subfolder per kind or foreign format."""
        return self.data_dir / "inbox"

    @property
    def specs(self) -> Path:
        """Folder of the spec documents."""
        return self.data_dir / "specs"

    @property
    def journal(self) -> Path:
        """What was done to spec documents, with the bytes before it: one folder per decision."""
        return self.data_dir / "journal"

    @property
    def models(self) -> Path:
        """Trained models, one folder per version, and what was asked of them."""
        return self.data_dir / "models"

    @property
    def warehouse(self) -> Path:
        """Folder of the writer's files."""
        return self.data_dir / "warehouse"

    @property
    def warehouse_file(self) -> Path:
        """The DuckDB file that only a refresh opens."""
        return self.warehouse / "warehouse.duckdb"

    @property
    def spool(self) -> Path:
        """Scratch folder for unpacked or repaired copies of inbox files."""
        return self.warehouse / "spool"

    @property
    def intent(self) -> Path:
        """Marker that names the kinds of a batch until its answer is published."""
        return self.warehouse / "unpublished.json"

    @property
    def writer_lock(self) -> Path:
        """File whose lock the one writer holds for a whole run."""
        return self.warehouse / "writer.lock"

    @property
    def published(self) -> Path:
        """Folder of the read-only snapshots."""
        return self.data_dir / "published"

    @property
    def pointer(self) -> Path:
        """Names the snapshot that readers open."""
        return self.published / "current.json"

    @property
    def reports(self) -> Path:
        """What the weekly review wrote."""
        return self.data_dir / "reports"

    @property
    def logs(self) -> Path:
        """What failed refreshes and the processes of ``analytics up`` had to say."""
        return self.data_dir / "logs"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own records."""
        return self.data_dir / "dagster_home"


def load_settings() -> Settings:
    """Settings from the environment, read anew at each call.

    Raises:
        pydantic.ValidationError: a variable has a value out of range; the message names it.
    """
    return Settings()
