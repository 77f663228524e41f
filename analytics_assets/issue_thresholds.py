"""Every number that issues, reviews and what is learned of them are compared with: value, unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting

DEBT_WEIGHTS = (
    Setting(8, "points", "An open critical issue; each priority below weighs half as much."),
    Setting(4, "points", "An open issue of high priority."),
    Setting(2, "points", "An open issue of medium priority."),
    Setting(1, "points", "An open issue of low priority."),
)
"""What an open issue weighs, by its priority 0 to 3."""
HEALTH_MAX_DEBT = Setting(
    200,
    "points of debt at which health is 0",
    "The two targets then say the same: a health of 90 % is a debt of 20 points.",
)
HEALTH_TARGET = Setting(90, "percent", "One tenth of the debt that would be the end is what daily work leaves open.")
DEBT_TARGET = Setting(20, "points", "Five issues of high priority, or two critical ones and a few small ones.")
FIX_DAYS_TARGET_P0 = Setting(1, "days", "A critical issue is fixed on the day it is seen.")
FIX_DAYS_TARGET_P1 = Setting(7, "days", "An issue of high priority is fixed within a week.")
RECURRENCE_TARGET = Setting(10, "percent of fixed issues", "One fix in ten that does not last: above it causes stay.")
VELOCITY_TARGET = Setting(5, "fixes a week", "One on each working day, as the framework asks.")

COMPLEXITY_PER_FILE = Setting(2, "points a file", "As the framework weighs it: each file is one more place to change.")
COMPLEXITY_LINES = Setting(50, "lines over the limit for a point", "As the framework weighs it: a screen of text.")
COMPLEXITY_PER_COPY = Setting(
    1.5, "points a copy", "As the framework weighs it: copies are changed alike, files are not."
)
IMPACT_PER_PRIORITY = Setting(3, "points a step of priority", "As the framework weighs it: 12, 9, 6 and 3.")
IMPACT_PER_RECURRENCE = Setting(5, "points", "As the framework weighs it: what came back twice is as bad as critical.")
IMPACT_OF_COMMANDS = Setting(2, "points", "As the framework weighs it: commands are in daily use.")

KPI_DAYS = Setting(90, "days", "A quarter of daily history: twelve weeks to compare.")
ISSUE_WEEKS = Setting(104, "weeks", "Two years: a yearly season is seen twice.")
UNDATED_SHARE_MAX = Setting(
    0.05,
    "share of the issues known by a moment",
    "Of 100, five that were perhaps open then leave the number of open ones what it is; all of 40 leave nothing of it.",
)
LONG_FIX_DEVIATIONS = Setting(2, "standard deviations above the mean", "As the framework asks; 1 in 40 of a normal.")

TREND_WEEKS = Setting(4, "weeks", "What a chart calls lately: a month is more than the luck of one week.")
HEALTH_TREND_WEEKS = Setting(12, "weeks", "A quarter: longer ago is no answer to whether it improves now.")
HEALTH_TREND_MIN_WEEKS = Setting(6, "weeks", "Below it no order of the weeks can reach the level below.")
HEALTH_TREND_P = Setting(
    0.01,
    "p-value of Kendall's test",
    "Health carries over from week to week: 12 weeks without a trend (autocorrelation 0.5) seem to have one in 17 of "
    "100 simulations at 0.05, in 7 at 0.01.",
)
ISSUES_LISTED = Setting(5, "rows", "What fits into a sentence or a screen; JSON and SQL have the others.")
IMPORT_PLACES_SHOWN = Setting(8, "places", "Lines named with one reason: enough to find it in the file, on one line.")
LONG_ESTIMATE = Setting(
    1.5, "times the median fix", "A half more is felt in a day's plan; what is nearer to usual needs no warning."
)
CAUSES_LISTED = Setting(20, "root causes", "More than a meeting goes through; SQL finds the rest.")

MODEL_TRAIN_SHARE = Setting(
    0.7, "share of what is known, by time", "The rest is judged: enough to tell 0.1 from chance."
)
MODEL_MIN_TRAIN = Setting(40, "examples to learn from", "Ten terms with four examples each; fewer is learnt by heart.")
MODEL_MIN_TEST = Setting(
    20, "examples to be judged by", "Below it the bootstrap's interval is too narrow for its 95 %."
)
MODEL_MAX_ISSUES = Setting(10_000, "newest issues", "Three years of ten a day; older ones tell of another system.")
MODEL_CONFIDENCE = Setting(0.95, "one-sided level", "A model of noise is published once in twenty times at most.")
MODEL_LEAST_PROBABILITY = Setting(
    0.001, "probability", "What was thought less likely and came costs no more: one surprise does not decide."
)
BOOTSTRAP_DRAWS = Setting(2_000, "resamples", "The 5 % quantile then rests on a hundred of them.")
BOOTSTRAP_GROUPS = Setting(
    30, "groups that share their luck", "Of nine the bootstrap passes noise in 10 % instead of 5 %; Student's t holds."
)

FIX_NAIVE_MIN = Setting(5, "fixes of a priority", "Fewer have no 90th percentile of their own: all fixes tell.")
FIX_RARE_LEVEL = Setting(
    5, "issues of a category or subcategory", "A level seen less often is one with the other rare ones."
)
FIX_PENALTY = Setting(0.01, "weight of the L1 penalty", "The best of 0 to 0.03 on 250 and on 1,000 planted fixes.")

CAUSE_MIN_ISSUES = Setting(5, "issues of a root cause", "Three-fold calibration sees each cause in every fold.")
CAUSE_MIN_CONFIDENCE = Setting(
    0.7, "stated probability", "Of what is named seven in ten are right; a wrong name costs more than none."
)
CAUSE_SMOOTHING = Setting(0.1, "words added to each cause", "A word never seen with a cause does not rule it out.")
CAUSE_TRAIN_ISSUES = Setting(4_000, "newest issues to learn from", "Fits in seconds; older wordings add nothing.")
CAUSE_PREDICTED = Setting(500, "newest issues without a cause", "More than a person traces in a quarter.")
ISSUE_TEXT = Setting(
    500, "characters", "A title and its first sentences; a pasted log behind them is not what is wrong."
)
TEXT_FEATURES = Setting(2**13, "hashed places", "Few words of an issue share one; a model of them fits in a second.")

RISK_HORIZON = Setting(28, "days", "Four weeks: every weekday as often, and a sprint or two to act in.")
RISK_CUTOFFS = Setting(13, "look backs of four weeks", "A year of them: what was risky before that is other code.")
RISK_MIN_CUTOFFS = Setting(3, "look backs", "Two to learn from and one to be judged by.")
RISK_MIN_POSITIVES = Setting(
    10, "files with a new issue, on each side of the split", "Of fewer it is luck which of them a model hits."
)
RISK_PRIOR_MAX = Setting(1_000, "issues", "Of files that are all alike: their own past then counts for nothing.")
RISK_MAX_FILES = Setting(
    2_000, "files a look back", "Named in issues first, then the most changed: the risky ones are there."
)
RISK_SHOWN = Setting(500, "riskiest files", "More than anybody reads; SQL is asked for the rest.")
RISK_TOP = Setting(10, "files a look back", "What a review of a morning can look at.")
RISK_RECENT = Setting(90, "days", "A quarter: churn of older work says little of the next four weeks.")
GIT_MAX_COMMITS = Setting(20_000, "newest commits of the main line", "Ten years of five a day, read in seconds.")
GIT_MAX_BLOB = Setting(2**20, "bytes", "A larger file is data or made by a tool, not written by hand.")
GIT_SECONDS = Setting(60, "seconds for all reading of a repository", "A daily refresh waits no longer for it.")

HEALTH_MIN_WEEKS = Setting(5, "weeks with a measurement", "Their four changes are the fewest with an 80 % band.")
HEALTH_MIN_TRAIN = Setting(8, "weeks before the first test", "Two months: a trend of fewer follows single weeks.")
HEALTH_MIN_TESTS = Setting(10, "weeks forecast in the back-test", "Fewer cannot tell a better method from a lucky one.")
HEALTH_MAX_TESTS = Setting(26, "newest weeks forecast in the back-test", "Half a year, fitted in a second.")
HEALTH_MEAN_WEEKS = Setting(4, "weeks", "The mean of a month, in which single weeks even out.")

HEALTH_LEVEL_WEIGHT = Setting(
    0.5, "weight of the newest week in the level", "Half: a new level is followed in a month."
)
HEALTH_TREND_WEIGHT = Setting(
    0.3, "weight of the newest week in the trend", "A trend is followed more slowly than a level."
)
HEALTH_DAMPING = Setting(
    0.9, "share of the trend that is left a week later", "A usual value; after seven weeks half is left."
)

CRITICAL_MIN_WEEKS = Setting(4, "weeks", "A rate of fewer weeks has an interval wider than itself.")
CRITICAL_MIN_ISSUES = Setting(5, "critical issues", "Fewer leave every category possible: the prior would answer.")

PATTERN_ISSUES = Setting(
    20_000, "newest issues", "What goes with what changes over the years, and rules of more issues take minutes."
)
CORRELATION_MIN = Setting(
    20, "issues in which both are known", "Of 20, a rank correlation of 0.45 is the least that chance seldom makes."
)
VARIED_MIN = Setting(5, "issues off the commonest value", "What hardly ever varies goes with anything by one accident.")
REGRESSION_MIN = Setting(
    30, "fixed issues with a time", "Fewer leave the residuals' spread, and so each p-value, open."
)
REGRESSION_MIN_PER_TERM = Setting(10, "issues for each term", "The usual rule of thumb against fitting the noise.")
LEVEL_MIN = Setting(5, "issues", "A category or root cause of fewer is told from no other: it counts among `other`.")
RECURRENCE_MIN = Setting(
    30, "issues ever fixed", "At a usual rate of one in ten three of them came back: fewer tell no categories apart."
)
PERMUTATIONS = Setting(999, "permutations", "The least p-value is 0.001, which stays below 0.05 among 50 comparisons.")
PERMUTATIONS_CLOSE = Setting(
    9_999, "permutations", "Where 999 cannot tell so many pairs apart: the least p-value, 0.0001, does among 500."
)
RULE_MIN_TRANSACTIONS = Setting(30, "transactions", "Of fewer, a root cause in every tenth is in three of them.")
RULE_MIN_TOGETHER = Setting(3, "transactions with both", "Two can be one pair of issues that share two files.")
LAG_WEEKS = Setting(8, "weeks", "Two months: what follows later than that follows other things too.")
LAG_MIN_WEEKS = Setting(
    26, "pairs of weeks", "Half a year: of fewer, correlations of weekly series that wander on their own pass 0.4."
)
ANOMALY_MIN = Setting(30, "fixed issues with a time", "The neighbours that say what is usual are the 30 nearest.")
ANOMALY_NEIGHBOURS = Setting(30, "issues of like complexity", "The median of 30 is known to a quarter of their spread.")
ANOMALY_SHARE = Setting(0.1, "share of issues", "As the framework asks: the tenth that is isolated first is looked at.")
ANOMALY_DEVIATIONS = Setting(
    3.5, "robust deviations", "As Iglewicz and Hoaglin advise: one issue in 2,000 of a normal, and no tenth of noise."
)


def issue_vars() -> dict[str, Setting]:
    """What dbt models of issues compare with, by the names of their ``vars``."""
    return {f"debt_weight_p{priority}": weight for priority, weight in enumerate(DEBT_WEIGHTS)} | {
        "health_max_debt": HEALTH_MAX_DEBT,
        "complexity_per_file": COMPLEXITY_PER_FILE,
        "complexity_lines": COMPLEXITY_LINES,
        "complexity_per_copy": COMPLEXITY_PER_COPY,
        "impact_per_priority": IMPACT_PER_PRIORITY,
        "impact_per_recurrence": IMPACT_PER_RECURRENCE,
        "impact_of_commands": IMPACT_OF_COMMANDS,
        "target_health_score": HEALTH_TARGET,
        "target_issue_debt": DEBT_TARGET,
        "target_time_to_fix_p0": FIX_DAYS_TARGET_P0,
        "target_time_to_fix_p1": FIX_DAYS_TARGET_P1,
        "target_recurrence_rate": RECURRENCE_TARGET,
        "target_fix_velocity": VELOCITY_TARGET,
        "kpi_days": KPI_DAYS,
        "issue_weeks": ISSUE_WEEKS,
        "long_fix_deviations": LONG_FIX_DEVIATIONS,
        "undated_share_max": UNDATED_SHARE_MAX,
    }
