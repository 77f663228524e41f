"""The rules, one topic a module: each reads the runs of the window in aggregate and yields what the engine counts."""
