"""Every number that runs, tasks, pipelines and events are mined with: its value, its unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting, Words

RULE_MIN_COUNT = Setting(5, "transactions with both sides", "Fewer are a coincidence that no test can tell.")
MINED_TRANSACTIONS = Setting(20_000, "newest transactions", "Mined in seconds; older ones tell of another system.")

CLUSTER_MIN_ROWS = Setting(30, "rows", "Of fewer, two groups are about ten rows each and half of them chance.")
CLUSTER_MIN_MEMBERS = Setting(10, "rows of a cluster", "The median of fewer is not what is usual for a group.")
CLUSTER_ROWS = Setting(1_000, "rows that are grouped", "Ward's tree takes the square of them; the others join.")
CLUSTER_TEST_ROWS = Setting(400, "rows", "On these chance is asked: 300 partitions in seconds.")
CLUSTER_REFERENCES = Setting(39, "clouds without groups", "If none is as grouped, p is 1/40; one is enough for 0.05.")
CLUSTER_STARTS = Setting(3, "starts of k-means", "One start in some ends in a poor cut.")
CLUSTER_LATTICE = Setting(10_000, "steps", "From lowest to highest value: four digits of a share; drawn in a moment.")
CLUSTER_ZEROS = Setting(0.05, "share of rows", "Fewer zeros are no answer of their own, but the lowest of the others.")
CLUSTER_KEPT_MEMBERS = Setting(3, "noted members still there", "Of fewer, more than half of them is one or two.")
CLUSTER_KEPT_SHARE = Setting(0.5, "share of noted members", "More than half can be in one group only: it is that one.")
CLUSTERS_MOST = Setting(6, "clusters", "More groups than a person tells apart are no taxonomy.")
CLUSTER_KNOWN = Setting(
    0.5, "share of rows", "Where most are unknown, the median that stands for them is all there is."
)
CLUSTER_CLIP = Setting(5.0, "robust deviations", "Farther is as far: one odd row is no group.")
CLUSTER_TRAIT = Setting(1.0, "robust deviations", "Medians nearer than that do not set a group apart.")
CLUSTER_BOOTSTRAPS = Setting(30, "bootstrap samples", "The standard error of a stability of 0.75 is then 0.04 or less.")
CLUSTER_STABLE = Setting(0.75, "mean Jaccard similarity", "Hennig 2007: from here on a cluster is a valid one.")

LEAD_SIGNALS = Setting(100, "signals with most hours", "4,950 pairs take about two seconds; 500 would take a minute.")
LEAD_LAG = Setting(24, "hours", "A day: what leads by more is told from the season by no hourly series of a month.")
LEAD_MIN_HOURS = Setting(336, "hours in common", "Two weeks: a season of the week must have been seen twice.")
LEAD_SEASON_WEEKS = Setting(2, "weeks", "An hour of the week left in is shared by all; its noise only costs hours.")
LEAD_VARYING = Setting(0.05, "share of hours that differ", "A series that is flat but for a few hours has no lead.")
LEADS_KEPT = Setting(500, "pairs, the surest first", "All are counted in the adjustment; nobody reads 5,000 rows.")
LEAD_GRANGER = Setting(50, "pairs, the surest first", "The second opinion of a regression is for what is read.")
LEAD_CLIP = Setting(3, "robust standard deviations", "A burst counts as one large value, not as all of the sum.")
LEAD_MEMORY = Setting(24, "hours", "Longest memory that is taken out of a series before it is compared.")

SEASON_WEEKS = Setting(4, "weeks", "An hour of the week has four values then: fewer have no usual one.")
SEASON_SCALE_MIN = Setting(
    0.2, "share of the whole spread", "An hour of the day that hardly varies does not make its few odd values huge."
)
SEASON_SCALE_HOURS = Setting(
    5, "hours of the day", "Their spreads are averaged: the spread of one hour is known to a sixth in a month."
)
SEASON_DAYS = Setting(3, "days", "An hour of the day has three values then: the odd one of them is outvoted.")

MINED_EVENTS = Setting(50_000, "newest events", "Mined in seconds; older ones tell of another system.")
EVENT_TYPES = Setting(30, "types of events, the most frequent", "870 ordered pairs; a rarer type has no rate.")
EVENT_MIN_PAIRS = Setting(5, "pairs", "Fewer are a coincidence that no test can tell.")
EVENT_FOLLOWS = Setting(600, "seconds", "What comes later than ten minutes after is no longer read as an answer.")
EVENT_SHIFTS = Setting(100, "shifts", "The spread of the count by chance is then known to a tenth.")
EVENT_SHIFT_LEAST = Setting(2, "windows of ten minutes", "Shifted by less, a stream still meets what answers it.")
EVENT_SHIFT_MOST = Setting(4, "windows of ten minutes", "Shifted by more, a stream comes to another hour of the day.")
EVENT_PAIRS_KEPT = Setting(500, "pairs, the surest first", "All that were tested are counted in the adjustment.")
FLOW_TOGETHER = Setting(10, "seconds", "Clocks and queues differ by as much: which of two came first is not known.")
FLOWS_KEPT = Setting(50, "flows, the most frequent", "What is rarer is told by how much it is of all.")
FLOW_STEPS = Setting(12, "steps", "A longer flow is one that repeats itself.")
LINK_RECENT = Setting(7, "days", "One weekly cycle, compared with the weeks before.")
LINK_MIN_EVENTS = Setting(30, "events on either side", "Of fewer a share is known to a fifth at best.")
OUTAGE_MIN_RUN = Setting(5, "failures in a row", "At one failure in ten, five in a row come once in 100,000 events.")

IMPACT_EVENTS = Setting(200, "newest events", "A month of several deployments a day.")
IMPACT_SIGNALS = Setting(100, "metric signals with most samples", "200 events on 100 signals take a second.")
IMPACT_STEP = Setting(600, "seconds", "A sample of ten minutes shows when it began; finer ones are averaged.")
IMPACT_WINDOW = Setting(3, "hours before and after", "Long enough to outlast the noise, short enough to be its own.")
IMPACT_HOURLY_WINDOW = Setting(24, "hours before and after", "Hourly series of tools and pipelines have few records.")
IMPACT_MIN_SHARE = Setting(0.5, "share of a window's samples", "Of less than half, what is missing may be the effect.")
IMPACT_LEAST_SAMPLES = Setting(3, "samples on either side", "Two have no middle that an odd one would not move.")
IMPACT_AHEAD = Setting(7, "days after an event", "What lasts longer than a cycle of the week is the new usual.")
IMPACT_PEAK = Setting(0.95, "quantile of hours", "Usual peak of traffic: a few odd hours do not set it.")
IMPACT_CLEAR = Setting(4, "standard deviations", "So clear, it explains what events near it would be held for.")
IMPACT_SEVERE = Setting(6, "robust standard deviations", "Business impact: nothing is more severe than that.")
IMPACT_LONG = Setting(6, "hours", "Business impact: a working day is lost then.")

PIPELINES_EXAMINED = Setting(100, "pipelines", "Those run most often; the others are named as left out.")
PIPELINE_EXECUTIONS = Setting(1_000, "newest executions of a pipeline", "Shares are then known to 3 points.")
PIPELINE_STEPS = Setting(50, "steps of a pipeline", "Paths take the square of them; the rarest others are left out.")
PIPELINE_MIN_EXECUTIONS = Setting(10, "executions", "The median of fewer is known to a third at best.")
STEP_OVERLAP = Setting(1.0, "seconds", "Logs of whole seconds let a step seem to begin before the one it waits for.")
DRAWS_LIKELY = Setting(0.5, "share of draws of days", "What holds in fewer is more likely chance than not.")
STEP_BOOTSTRAPS = Setting(500, "bootstrap samples", "A share of 0.95 is then known to 2 points.")
BOTTLENECK_TIME = Setting(0.30, "share of a pipeline's busy time", "As of tools: nearly a third of it comes first.")
BOTTLENECK_EVEN = Setting(
    1.5, "times an even share", "One of two equal steps takes half, one of three a third: neither stands out."
)
BOTTLENECK_CRITICAL = Setting(0.5, "share of executions", "A step beside the critical path mostly delays nothing.")
FLAKY_EXECUTIONS = Setting(0.1, "share of executions", "Of one in ten, a person comes to distrust every failure.")
FLAKY_MIN_COMMITS = Setting(5, "commits tried again", "Both outcomes on one of fewer may be any accident.")
SHIFT_MIN_SIDE = Setting(10, "executions on either side", "The median of fewer is not what is usual.")
SHIFT_MIN_BLOCKS = Setting(8, "stretches of time", "Fewer have too few orders: chance could not be ruled out.")
SHIFT_BLOCKS = Setting(20, "stretches of time", "Days; shorter where there are not so many: at most 24 h / 16.")
SHIFT_PERMUTATIONS = Setting(999, "permutations", "Tells p-values of 0.01 from those of 0.02 in a millisecond.")
SHIFT_SURE_PERMUTATIONS = Setting(19_999, "permutations", "Least p 0.00005: significant also among 500 steps.")
SHIFT_ASK_AGAIN = Setting(0.02, "p-value", "Below it more permutations are worth their time.")
STEP_MOST_MEMORY = Setting(
    0.95,
    "correlation of a day with the next",
    "Of what never forgets nothing can be said; the correction stays finite.",
)
SHIFT_RATIO = Setting(1.2, "times the median before", "A fifth longer is noticed; less is no reason to act.")
CONFIGURATION_NEAR = Setting(24, "hours", "A pipeline that runs daily meets a new configuration within that.")
QUEUE_SHARE = Setting(0.10, "share of an execution's time", "A tenth of the time waiting for a runner is felt.")
RETRY_SHARE = Setting(0.05, "share of the busy time", "One hour in twenty for what is done again is worth a look.")
CACHE_MIN = Setting(20, "executions with and without the cache", "Medians of fewer differ by chance by a tenth.")
RESOURCE_LOW = Setting(0.5, "share of what is reserved", "Runners come in sizes that double.")
RESOURCE_HIGH = Setting(0.9, "share of the limit", "A peak so near the limit is killed by the next larger input.")
RESOURCE_HEADROOM = Setting(1.2, "times the 95th percentile of peaks", "As much more as capacity is planned with.")
SPLIT_SHARE = Setting(0.5, "share of the simulated time", "A step that takes more than half bounds all other gains.")
PLAN_LEAST_SAVING = Setting(0.02, "share of the time", "Less is within the noise of runners.")
PLAN_TIME_CAP = Setting(0.8, "share of the time", "The framework's limit of what a plan may promise.")
PLAN_RESOURCE_CAP = Setting(0.6, "share of the resources", "The framework's limit of what a plan may promise.")
PLAN_SURE = Setting(30, "executions", "From so many on the number of executions lowers no confidence.")
SPLIT_TRUST = Setting(0.5, "probability", "A prior: no record says whether a step can be split.")
PLAN_CONTRADICTED = Setting(
    0.1, "share of executions", "Begun before what it needs ended so often, a step does not need it."
)

RULE_MIN_SIDE = Setting(10, "transactions", "Fewer with an antecedent, or to compare it with, and no rate is one.")
RULE_MIN_SHARE = Setting(0.002, "share of transactions", "Bounds the item sets of FP-Growth: at most 500 per item.")
RULE_ITEMS = Setting(3, "items of an antecedent", "What holds under more conditions than three is advice for nobody.")
RULE_VALUES = Setting(100, "most frequent items", "Pairs go by the square: 10,000 names would be 50 million.")
RULE_SETS = Setting(3_000, "item sets, short and frequent first", "Compared in seconds; the tests that share an alpha.")
RULE_BLOCKS = Setting(30, "spans of the window", "Days of a month: what is bad on one day is one bad day, not n runs.")
RULE_MIN_BLOCKS = Setting(5, "spans with transactions", "Of fewer, no variance between them is an estimate.")
RULES_BESIDE = Setting(20, "rules of a population", "The surest of what is not significant, to be looked at.")
RULE_OUTCOMES = Setting(12, "most frequent reasons of failures", "Each is a comparison more of every item set.")
RULE_OWN_OUTCOME = Setting(0.95, "share of an outcome", "What hardly occurs elsewhere belongs to these things by kind.")
RULE_MOST = Setting(0.5, "share of transactions", "Most end otherwise: the condition alone does not bring it about.")
RULE_SAMPLES = Setting(20, "ids of a finding", "Enough to open and read; SQL has the others.")

SEQUENCES_MINED = Setting(10_000, "newest sequences", "Mined in seconds; older ones tell of another system.")
SEQUENCE_ITEMS = Setting(50, "items of a sequence", "The first ones: what a longer one goes on with is a loop.")
SEQUENCE_LENGTH = Setting(5, "items of a pattern", "Longer ones repeat what their parts say.")
SEQUENCE_MIN_COUNT = Setting(20, "sequences with the pattern", "Fewer tell no rate of failure apart.")
SEQUENCE_PATTERNS = Setting(500, "patterns by support", "The most frequent ones; what is asked shares an alpha.")
SEQUENCES_BESIDE = Setting(30, "patterns of a population", "Frequent beyond chance though no failure goes with them.")
SEQUENCE_LIFT = Setting(1.2, "times what independent items make", "Less is what sequences of unlike sorts make.")
LOOP_REPEATS = Setting(5, "times in a row", "A tool called more often than that is counted here too.")

EFFORT_MIN_TASKS = Setting(10, "tasks with estimate and time", "The median of fewer has an interval of any width.")
EFFORT_OVERRUN = Setting(1.1, "times the estimate", "Less is what an estimate is: a tenth is no overrun.")
CHAIN_MIN_TASKS = Setting(2, "open tasks in a row", "A task alone waits for nobody, and nobody for it.")
CHAINS_SHOWN = Setting(10, "chains", "The longest ones: what a person can look at.")
ATTEMPTS_SHOWN = Setting(20, "tasks", "Those attempted most often beyond what is usual.")
DONE_TASKS = Words(("closed", "resolved"), "Trackers' words for work that is done, beside those of the contracts.")
CLOSED_TASKS = Words(
    ("rejected", "archived", "wontfix", "won't fix", "duplicate"),
    "Trackers' words for work that is not done and that nobody waits for, beside those of the contracts.",
)
FAILED_EXECUTIONS = Words(
    ("failed", "error", "timeout"), "Statuses of a pipeline's execution that is judged as failed."
)
