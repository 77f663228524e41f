"""Columns of the tables about models of runs: what each version learnt, how it was judged, and which one answers."""

from analytics_assets.warehouse.columns import RECORDS_END, Column

VERSION = (
    Column("model_id", "VARCHAR", "The version: predictions.model_versions.id.", required=True),
    Column("model_name", "VARCHAR", "failure_risk, run_duration or run_cost.", required=True),
    Column("version", "VARCHAR", "v1, v2, ... of the model.", required=True),
)
FIT = (
    Column("trained_at", "TIMESTAMP", "When it was trained, by the clock, UTC.", required=True),
    Column(
        "trained_until", "TIMESTAMP", "Newest outcome that it learnt from, UTC: what came after is new to it.", True
    ),
    Column("algorithm_name", "VARCHAR", "What it is made of.", required=True),
    Column("parameters", "VARCHAR", "JSON: what it was fitted with.", required=True),
    Column("data_hash", "VARCHAR", "SHA-256 over what it learnt from: equal data has an equal hash.", required=True),
    Column("artifact_path", "VARCHAR", "Its folder below data/models.", required=True),
    Column("artifact_sha256", "VARCHAR", "SHA-256 of the manifest there, which has that of each file.", required=True),
    Column("is_better_than_baselines", "BOOLEAN", "Whether it beats every baseline on the time split.", required=True),
)
TRAINING_DATA = (
    Column("id", "VARCHAR", "The version: model and number, as failure_risk/v3.", required=True),
    *VERSION,
    *FIT,
    Column("data_source", "VARCHAR", "Table that it learnt from.", required=True),
    Column("feature_count", "BIGINT", "Features and categories that it could look at.", required=True),
    Column("sample_count", "BIGINT", "Runs that it learnt from.", required=True),
    Column("data_quality_score", "DOUBLE", "Mean of four shares, 0 to 1; quality_details has them.", required=True),
    Column(
        "quality_details",
        "VARCHAR",
        "JSON: known_cells (of the features), known_outcomes (of the runs), span (days over 28), balance (rarer "
        "outcome over 10 %; of a quantity its distinct values over 30).",
        required=True,
    ),
    Column("feature_importance", "VARCHAR", "JSON: share of what it knows that each feature brings.", required=True),
    Column("training_start", "TIMESTAMP", "Start of the first run that it learnt from, UTC.", required=True),
    Column("training_end", "TIMESTAMP", "Start of the last one, UTC.", required=True),
    Column(
        "validation_split",
        "DOUBLE",
        "Of the runs, those that looks back predicted; the test is part of it.",
        required=True,
    ),
    Column("test_split", "DOUBLE", "Of the runs, those after the time split, 0 to 1.", required=True),
    Column("seconds", "DOUBLE", "How long judging, fitting and comparing took.", required=True),
    Column("reason", "VARCHAR", "Why it was trained, in a sentence.", required=True),
    Column("verdict", "VARCHAR", "Why it may answer or not, in a sentence.", required=True),
    *RECORDS_END,
)
FEATURE_ENGINEERING = (
    Column("id", "VARCHAR", "Version and feature.", required=True),
    *VERSION,
    Column("feature_name", "VARCHAR", "The feature.", required=True),
    Column("feature_type", "VARCHAR", "historical, contextual, temporal or category.", required=True),
    Column("transformation_logic", "VARCHAR", "How it is computed from what was known at the start.", required=True),
    Column("feature_importance", "DOUBLE", "Share of what the version knows that it brings, 0 to 1; NULL: not used."),
    Column("correlation_with_target", "DOUBLE", "Pearson's, -1 to 1; NULL of a category, and where one is constant."),
    Column("created_at", "TIMESTAMP", "When the version was trained, UTC.", required=True),
    Column("is_active", "BOOLEAN", "Whether the version uses it.", required=True),
    Column(
        "performance_impact",
        "VARCHAR",
        "JSON: loss (brier or pinball), and worse_by: how much it grows on the test part when it alone is shuffled.",
        required=True,
    ),
    *RECORDS_END,
)
PERFORMANCE = (
    Column("id", "VARCHAR", "Version, dataset, metric and baseline.", required=True),
    *VERSION,
    Column("metric_name", "VARCHAR", "As brier, auc, roc or confusion_matrix.", required=True),
    Column("metric_value", "DOUBLE", "The figure; NULL where it has no meaning, as AUC where all runs succeed."),
    Column(
        "metric_type",
        "VARCHAR",
        "loss (less is better), score, share, ratio, milliseconds, curve or matrix.",
        required=True,
    ),
    Column("evaluation_dataset", "VARCHAR", "time_split, rolling_origin or same_split.", required=True),
    Column("evaluation_timestamp", "TIMESTAMP", "When it was judged, by the clock, UTC.", required=True),
    Column("evaluation_context", "VARCHAR", "JSON: runs, and the points of a curve or matrix.", required=True),
    Column("benchmark_comparison", "DOUBLE", "The figure less its baseline's; NULL without one."),
    Column(
        "baseline",
        "VARCHAR",
        "What it is held against: a simple answer that must be beaten (constant, model_x_spec_type, naive), another "
        "simple answer, a voter of the model (forest, boosted, sequence), another contestant, or of same_split the "
        "champion of the time. The figure stands once for each; of a curve or matrix NULL.",
    ),
    Column("baseline_value", "DOUBLE", "The same figure of that; NULL without one."),
    *RECORDS_END,
)
VERSIONS = (
    Column("id", "VARCHAR", "Model and number, as failure_risk/v3.", required=True),
    *VERSION[1:],
    Column(
        "stage",
        "VARCHAR",
        "champion (it answers), shadow or canary (on trial), retired, rejected (lost its trial), unpublished (does not "
        "beat the baselines) or withdrawn (by a person).",
        required=True,
    ),
    Column("stage_since", "TIMESTAMP", "Since when, by the clock, UTC.", required=True),
    Column("stage_reason", "VARCHAR", "Why, in a sentence.", required=True),
    *FIT,
    Column("brier", "DOUBLE", "Mean squared error of its probabilities on the time split; NULL of a quantity."),
    Column("auc", "DOUBLE", "How often a failing run has the higher probability there; NULL of a quantity."),
    Column("accuracy", "DOUBLE", "Share of right calls there, 0 to 1; NULL of a quantity."),
    Column("pinball", "DOUBLE", "Mean pinball loss of its quantiles there; NULL of a probability."),
    Column("predecessor", "VARCHAR", "The champion that it took over from, which a roll-back brings back."),
    Column("promoted_at", "TIMESTAMP", "When it became champion last, UTC; NULL: never."),
    Column("retired_at", "TIMESTAMP", "When it ceased to answer, UTC."),
    Column("live_n", "BIGINT", "Runs in use with an outcome: of one on trial those that the champion answered too."),
    Column("live_score", "DOUBLE", "Its mean loss of them; less is better."),
    Column("champion_live_score", "DOUBLE", "The champion's mean loss of the same runs; NULL of the champion."),
    Column("decided_at", "TIMESTAMP", "When the last decision on it was made that is carried out, UTC."),
    Column("decision_id", "VARCHAR", "That decision: staging.stg_decisions."),
    Column("artifact_removed_at", "TIMESTAMP", "When its files were removed, UTC; NULL: they are kept."),
    Column("problem", "VARCHAR", "Why its files cannot be used, in a sentence; NULL: they are whole."),
    *RECORDS_END,
)
MODELS = (
    Column("id", "VARCHAR", "Name of the model.", required=True),
    Column("model_name", "VARCHAR", "The same.", required=True),
    Column("model_type", "VARCHAR", "classification, regression or forecast.", required=True),
    Column("model_purpose", "VARCHAR", "What it says, in a sentence.", required=True),
    Column("algorithm_name", "VARCHAR", "What it is made of; NULL before the first version."),
    Column("model_version", "VARCHAR", "The version that answers; NULL: none does."),
    Column("model_parameters", "VARCHAR", "JSON: what that was fitted with."),
    Column("training_data_hash", "VARCHAR", "SHA-256 over what that learnt from."),
    Column("model_artifact_path", "VARCHAR", "Its folder below data/models; NULL: it is fitted anew each day."),
    Column("created_at", "TIMESTAMP", "When that was trained, UTC."),
    Column("is_active", "BOOLEAN", "Whether the model answers.", required=True),
    Column("performance_metrics", "VARCHAR", "JSON: its main figures, and those in use.", required=True),
    Column("challenger_version", "VARCHAR", "The version on trial; NULL: none is."),
    Column("versions", "BIGINT", "Versions trained so far; NULL: it is fitted anew each day."),
    Column("reason", "VARCHAR", "Why it answers or not, in a sentence.", required=True),
    *RECORDS_END,
)
