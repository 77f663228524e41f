"""Everything ``analytics up`` keeps running: Dagster's home, its code server and daemon, and the guarded UI."""
