"""Every number that patterns are kept, related, planned and ranked with: its value, its unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting, Words

PATTERN_DAYS = Setting(28, "days", "Four weekly cycles: each hour of the week is seen four times.")
PATTERN_SIGNALS = Setting(
    500, "signals", "The 500 with the most hours are looked at in seconds; more is asked for by name."
)
PATTERN_CONFIDENCE = Setting(0.7, "confidence", "The framework's threshold: of what is shown, seven in ten are real.")
ANOMALY_SENSITIVITY = Setting(
    0.95, "share of usual values inside the band", "The framework's: one hour in twenty lies outside by chance alone."
)
RECOMMENDATIONS_PER_COMPONENT = Setting(5, "recommendations", "The framework's: what a person can weigh at once.")
RECOMMENDATIONS_LISTED = Setting(20, "rows", "What a terminal shows at once, texts folded once or twice.")

HIGH_CPU = Setting(0.8, "share of the CPU", "The framework's: the last fifth is what a burst needs.")
HIGH_MEMORY = Setting(0.85, "share of the memory", "The framework's: beyond it caches go and kills come.")
SLOW_RESPONSE = Setting(2.0, "seconds", "The framework's: longer is felt as waiting.")
HIGH_ERROR_RATE = Setting(0.05, "share of calls", "The framework's: one in twenty.")
CPU_PRICE = Setting(
    25.0, "USD per core and month", "About what clouds ask on demand; set your own in ANALYTICS_RESOURCE_PRICES."
)
MEMORY_PRICE = Setting(3.4, "USD per GiB and month", "About what clouds ask on demand for memory beside its cores.")
DISK_PRICE = Setting(0.1, "USD per GiB and month", "About what clouds ask for a network disk.")
NETWORK_PRICE = Setting(0.05, "USD per Mbit/s and month", "About what a committed line costs; clouds bill by volume.")


CAPACITY_HORIZON = Setting(30, "days", "The framework's: a month is what it takes to get more of a resource.")
CAPACITY_LIMIT = Setting(80.0, "percent of the capacity", "The framework's: beyond it more is recommended.")
CAPACITY_PLAUSIBLE = Setting(
    1_000.0, "percent of the capacity", "Ten times the capacity is borrowed by no burst: another unit, or an error."
)
CAPACITY_URGENT = Setting(90.0, "percent of the capacity", "The framework's: beyond it there is no time to wait.")
CAPACITY_USED_AFTER = Setting(
    0.8,
    "share of the new capacity that is used",
    "The framework's buffer of 20 %, of the new size: its peak x 1.2 would leave 83 % used, over the limit at once.",
)
CAPACITY_PEAK = Setting(
    0.95, "quantile of a day's hourly peaks", "One odd hour of a day is no need; the second highest is."
)
CAPACITY_DAY_HOURS = Setting(18, "hours with a sample", "A day of which over a quarter is missing may lack its peak.")
CAPACITY_MIN_DAYS = Setting(14, "days", "Each day of the week must have been seen twice.")
CAPACITY_FIRST_TRAIN = Setting(10, "days", "The least a back-test learns from: a week, and three days of the next.")
CAPACITY_MAX_LEAD = Setting(14, "days ahead", "Half of a month of history: what is left to learn from is as long.")
CAPACITY_MIN_ORIGINS = Setting(8, "forecasts", "Of fewer looks back, the best of three methods is the luckiest.")
CAPACITY_PROPHET_ORIGINS = Setting(5, "forecasts", "A fit takes 0.07 s: with all looks back a series would take two.")
CAPACITY_FITTED = Setting(
    20, "series", "With 6 fits of 0.07 s each, twenty take 8 s; the fullest come first, where it can matter."
)
CAPACITY_SEASON_WEEKS = Setting(3, "values of a weekday", "The median of two is their mean: it follows the odd one.")
CAPACITY_PASSING = Setting(24, "hours", "An odd peak that lasts a day is no odd peak: it is what is needed now.")
CAPACITY_SILENT = Setting(3, "days", "Whoever has not reported for a weekend may be gone: nothing is asked for it.")
RECENT_WORK = Setting(7, "days", "A whole week: what a month will take is as busy as the last one of each weekday.")
WORK_MONTH = Setting(30, "days", "Recommendations are compared by what they give back in a month.")
BASELINE_INFLATION = Setting(
    2.0, "times the standard error", "Hours that resemble their neighbours by 0.6 are worth a quarter of their number."
)
EFFORT_LOW = Setting(
    1.0, "feasibility", "A judgement: an hour's work of one person, as a setting, is hardly ever given up."
)
EFFORT_MEDIUM = Setting(
    0.7, "feasibility", "A judgement: of what takes days, as a change of code with its tests, some is never done."
)
EFFORT_HIGH = Setting(0.4, "feasibility", "A judgement: what takes weeks, or several teams, mostly waits.")
OPPORTUNITY_SURE = Setting(
    0.95, "confidence", "What is only compared with a baseline is asked of many signals at once."
)
CHEAPER_MODEL = Setting(20.0, "percent of the cost per success", "Prices and prompts move a bill by a tenth unasked.")
CHEAPER_MODEL_RUNS = Setting(20, "runs of each model", "Of fewer, five points more failures cannot be told from none.")
CHEAPER_MODEL_MARGIN = Setting(
    0.05, "share of runs", "One more failure in twenty is what a fifth of the cost may cost."
)
CHEAPER_MODEL_SURE = Setting(0.75, "P(no more than the margin worse)", "As a suggestion of MED: three in four hold.")
OPPORTUNITY_LEAST = Setting(5.0, "percent", "Less than a twentieth better is not worth a person's look.")
OPPORTUNITIES_KEPT = Setting(90, "days", "What ended a quarter ago is history.")
STALE_QUALITY = Setting(
    0.5, "factor on data quality", "Records over a day old tell of yesterday: half of what is said may have changed."
)
UNKNOWN_FACTOR = Setting(
    0.5, "of a factor of the ranking", "Laplace's rule of what was never tried: it may as well hold as not."
)
QUALITY_DAYS = Setting(30, "days", "The windows of what is recommended are as long.")

BASELINE_MIN_HOURS = Setting(12, "hours", "Half a daily cycle: of fewer, the mean is that of one part of the day.")
BASELINE_FULL_SAMPLES = Setting(
    30, "records", "From about 30 on a mean is as good as normal, whatever the records are."
)
SEASON_MIN_DAYS = Setting(
    14, "days", "Two weekly cycles: of one, an odd hour passes for the usual of its hour of week."
)
SILENCE_MIN_HOURS = Setting(
    100, "hours of 30 days with a call", "One in seven: of what is called less often, a day without a call is usual."
)
WORSE_MIN_ERRORS = Setting(
    3.92, "standard errors", "Hours that resemble their neighbours by 0.6 make twice the 1.96 of a table by chance."
)
WORSE_UPWARDS = Words(
    ("error", "fail", "latency", "duration", "response_time", "timeout", "queue", "backlog", "wait"),
    "Parts of names of metrics of which more is worse.",
)
WORSE_DOWNWARDS = Words(
    ("success", "hit_rate", "uptime", "availability"), "Parts of names of metrics of which less is worse."
)


SOURCE_COVERAGE = Setting(
    0.9, "share of subjects", "The issue's: who could not look at a tenth of them does not know what is over."
)
SOURCE_LAG = Setting(
    3, "days", "The slow detectors run daily: one that is behind the others for longer missed two runs, or failed."
)
PATTERNS_PER_SOURCE = Setting(
    5_000, "patterns", "The surest that are kept of one table: ten for each signal that is looked at."
)
UNSTATED_LOOKS = Setting(
    3, "looks", "As a change of a strength: among many signals the adjusted level of one moves with all the others."
)
UNSTATED_LOOKS_DAILY = Setting(
    2, "looks", "Of what looks once a day: a third day would tell a day late, and two in a row are no blip."
)
UNSTATED_HOURS = Setting(24, "hours of records", "A daily cycle: what shows itself by day is silent each night.")
RELATION_KEPT = Setting(
    48, "hours of records", "Two looks of what looks once a day: what it finds again is the relation it was."
)
RESOLVED_PATTERNS_KEPT = Setting(90, "days", "A quarter: what returns within it is the same pattern again.")
REJECTED_CHANGE = Setting(
    0.5, "share of the larger figure", "Twice or half as strong as when it was rejected is another statement."
)
STRENGTH_CHANGE = Setting(0.2, "share of the larger figure", "A fifth: less is told by the numbers, not by an event.")
STRENGTH_NOISE = Setting(
    4.0, "standard deviations", "Of strengths that only vary, 2 in 100 are said to change in 300 looks; at 3, 11."
)
STRENGTH_MIN_LOOKS = Setting(10, "looks", "Fewer tell neither how much a strength varies nor where it goes.")
STRENGTH_LOOKS = Setting(24, "looks", "What is remembered of a strength; when it is full, every second one goes.")
STRENGTH_CONFIRMED = Setting(3, "looks", "A change is told when three looks in a row show it: one is a blip.")
LOOK_SPACING = Setting(1, "hours", "Signals are hourly: looks within an hour see the same.")
EVOLUTION_KEPT = Setting(200, "changes per pattern", "Half a year of daily changes; the oldest go first.")
FACTOR_WINDOW = Setting(24, "hours", "What else changed within a day of a change may have to do with it.")
FACTORS_SHOWN = Setting(5, "changes", "What a person can look into while the change is fresh.")
SPLIT_SHARE = Setting(0.5, "share of the members", "Half: parts that hold less of it are no split, but other things.")

PATTERNS_LISTED = Setting(25, "rows", "A screen and a half of sentences: more is asked for, or read as JSON.")

SEVERITY_CRITICAL = Setting(
    0.75, "size of the effect", "Four times as much, or a quarter: hardly anything works as before."
)
SEVERITY_HIGH = Setting(0.5, "size of the effect", "Twice as much, or half: nobody overlooks it.")
SEVERITY_MEDIUM = Setting(0.25, "size of the effect", "A third more, or a quarter less: it is felt.")

RELATIONS_PER_SOURCE = Setting(1_000, "findings", "The surest of a table that are related; what is left out is told.")
CAUSE_TOLERANCE = Setting(1, "hours", "Signals are hourly: what began in the hour of its cause began after it.")
ONSET_DAYS = Setting(14, "days", "Anomalies are judged anew for as long, and none is older.")
ONSET_SIGNALS = Setting(60, "signals", "Those with most anomalies are compared: 1,770 pairs, in well under a second.")
ONSET_MIN = Setting(3, "beginnings", "Two that coincide once or twice can be told by no permutation.")
ONSET_WINDOW = Setting(3, "hours", "Begins together: the planted lead of three hours is still inside.")
ONSET_SHIFTS = Setting(999, "permutations", "P-values in steps of a thousandth.")
ONSET_SAME_SIGN = Setting(0.75, "share of the pairs", "One comes first where it does so three times of four.")


def pattern_vars() -> dict[str, Setting]:
    """What dbt models of signals compare with, by the names of their ``vars``."""
    return {
        "baseline_full_samples": BASELINE_FULL_SAMPLES,
        "baseline_min_hours": BASELINE_MIN_HOURS,
        "pattern_days": PATTERN_DAYS,
        "season_min_days": SEASON_MIN_DAYS,
        "silence_min_hours": SILENCE_MIN_HOURS,
        "worse_min_errors": WORSE_MIN_ERRORS,
    }
