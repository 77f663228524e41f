"""The read side: what the API, the dashboard, the CLI and notebooks ask of the published snapshot.

Nothing else reads it, and nothing here writes. ``snapshot`` opens it; ``run_sql`` answers a statement of a
person; each other module answers one question. A number that is not known is None, never 0; times are ISO
8601 texts in UTC.
"""
