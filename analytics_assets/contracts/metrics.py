"""Samples of system metrics."""

from analytics_assets.contracts.model import Choice, Contract, Identity, choice, real, tags, text, time

AGGREGATION_PERIOD = Choice(values=("1m", "5m", "1h", "1d"), open=True)

METRICS = Contract(
    kind="metrics",
    grain="One row per sample of a system metric.",
    identity=Identity.EVENT,
    key=("metric_name", "metric_tags", "source_system", "collected_at"),
    surrogate_key="metric_id",
    time_field="collected_at",
    fields=(
        text("metric_name", "Name of the metric; resources are cpu, memory, disk, network.", required=True),
        real("metric_value", "The sample.", required=True),
        text("metric_unit", "Unit of the sample; percent for resources."),
        tags("metric_tags", "Labels; component names what was measured."),
        time("collected_at", "When it was sampled.", required=True),
        text("source_system", "System that sampled it.", required=True),
        choice("aggregation_period", "Span the sample stands for.", AGGREGATION_PERIOD),
    ),
)
