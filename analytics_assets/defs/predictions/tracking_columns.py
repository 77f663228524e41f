"""Columns of the tables that hold models against what happened, and say what they expect next."""

from analytics_assets.warehouse.columns import RECORDS_END, Column

MODEL = Column("model_name", "VARCHAR", "failure_risk, run_duration or run_cost.", required=True)
VERSION_OF = Column("version", "VARCHAR", "v1, v2, ... of the model.", required=True)
ROLE = Column("role", "VARCHAR", "champion (its answers count), shadow (beside it) or canary (a tenth).", required=True)
PREDICTIONS = (
    Column("id", "VARCHAR", "Hash of version, subject and input: the same is answered once.", required=True),
    Column("model_id", "VARCHAR", "The version: predictions.model_versions.id.", required=True),
    MODEL,
    VERSION_OF,
    ROLE,
    Column("subject_type", "VARCHAR", "run, or asked: a question that a person put.", required=True),
    Column("subject_id", "VARCHAR", "The run, or the question.", required=True),
    Column("spec_id", "VARCHAR", "Which spec."),
    Column("model", "VARCHAR", "The language model that is to do the work."),
    Column("input_hash", "VARCHAR", "SHA-256 of prediction_input.", required=True),
    Column("prediction_input", "VARCHAR", "JSON: features and categories that were known at the start.", required=True),
    Column(
        "prediction_output",
        "VARCHAR",
        "JSON: failure_probability, seen_rate (runs of the test with about this probability), risk_factors, "
        "recommended_actions; of a quantity q10, q50, q90.",
        required=True,
    ),
    Column(
        "predicted_value", "DOUBLE", "The probability of a failure; else the median, seconds or USD.", required=True
    ),
    Column(
        "confidence_score",
        "DOUBLE",
        "Probability of the likelier outcome; of a quantity how often its band held in the test; NULL: not known.",
    ),
    Column("prediction_timestamp", "TIMESTAMP", "When it was made, by the clock, UTC.", required=True),
    Column("run_started_at", "TIMESTAMP", "Start of the run, UTC: nothing later was known. NULL: not a run."),
    Column(
        "is_after_outcome",
        "BOOLEAN",
        "Whether the outcome was known already when it was made; it rests on the start all the same.",
        required=True,
    ),
    Column(
        "latency_ms",
        "DOUBLE",
        "What it took with its reasons, ms: the mean of the batch that it was made in.",
        required=True,
    ),
    Column("actual_outcome", "VARCHAR", "JSON: what came of the run; NULL: not known yet."),
    Column("actual_value", "DOUBLE", "1 failed, 0 succeeded; else seconds or USD; NULL: not known yet."),
    Column("outcome_timestamp", "TIMESTAMP", "When the run ended, UTC."),
    Column("outcome_joined_at", "TIMESTAMP", "When the outcome was first held against it, by the clock, UTC."),
    Column("is_corrected", "BOOLEAN", "Whether the run was recorded anew with another outcome since.", required=True),
    Column(
        "prediction_accuracy", "DOUBLE", "1 - |error|; of a quantity 1 - relative error, at least 0; NULL: unknown."
    ),
    Column(
        "context_metadata",
        "VARCHAR",
        "JSON: counts (whether its answer counts), lacking (features that it missed).",
        required=True,
    ),
    *RECORDS_END,
)
ACCURACY = (
    Column("id", "VARCHAR", "That of the prediction.", required=True),
    Column("model_id", "VARCHAR", "The version.", required=True),
    Column("prediction_id", "VARCHAR", "predictions.model_predictions.id.", required=True),
    MODEL,
    VERSION_OF,
    ROLE,
    Column("accuracy_score", "DOUBLE", "1 - |error|; of a quantity 1 - relative error, at least 0.", required=True),
    Column(
        "error_magnitude",
        "DOUBLE",
        "Squared error; of a quantity the mean pinball loss of its three quantiles, in logarithms.",
        required=True,
    ),
    Column(
        "error_type",
        "VARCHAR",
        "false_alarm, missed_failure or none; of a quantity within (its band), too_low or too_high.",
        required=True,
    ),
    Column("measured_at", "TIMESTAMP", "When the outcome was held against it, by the clock, UTC.", required=True),
    Column("feedback_source", "VARCHAR", "automated, or human: a person decided on the prediction.", required=True),
    Column("correction_applied", "BOOLEAN", "Whether the outcome was recorded anew since.", required=True),
    *RECORDS_END,
)
WEEKLY = (
    Column("model_id", "VARCHAR", "The version.", required=True),
    MODEL,
    VERSION_OF,
    ROLE,
    Column("week", "DATE", "Monday of the week in which the runs started, UTC.", required=True),
    Column("n", "BIGINT", "Predictions whose outcome is known; of a champion those that count.", required=True),
    Column("accuracy", "DOUBLE", "Share of right calls; of a quantity the mean of accuracy_score.", required=True),
    Column("brier", "DOUBLE", "Mean squared error; NULL of a quantity."),
    Column("pinball", "DOUBLE", "Mean pinball loss in logarithms; NULL of a probability."),
    Column("baseline", "DOUBLE", "The same loss of the share, or quantiles, of all runs before the week; NULL: none."),
    Column("calibration_gap", "DOUBLE", "Mean probability less the share that failed; NULL of a quantity."),
    Column("coverage", "DOUBLE", "Share within q10 to q90, 0.8 is right; NULL of a probability."),
    Column(
        "latency_p95_ms",
        "DOUBLE",
        "95 % of the predictions were made in batches whose mean was no longer, ms.",
        required=True,
    ),
    *RECORDS_END,
)
DRIFT = (
    MODEL,
    VERSION_OF,
    Column("feature_name", "VARCHAR", "Feature or category; (outcome) for the errors themselves.", required=True),
    Column("drift_type", "VARCHAR", "data (what is asked) or concept (how far the answers are off).", required=True),
    Column("test", "VARCHAR", "kolmogorov_smirnov, chi_square, psi, rolling_brier, rolling_pinball; NULL: none."),
    Column("statistic", "DOUBLE", "Of the test; of a rolling loss its mean."),
    Column("p_value", "DOUBLE", "Chance of as much without drift, 0 to 1."),
    Column("p_adjusted", "DOUBLE", "Adjusted over all comparisons of the model (Benjamini-Hochberg)."),
    Column(
        "drift_score",
        "DOUBLE",
        "0 as before to 1 nothing as before: the largest difference of shares, or what stands for it; of the errors "
        "the part of the advantage over the naive answer that is gone.",
    ),
    Column("is_drifted", "BOOLEAN", "Whether it is beyond chance and over 0.3; NULL: not compared."),
    Column("reference_n", "BIGINT", "Examples of the training, the newest 2,000; of the errors those of the test."),
    Column("current_n", "BIGINT", "Runs since; of the errors the newest 100 outcomes."),
    Column("reference_span", "VARCHAR", "First and last start of those, UTC."),
    Column("current_span", "VARCHAR", "First and last start of these, UTC."),
    Column("reason", "VARCHAR", "What moved, or why it was not compared, in a sentence.", required=True),
    Column("examined", "VARCHAR", "What was there to look at: nothing is compared again before it changes."),
    *RECORDS_END,
)
RETRAINING = (
    MODEL,
    Column("version", "VARCHAR", "The champion, else the newest version; NULL before the first."),
    Column(
        "hit_rate",
        "DOUBLE",
        "Share of right calls, of a quantity of outcomes within q10 to q90; in use from 30 on, else of the test.",
    ),
    Column("hit_rate_n", "BIGINT", "Outcomes in use that it rests on; 0: the test."),
    Column(
        "min_hit_rate",
        "DOUBLE",
        "What is asked for: ANALYTICS_MIN_MODEL_ACCURACY, of a quantity that much of the 0.8 that its bands promise.",
        required=True,
    ),
    Column("drift_score", "DOUBLE", "Of what drifted most; NULL: nothing did."),
    Column("days_since_training", "DOUBLE", "Of the newest version of the model; NULL before the first."),
    Column("hours_since_training", "DOUBLE", "The same in hours."),
    Column("prediction_volume", "BIGINT", "Answers of champions since.", required=True),
    Column("new_outcomes", "BIGINT", "Outcomes that became known since.", required=True),
    Column("trained_at", "TIMESTAMP", "When the newest version was trained, UTC; NULL before the first."),
    Column("is_due", "BOOLEAN", "Whether it is to be trained again.", required=True),
    Column("reason", "VARCHAR", "Why or why not, with the criteria and their numbers.", required=True),
    Column("checked_at", "TIMESTAMP", "When this was looked at, by the clock, UTC.", required=True),
    *RECORDS_END,
)
OUTLOOK = (
    Column("spec_id", "VARCHAR", "The spec.", required=True),
    Column("model", "VARCHAR", "The language model; NULL: its runs do not name one."),
    Column(
        "memory_limit", "VARCHAR", "Size that is told of: that of the last run, as 4Gi; NULL: it does not name one."
    ),
    Column("runs", "BIGINT", "Runs of both in the last 30 days, of every size.", required=True),
    Column("last_run_at", "TIMESTAMP", "Start of the last one, UTC: the next is taken to be as it was.", required=True),
    Column("failure_probability", "DOUBLE", "That a run that starts now fails, 0 to 1; NULL: no model answers."),
    Column(
        "failed_share_low",
        "DOUBLE",
        "Lower end of the 95 % interval of the share that failed, of runs of the test that were told about as much: "
        "what came of such runs, no interval around failure_probability. NULL: fewer than ten were.",
    ),
    Column("failed_share_high", "DOUBLE", "Its upper end."),
    Column("risk_factors", "VARCHAR", "JSON: what speaks for a failure, the most first."),
    Column("recommended_action", "VARCHAR", "What would lower the risk by five points or more; NULL: nothing known."),
    *(
        Column(f"{what}_{name}", "DOUBLE", f"{words} takes no more with {share}, {unit}; NULL: no model answers.")
        for what, words, unit in (("duration", "It", "seconds"), ("cost", "It", "USD"))
        for name, share in (("q10", "10 %"), ("q50", "50 %"), ("q90", "90 %"))
    ),
    Column("model_versions", "VARCHAR", "JSON list of the versions that answered.", required=True),
    Column("reason", "VARCHAR", "Why something is not known, in a sentence; NULL: everything is."),
    *RECORDS_END,
)
