"""Every number that the health score of the system and the effect of improvements rest on: value, unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting

WEIGHT_PERFORMANCE = Setting(0.4, "share of the health score", "As the framework has it: the work itself comes first.")
WEIGHT_PATTERNS = Setting(0.25, "share of the health score", "As the framework has it: what is seen of the work.")
WEIGHT_OPTIMIZATION = Setting(0.25, "share of the health score", "As the framework has it: what is made of it.")
WEIGHT_ML = Setting(0.1, "share of the health score", "As the framework has it: models help; no work rests on them.")

KPI_DAYS_KEPT = Setting(400, "days", "A year and a month, so that a day can be seen beside that of a year before.")
KPI_WINDOW = Setting(24, "hours", "One daily cycle: what is scored today is not what was mended last week.")
KPI_MIN_CALLS = Setting(
    30, "calls", "An error rate of fewer is known to ten points at best: its score would be chance."
)
KPI_USUAL_CALLS = Setting(
    10, "calls of a signal before", "The mean of fewer moves by a third with one slow call; such a signal is left out."
)
SLOW_AT = Setting(
    2, "times the usual response time", "Twice as long for the same calls: people wait for such a system."
)
ERRORS_AT = Setting(
    0.2, "share of calls", "One call in five failing, a tool needs a fallback: no part of such a system is healthy."
)
THROUGHPUT_WEEKS = Setting(
    4, "weeks before", "The same 24 hours of as many weeks: a Sunday is compared with Sundays, an odd one is a quarter."
)
UPTIME_DAYS = Setting(7, "days", "Every hour of the week once: a day alone would make an hour four points.")
UPTIME_WEEKS = Setting(3, "weeks before", "What hourly summaries of 30 days have of each hour before the last week.")
UPTIME_LEAST_WEEKS = Setting(2, "weeks before", "An hour that was busy once may be a batch; twice is a habit.")
UPTIME_BUSY = Setting(
    10, "records in each of these hours", "Of ten that are usual, none at all comes by chance once in 20,000 hours."
)
DOWN_AT = Setting(0.95, "share of time", "Eight hours of a week: a working day is lost; from there on nothing is left.")
PATTERN_DAYS = Setting(30, "days", "The window of the detectors: what was found or decided before is history.")
MIN_DECIDED = Setting(
    5, "decisions", "Of four a share moves by a quarter with each; a score of fewer would be the mood of a day."
)
FALSE_AT = Setting(
    0.5, "share of decided patterns", "Once every other pattern is false, people stop to look at any of them."
)
FOUND_AT_ONCE = Setting(1, "hours", "Signals are hourly: a pattern cannot be seen before its first hour is over.")
FOUND_LATE_AT = Setting(48, "hours", "What looks once a day has looked twice by then, and did not see it.")
IMPORT_TAIL = Setting(
    0.1, "share of a batch's records", "A few late records are no import; a tenth of a batch is more than stragglers."
)
IMPORT_HOURS = Setting(
    24, "hours", "A batch whose records reach back further was not taken as it happened: nobody could have looked."
)
OUTCOME_DAYS = Setting(90, "days", "A change is judged 30 days after it: a quarter has those of two months.")
ROI_FULL_AT = Setting(
    0.5, "share of the bill", "Half of the bill saved is all that can be asked; half more is as bad as that is good."
)
ACCURACY_LEAST = Setting(0.5, "share of predictions", "A thrown coin is right as often: what is no better is no model.")
LATENCY_AT = Setting(1_000, "ms", "After a second a person's thought is interrupted; a start of a run waits for it.")
ML_DAYS = Setting(30, "days", "Four weekly cycles of trainings; accuracies older than that are of another model.")
WORST_KPIS_SAID = Setting(3, "KPIs", "What to look at first; the table has all of them.")

IMPROVED_PERFORMANCE = Setting(0.4, "share of the effectiveness", "As the framework has it: speed counts most.")
IMPROVED_RELIABILITY = Setting(0.3, "share of the effectiveness", "As the framework has it: then that it works.")
IMPROVED_EFFICIENCY = Setting(0.2, "share of the effectiveness", "As the framework has it: then what it costs.")
IMPROVED_SATISFACTION = Setting(0.1, "share of the effectiveness", "As the framework has it: then what people say.")
IMPROVEMENT_MIN_RUNS = Setting(
    10, "runs on each side", "As for a back-test: of fewer, the difference of two rates is chance."
)
TRADED_OFF_FROM = Setting(0.05, "relative change", "Less than a twentieth is not worth a word in what was learnt.")
SAME_SCORE = Setting(1e-9, "score", "Sums in another order differ by less; a fault of the method differs by more.")
