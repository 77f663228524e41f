"""Every number that signals are compared with, judged and dated by: its value, its unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting

ANOMALY_DAYS = Setting(14, "days", "Hours judged anew: two weeks are what a review looks back at.")
EPISODE_DAYS = Setting(
    3, "days before these", "Longer than an anomaly lasts, as a day of it is usual after one: none is cut at the edge."
)
HIGH_BY_CHANCE = Setting(
    0.05,
    "values by chance",
    "By that figure chance makes one HIGH in 20 refreshes; measured 3, by two families alone 74.",
)
FEW_RECORDS = Setting(
    3, "records of an episode", "A mean of one or two executions is one of them: how long tails are, no two tell."
)
FEW_BY_CHANCE = Setting(
    1.0, "values by chance", "Of so few records chance is taken to make one: surer than 37 % is none."
)
LEFT_OUT_SHOWN = Setting(
    5, "signals", "Names of what was left out, as a sentence holds them; the count tells the rest."
)
MORE_THAN_HALF = Setting(0.5, "share of the hours", "A level is what holds in more hours than not.")

EPISODE_GAP = Setting(2, "usual hours between anomalous ones", "A burst that pauses for two hours is told as one.")
SECOND_OPINIONS = Setting(
    10, "episodes", "The worst of a refresh: one costs about 0.1 s, as models are learned for it."
)
SECOND_OPINION_HOURS = Setting(24, "hours of an episode", "What a day of it could not show, the next one does not.")
LIMIT_MIN_SAMPLES = Setting(10, "calls of a day", "One failure of one call is above every limit.")
MOST_BY_CHANCE = Setting(2.0, "values by chance", "Of what chance makes more of, hardly one in ten is real.")
EXPLAINED_BY_TREND = Setting(0.5, "share of a change", "What a slope makes most of is that slope.")
CURRENT_HOURS = Setting(24, "hours", "What a signal is now: one full daily cycle.")
LEAD_WORTH_TELLING = Setting(
    0.3, "correlation, of either sign", "It explains a tenth of the variance; less is of no use, however sure it is."
)

JUDGED_MIN_POINTS = Setting(48, "points of history", "Two days of hours: of fewer nothing is usual yet.")
REFERENCE_DAYS = Setting(7, "days", "A weekly cycle: what came on no day of a week is unusual.")
REFERENCE_POINTS = Setting(500, "points", "Three weeks of hours: a tail of one in fifty then has ten values.")
GUARD_DAYS = Setting(1, "days", "An episode of a day does not make itself usual; what lasts longer is a new level.")
REFIT_SECONDS = Setting(
    3600, "seconds", "A past of a week moves by 0.6 % in an hour; looking each minute shows no more."
)
TAIL_SHARE = Setting(0.02, "share of values", "What is beyond is a tail; a twentieth would still be the shoulder.")
TAIL_MIN_POINTS = Setting(5, "values", "A mean distance of five is known to within a half.")
TAIL_LEAST_EXCESS = Setting(
    0.4,
    "distances of the tail's beginning from the median",
    "A normal tail has 0.2, an exponential one 0.3, and a sample's may be short by chance.",
)
RESOLUTION = Setting(
    0.01,
    "share of the usual value",
    "A deviation counts in units of at least one hundredth of what is usual: of a constant series too.",
)
RESOLUTION_OF_ZERO = Setting(
    0.25,
    "units of the metric",
    "After nothing but zeros no size is usual: four of these, a whole unit, is the first that counts.",
)
RESOLUTION_RATE = Setting(0.01, "share", "A rate deviates in units of at least one point of a hundred.")
PHASE_SECONDS = Setting(3600, "seconds", "What is usual at an hour is told by the hour before and after it too.")
DAILY_CYCLES = Setting(14, "days", "Two weeks of the same hour: what changed is usual after one.")
WEEKLY_CYCLES = Setting(4, "weeks", "As many as the window of patterns holds.")
SEASON_BETTER = Setting(
    0.9, "share of the flat expectation's errors", "Of noise a season is better by a few percent by chance."
)
WEEKLY_AFTER_DAYS = Setting(21, "days of history", "An hour of the week that was seen once or twice has no median.")
POOLED_WORTH = Setting(
    14, "points", "The deviation at one hour counts against that of all hours as if those were two weeks of it."
)
SURPRISE = Setting(
    8.5, "nats", "Once in 5,000 points: of a signal by the hour, twice a year; of 500 signals, two or three a day."
)
SEASONAL_DEVIATIONS = Setting(
    5.0,
    "robust standard deviations",
    "A deviation known from two weeks of an hour is off by a fifth: 5 are 4 at least, once in 15,000.",
)
CUSUM_SLACK = Setting(0.75, "robust standard deviations", "Half of the least shift that is looked for: one and a half.")
CUSUM_CLIP = Setting(3.0, "robust standard deviations", "One wild point alone stays under half of the limit.")
CUSUM_LIMIT = Setting(
    8.0, "summed robust standard deviations", "Four points at the clip; of independent noise once in 100,000 points."
)
CUSUM_QUIET = Setting(3, "points", "Of a shift of a deviation and a half, three in a row are usual once in 80.")
CUSUM_CAP = Setting(
    32.0, "summed robust standard deviations", "Four times the limit: what is over is forgotten in days, not weeks."
)


WINDOW_POINTS = Setting(6, "points", "A quarter of a day of hours: shorter than a shift, longer than a spike.")
MODEL_MIN_WINDOWS = Setting(96, "windows", "Four days of hours: of fewer, each is easily set apart.")
MODEL_DAYS = Setting(7, "days", "A model of the last week or three is old after one more.")
MODEL_GROWTH = Setting(0.5, "share of the points so far", "Before that, half as much again is another past.")
ISOLATION_TREES = Setting(50, "trees", "Scores of 50 and of 100 trees differ by a hundredth; the time by half.")
ISOLATED = Setting(0.6, "isolation score", "0.5 is what is like all others; its authors look from 0.6 on.")
SECOND_SURPRISE = Setting(
    4.6, "nats", "Once in 100 windows: a second opinion is asked only of what another detector found."
)
DENSITY_NEIGHBOURS = Setting(5, "points", "Twice the three dimensions, less one: what the authors of DBSCAN advise.")
DENSITY_MOST = Setting(1000, "points", "Distances of a thousand take 20 ms; of four thousand sixteen times as long.")
DENSITY_REACH = Setting(1.0, "distances that a dense place reaches", "Farther is noise, by definition.")

AGREE_POINTS = Setting(3, "points", "A sum of three clipped deviations passes its limit: so late is a change.")
MEDIUM_SCORE = Setting(1.5, "times a threshold", "Of noise beyond a threshold hardly any is half as far again beyond.")
ENSEMBLE_SECONDS = Setting(
    3600, "seconds", "The last hour: as long as the detectors' own step, and twelve samples of 5 min."
)
ENSEMBLE_ALARM = Setting(
    12.0, "nats", "Once in 160,000 points if one reading says it; three readings agree on half as much each."
)
TOLD_SECONDS = Setting(
    86_400, "seconds", "An incident of a day is one alarm; the day after it is told again if larger."
)

TREND_MIN_DAYS = Setting(7, "days", "Of six days even a perfect order comes once in 360 by chance, and none in a week.")
TREND_DAY_COVERAGE = Setting(0.5, "share of a usual day's points", "Of less the season of the day is not averaged out.")
VOLATILE = Setting(0.25, "share of the mean", "Days that are a quarter off what is usual are no stable level.")

SHIFT_MIN_POINTS = Setting(24, "points", "A day of hours: what lasts shorter is an episode.")
SHIFT_SEASON_DAYS = Setting(4, "days", "Of three days the usual difference of an hour is one of three values.")
MOST_MEMORY = Setting(0.99, "correlation of successive points", "Beyond it a series is a walk, and has no level.")
MOST_DAILY_MEMORY = Setting(
    0.95, "correlation of successive days", "Of four weeks, more than that cannot be told from a walk."
)
MEMORY_ERRORS = Setting(
    1.0, "standard errors", "Memory from above: of 200 series of 0.9, 8 have a change at 0.05 by chance; without it 17."
)
SHIFT_LOOKS = Setting(4, "changes", "After four changes in a window it is no level any more.")
