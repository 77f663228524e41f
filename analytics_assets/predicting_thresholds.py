"""Every number that models of runs are fitted, judged, watched and tuned with: value, unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting

TUNING_TRIALS = Setting(20, "trials", "After ten at random the search has ten to follow what it saw; each is a fit.")
TUNING_SECONDS = Setting(60, "seconds", "A daily job may wait a minute for a model; the next week searches on.")
TUNING_SEED = Setting(0, "seed", "The same data and parameters lead to the same search.")
TUNING_IMPROVEMENT = Setting(
    0.02, "share of the loss", "As the engine asks: what improves less is not worth another model to explain."
)
TUNING_DAYS = Setting(7, "days", "A week brings enough runs to look again; the search is the longest part of learning.")
SEQUENCE_ATTEMPTS = Setting(8, "attempts", "What came before the last eight tries of a spec, its rates tell as well.")
SEQUENCE_UNITS = Setting(16, "units", "A few thousand runs teach some two thousand weights; more would learn by heart.")
SEQUENCE_RATE = Setting(0.01, "learning rate", "Settles within twenty epochs on thousands of runs; AdamW scales it.")
SEQUENCE_BATCH = Setting(
    256, "runs a step", "A dozen steps an epoch on 3,000 runs; 64 took five times as long and did no better."
)
SEQUENCE_EPOCHS = Setting(30, "epochs", "Patience ends nearly every fit before; this ends those that creep.")
SEQUENCE_PATIENCE = Setting(4, "epochs", "Four without a better loss on the newest runs: it learns by heart by then.")
SEQUENCE_WATCHED_SHARE = Setting(0.2, "share of the runs", "The newest fifth says when to stop, and teaches nothing.")
SEQUENCE_SEED = Setting(0, "seed", "The same runs lead to the same weights.")
DRIFT_SCORE = Setting(0.3, "drift score", "003's: half of the runs would have to move by three quarters of the spread.")
DRIFT_REFERENCE = Setting(
    2000, "newest examples", "What was learnt from, as it was last; older ones tell of other work."
)
DRIFT_LEAST = Setting(50, "examples", "Of fewer a distance of 0.3 comes by chance once in a hundred features.")
DRIFT_SPAN = Setting(1, "days", "A day has its hours: of a morning alone, every load would have drifted.")
DRIFT_LARGE = Setting(1000, "examples on each side", "From here on every trifle is significant, and PSI measures size.")
DRIFT_BINS = Setting(10, "bins", "Deciles of the reference, as PSI is used wherever it is used.")
DRIFT_LEAST_CELL = Setting(5, "expected examples", "Below it chi-square is no chi-square; such cells are pooled.")
DRIFT_LEAST_WORTH = Setting(
    0.02, "of an example", "A sample of which 50 count as one says nothing: it is a single burst."
)
DRIFT_WEEK = Setting(7, "days", "Load has its week: of five working days, or of a weekend, it would always have moved.")
DRIFT_FLOOR = Setting(1e-4, "share", "An empty bin has no logarithm: PSI counts it as one example in ten thousand.")
ROLLING_OUTCOMES = Setting(100, "newest outcomes", "A mean loss of a hundred is known to a tenth of its size.")
LIVE_LEAST = Setting(30, "outcomes", "As trials of versions ask for; of fewer, 80 % and 60 % cannot be told apart.")
RETRAIN_DAYS = Setting(7, "days", "003's: a week brings enough runs to learn anew from.")
RETRAIN_VOLUME = Setting(10_000, "predictions", "003's: so many answers of one training make its errors matter.")
RETRAIN_GROWTH = Setting(
    0.5, "share of the outcomes", "Where no version reached the bar, half as many again may show how."
)
FIRST_OUTCOMES = Setting(60, "outcomes", "40 to learn from and 20 to be judged by: fewer make no split by time.")
PREDICTIONS_KEPT_DAYS = Setting(
    90, "days before the newest run", "As long as runs are judged; scores by week stay for as long."
)
PREDICTIONS_KEPT = Setting(
    12_000, "newest runs", "More than the 10,000 answers that ask for a training; six versions have 72,000 of them."
)
CANARY_SHARE = Setting(0.1, "share of the runs", "A tenth shows what a new version does, and risks no more than that.")
OUTLOOK_DAYS = Setting(30, "days", "What was not run for a month is not what somebody runs next.")
OUTLOOK_MOST = Setting(500, "specs and models", "Newest first; beyond that nobody reads on, and time is lost.")
SEEN_LEAST = Setting(10, "runs of the test", "Of fewer told as much, the interval of those that failed says nothing.")
OUTLOOK_LISTED = Setting(20, "specs and models", "A screen of the riskiest; the others are in the table.")
RISKIEST_REPORTED = Setting(5, "specs and models", "What a report is read for: where to look before the next runs.")
BAND = Setting(0.8, "share of outcomes", "What lies between the quantiles 0.1 and 0.9 of a right prediction.")

SPLIT_SHARE = Setting(0.7, "share of the runs, by start", "The rest is judged: enough to tell a gain from luck.")
SPLIT_MIN_TRAIN = Setting(60, "runs to learn from", "Six leaves of ten runs: with fewer a tree learns them by heart.")
SPLIT_MIN_TEST = Setting(30, "runs to be judged by", "Below it the bootstrap's interval is too narrow for its 95 %.")
ROLLING_FIRST = Setting(0.4, "share of the runs", "The first look back learns from this much; the others from more.")
ROLLING_FOLDS = Setting(
    4, "looks back", "Each tests 15 % of the runs: a week that happened to be easy does not decide."
)
BASELINE_WEIGHT = Setting(5, "runs", "A cell of five runs stands as much for itself as for what is around it.")
RUN_FAILS = Setting(0.5, "probability", "From here a run is called a failing one: more likely than not.")
RELIABILITY_BINS = Setting(10, "bins of equal width", "Tenths are what people say; of 1,000 runs each holds enough.")
ROC_POINTS = Setting(50, "points", "What a chart of this size shows; the area is computed from all.")
CALIBRATION_RIDGE = Setting(
    10, "weight", "Of a hundred runs it holds the vote as it is; of a thousand it is hardly felt."
)
CALIBRATION_LOOKS = Setting(
    2,
    "newest looks back",
    "A line is fitted on the one and tried on the other; older ones are of a model that knew less.",
)
CALIBRATION_MIN_RUNS = Setting(50, "runs", "Two numbers are fitted; of fewer runs they would follow luck.")
VOTE_LEAST = Setting(0.005, "probability", "A vote of the trees is no nearer to 0 or 1: of 200 runs one surprises.")
ENCODING_WEIGHT = Setting(10, "runs", "A name seen ten times stands as much for itself as for its kind.")
ENCODING_FOLDS = Setting(5, "parts of time", "Each is told by the other four: enough runs, and none tells itself.")
CALIBRATION_FOLDS = Setting(
    3, "looks back", "From 40, 60 and 80 % of the runs: a fifth of them answers each, enough for two numbers."
)
FOREST_TREES = Setting(100, "trees", "By the root of a hundred their mean is ten times as steady as one tree.")
FOREST_DEPTH = Setting(6, "questions in a row", "Spec, model, load and their past can meet in one answer.")
FOREST_LEAF = Setting(10, "runs in a leaf", "The share of failures among fewer is hardly one.")
FOREST_COLUMNS = Setting(
    0.33, "share of the columns a question chooses from", "A third lets the strongest be missing: trees differ."
)
FOREST_ROWS = Setting(
    0.632, "share of the runs a tree sees", "1 - 1/e: as many different ones as a bootstrap of all of them has."
)
BOOSTED_ROUNDS = Setting(100, "rounds", "At this rate they come most of the way; tuning searches from 50 to 300.")
BOOSTED_DEPTH = Setting(3, "questions in a row", "What boosts is shallow: each tree mends what those before it left.")
BOOSTED_RATE = Setting(0.07, "learning rate", "A hundred small steps; fewer large ones follow single runs.")
BOOSTED_LEAF = Setting(
    5.0, "weight of a leaf, a run counting p(1 - p)", "Some twenty runs at even odds, more where nearly all succeed."
)
BOOSTED_ROWS = Setting(0.8, "share of the runs a tree sees", "Each tree sees another part: less is learnt by heart.")
BOOSTED_COLUMNS = Setting(0.7, "share of the columns a tree sees", "Of several that tell the same, each gets its turn.")
BOOSTED_RIDGE = Setting(2.0, "penalty on the answers of leaves", "Twice the usual: a leaf of few runs says little.")
TREE_BINS = Setting(64, "cuts of a column", "Of a few thousand runs as good as all of them, in a quarter of the time.")
VOTERS_SEED = Setting(0, "seed", "The same runs and parameters lead to the same trees.")
FACTOR_LEAST = Setting(0.1, "log-odds", "As the framework asks: below it a cause moves a risk of 50 % by 2.5 points.")
FACTORS_SHOWN = Setting(5, "factors", "What a person weighs before starting a run; the rest adds little.")
ACTION_LEAST_GAIN = Setting(0.05, "probability", "A change of model is work: five failures in a hundred are worth it.")
ACTION_MOST_TRIED = Setting(10, "models or sizes", "Each is one more question; the tenth was hardly ever run.")
ACTION_MIN_RUNS = Setting(10, "runs", "An alternative that was hardly tried has no record to be advised by.")
TRIAL_OUTCOMES = Setting(
    30, "outcomes", "Of fewer runs judged by both versions, the better one is as often the luckier one."
)
TRIAL_DAYS = Setting(
    30, "days without an outcome", "Three runs a day tell in ten days; a month without one, and nobody asks any more."
)
CANARY_FIRST_LOOK = Setting(
    10, "outcomes", "Of fewer the bootstrap draws the same few runs again and again, and any two differ surely."
)
CANARY_TRIES = Setting(
    6, "tries", "Looks from the tenth to the thirtieth outcome share their runs: together they err as six that do not."
)
VERSIONS_KEPT = Setting(200, "versions of a model", "Four years of weekly trainings, and still a short table.")
ARTEFACTS_KEPT = Setting(
    20, "versions of a model", "A version takes a few MB; older ones than twenty are history that nobody goes back to."
)
PERMUTED_RUNS = Setting(
    500, "newest runs of the test part", "What a feature is worth shows in five hundred; each is one pass."
)
PERMUTATION_SEED = Setting(0, "seed", "The same runs lead to the same figures.")
QUALITY_CLASS_SHARE = Setting(
    0.1, "share of the rarer outcome", "Where one run in ten fails, and ten are needed to know a failure, 100 runs do."
)
QUALITY_VALUES = Setting(30, "distinct values", "Of a quantity with fewer, quantiles are steps: it says little.")
QUALITY_DAYS = Setting(28, "days", "Four weeks: each weekday and each hour was seen four times.")
NAIVE_QUANTILES_PRIOR = Setting(
    5, "runs", "As baselines of risk: five runs of a spec count as much as what is around it."
)
BOOSTED_QUANTILES_ROUNDS = Setting(30, "rounds", "They mend a straight line: sixty are no better on later runs.")
BOOSTED_QUANTILES_DEPTH = Setting(
    3, "questions in a row", "Three meet spec, model and load; more learns names by heart."
)
BOOSTED_QUANTILES_RATE = Setting(0.06, "learning rate", "A quantile moves slowly: few runs lie beyond it.")
BOOSTED_QUANTILES_SHARE = Setting(
    0.8, "share of runs and of features", "Each tree sees another part: less is learnt by heart."
)
BOOSTED_QUANTILES_LEAF = Setting(10, "runs in a leaf", "A tenth of fewer runs is no run at all.")
LINEAR_PENALTY = Setting(0.01, "penalty of ElasticNet", "Of scaled features; holds the many that tell the same.")
LINEAR_MIX = Setting(0.5, "share of L1", "Half drops features, half lets those that say the same share.")
LINEAR_STEPS = Setting(2_000, "passes", "It settles within them at this penalty.")
SVR_COST = Setting(
    0.3, "cost of SVR", "Below its default of 1: times are noisy, and 2,000 runs are soon learnt by heart."
)
SVR_TUBE = Setting(0.1, "spread of the logarithms", "Its default: a tenth of the spread off is no error.")
SVR_ROWS = Setting(2_000, "newest runs", "Its time grows with their square: 20,000 would take a hundred times as long.")
NETWORK_UNITS = Setting(16, "units", "A few thousand runs teach a thousand weights; more would learn by heart.")
NETWORK_PENALTY = Setting(
    100, "penalty of weights", "Over all runs together; a third of it erred 10 % more on later runs."
)
NETWORK_STEPS = Setting(200, "steps", "Of L-BFGS, which settles within them at this penalty.")
NETWORK_ROWS = Setting(5_000, "newest runs", "Bounds its time; older runs still speak in the running means.")
PERFORMANCE_SEED = Setting(0, "seed", "The same runs and parameters lead to the same model.")
QUANTITY_ENCODING_WEIGHT = Setting(10, "runs", "A name seen ten times stands as much for itself as for its kind.")
QUANTITY_ENCODING_FOLDS = Setting(
    5, "parts of time", "Each is told by the other four: enough runs, and none tells itself."
)
BAND_MIN_RUNS = Setting(20, "later runs", "A tenth of them is two: of fewer no band can be moved to where it holds.")
EXAMPLES_DAYS = Setting(60, "days", "Runs are kept 90 days: the oldest that teach still look back on a month.")
EXAMPLES_MOST = Setting(20_000, "newest runs", "Two months of 300 a day; their features are computed in seconds.")
RUNS_READ = Setting(
    40_000, "newest runs", "Of a full window as many again before it: no spec begins as if it were new."
)
SMOOTHING = Setting(5, "runs", "A group's rate is drawn to its parent's by as much as five runs of it would weigh.")
OVERALL_PRIOR = Setting(0.5, "share of runs", "Before the first outcome nothing speaks for failure or against it.")
OVERALL_WEIGHT = Setting(2, "runs", "The rate of all runs is known after a few; Laplace's rule until then.")
FADING = Setting(0.9, "of its weight", "An outcome weighs half after seven more: what is lately is not what is ever.")
ERRORS_REMEMBERED = Setting(10, "newest runs", "Of a spec; errors of longer ago were of another state of it.")
ACTIVE_AT_MOST = Setting(24, "hours", "A run whose end was never told is lost by then, and no load for ever.")
HINDSIGHT_ROWS = Setting(3, "rows", "Each is computed from all runs before it: a third of a second for 20,000 of them.")
USUAL_DAYS = Setting(28, "days", "What is usual of the workload: each hour of the week is in it four times.")
ASKED_LINE = Setting(1_000_000, "bytes", "An answer with all its features is 5 kB; what is 200 times that is none.")
TUNING_FOLDS = Setting(3, "looks back", "One would follow the luck of its weeks; each more is a fit a trial.")
BAND_LOOKS = Setting(2, "looks back", "One is a week that may be odd; older ones are of a model that knew less.")
QUANTITY_PERMUTED_RUNS = Setting(300, "newest runs", "Each input is shuffled once; three hundred tell 1 % of the loss.")
