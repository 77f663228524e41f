"""Every number that a check, a KPI or a detector compares with: its value, its unit and its reason.

A number is frozen and validated when it is made (``limits``). Its reason is copied into the metadata of the check that
uses it, so the UI explains the verdict. Nothing heavy is imported here; dbt gets its share through ``dbt_vars``.
"""

from __future__ import annotations

from analytics_assets.issue_thresholds import issue_vars
from analytics_assets.limits import Ceiling, Floor, Setting, Words
from analytics_assets.pattern_thresholds import WORSE_DOWNWARDS, WORSE_UPWARDS, pattern_vars

WINDOW = Setting(24, "hours", "The short window of every read function: one full daily cycle.")
PROFILE = Setting(30, "days", "Profiles roll over four weekly cycles, and hourly summaries are kept as long.")
STALE_AFTER = Setting(24, "hours", "A source silent for a whole daily cycle is silent, not between two bursts.")
FUTURE_TOLERANCE = Setting(1, "days", "A mistaken time zone is off by up to 14 h; beyond a day the time is wrong.")

WILSON_Z = Setting(1.959964, "standard deviations", "The two-sided 95 % quantile of the normal distribution.")
CONFIDENCE_HIGH_MIN_EXECUTIONS = Setting(
    10,
    "executions",
    "Even 10 of 10 leaves a failure rate of 28 % inside the Wilson interval; fewer prove nothing.",
)
CONFIDENCE_HIGH_MIN_RATE = Setting(0.95, "share of executions", "Trusted on critical paths: one failure in twenty.")
CONFIDENCE_LOW_MAX_RATE = Setting(
    0.80, "share of executions", "Failing more than one call in five, a tool needs a fallback."
)
CONFIDENCE_MIN_EXECUTIONS = Setting(
    5, "executions", "One failure in fewer than 5 calls is already below 80 %: a new tool is MEDIUM, not LOW."
)

AGENT_ACTIVE = Setting(
    1, "hours", "An agent at work calls a tool within minutes; a whole hour without a call is a pause."
)
RISK_RECENT = Setting(
    7, "days", "One weekly cycle, so that a quiet weekend is compared with nothing but weeks that have one too."
)
DOMINANT_ERROR_SHARE = Setting(
    0.50, "share of a tool's failures", "From half on, one cause removed is most of the failures removed."
)
COST_ANOMALY_RATIO = Setting(2, "times the tool's average cost", "Above twice the usual cost, chance is unlikely.")
ANOMALIES_SHOWN = Setting(
    1000,
    "executions",
    "A list in an answer; where costs vary widely a tenth of all calls is dear, and SQL finds the rest.",
)
PLAUSIBLE_DURATION = Ceiling(
    warn=86_400,
    error=31 * 86_400,
    unit="seconds",
    why="A call longer than a day is rare; longer than a month it is a mistaken unit (ms read as s).",
)
CLOCK_SKEW = Setting(
    60,
    "seconds",
    "Clocks of machines drift apart by seconds; a mistaken time zone is off by a quarter of an hour or more.",
)
PLAUSIBLE_COST_RATIO = Setting(
    10,
    "times the tool's average cost before the batch",
    "Costs of models vary several fold (cost_anomalies names those); cents read as dollars are a hundred fold.",
)
COST_BASELINE_MIN = Setting(
    10,
    "priced executions",
    "Among ten, one odd call shifts the average by a tenth of itself; of fewer, it is the average.",
)
QUALITY_ROWS = Setting(
    50_000,
    "rows",
    "The largest suite took 5 s and 0.4 GB for them; of a larger batch a sample shows the same faults.",
)
QUALITY_ROWS_SHOWN = Setting(10, "failing rows", "Enough to see what they have in common; the counts say how many.")
QUARANTINED_SHARE = Ceiling(
    warn=0.0,
    error=0.10,
    unit="share of lines",
    why="One line put aside deserves a look; above one in ten the producer is broken, not a record.",
)
TOOL_SUCCESS_RATE = Floor(
    warn=CONFIDENCE_LOW_MAX_RATE.value,
    error=0.50,
    unit="share of executions",
    why="Below 0.80 a tool is LOW; below half it is down rather than flaky.",
)
DISK_FREE = Floor(
    warn=5 * 2**30,
    error=2**30,
    unit="bytes",
    why="A publish needs room for a copy of the warehouse, a load for its spool; under 1 GiB both may fail.",
)


FORECAST_MIN_HISTORY = Setting(
    48, "hours with data", "A daily season can be told from a single odd day only when it was seen twice."
)
FORECAST_SEASON = Setting(24, "hours", "People and schedules repeat daily; the naive forecast repeats the day before.")
FORECAST_BACKTEST = Setting(24, "hours", "One daily season is held back: a method must win over a whole day.")
FORECAST_WEEKLY_AFTER = Setting(
    336, "hours of history", "A weekly season, like a daily one, must have been seen twice."
)
FORECAST_INTERVAL = Setting(
    0.80,
    "share of outcomes",
    "200 samples leave 20 beyond each end of an 80 % band; a 95 % band would rest on five.",
)
FORECAST_BAND_MIN = Setting(10, "differences", "An 80 % band of ten leaves one beyond each end; of fewer, none.")
FORECAST_SAMPLES = Setting(
    200,
    "samples",
    "The ends of an 80 % band then vary by a tenth of a standard deviation; 1000 samples halve that.",
)
FORECAST_MAX_FITTED = Setting(
    200,
    "series",
    "A fit took 0.06 s, a series takes two: the busiest 200 agents cost half a minute of an hourly run.",
)

RESPONSE_SLOWED = Setting(1.5, "times the usual response time", "Half as long again is felt; less is daily noise.")
BOTTLENECK_PRESSURE = Setting(
    0.30,
    "share of busy time, weighted by slowdown and failures",
    "A tool that takes nearly a third of an agent's time, or less but slow or failing, comes first.",
)
BOTTLENECKS_SHOWN = Setting(3, "tools", "What is fourth has at most a quarter of the time: it is not the bottleneck.")

STORAGE_PRICE = Setting(
    0.18,
    "USD per GiB and month",
    "Stored data in Firestore, US multi-region: the worked example of its billing guide, copied in May 2018 "
    "(firebase.google.com/docs/firestore/pricing). Regions differ: Settings takes your own.",
)
DAYS_PER_MONTH = Setting(30.4375, "days", "365.25 / 12: a daily cost that adds up to twelve monthly bills a year.")


USAGE_HEADROOM = Setting(1.15, "times the 95th percentile of peaks", "As KRR and the Kubernetes VPA leave.")
OOM_GROWTH = Setting(1.2, "times the limit of a killed run", "The Kubernetes VPA's step after a kill.")
OOM_STEP = Setting(100, "MB above the limit of a killed run", "The Kubernetes VPA's least step after a kill.")
SUGGEST_MIN_RUNS = Setting(
    10, "runs", "Of fewer a rate is known to a third at best: 5 of 10 is anything from 24 % to 76 %."
)
SUGGEST_MIN_OOM_RUNS = Setting(5, "runs at one size", "Two kills among five runs are no accident of one input.")
SUGGEST_MIN_OOM_KILLS = Setting(2, "kills", "One kill can be one odd input; the second says that it comes again.")
SUGGEST_MIN_MEASURED = Setting(30, "runs with a known peak", "Of 30, the 95th percentile is among the two largest.")
SUGGEST_MIN_PEERS = Setting(30, "runs of other specs of the type", "Fewer do not say what is usual.")
SUGGEST_TRIED_RUNS = Setting(
    3, "runs at the suggested size", "None of three killed leaves 35 of 47 at the old size 99 % likely to be worse."
)
UNTRIED_TRUST = Setting(
    0.8,
    "probability",
    "A prior and no measurement: of five runs killed for want of memory one may take all that it is given.",
)
SUGGEST_MIN_CONFIDENCE = Setting(0.5, "probability", "What is more likely wrong than right is no suggestion.")
LEVEL_HIGH_CONFIDENCE = Setting(0.9, "probability", "One in ten may be wrong: few enough to act without a second look.")
LEVEL_HIGH_RUNS = Setting(30, "runs", "With fewer a rate of 90 % may be one of 74 %.")
LEVEL_MED_CONFIDENCE = Setting(0.75, "probability", "Three in four hold: worth a look.")
LEVEL_MED_RUNS = Setting(10, "runs", "Of fewer, no rate is known well enough to say anything.")
MAY_BE_EXCEEDED = Setting(0.05, "share of runs", "One retry in twenty is cheaper than twice the memory for all.")
WORSE_THAN_PEERS = Setting(
    0.05, "share of runs", "Specs of one type differ by as much without a reason to rewrite one."
)
FAILING_PATTERN = Setting(
    0.50, "share of runs that fail", "What fails more often than not is a risk to be told before."
)
TRANSIENT_SHARE = Setting(0.05, "share of runs", "One run in twenty lost to the network is what a retry is for.")
MIN_TRANSIENT = Setting(3, "runs", "A single bad day of a network is one or two.")
MANY_ITERATIONS = Setting(
    0.50, "share of runs", "A quarter of its peers' runs go as far; of this spec's, more than half."
)
CHEAPER = Setting(
    0.60, "times the cost per success", "A change of model is work; a saving under 40 % does not repay it."
)
NOT_WORSE_BY = Setting(0.05, "share of runs", "A saving is not bought with more than one failure in twenty runs.")
EVIDENCE_RUNS_SHOWN = Setting(1000, "run ids", "The newest; the evidence's SQL finds the rest.")
EXAMINED_SPECS = Floor(
    warn=1.0,
    error=0.90,
    unit="share of specs",
    why="A spec whose sizes nobody can read gets no advice on them; with one in ten unread the list is not complete.",
)


JUDGED = Setting(
    90,
    "days",
    "Runs are kept as long; a back-test needs four weeks of evidence, and what came after it, several times.",
)
SPEC_REVIEW_RATE = Setting(
    0.70, "share of runs", "A spec that fails three runs in ten wastes a person's time again and again: it is reviewed."
)
QUALITY_WEIGHT_SUCCESS = Setting(0.6, "share of the score", "That it succeeds counts more than all else together.")
QUALITY_WEIGHT_COST = Setting(0.2, "share of the score", "Twice the usual cost is worth as much as a sixth of success.")
QUALITY_WEIGHT_ITERATIONS = Setting(0.2, "share of the score", "As cost: many loops say that a spec is unclear.")
COMMON_FAILURES = Setting(3, "error types", "What a reader keeps in mind; failure_patterns has them all.")
FREQUENT_FAILURES = Setting(5, "failures", "More of one sort within a month are a pattern; fewer may be one bad day.")
OOM_REASONS = Words(
    ("oom", "oomkilled", "out_of_memory"), "What our own words and Kubernetes call a run killed for want of memory."
)
TRANSIENT_ERRORS = Words(
    (
        "timeout",
        "timed_out",
        "network",
        "connection",
        "dns",
        "rate_limit",
        "ratelimit",
        "too_many_requests",
        "http_error",
        "httperror",
        "unavailable",
        "overloaded",
    ),
    "Errors of the network and of others' machines, which a second try may not meet. A _ stands for any character.",
)

OUTCOME = Setting(
    30, "days", "Four weekly cycles before a change and four after it: weekends count alike on both sides."
)
OUTCOME_SETTLES = Setting(7, "days", "Records land within a week; what was measured by then stands.")
OUTCOME_MIN_DAYS = Setting(
    1, "days", "Runs per day of a part of a day say at which hour it was, not how many there are."
)
SIGNIFICANT = Setting(
    0.05, "adjusted p-value", "One in twenty of the changes that did nothing may seem to have done something."
)
SIGNIFICANT_EARLY = Setting(
    0.001,
    "adjusted p-value",
    "Thirty daily looks at 0.05 call one harmless change in eleven harmful, and at 0.001 hardly one in a thousand.",
)
POWER = Setting(0.80, "probability", "Of changes that do what was expected, four in five are seen to.")
EXPECTED_EFFECT = Setting(
    0.10, "share of runs", "Where none was stated: ten points are worth a change, and seen with about 200 runs a side."
)
TOLERATED_DROP = Setting(
    0.10, "share of runs", "To be sure of less takes three times the runs: a saving is judged on what it puts at risk."
)
VOLUME_SHIFT = Setting(
    2, "times the runs per day", "Twice or half as many runs are other work than before, as in CodeBurn."
)
BOOTSTRAP_SAMPLES = Setting(
    1000, "samples", "25 lie beyond each end of a 95 % interval: its ends vary by a few percent."
)
SAMPLE_VALUES = Setting(
    500, "values", "The median of 500 is known to a twentieth of a standard deviation; more is only slower."
)
BACKTEST_STEP = Setting(7, "days", "A week between two looks: each sees every day of the week anew.")
BACKTEST_HORIZON = Setting(28, "days", "Four weekly cycles, as a suggestion itself rests on.")
BACKTEST_MIN_RUNS = Setting(10, "runs on each side", "As for a rate at all: of fewer, what happened next is chance.")
CALIBRATION_MIN = Setting(
    10, "suggestions", "The interval of fewer holds nearly every share: nothing could be found wrong."
)


def dbt_vars() -> dict[str, float | int | list[str]]:
    """What dbt models compare with, by the names of their ``vars``; whole numbers as integers."""
    numbers = {
        "agent_active_hours": AGENT_ACTIVE,
        "confidence_high_min_executions": CONFIDENCE_HIGH_MIN_EXECUTIONS,
        "confidence_high_min_rate": CONFIDENCE_HIGH_MIN_RATE,
        "confidence_low_max_rate": CONFIDENCE_LOW_MAX_RATE,
        "confidence_min_executions": CONFIDENCE_MIN_EXECUTIONS,
        "cost_anomaly_ratio": COST_ANOMALY_RATIO,
        "dominant_error_share": DOMINANT_ERROR_SHARE,
        "response_slowed": RESPONSE_SLOWED,
        "risk_recent_days": RISK_RECENT,
        "window_hours": WINDOW,
        "profile_days": PROFILE,
        "wilson_z": WILSON_Z,
        "stale_after_hours": STALE_AFTER,
        "judged_days": JUDGED,
        "common_failures": COMMON_FAILURES,
        "frequent_failures": FREQUENT_FAILURES,
        "quality_weight_success": QUALITY_WEIGHT_SUCCESS,
        "quality_weight_cost": QUALITY_WEIGHT_COST,
        "quality_weight_iterations": QUALITY_WEIGHT_ITERATIONS,
        "spec_review_rate": SPEC_REVIEW_RATE,
        "suggest_min_runs": SUGGEST_MIN_RUNS,
        **issue_vars(),
        **pattern_vars(),
    }
    words = {
        "oom_reasons": OOM_REASONS,
        "transient_errors": TRANSIENT_ERRORS,
        "worse_downwards": WORSE_DOWNWARDS,
        "worse_upwards": WORSE_UPWARDS,
    }
    return {name: _whole(setting.value) for name, setting in numbers.items()} | {
        name: list(chosen.values) for name, chosen in words.items()
    }


def _whole(value: float) -> float | int:
    """2.0 as 2: SQL that takes a count or an interval of whole hours wants an integer literal."""
    return int(value) if float(value).is_integer() else value
