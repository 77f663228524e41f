"""How long the running system waits, how often it tries again, and how much a reader may ask: value, unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting

WAITS_TOO_LONG = Setting(
    300, "seconds", "A running system answers a landed file within a minute; after five nobody takes it."
)
DAEMON_SILENT = Setting(90, "seconds", "Dagster's daemon beats every 30 s; three missed beats are no hiccup.")
UP_STABLE = Setting(60, "seconds", "Loading the code takes under 20 s: a process that lives a minute has started well.")
UP_RESTARTS = Setting(5, "deaths in a row", "With pauses of 1 to 16 s half a minute is given to what may pass.")
UP_STOP = Setting(30, "seconds", "A refresh of a usual batch ends within 20 s; a killed one is taken up again.")
SCRATCH_KEPT = Setting(7 * 86_400, "seconds", "Output of a run is read within days, if somebody looks at all.")
START_TAKES_AT_MOST = Setting(180, "seconds", "Dagster gives a run 120 s to start; one that has not is lost.")
RETRY_AFTER = Setting(30, "seconds", "A moment's trouble (a full disk, a killed run) is often over by then.")
RETRY_AT_LEAST_EVERY = Setting(3600, "seconds", "Trouble that lasts is for a person to see to.")
DECISION_WAIT = Setting(
    5, "seconds", "A decision is a few small files; one that takes longer is stuck, or its disk is."
)
PULL_REQUEST_TIME_LIMIT = Setting(30, "seconds", "A server that has not answered by then is not going to.")
QUERY_TIME_LIMIT = Setting(30, "seconds", "A person waits that long; the published tables answer in well under one.")
QUERY_MEMORY = Setting(512, "MiB", "Readers share the machine with the writer, which has 1500 MB.")
QUERY_ROWS_SHOWN = Setting(200, "rows", "Four screens; a terminal keeps a few thousand lines. JSON has every row.")
QUERY_LENGTH = Setting(100_000, "characters", "The longest hand-written query is a few thousand; parsing has no timer.")
