"""Columns of ``outcomes.recommendation_effectiveness``."""

from analytics_assets.warehouse.columns import Column


def _period(prefix: str, word: str) -> tuple[Column, ...]:
    """What is known of a stretch of time; ``word`` says which."""
    return (
        Column(f"{prefix}_from", "TIMESTAMP", f"Start of the time {word}, exclusive, UTC.", required=True),
        Column(f"{prefix}_to", "TIMESTAMP", f"End of the time {word}, inclusive, UTC.", required=True),
        Column(f"{prefix}_days", "DOUBLE", f"Days watched {word}, at least 1, from the first run on.", required=True),
        Column(f"{prefix}_runs", "BIGINT", f"Judged runs {word}.", required=True),
        Column(f"{prefix}_successes", "BIGINT", "Of these, those that succeeded.", required=True),
        Column(f"{prefix}_success_rate", "DOUBLE", f"Share of successes {word}, 0 to 1; NULL without runs."),
        Column(f"{prefix}_priced_runs", "BIGINT", f"Runs {word} whose model cost is known.", required=True),
        Column(f"{prefix}_priced_successes", "BIGINT", "Of these, those that succeeded.", required=True),
        Column(f"{prefix}_total_cost_usd", "DOUBLE", "Model cost of the priced runs, US dollars; NULL without one."),
        Column(
            f"{prefix}_cost_per_success_usd",
            "DOUBLE",
            "Model cost of all priced runs per success among them, US dollars; NULL without a priced success.",
        ),
        Column(f"{prefix}_median_cost_usd", "DOUBLE", f"Median model cost of a run {word}, US dollars."),
        Column(f"{prefix}_median_duration_seconds", "DOUBLE", f"Median duration of a run {word}, seconds."),
    )


def _medians(name: str, what: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_p_value", "DOUBLE", f"Mann-Whitney test of the {what} after against before, not adjusted."),
        Column(f"{name}_difference", "DOUBLE", f"Median {what} after less before."),
        Column(f"{name}_difference_low", "DOUBLE", "Lower end of its 95 % bootstrap interval."),
        Column(f"{name}_difference_high", "DOUBLE", "Upper end of its 95 % bootstrap interval."),
    )


EFFECTIVENESS = (
    Column("id", "VARCHAR", "The decision that applied it.", required=True),
    Column("recommendation_id", "VARCHAR", "The suggestion (suggestions.suggestions).", required=True),
    Column("recommendation_type", "VARCHAR", "Type of the suggestion.", required=True),
    Column("rule", "VARCHAR", "Rule that made it.", required=True),
    Column("spec_id", "VARCHAR", "Spec it is about; NULL where it is about a sort of specs."),
    Column("spec_type", "VARCHAR", "Type of the spec."),
    Column(
        "implementation_status", "VARCHAR", "implemented, or rolled_back once it was undone or rejected.", required=True
    ),
    Column("implementation_date", "TIMESTAMP", "When it was applied, UTC.", required=True),
    Column("level", "VARCHAR", "HIGH, MED or LOW, as stated when it was applied.", required=True),
    Column("confidence", "DOUBLE", "Confidence as stated then, 0 to 1; NULL where none was."),
    Column(
        "metric",
        "VARCHAR",
        "What it was made for: success_rate, cost_usd (a cheaper model) or infrastructure_cost_eur (a smaller size).",
        required=True,
    ),
    Column(
        "expected_improvement",
        "DOUBLE",
        "What was promised, as a share of runs (success_rate) or of the cost; NULL where nothing was.",
    ),
    Column(
        "measured_improvement",
        "DOUBLE",
        "What came: points of the success rate, or the share by which the median cost fell; below 0: it grew worse.",
    ),
    Column("effectiveness_score", "DOUBLE", "measured_improvement / expected_improvement; NULL without both."),
    Column("measurement_period_days", "DOUBLE", "Days since it was applied that were watched, 0 to 30.", required=True),
    Column("measured_at", "TIMESTAMP", "Newest run when it was last measured, UTC.", required=True),
    Column("feedback_notes", "VARCHAR", "Notes of the decision."),
    Column(
        "business_impact", "VARCHAR", "JSON: saved_usd, roi, expected_saving_usd_per_30_days; null where not known."
    ),
    *_period("baseline", "before it, as first seen"),
    Column(
        "baseline_values",
        "VARCHAR",
        "JSON: durations and costs of the runs before it, at most 500 of each at evenly spaced ranks.",
        required=True,
    ),
    *_period("after", "since it"),
    Column("difference", "DOUBLE", "after_success_rate less baseline_success_rate; NULL without runs on a side."),
    Column("difference_low", "DOUBLE", "Lower end of its 95 % Newcombe interval."),
    Column("difference_high", "DOUBLE", "Upper end of its 95 % Newcombe interval."),
    Column("success_p_value", "DOUBLE", "Fisher's exact test of the two success rates."),
    Column("success_p_adjusted", "DOUBLE", "The same, adjusted (Benjamini-Hochberg) over all open verdicts."),
    Column("p_value", "DOUBLE", "Test of the metric: Fisher of success rates, Mann-Whitney of costs."),
    Column("p_adjusted", "DOUBLE", "The same, adjusted (Benjamini-Hochberg) over all open verdicts."),
    *_medians("duration_seconds", "duration, seconds,"),
    *_medians("cost_usd", "model cost, US dollars,"),
    Column("volume_ratio", "DOUBLE", "Runs a day after over before; NULL without runs before or within a day."),
    Column("is_volume_shifted", "BOOLEAN", "Whether that is above 2 or below 0.5; NULL where it is not known."),
    Column("needed_runs", "BIGINT", "Runs on each side for 80 % power; NULL where nothing could be seen."),
    Column("other_changes", "BIGINT", "Applications of other suggestions to it in the same days.", required=True),
    Column("verdict", "VARCHAR", "worked, no effect, harmed or measuring.", required=True),
    Column("verdict_reason", "VARCHAR", "Why, in sentences with their numbers.", required=True),
    Column(
        "saved_usd",
        "DOUBLE",
        "Saved model cost since, US dollars; below 0: it costs more; NULL: not known, or made for infrastructure cost.",
    ),
    Column("roi", "DOUBLE", "saved_usd as a share of what the successes since would have cost before."),
    Column("is_final", "BOOLEAN", "Whether its window has been over for a week: the row stands.", required=True),
    Column("as_of", "TIMESTAMP", "Newest run of the table, UTC.", required=True),
    Column("is_stale", "BOOLEAN", "Whether as_of was more than 24 hours old.", required=True),
)
