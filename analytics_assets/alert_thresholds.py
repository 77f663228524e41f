"""Every number that alerts are raised, weighed, grouped and ended with: its value, its unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting

RATE_MIN_RECORDS = Setting(20, "judged records", "Of fewer, three failures are above every limit by chance.")
RATE_HOURS = Setting(24, "hours", "The newest hours that hold enough records, at most a day: a night has few calls.")
RATE_ERRORS = Setting(
    4.0,
    "standard errors of the Wilson interval",
    "Each hour is a look: 12 tools at 3 % pass 3 once a week by chance, 4 once in ten; 30 % is told an hour later.",
)
RATE_LOOKS = Setting(
    100, "looks", "A component has about as many windows of 20 records a week: each may be the lucky one."
)
LEVEL_HOURS = Setting(3, "hours in a row", "One full hour is a burst of work; three in a row do not go by themselves.")
LEVEL_GAP = Setting(2, "hours below the limit", "As of an anomaly: what pauses for two hours goes on.")
USUAL_DAYS = Setting(14, "days", "What has been so for two weeks is what people are used to: it warns of nothing new.")
CHANGED_DAYS = Setting(
    15,
    "days before the newest record",
    "Half of a first import of 30 days: what changed in its later half is told, and not only of the last two weeks.",
)
USUAL_SHARE = Setting(0.5, "share of the days", "What passes its limit on every other day is its daily work.")
HISTORY_DAYS = Setting(28, "days", "As the window of patterns: four of each hour of the week.")
ANOMALY_MOST_BY_CHANCE = Setting(
    0.5, "values by chance", "Of what chance makes more of, most alerts would be of nothing."
)

SCORE_BEYOND = Setting(0.6, "anomaly score", "Half as far again as the threshold: x / (1 + x) of x = 1.5.")
SCORE_FAR = Setting(0.8, "anomaly score", "Four times the threshold: no usual hour comes near it.")
SIZE_FELT = Setting(0.25, "size of the effect", "A third more than usual, or a quarter of the room that was left.")
SIZE_LARGE = Setting(0.5, "size of the effect", "Twice the usual, or half of the room that was left.")
LASTS = Setting(3, "hours", "It is no blip any more: somebody waits for it.")
LASTS_LONG = Setting(12, "hours", "Half a day: it does not end with the shift in which it began.")
WITNESSES = Setting(2, "families of detectors", "Detectors of one family err together; two agree seldom by chance.")
MANY_COMPONENTS = Setting(3, "components", "What touches three is no fault of one of them.")
MEDIUM_POINTS = Setting(3, "points", "One thing is beyond, large or long: somebody should look on the next day.")
HIGH_POINTS = Setting(4, "points", "Two things are: it is far beyond, and large, long or seen by two.")
CRITICAL_POINTS = Setting(6, "points", "Nearly all are: far beyond, large, and long or seen by two.")
SURE = Setting(0.95, "confidence", "Above medium somebody is called: of twenty calls one may be for nothing.")

CLEAR_HOURS = Setting(3, "complete hours with data", "As an anomaly that pauses for two hours goes on, three end it.")
COOL_DOWN = Setting(24, "hours", "A daily cycle: what returns at the same hour of the next day is the same trouble.")
GROUP_HOURS = Setting(24, "hours between beginnings", "Trouble of one component on two days is two troubles.")
ONSET_MINUTES = Setting(60, "minutes between beginnings", "Signals are hourly: what began in one hour began together.")
ESCALATE_HIGH = Setting(4, "hours unacknowledged", "Half a shift: whoever is on call has not seen it.")
ESCALATE_MEDIUM = Setting(24, "hours unacknowledged", "A working day: the team has not seen it.")
RESOLVED_KEPT = Setting(90, "days", "A quarter, as of patterns: what is older is history.")
ALERTS_KEPT = Setting(5_000, "alerts", "Those that last, then the newest: a table that a person can still load.")
ALERTS_LISTED = Setting(10, "groups", "What fits a terminal at night: each takes four lines.")
