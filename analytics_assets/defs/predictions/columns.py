"""Columns of the tables that the models of issues write."""

from analytics_assets.warehouse.columns import WINDOW_END, Column

ISSUE = (
    Column("id", "VARCHAR", "The issue.", required=True),
    Column("issue", "VARCHAR", "What is wrong."),
)
FIX_TIMES = (
    *ISSUE,
    Column("category", "VARCHAR", "Part of the system it belongs to."),
    Column("priority", "BIGINT", "0 critical, 1 high, 2 medium, 3 low."),
    Column("complexity_score", "DOUBLE", "Files, lines and copies in one figure; NULL when all are unknown."),
    Column("p50_minutes", "DOUBLE", "As many fixes take longer as take less, minutes; NULL below five fixes."),
    Column("p90_minutes", "DOUBLE", "Nine fixes in ten take no longer, minutes."),
    Column("method", "VARCHAR", "quantile_regression, naive or insufficient_history.", required=True),
    Column("n", "BIGINT", "Fixes it rests on.", required=True),
    Column("reason", "VARCHAR", "Why this method, in a sentence.", required=True),
    *WINDOW_END,
)
ROOT_CAUSES = (
    *ISSUE,
    Column("predicted_root_cause_id", "VARCHAR", "Likely root cause, or unknown.", required=True),
    Column("confidence", "DOUBLE", "Probability of the likeliest one, 0 to 1; NULL where no model is published."),
    Column("runner_up", "VARCHAR", "The next likely one."),
    Column("runner_up_confidence", "DOUBLE", "Probability of that, 0 to 1."),
    Column("reason", "VARCHAR", "Why it is named or not, in a sentence.", required=True),
    *WINDOW_END,
)
FILE_RISKS = (
    Column(
        "file",
        "VARCHAR",
        "Path of the file: at as_of where a repository is read, else as issues name it.",
        required=True,
    ),
    Column("risk", "DOUBLE", "Probability of a new issue in the next 28 days, 0 to 1; NULL: not enough data."),
    Column("naive_risk", "DOUBLE", "The same at the past rate of the file's issues, drawn to that of all files."),
    Column("method", "VARCHAR", "logistic_regression, naive or insufficient_history.", required=True),
    Column("lines", "DOUBLE", "Lines at as_of; NULL without a repository, and for a binary or very large file."),
    Column("age_days", "DOUBLE", "Days since its first commit; NULL without a repository."),
    Column("complexity", "DOUBLE", "Standard deviation of the indentation of its lines, in levels."),
    Column("changes_90d", "DOUBLE", "Commits that changed it in 90 days; NULL without a repository."),
    Column("lines_grown_90d", "DOUBLE", "Lines added less lines deleted in 90 days."),
    Column("past_issues", "BIGINT", "Issues that named it so far, also by an earlier path.", required=True),
    Column("open_issues", "BIGINT", "Of these, those that are open.", required=True),
    Column("days_since_issue", "DOUBLE", "Days since the last of them was first seen; NULL without one."),
    Column("reason", "VARCHAR", "What is known of it and why this method, in a sentence.", required=True),
    Column("rank", "BIGINT", "1 is the riskiest.", required=True),
    *WINDOW_END,
)
MODELS = (
    Column("model", "VARCHAR", "fix_time, root_cause, file_risk, critical_category or health.", required=True),
    Column("target", "VARCHAR", "What it predicts.", required=True),
    Column("features", "VARCHAR", "JSON list of what it looks at.", required=True),
    Column(
        "train_n",
        "BIGINT",
        "Examples before those it was judged by: the first 70 % by time, of health all before the back-test.",
        required=True,
    ),
    Column("test_n", "BIGINT", "Examples it was judged by: the rest.", required=True),
    Column("split_at", "TIMESTAMP", "Moment between the two, UTC; NULL where there was not enough to judge."),
    Column("metric", "VARCHAR", "Mean loss on the judged examples; less is better.", required=True),
    Column(
        "score", "DOUBLE", "The model's (of health the closest method's); NULL where there was not enough to judge."
    ),
    Column("naive_name", "VARCHAR", "The best naive answer."),
    Column("naive_score", "DOUBLE", "Its loss on the same examples."),
    Column("improvement", "DOUBLE", "naive_score less score."),
    Column("improvement_low", "DOUBLE", "Lower end of its one-sided 95 % bootstrap interval."),
    Column("is_published", "BOOLEAN", "Whether its answers are given: improvement_low is above 0.", required=True),
    Column("reason", "VARCHAR", "Why it is published or not, in a sentence.", required=True),
    Column("trained_at", "TIMESTAMP", "as_of of the run that fitted it, UTC.", required=True),
    Column(
        "details", "VARCHAR", "JSON: coverage, accuracy, precision and recall, as the model has them.", required=True
    ),
    *WINDOW_END,
)
CRITICAL = (
    Column("category", "VARCHAR", "Part of the system.", required=True),
    Column("p0_issues", "BIGINT", "Critical issues that were first seen in it.", required=True),
    Column("weeks", "DOUBLE", "Weeks since the first issue of all, to as_of.", required=True),
    Column("p0_per_week", "DOUBLE", "Critical issues a week (posterior mean); NULL below four weeks."),
    Column("p0_per_week_low", "DOUBLE", "Lower end of its 95 % interval."),
    Column("p0_per_week_high", "DOUBLE", "Upper end of its 95 % interval."),
    Column("probability_next", "DOUBLE", "That the next critical issue is of it, 0 to 1; NULL below five issues."),
    Column("probability_next_low", "DOUBLE", "Lower end of its 95 % interval; NULL where every category is alike."),
    Column("probability_next_high", "DOUBLE", "Upper end of its 95 % interval."),
    Column(
        "method",
        "VARCHAR",
        "critical_issues (its part of these) where that proved better, else the simple answer: all_issues or uniform; "
        "insufficient_history.",
        required=True,
    ),
    Column("n", "BIGINT", "Issues that the probability rests on.", required=True),
    Column("reason", "VARCHAR", "What it rests on and why this method, in a sentence.", required=True),
    *WINDOW_END,
)
