"""Every number that the competition of forecasts rests on: its value, its unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting

CONTEST_MIN_SEASONS = Setting(2, "seasons", "A season is told from a single odd day only when it was seen twice.")
CONTEST_MIN_STEPS = Setting(8, "known steps without a season", "Two months of weeks: of fewer no method is told apart.")
CONTEST_MAX_STEPS = Setting(
    1_440, "newest steps", "Sixty days of hours: what is older tells of another system and doubles the time of a fit."
)
CONTEST_MAX_GAP = Setting(
    2, "seasons not measured", "A longer gap would be filled with more than is known; history begins after it."
)
CONTEST_MAX_GAP_STEPS = Setting(4, "steps not measured", "The same, of a series without a season: a month of weeks.")
CONTEST_ORIGINS = Setting(
    4, "looks back", "Of two days each they reach over every day of the week; each costs as much as the forecast."
)
CONTEST_TEST_SHARE = Setting(
    0.2, "share of the history", "A look back is no longer than this, so that most of a short history is learnt from."
)
CONTEST_ZEROS = Setting(
    0.1,
    "share of the outcomes",
    "sMAPE of a 0 is 200 % whatever small value was forecast: of more zeros it measures them alone, and 0 wins.",
)
CONTEST_ARIMA_ORDER = Setting(
    1, "lags at most", "Of a month of hours without its seasons a fit took 0.07 s, with two lags 0.17 s and no closer."
)
CONTEST_ETS_SEASONS = Setting(
    14, "newest seasons", "Two weeks of days: of a month of hours a fit took 0.22 s, of these 0.10 s."
)
CONTEST_CHANGEPOINTS = Setting(10, "changepoints", "Prophet's 25 are for years; of a month, one every three days.")
CONTEST_MSTL_ROUNDS = Setting(
    1, "rounds", "The decomposition of a month of hours took 0.18 s in two rounds, in one 0.10 s; STL itself repeats."
)
CONTEST_STL_JUMP = Setting(
    0.5,
    "of the shortest season",
    "Between fits so far apart STL draws a line: a tenth of the time, no further off.",
)
CONTEST_MIN_ORIGINS = Setting(2, "looks back", "One look judges a weight by what it was made from.")
CONTEST_COMBINED = Setting(
    3, "methods at most", "On generated series two, three and four were as close; all six were further off by 1 to 2 %."
)
CONTEST_ALONE = Setting(
    0.8,
    "times the error of the combination",
    "In four looks the closest of six is so by luck: on generated series with a change of level it was further off "
    "than the combination by 10 %. A fifth is more than luck.",
)
CONTEST_BAND_LEVEL = Setting(
    0.05, "share of the mean size", "Where nothing is expected a band by the size of the value would have no width."
)
CONTEST_PROCESSES_FROM = Setting(
    16, "series", "Each process imports for seconds before its first fit: of fewer series it costs more than it saves."
)
CONTEST_SECONDS = Setting(
    20,
    "seconds",
    "The first refresh waits for it; what is not reached keeps its winner, and comes first the next day.",
)
CONTEST_PROCESSES = Setting(2, "processes", "A small machine has two cores; a third process would only wait.")
HOURLY_HORIZON = Setting(48, "hours ahead", "Two days: over a night there is still a day ahead to act in.")
DAILY_HORIZON = Setting(30, "days ahead", "A month: the budget of one is what costs are held against.")
WEEKLY_HORIZON = Setting(4, "weeks ahead", "A month: of more, few weeks of history tell anything.")
SCORES_KEPT = Setting(90, "days", "A quarter of a year shows whether a method has grown worse.")
SCORES_MOST = Setting(10_000, "rows", "Forty series a day for 90 days are 3,600; more come with more series.")
BANDS_HELD = Setting(
    0.60,
    "share of steps",
    "Of 80 % bands as many may miss by chance in a few series; a miss in two of five is no band.",
)
CHARTED_SERIES = Setting(2, "series of a topic", "Five topics of two fill a screen; the others are in the table.")
STEPS_LISTED = Setting(30, "steps", "A month of days, or a day and a quarter of hours: a screen; JSON has the others.")
